"""Somebody without an account who follows everything public, to the last level of depth."""

import asyncio
from decimal import Decimal

from seeds.demo.client import Api
from seeds.demo.feed import Body, PublicView, RoomWatch
from seeds.demo.listener import Listener
from seeds.demo.world import World

BOOK_STEP_S = 0.2
ROOM = "market:"


class Watcher:
    """Hears `market_updates` and keeps each market's listed orders, depth and index."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.name = "watcher"
        self.api = Api(world.session, world.url, self.name, world.tally)
        self.listener = Listener(world.url, self.name, world.tally, self._take)
        self.listener.all_markets = True
        self.views: dict[str, PublicView] = {}
        """By market; the room tells of all there are."""
        self._traded = {market.id: market for market in world.markets}

    async def join(self) -> bool:
        """Listen, then load what there is."""
        for market in await self.api.list_all("/markets"):
            room = f"{ROOM}{market['id']}"
            self.listener.watches[room] = RoomWatch(room, self.name, self.world.tally.faults)
            self.views[market["id"]] = PublicView()
        if not await self.listener.connect(""):
            return False
        for market in self.views:
            self.views[market].load(await self._fetch_listed(market))
        return True

    async def follow_books(self) -> None:
        """Fetch each book that updates have run ahead of, until cancelled."""
        while True:
            for market, view in self.views.items():
                if view.behind or view.number < 0:
                    await self._fetch_book(market)
            await asyncio.sleep(BOOK_STEP_S)

    async def list_differences(self) -> list[str]:
        """How numbers, listed orders and depth differ from what is fetched now."""
        differences: list[str] = []
        for market, view in self.views.items():
            listed = await self._fetch_listed(market)
            book = await self.api.get(f"/markets/{market}/book")
            if not book:
                return [f"the book of {market} cannot be read"]
            differences += view.list_differences(listed, book)
            last = self.listener.watches[f"{ROOM}{market}"].last
            if last != book["seq"]:
                differences.append(f"{market} is at {last} here, at {book['seq']} there")
        return differences

    async def _fetch_listed(self, market: str) -> list[Body]:
        orders: list[Body] = []
        for side in ("buy", "sell"):
            orders += await self.api.list_all(f"/orders?market={market}&side={side}")
        return orders

    async def _fetch_book(self, market: str) -> None:
        book = await self.api.get(f"/markets/{market}/book")
        if book:
            self.views[market].load_book(book)

    def _take(self, room: str, name: str, body: Body) -> None:
        market = room.removeprefix(ROOM)
        self.views[market].apply(name, body)
        if name == "index_updated" and market in self._traded:
            self._traded[market].index = Decimal(body["index"])
