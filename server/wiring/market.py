"""Lanes, trades, prices and sockets, put together as the settings want."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from aiohttp import web

from server.chat.steps import tell_steps
from server.chat.telling import add_words
from server.core.ids import SeededRandom
from server.core.money import MICRO
from server.core.refusals import NotFound, Unavailable
from server.core.tls import list_redis_options
from server.db import Database
from server.disputes.attach import keep_cases
from server.http.app_version import CheckApp
from server.identity.context import Identity
from server.jobs.schedule import Duty
from server.markets.feed import PriceFeed, RandomWalk
from server.markets.price_apis import PRICE_APIS
from server.markets.price_sources import MedianSource, open_sources
from server.markets.routes import look_at_ticker
from server.markets.service import WakeLane
from server.markets.tickers import Tickers
from server.moderation.terms import check_terms
from server.orders.host import LANES, LaneHost
from server.orders.lane.lane import Lane, LaneConfig, MarketPublisher
from server.orders.lane.lease import is_known_dead, name_owner
from server.orders.lane.mariadb_store import MariaDbStore
from server.orders.lane.sqlite_store import SqliteStore
from server.orders.lane.store import LaneStore
from server.orders.refusals import LaneElsewhere
from server.orders.routes import read_book
from server.orders.service import OrderDesk
from server.settings import Settings
from server.staff.rights import Rights
from server.trades.desk import Desk, TradeHooks
from server.trades.rules import Limits
from server.wiring.kernel import KERNEL, Kernel
from server.wiring.trust import follow_trades
from sockets.app import SocketConfig, Sockets
from sockets.audience import TradeReaders
from sockets.publisher import SocketPublisher

PRICE_FEED_S_MIN = 0.5


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

    return OrderDesk(database, LaneHost(database, make_lane), check_terms)


async def run_lanes(app: web.Application) -> AsyncIterator[None]:
    """Keep the lanes of the markets while the application runs."""
    host = app[LANES]
    await host.start()
    yield
    await host.stop()


def open_desk(kernel: Kernel, identity: Identity) -> Desk:
    """The surroundings of trades; each step of one is told in its chat."""
    desk = Desk(
        database=kernel.database,
        real_clock=kernel.real_clock,
        sealer=identity.sealer,
        identity_hooks=identity.hooks,
        hooks=TradeHooks(on_step=[tell_steps(identity.sealer)]),
        limits=trade_limits(kernel.settings),
        is_steady=lambda: kernel.real_clock.steady,
        clock_speed=kernel.settings.clock_speed,
    )
    keep_cases(desk)
    follow_trades(desk, identity.fingerprint_secret)
    return desk


def open_sockets(
    kernel: Kernel,
    identity: Identity,
    rights: Rights,
    trades: TradeReaders,
    check_app: CheckApp,
) -> Sockets:
    """The sockets of this process and the relay."""
    settings = kernel.settings
    config = SocketConfig(
        allowed_origins=frozenset(settings.allowed_origins),
        trusted_proxies=frozenset(settings.trusted_proxies),
        redis_url=settings.redis_url,
        redis_options=list_redis_options(settings.redis_url, settings.redis_ca),
        per_user_max=settings.sockets_per_user,
        per_address_max=settings.sockets_per_address,
        relay_owner=name_owner(),
        relay_lease_s=settings.relay_lease_s,
    )
    sockets = Sockets(
        config,
        database=kernel.database,
        tokens=identity.bearers,
        rights=rights,
        clock=kernel.clock,
        lease_clock=kernel.real_clock,
        is_dead=is_known_dead,
        presence=identity.presence,
        trades=trades,
        add_words=partial(add_words, kernel.database, identity.sealer),
        check_app=check_app,
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


def open_price_feed(kernel: Kernel, wake_lane: WakeLane | None = None) -> PriceFeed | None:
    """The made-up prices of development; none where helpers or the feed are off, or prices real."""
    settings = kernel.settings
    if not settings.development_helpers or not settings.price_feed_s or settings.price_sources:
        return None
    # Under a fast clock the index would be stale between ticks, so it ticks faster too.
    interval_s = max(settings.price_feed_s / settings.clock_speed, PRICE_FEED_S_MIN)
    walk = RandomWalk(kernel.clock, SeededRandom("prices"))
    return PriceFeed(kernel.database, walk, interval_s=interval_s, wake_lane=wake_lane)


def add_prices(app: web.Application, kernel: Kernel, wake_lane: WakeLane) -> tuple[Duty, ...]:
    """The duty of reading real prices, which one process has at a time."""
    settings = kernel.settings
    if not settings.price_sources:
        return ()
    sources = open_sources(
        [PRICE_APIS[name] for name in settings.price_sources],
        urls=settings.price_urls,
        keys=settings.price_keys,
        timeout_s=settings.price_timeout_s,
        clock=kernel.clock,
    )
    median = MedianSource(sources, kernel.clock)
    interval_s = settings.price_interval_s
    feed = PriceFeed(kernel.database, median, interval_s=interval_s, wake_lane=wake_lane)

    async def close_prices(_app: web.Application) -> AsyncIterator[None]:
        yield
        await median.close()

    app.cleanup_ctx.append(close_prices)
    return (Duty("read_prices", interval_s, lambda _desk: feed.tick()),)


async def run_price_feed(app: web.Application) -> AsyncIterator[None]:
    """Make up prices while the application runs, where the settings want it."""
    feed = open_price_feed(app[KERNEL], app[LANES].nudge)
    task = asyncio.create_task(feed.run()) if feed is not None else None
    yield
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
