"""The lanes of this process, by market, and the way of others to them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import structlog
from aiohttp import web
from sqlalchemy.exc import DBAPIError

from server.core.refusals import NotFound, Unavailable
from server.db import Database
from server.matching.orders import BookOrder
from server.orders.lane import loading
from server.orders.lane.lane import Lane
from server.orders.lane.loop import start_lane, stop_lane
from server.orders.refusals import LaneElsewhere

DISCOVER_S = 2
"""How often markets are looked for that have no lane here yet, and payment methods read."""
log = structlog.get_logger()


class LaneHost:
    """Runs a lane for every market there is."""

    def __init__(self, database: Database, make_lane: Callable[[str], Lane]) -> None:
        self._database = database
        self._make_lane = make_lane
        self._task: asyncio.Task[None] | None = None
        self.lanes: dict[str, Lane] = {}

    async def start(self) -> None:
        """Start the lanes of all markets, and those of markets that appear later."""
        await self.discover()
        self._task = asyncio.create_task(self._follow(), name="lanes")

    async def stop(self) -> None:
        """Stop all lanes; each finishes or discards its batch and gives its lease up."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for lane in self.lanes.values():
            await stop_lane(lane)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(DISCOVER_S)
            try:
                await self.discover()
            except (Unavailable, DBAPIError) as error:
                log.warning("markets_not_read", error=error)

    async def discover(self) -> None:
        """Start the lanes of new markets, and tell all of payment methods that changed."""
        async with self._database.read() as connection:
            markets = await loading.list_markets(connection)
            speeds = await loading.load_speeds(connection)
        for market in markets:
            if market not in self.lanes:
                lane = self.lanes[market] = self._make_lane(market)
                start_lane(lane)
        for lane in self.lanes.values():
            lane.take_rails(speeds)

    def find_lane(self, market: str) -> Lane:
        """The lane of a market; refuses `NotFound` for no market, `LaneElsewhere` for no lane."""
        lane = self.lanes.get(market)
        if lane is None:
            raise NotFound
        if not lane.serving:
            raise LaneElsewhere(retry_after_s=1)
        return lane

    def find_order(self, order_id: UUID) -> tuple[Lane, BookOrder] | None:
        """A living order in one of the lanes here."""
        for lane in self.lanes.values():
            if lane.desk is not None:
                order = lane.desk.book.find_order(order_id)
                if order is not None:
                    return lane, order
        return None

    def nudge(self, market: str) -> None:
        """Rows wait in a market's inbox."""
        lane = self.lanes.get(market)
        if lane is not None:
            lane.nudge()

    def nudge_all(self) -> None:
        """Rows may wait in any market's inbox."""
        for lane in self.lanes.values():
            lane.nudge()


LANES = web.AppKey("lanes", LaneHost)
