"""The application: every endpoint, with the parts that they call."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from aiohttp import web

from server.admin import (
    approval_routes,
    audit_routes,
    elevation_routes,
    index_routes,
    staff_routes,
    switch_routes,
    version_routes,
)
from server.admin.context import OFFICE, follow_office
from server.chat import routes as chat
from server.compliance import match_routes
from server.compliance import routes as compliance
from server.core.tls import list_redis_options
from server.disputes.rulings_kinds import list_ruling_kinds
from server.disputes.staff_context import CASE_DESK
from server.files import routes as files_routes
from server.files import staff_routes as files_staff_routes
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
from server.identity.context import IDENTITY, Identity, follow_identity
from server.jobs.schedule import Duty
from server.kyc import routes as kyc_routes
from server.kyc import staff_routes as kyc_staff_routes
from server.markets import data_routes as market_data
from server.markets import routes as markets
from server.markets.service import WakeLane
from server.markets.tickers import TICKERS, Tickers
from server.moderation import routes as moderation
from server.monitor import routes as monitor
from server.monitor.health import HEALTH
from server.monitor.metrics import METRICS
from server.monitor.watch import watch_parts
from server.notifications import routes as notifications
from server.orders import routes as orders_routes
from server.orders.best import find_best_prices
from server.orders.host import LANES
from server.orders.routes import ORDERS
from server.privacy import routes as privacy
from server.recovery import routes as recovery_routes
from server.recovery import staff_routes as recovery_staff_routes
from server.settings import Settings
from server.staff.version_gate import VersionGate
from server.staff.write_gate import WriteGate
from server.trades import limits_routes, outage_routes
from server.trades import routes as trades
from server.trades.desk import DESK
from server.wallets import dev_routes as wallets_dev
from server.wallets import routes as wallets
from server.wiring.case_desk import CaseReaders, add_case_desk, list_case_endpoints
from server.wiring.cases import CASE_ENDPOINTS
from server.wiring.chat import add_chat
from server.wiring.duties import SCHEDULE, open_schedule, run_schedule
from server.wiring.files import add_files
from server.wiring.inbox import add_notifications
from server.wiring.kernel import KERNEL, Kernel, close_database, follow_time
from server.wiring.market import (
    add_prices,
    follow_markets,
    open_desk,
    open_orders,
    open_sockets,
    run_lanes,
    run_price_feed,
)
from server.wiring.people import (
    PASSWORD_THREAD,
    add_kyc,
    add_post,
    open_identity,
    open_office,
    run_password_thread,
)
from server.wiring.proofs import PROOF_ENDPOINTS, add_proofs
from server.wiring.sandbox import add_sandbox, list_sandbox_endpoints
from server.wiring.trust import TRUST_DUTIES, TRUST_ENDPOINTS
from server.wiring.web import add_web_app
from sockets import routes as events
from sockets.app import attach as attach_sockets
from sockets.events import document_events
from sockets.watch import check_relay, collect_sockets


def list_endpoints(settings: Settings) -> list[Endpoint]:
    """Every endpoint that these settings serve."""
    endpoints = [
        *identity_routes.list_endpoints(),
        *compliance.ROUTES.endpoints,
        *privacy.ROUTES.endpoints,
        *match_routes.ROUTES.endpoints,
        *payment_accounts.ROUTES.endpoints,
        *markets.ROUTES.endpoints,
        *market_data.ROUTES.endpoints,
        *wallets.ROUTES.endpoints,
        *events.ROUTES.endpoints,
        *monitor.ROUTES.endpoints,
        *orders_routes.ROUTES.endpoints,
        *trades.ROUTES.endpoints,
        *CASE_ENDPOINTS,
        *PROOF_ENDPOINTS,
        *limits_routes.ROUTES.endpoints,
        *chat.ROUTES.endpoints,
        *outage_routes.ROUTES.endpoints,
        *files_routes.ROUTES.endpoints,
        *files_staff_routes.ROUTES.endpoints,
        *staff_routes.ROUTES.endpoints,
        *kyc_routes.ROUTES.endpoints,
        *kyc_staff_routes.ROUTES.endpoints,
        *recovery_routes.ROUTES.endpoints,
        *recovery_staff_routes.ROUTES.endpoints,
        *audit_routes.ROUTES.endpoints,
        *approval_routes.ROUTES.endpoints,
        *elevation_routes.ROUTES.endpoints,
        *switch_routes.ROUTES.endpoints,
        *version_routes.ROUTES.endpoints,
        *index_routes.ROUTES.endpoints,
        *TRUST_ENDPOINTS,
        *moderation.ROUTES.endpoints,
        *notifications.ROUTES.endpoints,
        *list_case_endpoints(),
    ]
    if settings.development_helpers:
        endpoints += [*wallets_dev.DEV_ROUTES.endpoints, *list_sandbox_endpoints(settings)]
    return endpoints


def _open_shared_limiter(settings: Settings, own: RateLimiter) -> SharedLimiter | None:
    if not settings.redis_url:
        return None
    url, processes = settings.redis_url, settings.processes
    options = list_redis_options(url, settings.redis_ca)
    return SharedLimiter(url, own, processes=processes, options=options)


async def _close_shared_limiter(app: web.Application) -> AsyncIterator[None]:
    yield
    shared = app[EDGE].shared
    if shared is not None:
        await shared.close()


def _add_parts(
    app: web.Application, kernel: Kernel, identity: Identity, wake_lane: WakeLane
) -> tuple[Duty, ...]:
    """The parts that speak with others, and what each of them does again and again."""
    return (
        add_post(app, kernel, identity),
        *add_kyc(app, kernel, identity),
        *add_files(app, kernel, identity),
        *add_prices(app, kernel, wake_lane),
        *add_notifications(kernel),
        *TRUST_DUTIES,
        *add_case_desk(app, kernel),
        *add_sandbox(app, kernel, identity),
    )


def open_edge(kernel: Kernel, gate: WriteGate, versions: VersionGate) -> Edge:
    """What stands before every endpoint."""
    settings, limiter = kernel.settings, RateLimiter(kernel.clock)
    return Edge(
        limiter=limiter,
        shared=_open_shared_limiter(settings, limiter),
        rates=Rates(
            settings.reads_per_s,
            settings.writes_per_s,
            settings.public_per_s,
            settings.key_calls_per_s,
        ),
        trusted_proxies=frozenset(settings.trusted_proxies),
        allowed_origins=frozenset(settings.allowed_origins),
        country_header=settings.country_header,
        check_writable=gate.check_writable,
        check_app=versions.check_app,
        check_replies=not settings.production,
    )


def _wake_lane(app: web.Application, market: str) -> None:
    app[LANES].nudge(market)


def build_app(kernel: Kernel) -> web.Application:
    """The application: every endpoint, with the parts that they call."""
    settings = kernel.settings
    app = make_application()
    app[KERNEL] = kernel
    app[DATABASE] = kernel.database
    gate, versions = WriteGate(), VersionGate()
    app[EDGE] = open_edge(kernel, gate, versions)
    thread = app[PASSWORD_THREAD] = ThreadPoolExecutor(1, "passwords")
    identity = app[IDENTITY] = open_identity(kernel, thread)
    kinds = list_ruling_kinds(partial(app.__getitem__, CASE_DESK))
    wake_lane = partial(_wake_lane, app)
    office = app[OFFICE] = open_office(kernel, identity, gate, versions, wake_lane, kinds)
    app[STAFF_RIGHTS] = office.rights
    app[REFUSED_ACCESS] = office.refused
    sockets = open_sockets(kernel, identity, office.rights, CaseReaders(app), versions.check_app)
    orders = app[ORDERS] = open_orders(kernel, sockets.publisher)
    app[LANES] = orders.host
    app[DESK] = open_desk(kernel, identity)
    add_chat(app, kernel, identity)
    app[compliance.CLOSED_KEPT] = timedelta(days=settings.closed_account_days)
    app[AUTHENTICATOR] = identity.bearers
    app[REQUEST_LISTENER] = identity.presence
    tickers = app[TICKERS] = Tickers(kernel.clock, partial(find_best_prices, orders.host))
    app[market_data.CORRIDORS] = market_data.Corridors(kernel.clock)
    follow_markets(sockets.publisher, orders.host, tickers, kernel.database)
    apart = _add_parts(app, kernel, identity, orders.host.nudge)
    add_proofs(app, settings)
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
    taken = add_web_app(app, settings)
    add_documents(app, endpoints, events=document_events(), taken=taken)
    app.cleanup_ctx.extend([close_database, _close_shared_limiter, follow_time])
    app.cleanup_ctx.extend([run_password_thread, follow_identity, follow_office])
    # Sockets start before and stop after the lanes, which tell them what they commit.
    attach_sockets(app, sockets, identity.revocations)
    app.cleanup_ctx.extend([run_lanes, run_schedule, run_price_feed])
    return app
