"""Clock, randomness and database: what every part stands on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from server.core.clock import Clock
from server.core.ids import Random, SystemRandom
from server.db import Database, DatabaseBusy, DatabaseDown, assert_outside_transaction
from server.db.engine import open_engine
from server.db.time import DatabaseClock, PacedClock
from server.orders.lane.mariadb_store import MULTI_STATEMENTS
from server.settings import Settings

TIME_SAMPLE_S = 5
log = structlog.get_logger()


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


KERNEL = web.AppKey("kernel", Kernel)


def open_kernel(settings: Settings, *, clock: Clock | None = None) -> Kernel:
    """Clock, randomness and database of `settings`; `clock` replaces the domain's clock."""
    real_clock = DatabaseClock()
    domain_clock = clock or (
        PacedClock(real_clock, settings.clock_speed) if settings.clock_speed > 1 else real_clock
    )
    random = SystemRandom()
    url, ca_file = settings.database_url, settings.database_ca
    engine = open_engine(url, pool_size=settings.database_pool, ca_file=ca_file)
    database = Database(engine, clock=domain_clock, random=random)
    lane_engine = engine
    if database.dialect != "sqlite":
        lane_engine = open_engine(url, client_flag=MULTI_STATEMENTS, ca_file=ca_file)
    return Kernel(settings, real_clock, domain_clock, random, database, lane_engine)


async def sample_time(kernel: Kernel) -> None:
    """Follow the database's clock by one sample."""
    async with kernel.database.read() as connection:
        await kernel.real_clock.sample(connection)


async def follow_time(app: web.Application) -> AsyncIterator[None]:
    """Keep the clock at the database's time while the application runs."""
    kernel = app[KERNEL]
    await sample_time(kernel)

    async def follow() -> None:
        while True:
            await asyncio.sleep(TIME_SAMPLE_S)
            try:
                await sample_time(kernel)
            except (DatabaseDown, DatabaseBusy, DBAPIError):
                log.warning("time_not_sampled")

    task = asyncio.create_task(follow())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def close_database(app: web.Application) -> AsyncIterator[None]:
    """Give the connections back when the application ends."""
    yield
    await app[KERNEL].close()


def run_in(thread: ThreadPoolExecutor) -> Callable[[Callable[[], Any]], Awaitable[Any]]:
    """What runs slow or blocking work in a thread, and never with rows locked."""

    def run_apart(work: Callable[[], Any]) -> Awaitable[Any]:
        assert_outside_transaction()
        return asyncio.get_running_loop().run_in_executor(thread, work)

    return run_apart
