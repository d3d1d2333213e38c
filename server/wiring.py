"""The composition root: the only place that names concrete adapters and puts the parts together."""
# allowed: long-file, there is one composition root and every part has its lines in it

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from models.messages import Channel
from seeds.stage import Stage
from server.admin import approval_routes, audit_routes, elevation_routes, staff_routes
from server.admin.context import OFFICE, Office, follow_office
from server.admin.grants import list_grants
from server.admin.refused import RefusedAccess
from server.compliance import match_routes
from server.compliance import routes as compliance
from server.compliance.closure import forget_closed
from server.compliance.holds import put_to_sleep
from server.core.clock import EPOCH, Clock, ManualClock
from server.core.ids import Random, SeededRandom, SystemRandom
from server.core.money import MICRO
from server.core.refusals import NotFound, Unavailable
from server.db import Database, DatabaseBusy, DatabaseDown, Unit, assert_outside_transaction
from server.db.engine import open_engine
from server.db.time import DatabaseClock, PacedClock
from server.http.docs import add_documents
from server.http.edge import EDGE, Edge
from server.http.endpoint import (
    AUTHENTICATOR,
    DATABASE,
    REFUSED_ACCESS,
    REQUEST_LISTENER,
    STAFF_RIGHTS,
    Endpoint,
)
from server.http.rate import RateLimiter, Rates
from server.http.server import add_endpoints
from server.http.shared_rate import SharedLimiter
from server.http.stock import make_application
from server.identity import account_routes as payment_accounts
from server.identity import routes as identity_routes
from server.identity.context import IDENTITY, Identity, PasskeySite, Policy, follow_identity
from server.identity.passwords import BcryptHasher
from server.identity.presence import PresenceRecorder
from server.identity.revocations import OVERLAP, Revocations
from server.identity.sealing import Sealer
from server.identity.sign_in_limits import SignInLimits
from server.identity.tokens import AccessTokens
from server.jobs.chain_audit import FILE, CopyOut, append_line, export_heads_to
from server.jobs.schedule import DUTIES, Duty, Schedule
from server.kyc import routes as kyc_routes
from server.kyc import staff_routes as kyc_staff_routes
from server.kyc.context import KYC, Kyc, KycRules, close_provider
from server.kyc.duties import purge_identities, recheck_identities
from server.kyc.name_list import NameList
from server.kyc.screening import screen_due
from server.kyc.screening_port import ScreeningPort
from server.kyc.store import FolderStore
from server.kyc.sumsub import Sumsub
from server.kyc.yente import Yente
from server.ledger.service import open_accounts
from server.markets import routes as markets
from server.markets.feed import PriceFeed, RandomWalk
from server.markets.routes import look_at_ticker
from server.markets.service import WakeLane
from server.markets.tickers import TICKERS, Tickers
from server.messages.folder import FolderSender
from server.messages.mail import SmtpSender, SmtpServer
from server.messages.notices import MailNotices, SmsNotices
from server.messages.ports import Sender
from server.messages.queue import Post, send_due
from server.messages.toll import SmsLimits
from server.monitor import routes as monitor
from server.monitor.health import HEALTH
from server.monitor.metrics import METRICS
from server.monitor.watch import watch_parts
from server.orders import routes as orders_routes
from server.orders.best import find_best_prices
from server.orders.host import LANES, LaneHost
from server.orders.inbox import leave_rechecks, leave_removed_account, refuse_named_account
from server.orders.lane.lane import Lane, LaneConfig, MarketPublisher
from server.orders.lane.lease import is_known_dead, name_owner
from server.orders.lane.store import MULTI_STATEMENTS, LaneStore, MariaDbStore, SqliteStore
from server.orders.refusals import LaneElsewhere
from server.orders.routes import ORDERS, read_book
from server.orders.service import OrderDesk
from server.privacy import routes as privacy
from server.privacy.exports import prepare_exports
from server.recovery import routes as recovery_routes
from server.recovery import staff_routes as recovery_staff_routes
from server.recovery.cases import stop as stop_recovery
from server.recovery.completion import list_recovery_kinds
from server.recovery.duties import purge_recoveries, tend_recoveries
from server.settings import Settings, derive_key
from server.staff.rights import Rights
from server.trades import dispute_routes, limits_routes
from server.trades import routes as trades
from server.trades.desk import DESK, Desk
from server.trades.payments import refuse_account_of_open_trade
from server.trades.rules import Limits
from server.wallets import dev_routes as wallets_dev
from server.wallets import routes as wallets
from sockets import routes as events
from sockets.app import SocketConfig, Sockets
from sockets.app import attach as attach_sockets
from sockets.events import document_events
from sockets.publisher import SocketPublisher
from sockets.watch import check_relay, collect_sockets

