"""What can be asked of a lane, and what it answers."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from server.http.endpoint import Key, Reply
from server.matching.orders import BookOrder, OrderChanges
from server.matching.standings import MarketTerms, Standing
from server.orders.lane.records import OrderRecord


@dataclass(slots=True, eq=False, kw_only=True)
class Command:
    """Something a lane does in a batch.

    `answer` is resolved with a `Reply` after the commit, or with a `Refusal`. `deadline` is the
    loop's time after which nobody waits for it any more. System commands have no answer.
    """

    user_id: UUID | None = None
    key: Key | None = None
    deadline: float = 0.0
    give_up_at: float = 0.0
    """When it stops being tried because rows it needs are busy; zero until first tried."""
    answer: asyncio.Future[Reply] | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Place(Command):
    """A new order."""

    order: BookOrder
    record: OrderRecord


@dataclass(slots=True, eq=False, kw_only=True)
class Take(Command):
    """A trade against one chosen order, kept as the taker's own immediate order."""

    order: BookOrder
    record: OrderRecord
    target_version: int | None
    worst_price_ticks: int | None


@dataclass(slots=True, eq=False, kw_only=True)
class Edit(Command):
    """Changes of an order by its owner."""

    order_id: UUID
    version: int | None
    changes: OrderChanges
    record_changes: dict[str, Any] = field(default_factory=dict)
    rules_changes: dict[str, Any] = field(default_factory=dict)
    """Keys of the column `rules`; None takes one away. They meet the row as it is in the batch, so
    that two edits at once each keep what the other changed."""


@dataclass(slots=True, eq=False, kw_only=True)
class Cancel(Command):
    """The owner ends an order."""

    order_id: UUID


@dataclass(slots=True, eq=False, kw_only=True)
class Pause(Command):
    """The owner keeps an order from matching."""

    order_id: UUID


@dataclass(slots=True, eq=False, kw_only=True)
class Resume(Command):
    """The owner lets an order match again."""

    order_id: UUID


@dataclass(slots=True, eq=False, kw_only=True)
class Expire(Command):
    """The time of an order is over."""

    order_id: UUID


@dataclass(slots=True, eq=False, kw_only=True)
class Reschedule(Command):
    """An order's schedule turns it on or off."""

    order_id: UUID
    on: bool


@dataclass(slots=True, eq=False, kw_only=True)
class SetIndex(Command):
    """The market's index moved, or its floating side was switched."""

    index_ticks: int
    floating_on: bool


@dataclass(slots=True, eq=False, kw_only=True)
class SetTerms(Command):
    """The market's settings or switches changed."""

    terms: MarketTerms


@dataclass(slots=True, eq=False, kw_only=True)
class Continue(Command):
    """Go on with what met the bound of candidates."""


@dataclass(slots=True, eq=False, kw_only=True)
class Recheck(Command):
    """A user's standing is another one than the book's."""

    subject: UUID
    standing: Standing


@dataclass(slots=True, eq=False, kw_only=True)
class FromInbox(Command):
    """A row of the inbox: a return, a paid share, a suspension, a removed payment account ..."""

    inbox_id: UUID
    kind: str
    body: dict[str, Any]
    superseded: bool = False
    """An index that a newer row overtook: it is told to the room, but never matched on."""
