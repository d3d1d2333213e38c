"""The composition root: the only place that names concrete adapters and puts the parts together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aiohttp import web

from server.core.clock import Clock
from server.core.ids import Random, SystemRandom
from server.db import Database, DatabaseDown
from server.db.engine import open_engine
from server.db.time import DatabaseClock, PacedClock, read_database_time
from server.http.endpoint import DATABASE, Endpoint
from server.http.rate import RateLimiter, Rates
from server.http.server import EDGE, Edge, add_endpoints, answer_unmatched
from server.settings import Settings
from server.wallets import dev_routes as wallets_dev
from server.wallets import routes as wallets

TIME_SAMPLE_S = 5
SHUTDOWN_S = 15
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


def list_endpoints(settings: Settings) -> list[Endpoint]:
    """Every endpoint that these settings serve."""
    endpoints = [*wallets.ROUTES.endpoints]
    if settings.development_helpers:
        endpoints += wallets_dev.DEV_ROUTES.endpoints
    return endpoints


def build_app(kernel: Kernel) -> web.Application:
    """The application: every endpoint, with the parts that they call."""
    settings = kernel.settings
    app = web.Application(middlewares=[answer_unmatched])
    app[KERNEL] = kernel
    app[DATABASE] = kernel.database
    app[EDGE] = Edge(
        limiter=RateLimiter(kernel.clock),
        rates=Rates(settings.reads_per_s, settings.writes_per_s, settings.public_per_s),
        trusted_proxies=frozenset(settings.trusted_proxies),
        check_replies=not settings.production,
    )
    add_endpoints(app, list_endpoints(settings))
    app.cleanup_ctx.append(_close_database)
    app.cleanup_ctx.append(_follow_time)
    return app