TIME_SAMPLE_S = 5
EXPORT_LOOK_S = 30
LIFE_LOOK_S = 3600
"""Seconds between two looks at accounts that sleep or were closed."""
PRICE_FEED_S_MIN = 0.5
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
    lane_engine: AsyncEngine
    """The lanes' own connections, which carry several statements a packet on MariaDB."""

    async def close(self) -> None:
        """Give all connections back."""
        await self.database.close()
        if self.lane_engine is not self.database.engine:
            await self.lane_engine.dispose()


def open_kernel(settings: Settings, *, clock: Clock | None = None) -> Kernel:
    """Clock, randomness and database of `settings`; `clock` replaces the domain's clock."""
    real_clock = DatabaseClock()
    domain_clock = clock or (
        PacedClock(real_clock, settings.clock_speed) if settings.clock_speed > 1 else real_clock
    )
    random = SystemRandom()
    engine = open_engine(settings.database_url, pool_size=settings.database_pool)
    database = Database(engine, clock=domain_clock, random=random)
    lane_engine = engine
    if database.dialect != "sqlite":
        lane_engine = open_engine(settings.database_url, client_flag=MULTI_STATEMENTS)
    return Kernel(settings, real_clock, domain_clock, random, database, lane_engine)


async def sample_time(kernel: Kernel) -> None:
    """Follow the database's clock by one sample."""
    async with kernel.database.read() as connection:
        await kernel.real_clock.sample(connection)


