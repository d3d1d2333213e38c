"""What the seeds work with; the wiring puts it together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import orjson

from seeds import queries
from server.core.clock import ManualClock
from server.core.refusals import Refusal
from server.db import Database
from server.http.endpoint import Actor
from server.identity.context import Identity
from server.kyc.context import Kyc
from server.orders.service import OrderDesk
from server.trades.desk import Desk


class SeedsRefused(Refusal):
    """Made-up people and money have no place in production."""

    code: ClassVar[str] = "seeds_refused"
    title: ClassVar[str] = "Production settings refuse the seeds: nothing was changed."


class LanesServedElsewhere(Refusal):
    """Another process writes the orders, so the seeds cannot."""

    code: ClassVar[str] = "lanes_served_elsewhere"
    title: ClassVar[str] = "A running server serves the markets. Stop it, then seed."


@dataclass(slots=True)
class Stage:
    """The services, and a clock that the seeds move from the past to the present."""

    production: bool
    database: Database
    identity: Identity
    kyc: Kyc
    desk: Desk
    orders: OrderDesk
    clock: ManualClock
    now: datetime
    """The present; the history ends here."""
    lane_wait_s: float
    """How long lanes may take to serve: a lease of a server that was killed runs out first."""
    say: Callable[[str], None] = lambda _line: None
    people: dict[str, UUID] = field(default_factory=dict)
    """Users by name."""
    actors: dict[str, Actor] = field(default_factory=dict)
    """Those who act, each in a session of his own."""

    def move_to(self, instant: datetime) -> None:
        """Let the clock run to an instant, unless it is past."""
        self.clock.advance(seconds=max(timedelta(0), instant - self.clock.now()).total_seconds())

    def user_id(self, username: str) -> UUID:
        """Who somebody is."""
        return self.people[username]

    async def fetch(self, statement: Any) -> list[Any]:
        """All rows of a question."""
        async with self.database.read() as connection:
            return list((await connection.execute(statement)).all())

    async def wind_back(self, days: int) -> None:
        """Set the clock into the past, but never before money last moved: ids sort by time."""
        (row,) = await self.fetch(queries.last_transfer())
        self.move_to(self.now - timedelta(days=days))
        if row[0] is not None:
            self.move_to(row[0] + timedelta(seconds=1))


def read_reply(reply: Any) -> dict[str, Any]:
    """The body of an answer of the lanes."""
    body: dict[str, Any] = orjson.loads(reply.body) if isinstance(reply.body, bytes) else reply.body
    return body
