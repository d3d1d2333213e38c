"""Follows the outbox: what was committed is told once, however often this stops and begins again.

Only numbered events are read. The relay numbers them in batches, one after the other, so a mark
at a batch means that nothing can appear behind it; rows and mark move in one transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from server.core import fault
from server.db import Database, Unit
from server.notifications import queries
from server.notifications.cases import decide_case, decide_claim
from server.notifications.channels import Channel, dispatch
from server.notifications.deciding import (
    Body,
    Parties,
    TradeStep,
    decide_opened,
    decide_order,
    decide_step,
)
from server.notifications.talk import decide_message
from server.notifications.wanted import Wanted

BATCHES_MAX = 8
"""Batches of the relay, of at most 500 events each, that are told in one transaction."""
ROUNDS_MAX = 50
"""Transactions in one run; the next run goes on."""
USER, TRADE = "user:", "trade:"
ORDER_EVENTS = frozenset({"order_filled", "order_updated", "order_cancelled"})
STEP_EVENTS = frozenset(
    {
        "trade_updated",
        "trade_paid",
        "trade_released",
        "trade_cancelled",
        "trade_expired",
        "trade_disputed",
        "trade_refunded",
    }
)
CASE_EVENTS = frozenset({"dispute_updated", "claim_updated"})
FOLLOWED = sorted({*ORDER_EVENTS, *STEP_EVENTS, *CASE_EVENTS, "trade_created", "message_created"})


@dataclass(slots=True)
class Background:
    """What is known besides the events: trades, names, and the steps of trades, cases and claims,
    each by its identifier and version."""

    parties: dict[UUID, Parties] = field(default_factory=dict)
    steps: dict[tuple[UUID, int], TradeStep] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    present: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Told:
    """An event, read."""

    id: UUID
    name: str
    room: str
    body: Body

    @property
    def trade_id(self) -> UUID | None:
        """The trade in whose room it was said."""
        return UUID(self.room.removeprefix(TRADE)) if self.room.startswith(TRADE) else None


async def tell_of_events(database: Database, channels: Sequence[Channel]) -> int:
    """Tell of everything that the relay has numbered; how many notifications."""
    told = 0
    for _ in range(ROUNDS_MAX):

        async def work(unit: Unit) -> tuple[int, bool]:
            return await _tell_batches(unit, channels)

        async with database.read() as connection:
            mark = (await connection.execute(queries.read_mark())).scalar()
            numbered = (await connection.execute(queries.numbered_batch())).scalar()
        if not numbered or mark == numbered:
            break
        count, more = await database.transact(work, name="tell_of_events")
        told += count
        if not more:
            break
    return told


async def _tell_batches(unit: Unit, channels: Sequence[Channel]) -> tuple[int, bool]:
    mark = (await unit.execute(queries.lock_mark())).scalar()
    if mark is None:
        await unit.execute(queries.insert_mark())
        mark = 0
    numbered = (await unit.execute(queries.numbered_batch())).scalar() or 0
    through = min(numbered, mark + BATCHES_MAX)
    if through <= mark:
        return 0, False
    rows = await unit.execute(queries.events_between(mark, through, FOLLOWED))
    events = [Told(row.id, row.name, row.room, orjson.loads(row.body)) for row in rows]
    background = await _read_background(unit, events)
    wanted = [item for event in events for item in _decide(event, background)]
    delivered = await dispatch(unit, channels, wanted)
    fault.point("notifications.before_mark")
    await unit.execute_guarded(queries.move_mark(mark, through))
    return delivered, through < numbered


def _decide(event: Told, known: Background) -> Iterator[Wanted]:
    if event.room.startswith(USER):
        user_id = UUID(event.room.removeprefix(USER))
        if event.name == "trade_created":
            yield from decide_opened(user_id, event.body)
        elif event.name in ORDER_EVENTS:
            yield from decide_order(user_id, event.name, event.body, event.id)
        return
    trade_id = event.trade_id
    parties = None if trade_id is None else known.parties.get(trade_id)
    if trade_id is None or parties is None:
        return
    if event.name in STEP_EVENTS:
        step = known.steps.get((trade_id, event.body["version"]))
        yield from decide_step(event.body, parties, step)
    elif event.name in CASE_EVENTS:
        step = known.steps.get((UUID(event.body["id"]), event.body["version"]))
        decide = decide_case if event.name == "dispute_updated" else decide_claim
        yield from decide(event.body, parties, known.names, step)
    elif event.name == "message_created":
        yield from decide_message(
            trade_id, event.body, parties, known.names, known.present, event.id
        )


async def _read_background(unit: Unit, events: Sequence[Told]) -> Background:
    known = Background()
    trade_ids = sorted({event.trade_id for event in events} - {None}, key=str)
    if not trade_ids:
        return known
    for row in await unit.execute(queries.parties_of([one for one in trade_ids if one])):
        known.parties[row.id] = Parties(row.buyer_id, row.seller_id)
    for names, steps_of in (
        (STEP_EVENTS, queries.steps_of),
        ({"dispute_updated"}, queries.case_steps_of),
        ({"claim_updated"}, queries.claim_steps_of),
    ):
        places = {
            (UUID(event.body["id"]), int(event.body["version"]))
            for event in events
            if event.name in names and event.trade_id is not None
        }
        if not places:
            continue
        for row in await unit.execute(steps_of(sorted(places))):
            step = TradeStep(row.event, row.actor, row.status_from, row.status_to, row.detail)
            known.steps[row.id, row.version] = step
    await _read_people(unit, known)
    return known


async def _read_people(unit: Unit, known: Background) -> None:
    users: set[Any] = {one.buyer_id for one in known.parties.values()}
    users |= {one.seller_id for one in known.parties.values()}
    for row in await unit.execute(queries.names_of(sorted(users))):
        known.names[row.user_id] = row.username
        if row.present:
            known.present.add(row.user_id)