async def _follow_time(app: web.Application) -> AsyncIterator[None]:
    kernel = app[KERNEL]
    await sample_time(kernel)

    async def follow() -> None:
        while True:
            await asyncio.sleep(TIME_SAMPLE_S)
            try:
                await sample_time(kernel)
            except (DatabaseDown, DatabaseBusy):
                log.warning("time_not_sampled")

    task = asyncio.create_task(follow())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _close_database(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[KERNEL].close()


KERNEL = web.AppKey("kernel", Kernel)
SCHEDULE = web.AppKey("schedule", Schedule)
POST = web.AppKey("post", Post)
MESSAGE_THREAD = web.AppKey("message_thread", ThreadPoolExecutor)
PICTURE_THREAD = web.AppKey("picture_thread", ThreadPoolExecutor)
PASSWORD_THREAD = web.AppKey("password_thread", ThreadPoolExecutor)


def run_in(thread: ThreadPoolExecutor) -> Callable[[Callable[[], Any]], Awaitable[Any]]:
    """What runs slow or blocking work in a thread, and never with rows locked."""

    def run_apart(work: Callable[[], Any]) -> Awaitable[Any]:
        assert_outside_transaction()
        return asyncio.get_running_loop().run_in_executor(thread, work)

    return run_apart


def open_identity(kernel: Kernel, thread: ThreadPoolExecutor) -> Identity:
    """Accounts, sessions and tokens as the settings want them; passwords are hashed in `thread`."""
    settings, clock = kernel.settings, kernel.clock

    revocations = Revocations(clock, overlap=OVERLAP * settings.clock_speed)
    keys = {name: derive_key(secret) for name, secret in settings.token_keys.items()}
    seals = {name: derive_key(secret) for name, secret in settings.seal_keys.items()}
    identity = Identity(
        database=kernel.database,
        clock=clock,
        hasher=BcryptHasher(settings.bcrypt_rounds, run_in(thread)),
        tokens=AccessTokens(keys, clock, revocations),
        revocations=revocations,
        sealer=Sealer(seals, kernel.random),
        fingerprint_secret=derive_key(settings.fingerprint_secret),
        limits=SignInLimits(clock),
        presence=PresenceRecorder(clock, clock_speed=settings.clock_speed),
        policy=Policy(
            new_account_level=settings.new_account_level,
            step_up_by_password=settings.step_up == "password" and not settings.production,
            terms_version=settings.terms_version,
            blocked_countries=frozenset(settings.blocked_countries),
            secure_cookies=settings.production,
            session_life=timedelta(days=settings.session_days),
            session_idle=timedelta(hours=settings.session_idle_hours),
            device_hold=timedelta(hours=settings.device_hold_hours),
            change_hold=timedelta(hours=settings.change_hold_hours),
        ),
        passkeys=PasskeySite(settings.passkey_domain, settings.passkey_pages),
        sms_limits=SmsLimits(
            countries=frozenset(settings.sms_countries),
            per_number=settings.sms_per_number,
            per_prefix=settings.sms_per_prefix,
            per_country=settings.sms_per_country,
            conversion_percent=settings.sms_conversion_percent,
            conversion_after=settings.sms_conversion_after,
        ),
        sends_sms=bool(settings.twilio_account) or not settings.production,
    )
    identity.hooks.on_notice.append(MailNotices(identity.sealer))
    if identity.sends_sms:
        identity.hooks.on_notice.append(SmsNotices(identity.sealer))

    async def stop_lost(unit: Unit, user_id: UUID) -> None:
        await stop_recovery(identity, unit, user_id)

    identity.hooks.on_factor_shown.append(stop_lost)
    identity.hooks.on_registered.append(open_accounts)
    identity.hooks.on_standing_changed.append(leave_rechecks)
    identity.hooks.on_account_removing += [refuse_named_account, refuse_account_of_open_trade]
    identity.hooks.on_account_removed.append(leave_removed_account)
    return identity


def open_post(kernel: Kernel, identity: Identity, thread: ThreadPoolExecutor) -> Post:
    """What sends messages; Twilio's client, which blocks, works in `thread`."""
    settings = kernel.settings
    folder = FolderSender(Path(settings.mail_folder), kernel.clock, run_in(thread))
    senders: dict[Channel, Sender] = {}
    if settings.smtp_host:
        server = SmtpServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_user,
            settings.smtp_password,
            settings.smtp_security,
            settings.mail_from,
        )
        senders[Channel.MAIL] = SmtpSender(server)
    elif not settings.production:
        senders[Channel.MAIL] = folder
    if settings.twilio_account:
        # The library is large: who sends no text messages does not load it.
        from server.messages.sms import TwilioAccount, TwilioSender  # noqa: PLC0415 - see above

        account = TwilioAccount(
            settings.twilio_account,
            settings.twilio_token,
            settings.twilio_from,
            settings.twilio_base_url,
        )
        senders[Channel.SMS] = TwilioSender(account, run_in(thread))
    elif not settings.production:
        senders[Channel.SMS] = folder
    return Post(kernel.database, identity.sealer, senders)


def add_post(app: web.Application, kernel: Kernel, identity: Identity) -> Duty:
    """What sends messages here, and the duty of doing so."""
    thread = app[MESSAGE_THREAD] = ThreadPoolExecutor(1, "messages")
    post = app[POST] = open_post(kernel, identity, thread)
    app.cleanup_ctx.append(_run_message_thread)
    return Duty("send_messages", 1, lambda _desk: send_due(post))


