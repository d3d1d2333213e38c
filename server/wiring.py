"""The composition root: the only place that names concrete adapters and puts the parts together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from server.core.clock import Clock
from server.core.ids import Random, SystemRandom
from server.db import Database, DatabaseDown
from server.db.engine import open_engine
from server.db.time import DatabaseClock, PacedClock, read_database_time
from server.http.edge import EDGE, Edge
from server.http.endpoint import AUTHENTICATOR, DATABASE, REQUEST_LISTENER, Endpoint
from server.http.rate import RateLimiter, Rates
from server.http.server import add_endpoints
from server.http.stock import make_application
from server.identity import account_routes as payment_accounts
from server.identity import routes as identity_routes
from server.identity.context import IDENTITY, Identity, Policy, follow_identity
from server.identity.passwords import BcryptHasher
from server.identity.presence import PresenceRecorder
from server.identity.revocations import OVERLAP, Revocations
from server.identity.sealing import Sealer
from server.identity.sign_in_limits import SignInLimits
from server.identity.tokens import AccessTokens
from server.ledger.service import open_accounts
from server.settings import Settings, derive_key
from server.wallets import dev_routes as wallets_dev
from server.wallets import routes as wallets

TIME_SAMPLE_S = 5
log = structlog.get_logger()
SETTINGS = web.AppKey("settings", Settings)


@dataclass(slots=True)
class Kernel:
    """What every part stands on."""

    settings: Settings
    real_clock: DatabaseClock
    """Database time; heartbeats and leases use it even when the domain's clock is paced."""
    clock: Clock
    random: Random
    database: Database


def open_kernel(settings: Settings, *, clock: Clock | None = None) -> Kernel:
    """Clock, randomness and database of `settings`; `clock` replaces the domain's clock."""
    real_clock = DatabaseClock()
    domain_clock = clock or (
        PacedClock(real_clock, settings.clock_speed) if settings.clock_speed > 1 else real_clock
    )
    random = SystemRandom()
    engine = open_engine(settings.database_url, pool_size=settings.database_pool)
    database = Database(engine, clock=domain_clock, random=random)
    return Kernel(settings, real_clock, domain_clock, random, database)


async def sample_time(kernel: Kernel) -> None:
    """Follow the database's clock by one sample."""
    async with kernel.database.read() as connection:
        kernel.real_clock.take_sample(await read_database_time(connection))


async def _follow_time(app: web.Application) -> AsyncIterator[None]:
    kernel = app[KERNEL]
    await sample_time(kernel)

    async def follow() -> None:
        while True:
            await asyncio.sleep(TIME_SAMPLE_S)
            try:
                await sample_time(kernel)
            except DatabaseDown:
                log.warning("time_not_sampled")

    task = asyncio.create_task(follow())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _close_database(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[KERNEL].database.close()


KERNEL = web.AppKey("kernel", Kernel)
PASSWORD_THREAD = web.AppKey("password_thread", ThreadPoolExecutor)


def open_identity(kernel: Kernel, thread: ThreadPoolExecutor) -> Identity:
    """Accounts, sessions and tokens as the settings want them; passwords are hashed in `thread`."""
    settings, clock = kernel.settings, kernel.clock

    def run_apart(work: Callable[[], Any]) -> Awaitable[Any]:
        return asyncio.get_running_loop().run_in_executor(thread, work)

    revocations = Revocations(clock, overlap=OVERLAP * settings.clock_speed)
    keys = {name: derive_key(secret) for name, secret in settings.token_keys.items()}
    seals = {name: derive_key(secret) for name, secret in settings.seal_keys.items()}
    identity = Identity(
        database=kernel.database,
        clock=clock,
        hasher=BcryptHasher(settings.bcrypt_rounds, run_apart),
        tokens=AccessTokens(keys, clock, revocations),
        revocations=revocations,
        sealer=Sealer(seals, kernel.random),
        fingerprint_secret=derive_key(settings.fingerprint_secret),
        limits=SignInLimits(clock),
        presence=PresenceRecorder(clock),
        policy=Policy(
            new_account_level=settings.new_account_level,
            step_up_by_password=settings.step_up == "password" and not settings.production,
            change_hold=timedelta(hours=24 if settings.production else 0),
        ),
    )
    identity.hooks.on_registered.append(open_accounts)
    return identity


async def _run_password_thread(app: web.Application) -> AsyncIterator[None]:
    await app[IDENTITY].hasher.warm_up()
    yield
    app[PASSWORD_THREAD].shutdown(wait=True, cancel_futures=True)


def list_endpoints(settings: Settings) -> list[Endpoint]:
    """Every endpoint that these settings serve."""
    endpoints = [
        *identity_routes.list_endpoints(),
        *payment_accounts.ROUTES.endpoints,
        *wallets.ROUTES.endpoints,
    ]
    if settings.development_helpers:
        endpoints += wallets_dev.DEV_ROUTES.endpoints
    return endpoints


def build_app(kernel: Kernel) -> web.Application:
    """The application: every endpoint, with the parts that they call."""
    settings = kernel.settings
    app = make_application()
    app[KERNEL] = kernel
    app[DATABASE] = kernel.database
    app[EDGE] = Edge(
        limiter=RateLimiter(kernel.clock),
        rates=Rates(settings.reads_per_s, settings.writes_per_s, settings.public_per_s),
        trusted_proxies=frozenset(settings.trusted_proxies),
        allowed_origins=frozenset(settings.allowed_origins),
        check_replies=not settings.production,
    )
    thread = app[PASSWORD_THREAD] = ThreadPoolExecutor(1, "passwords")
    identity = app[IDENTITY] = open_identity(kernel, thread)
    app[AUTHENTICATOR] = identity.tokens
    app[REQUEST_LISTENER] = identity.presence
    add_endpoints(app, list_endpoints(settings))
    app.cleanup_ctx.append(_close_database)
    app.cleanup_ctx.append(_follow_time)
    app.cleanup_ctx.append(_run_password_thread)
    app.cleanup_ctx.append(follow_identity)
    return app
