"""A case of the desk: laid there, locked, changed, taken off; and who may see it.

Order of locks: the staff's version (where lots are drawn), the trade, its dispute, the desk's row,
the rulings; standings and accounts after all of them.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from models.rulings import CaseKind, DeskCase
from server.core.events import Event, room_of_staff
from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import staff_queries as queries
from server.disputes import staff_rules as rules
from server.disputes.staff_refusals import CaseChanged
from server.identity.standing import read_standings
from server.identity.views import show_instant
from server.trades.trade import Reader, TradeRow

ROOM = room_of_staff("disputes")


@dataclass(frozen=True, slots=True)
class Case:
    """A row of `desk_cases`; see the table for the meaning of each column."""

    case_id: UUID
    kind: CaseKind
    trade_id: UUID
    open: bool
    round: int
    priority: int
    signals: str
    amount: int
    reason: str
    method_id: str
    due_at: datetime
    assignee_id: UUID | None
    assigned_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    version: int


_COLUMNS = tuple(column.name for column in fields(Case))
assert set(_COLUMNS) == {column.name for column in DeskCase.__table__.columns}


def read_row(row: Any) -> Case:
    """A case as it was selected."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Case(**{**values, "kind": CaseKind(row.kind)})


async def get_case(reader: Reader, case_id: UUID) -> Case:
    """One case, without a lock. Refuses `NotFound`."""
    found = (await reader.execute(queries.case(case_id))).first()
    if found is None:
        raise NotFound
    return read_row(found)


async def lock_case(unit: Unit, case_id: UUID) -> Case:
    """Lock a case, after its trade. Refuses `NotFound`."""
    found = (await unit.execute(queries.case(case_id, lock=True))).first()
    if found is None:
        raise NotFound
    return read_row(found)


async def lay_on_desk(
    unit: Unit, trade: TradeRow, *, case_id: UUID, reason: str, kind: CaseKind
) -> None:
    """A new case lies on the desk, as urgent as its parties and its amount make it."""
    standings = await read_standings(unit, (trade.buyer_id, trade.seller_id))
    signals = rules.list_signals(
        rules.CaseFacts(
            amount=trade.amount,
            fewest_completed=min(each.trades_completed for each in standings.values()),
            name_mismatch=trade.name_mismatch,
            reversibility=trade.reversibility,
        )
    )
    priority = rules.priority_of(signals)
    case = Case(
        case_id=case_id, kind=kind, trade_id=trade.id, open=True, round=1, priority=priority,
        signals=orjson.dumps([each.value for each in signals]).decode(), amount=trade.amount,
        reason=reason, method_id=trade.method_id, due_at=unit.now + rules.RULE_WITHIN[priority],
        assignee_id=None, assigned_at=None, opened_at=unit.now, closed_at=None, version=1,
    )  # fmt: skip
    await unit.execute(queries.insert_case({name: getattr(case, name) for name in _COLUMNS}))
    tell_staff(unit, case)


async def change(unit: Unit, case: Case, **values: Any) -> Case:
    """Write changes of a locked case; the new row. Refuses `CaseChanged`."""
    changed = await unit.execute(queries.update_case(case.case_id, case.version, values))
    if changed.rowcount != 1:
        raise CaseChanged
    after = replace(case, version=case.version + 1, **values)
    tell_staff(unit, after)
    return after


async def take_off(unit: Unit, case_id: UUID) -> None:
    """The case has ended: nobody has it any more."""
    case = await lock_case(unit, case_id)
    await unit.execute(  # allowed: unchecked-write, it may never have been given to anybody
        queries.end_assignments(case_id, unit.now)
    )
    await change(unit, case, open=False, closed_at=unit.now, assignee_id=None, assigned_at=None)


def show_case(case: Case, assignee: str | None) -> dict[str, Any]:
    """A case as the queue shows it: nothing of what the parties said."""
    return {
        "id": str(case.case_id),
        "kind": case.kind.value,
        "trade_id": str(case.trade_id),
        "open": case.open,
        "round": case.round,
        "priority": case.priority,
        "signals": orjson.loads(case.signals),
        "amount": rules.band_of(case.amount),
        "reason": case.reason,
        "payment_method": case.method_id,
        "due_at": show_instant(case.due_at),
        "assignee": assignee,
        "assigned_at": show_instant(case.assigned_at),
        "opened_at": show_instant(case.opened_at),
        "closed_at": show_instant(case.closed_at),
        "version": case.version,
    }


def tell_staff(unit: Unit, case: Case) -> None:
    """Those who follow the queue hear that a case has changed."""
    body = {
        "id": str(case.case_id),
        "kind": case.kind.value,
        "open": case.open,
        "round": case.round,
        "priority": case.priority,
        "due_at": show_instant(case.due_at),
        "assignee_id": None if case.assignee_id is None else str(case.assignee_id),
        "version": case.version,
    }
    unit.emit(Event(ROOM, "dispute_queue_changed", body, subject_id=case.case_id))