async def _run_message_thread(app: web.Application) -> AsyncIterator[None]:
    yield
    app[MESSAGE_THREAD].shutdown(wait=True, cancel_futures=True)


def open_kyc(kernel: Kernel, identity: Identity, thread: ThreadPoolExecutor) -> Kyc:
    """The check of identities; pictures are decoded and files are written in `thread`."""
    settings = kernel.settings
    provider = None
    if settings.sumsub_app_token:
        provider = Sumsub(
            url=settings.sumsub_url,
            app_token=settings.sumsub_app_token,
            secret=settings.sumsub_secret,
            message_secret=settings.sumsub_message_secret,
            level_name=settings.sumsub_level,
            clock=kernel.clock,
        )
    screening: ScreeningPort | None = None
    if settings.screening_list:
        screening = NameList(Path(settings.screening_list), run_in(thread))
    elif settings.screening_url:
        screening = Yente(
            url=settings.screening_url,
            dataset=settings.screening_dataset,
            key=settings.screening_key,
        )
    return Kyc(
        database=kernel.database,
        identity=identity,
        store=FolderStore(Path(settings.kyc_folder)),
        run_apart=run_in(thread),
        rules=KycRules(
            recheck_after=timedelta(days=settings.kyc_recheck_days),
            refused_kept=timedelta(days=settings.kyc_refused_days),
            approved_kept=timedelta(days=settings.kyc_kept_days),
        ),
        provider=provider,
        screening=screening,
    )


def add_kyc(app: web.Application, kernel: Kernel, identity: Identity) -> tuple[Duty, ...]:
    """The check of identities here, and what time does to it."""
    thread = app[PICTURE_THREAD] = ThreadPoolExecutor(1, "pictures")
    kyc = app[KYC] = open_kyc(kernel, identity, thread)
    app.cleanup_ctx.append(_run_picture_thread)
    app.cleanup_ctx.append(close_provider)
    return (
        Duty("recheck_identities", 600, lambda _desk: recheck_identities(kyc), by_time=True),
        Duty("purge_identities", 3600, lambda _desk: purge_identities(kyc), by_time=True),
        Duty("screen_names", 5, lambda _desk: screen_due(kyc), by_time=True),
        Duty("tend_recoveries", 60, lambda _desk: tend_recoveries(kyc), by_time=True),
        Duty("purge_recoveries", 3600, lambda _desk: purge_recoveries(kyc), by_time=True),
    )


async def _run_picture_thread(app: web.Application) -> AsyncIterator[None]:
    yield
    app[PICTURE_THREAD].shutdown(wait=True, cancel_futures=True)


def open_desk(kernel: Kernel, identity: Identity) -> Desk:
    """The surroundings of trades."""
    return Desk(
        database=kernel.database,
        real_clock=kernel.real_clock,
        sealer=identity.sealer,
        identity_hooks=identity.hooks,
        limits=trade_limits(kernel.settings),
        is_steady=lambda: kernel.real_clock.steady,
        clock_speed=kernel.settings.clock_speed,
    )


def list_life_duties(settings: Settings, identity: Identity) -> tuple[Duty, ...]:
    """What becomes of accounts with time: copies are made, the unused sleep, the closed lose their
    names."""

    async def put_unused_to_sleep(_desk: Desk) -> int:
        return await put_to_sleep(identity, settings.dormant_months)

    async def forget_closed_accounts(_desk: Desk) -> int:
        return await forget_closed(identity)

    async def prepare_data_exports(_desk: Desk) -> int:
        return await prepare_exports(identity)

    return (
        Duty("prepare_exports", 5, prepare_data_exports),
        Duty("put_to_sleep", LIFE_LOOK_S, put_unused_to_sleep, by_time=True),
        Duty("forget_closed", LIFE_LOOK_S, forget_closed_accounts, by_time=True),
    )


