"""What all people of the demo share: the service, the pace of time, chance, and the banks."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

import aiohttp

from seeds.demo.tally import Tally

MINUTE_S_MAX = 1.0
"""A minute of people's time takes a second at most: nobody watches a demo at speed 1."""


PROVING_MAX = 3


class Chance(Protocol):
    """Randomness with a seed."""

    def random(self) -> float:
        """From 0 to below 1."""
        ...

    def randrange(self, start: int, stop: int, /) -> int:
        """From `start` to below `stop`."""
        ...

    def choice(self, seq: Sequence[Any], /) -> Any:
        """One of them."""
        ...


@dataclass(slots=True)
class Market:
    """A market and its rails, as the public calls tell."""

    id: str
    currency: str
    price_digits: int
    index: Decimal
    rails: list[Mapping[str, Any]]

    def write_price(self, part_bp: int) -> str:
        """The index and so many basis points more, on the market's tick, rounded down."""
        ticks = self.index.scaleb(self.price_digits) * (10_000 + part_bp) // 10_000
        return f"{ticks.scaleb(-self.price_digits):f}"


@dataclass(slots=True)
class World:
    """The service and the surroundings."""

    url: str
    session: aiohttp.ClientSession
    tally: Tally
    chance: Chance
    minute_s: float
    """Real seconds that a minute of people's time takes."""
    speed: int
    """How many times as fast the service's clock runs."""
    tag: str = ""
    """Tells this run's names from those of other runs on the same service."""
    markets: list[Market] = field(default_factory=list)
    bank: dict[str, str] = field(default_factory=dict)
    """What happened outside: the payer's name that the seller's bank shows, by trade."""
    proving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PROVING_MAX))
    """Only so many prove at a time that it is them, lest the proofs of a fast clock run out."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """The demo ends: nobody begins anything, everything open is brought to its end."""

    async def rest(self, minutes: float) -> None:
        """Let minutes pass; the end of the demo cuts them short."""
        with suppress(TimeoutError):
            async with asyncio.timeout(minutes * self.minute_s):
                await self.closing.wait()

    async def rest_between(self, low: float, high: float) -> None:
        """Let some minutes between two numbers pass."""
        await self.rest(low + (high - low) * self.chance.random())


def make_pace(speed: int) -> float:
    """Real seconds of one minute of people's time, at the service's speed."""
    return min(60 / speed, MINUTE_S_MAX)