def list_duties(settings: Settings) -> tuple[Duty, ...]:
    """What this process does again and again."""
    copy_out: CopyOut | None = None
    if settings.audit_head_folder:
        path = Path(settings.audit_head_folder) / FILE

        async def copy_out_to_file(line: bytes) -> None:
            await asyncio.to_thread(append_line, path, line)

        copy_out = copy_out_to_file
    return (*DUTIES, Duty("export_audit_head", EXPORT_LOOK_S, export_heads_to(copy_out)))


def open_schedule(settings: Settings, desk: Desk, identity: Identity, *more: Duty) -> Schedule:
    """The duties of this process."""
    duties = (*list_duties(settings), *list_life_duties(settings, identity), *more)
    return Schedule(desk, owner=name_owner(), is_dead=is_known_dead, duties=duties)


async def _run_schedule(app: web.Application) -> AsyncIterator[None]:
    await app[SCHEDULE].start()
    yield
    await app[SCHEDULE].stop()


@asynccontextmanager
async def identity_apart(settings: Settings) -> AsyncIterator[Identity]:
    """Identity without a server, for the operator's commands."""
    kernel = open_kernel(settings)
    thread = ThreadPoolExecutor(1, "passwords")
    try:
        await sample_time(kernel)
        yield open_identity(kernel, thread)
    finally:
        thread.shutdown(wait=True, cancel_futures=True)
        await kernel.close()


class SilentPublisher:
    """Tells nobody: for tools that run lanes without sockets."""

    def publish(self, market: str, events: list[tuple[int, str, str]]) -> None:
        """Nobody listens."""

    def note_depth(self, market: str) -> None:
        """Nobody listens."""

    def wake_relay(self) -> None:
        """Nobody listens."""


@asynccontextmanager
async def open_stage(settings: Settings) -> AsyncIterator[Stage]:
    """The services without a server, on a clock that the seeds move, for `iqx seed`."""
    clock = ManualClock(EPOCH)
    kernel = open_kernel(settings, clock=clock)
    thread = ThreadPoolExecutor(1, "passwords")
    try:
        await sample_time(kernel)
        identity = open_identity(kernel, thread)
        yield Stage(
            production=settings.production,
            database=kernel.database,
            identity=identity,
            desk=open_desk(kernel, identity),
            orders=open_orders(kernel, SilentPublisher()),
            clock=clock,
            now=kernel.real_clock.now(),
            lane_wait_s=settings.lane_lease_s + 5,
        )
    finally:
        thread.shutdown(wait=True, cancel_futures=True)
        await kernel.close()


async def _run_password_thread(app: web.Application) -> AsyncIterator[None]:
    await app[IDENTITY].hasher.warm_up()
    yield
    app[PASSWORD_THREAD].shutdown(wait=True, cancel_futures=True)


def trade_limits(settings: Settings) -> Limits:
    """The limits of the settings in the units of the rules."""
    return Limits(
        open_unpaid_max=settings.open_unpaid_max,
        open_unpaid_max_new=settings.open_unpaid_max_new,
        first_trade_cap_micro=settings.first_trade_cap_usdt * MICRO,
        level_limits_micro=tuple(limit * MICRO for limit in settings.level_limits_usdt),
        factor_required=settings.second_factor_before_trade,
        terms_version=settings.terms_version,
    )


def open_orders(kernel: Kernel, publisher: MarketPublisher) -> OrderDesk:
    """The lanes of this process and what users do with orders."""
    settings, database = kernel.settings, kernel.database
    config = LaneConfig(
        owner=name_owner(),
        address=f"{settings.host}:{settings.port}",
        lease_s=settings.lane_lease_s,
        limits=trade_limits(settings),
        is_steady=lambda: kernel.real_clock.steady,
    )

    def make_store() -> LaneStore:
        if database.dialect == "sqlite":
            return SqliteStore(database)
        return MariaDbStore(kernel.lane_engine)

    def make_lane(market: str) -> Lane:
        return Lane(
            market, database, make_store(),
            clock=kernel.clock, lease_clock=kernel.real_clock, config=config, publisher=publisher,
        )  # fmt: skip

    return OrderDesk(database, LaneHost(database, make_lane))


def open_office(kernel: Kernel, identity: Identity) -> Office:
    """The staff's affairs."""
    database = kernel.database
    rights = Rights(kernel.clock)
    # Each part of the domain adds the acts that take more than one person.
    kinds = {**list_grants(identity, rights), **list_recovery_kinds(identity)}
    return Office(database, identity, rights, RefusedAccess(database), kinds)


def open_sockets(kernel: Kernel, identity: Identity, rights: Rights) -> Sockets:
    """The sockets of this process and the relay."""
    settings = kernel.settings
    config = SocketConfig(
        allowed_origins=frozenset(settings.allowed_origins),
        trusted_proxies=frozenset(settings.trusted_proxies),
        redis_url=settings.redis_url,
        per_user_max=settings.sockets_per_user,
        per_address_max=settings.sockets_per_address,
        relay_owner=name_owner(),
        relay_lease_s=settings.relay_lease_s,
    )
    sockets = Sockets(
        config,
        database=kernel.database,
        tokens=identity.tokens,
        rights=rights,
        clock=kernel.clock,
        lease_clock=kernel.real_clock,
        is_dead=is_known_dead,
        presence=identity.presence,
    )
    kernel.database.on_events = sockets.publisher.wake_relay
    return sockets


def follow_markets(
    publisher: SocketPublisher, lanes: LaneHost, tickers: Tickers, database: Database
) -> None:
    """Tell changes of the books that are kept here, and of the tickers."""

    async def read(market: str) -> Mapping[str, Any] | None:
        try:
            return await read_book(lanes, market)
        except (NotFound, LaneElsewhere):
            return None

    async def look(market: str) -> Mapping[str, Any] | None:
        try:
            return await look_at_ticker(tickers, database, market)
        except (NotFound, Unavailable):
            return None

    publisher.follow_book(read)
    publisher.follow_ticker(look)


async def _run_lanes(app: web.Application) -> AsyncIterator[None]:
    host = app[LANES]
    await host.start()
    yield
    await host.stop()


def open_price_feed(kernel: Kernel, wake_lane: WakeLane | None = None) -> PriceFeed | None:
    """The made-up prices of development; none where helpers or the feed are off."""
    settings = kernel.settings
    if not settings.development_helpers or not settings.price_feed_s:
        return None
    # Under a fast clock the index would be stale between ticks, so it ticks faster too.
    interval_s = max(settings.price_feed_s / settings.clock_speed, PRICE_FEED_S_MIN)
    walk = RandomWalk(kernel.clock, SeededRandom("prices"))
    return PriceFeed(kernel.database, walk, interval_s=interval_s, wake_lane=wake_lane)


async def _run_price_feed(app: web.Application) -> AsyncIterator[None]:
    feed = open_price_feed(app[KERNEL], app[LANES].nudge)
    task = asyncio.create_task(feed.run()) if feed is not None else None
    yield
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def list_endpoints(settings: Settings) -> list[Endpoint]:
    """Every endpoint that these settings serve."""
    endpoints = [
        *identity_routes.list_endpoints(),
        *compliance.ROUTES.endpoints,
        *privacy.ROUTES.endpoints,
        *match_routes.ROUTES.endpoints,
        *payment_accounts.ROUTES.endpoints,
        *markets.ROUTES.endpoints,
        *wallets.ROUTES.endpoints,
        *events.ROUTES.endpoints,
        *monitor.ROUTES.endpoints,
        *orders_routes.ROUTES.endpoints,
        *trades.ROUTES.endpoints,
        *dispute_routes.ROUTES.endpoints,
        *limits_routes.ROUTES.endpoints,
        *dispute_routes.OUTAGES.endpoints,
        *staff_routes.ROUTES.endpoints,
        *kyc_routes.ROUTES.endpoints,
        *kyc_staff_routes.ROUTES.endpoints,
        *recovery_routes.ROUTES.endpoints,
        *recovery_staff_routes.ROUTES.endpoints,
        *audit_routes.ROUTES.endpoints,
        *approval_routes.ROUTES.endpoints,
        *elevation_routes.ROUTES.endpoints,
    ]
    if settings.development_helpers:
        endpoints += wallets_dev.DEV_ROUTES.endpoints
    return endpoints


def _open_shared_limiter(settings: Settings, own: RateLimiter) -> SharedLimiter | None:
    if not settings.redis_url:
        return None
    return SharedLimiter(settings.redis_url, own, processes=settings.processes)


async def _close_shared_limiter(app: web.Application) -> AsyncIterator[None]:
    yield
    shared = app[EDGE].shared
    if shared is not None:
        await shared.close()


def build_app(kernel: Kernel) -> web.Application:
    """The application: every endpoint, with the parts that they call."""
    settings = kernel.settings
    app = make_application()
    app[KERNEL] = kernel
    app[DATABASE] = kernel.database
    limiter = RateLimiter(kernel.clock)
    app[EDGE] = Edge(
        limiter=limiter,
        shared=_open_shared_limiter(settings, limiter),
        rates=Rates(settings.reads_per_s, settings.writes_per_s, settings.public_per_s),
        trusted_proxies=frozenset(settings.trusted_proxies),
        allowed_origins=frozenset(settings.allowed_origins),
        country_header=settings.country_header,
        check_replies=not settings.production,
    )
    thread = app[PASSWORD_THREAD] = ThreadPoolExecutor(1, "passwords")
    identity = app[IDENTITY] = open_identity(kernel, thread)
    office = app[OFFICE] = open_office(kernel, identity)
    app[STAFF_RIGHTS] = office.rights
    app[REFUSED_ACCESS] = office.refused
    sockets = open_sockets(kernel, identity, office.rights)
    orders = app[ORDERS] = open_orders(kernel, sockets.publisher)
    app[LANES] = orders.host
    app[DESK] = open_desk(kernel, identity)
    app[compliance.CLOSED_KEPT] = timedelta(days=settings.closed_account_days)
    app[AUTHENTICATOR] = identity.tokens
    app[REQUEST_LISTENER] = identity.presence
    tickers = app[TICKERS] = Tickers(kernel.clock, partial(find_best_prices, orders.host))
    follow_markets(sockets.publisher, orders.host, tickers, kernel.database)
    apart = (add_post(app, kernel, identity), *add_kyc(app, kernel, identity))
    schedule = app[SCHEDULE] = open_schedule(settings, app[DESK], identity, *apart)
    watch_parts(
        app,
        database=kernel.database,
        clock=kernel.clock,
        clock_speed=settings.clock_speed,
        sampled_clock=kernel.real_clock,
        revocations=identity.revocations,
        lanes=orders.host,
        duty_runs=schedule.runs,
        failing_duties=schedule.failing,
        metrics_addresses=settings.metrics_addresses,
    )
    app[HEALTH].register("relay", check_relay(kernel.database, clock_speed=settings.clock_speed))
    app[METRICS].register(collect_sockets(sockets))
    endpoints = list_endpoints(settings)
    add_endpoints(app, endpoints)
    add_documents(app, endpoints, events=document_events())
    app.cleanup_ctx.append(_close_database)
    app.cleanup_ctx.append(_close_shared_limiter)
    app.cleanup_ctx.append(_follow_time)
    app.cleanup_ctx.append(_run_password_thread)
    app.cleanup_ctx.append(follow_identity)
    app.cleanup_ctx.append(follow_office)
    # Sockets start before and stop after the lanes, which tell them what they commit.
    attach_sockets(app, sockets, identity.revocations)
    app.cleanup_ctx.append(_run_lanes)
    app.cleanup_ctx.append(_run_schedule)
    app.cleanup_ctx.append(_run_price_feed)
    return app
