"""Stopping what is in danger, at once and by one person; letting it go on takes two.

A switch that is on stops something: one market, one rail, all trading, releases, withdrawals, or
every change by users. Whoever acts on it reads it in the database at that moment, or follows it
within a second; each market's room is told by its lane.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema

from server.admin.refusals import AlreadyStopped, BreachesOpen, NotStopped
from server.core.clock import format_instant, to_micros
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.markets.service import WakeLane
from server.monitor.breach import MONEY
from server.monitor.queries.service import list_open_breaches
from server.orders.inbox import leave
from server.staff import switch_queries as queries
from server.staff.approvals import Body, ProposalKind, Subject
from server.staff.queries import staff_version
from server.staff.write_gate import READ_ONLY, WriteGate
from server.trades.outages import MAINTENANCE, announce_outage, end_maintenance, is_any_going_on

TRADING = "trading_stopped"
RELEASES = "releases_stopped"
WITHDRAWALS = "withdrawals_stopped"
WHOLE = frozenset({READ_ONLY, TRADING, RELEASES, WITHDRAWALS})
"""The switches that concern every market."""
BY_BREACH = frozenset({RELEASES, WITHDRAWALS})
"""What a breach of money stops, and what stays stopped while one stands open."""
LIFE = timedelta(hours=12)


class NothingSchema(Schema):
    """The kind says it all."""


async def stop(
    unit: Unit, gate: WriteGate, wake_lane: WakeLane, name: str, *, reason: str, by: UUID
) -> Any:
    """Stop something from now on; the switch. Refuses `NotFound`, `AlreadyStopped`."""
    concerned = await _find_concerned(unit, name)
    # One switch at a time, so that its first row is not inserted twice.
    await unit.execute(staff_version(lock=True))
    before = (await unit.execute(queries.switch(name, lock=True))).first()
    if before is not None and before.active and before.stopped_by is not None:
        raise AlreadyStopped

    if before is None:
        await unit.execute(queries.insert_stop(name, reason, by, unit.now))
    else:
        await unit.execute_guarded(queries.stop(name, reason, by, unit.now))
    if name == READ_ONLY and not await is_any_going_on(unit):
        # Nobody's time runs while he can do nothing.
        await announce_outage(unit, MAINTENANCE)
    was_active = before is not None and bool(before.active)
    await _note(unit, name, before=was_active, after=True, reason=reason)
    await _tell(unit, gate, wake_lane, concerned, name, active=True)
    return (await unit.execute(queries.switch(name))).one()


def list_restarts(gate: WriteGate, wake_lane: WakeLane) -> Mapping[str, ProposalKind]:
    """The kind of proposal that lets something go on, by name."""

    async def restart(unit: Unit, _requester: UUID, name: str, _body: Body) -> None:
        concerned = await _find_concerned(unit, name)
        await unit.execute_guarded(queries.restart(name, unit.now))
        if name == READ_ONLY:
            await end_maintenance(unit)
        await _note(unit, name, before=True, after=False, reason=None)
        await _tell(unit, gate, wake_lane, concerned, name, active=False)

    kind = ProposalKind(
        name="restart",
        sentence="Let go on what was stopped.",
        propose=Permission.PROPOSE_RESTART,
        approve=Permission.APPROVE_RESTART,
        approvals_needed=1,
        life=LIFE,
        body=NothingSchema(),
        read_subject=_read_stopped,
        check=_let_through,
        carry_out=restart,
    )
    return {kind.name: kind}


async def _read_stopped(unit: Unit, name: str, _: Body) -> Subject:
    """The switch as it stands. Refuses `NotFound`, `NotStopped`, `BreachesOpen`."""
    await _find_concerned(unit, name)
    row = (await unit.execute(queries.switch(name, lock=True))).first()
    if row is None or not row.active:
        raise NotStopped
    broken = {one.invariant for one in await unit.execute(list_open_breaches())}
    if name in BY_BREACH and broken & MONEY:
        raise BreachesOpen
    # What was stopped again since was stopped for another reason.
    return Subject("switch", name, str(to_micros(row.changed_at)), frozenset())


async def _let_through(_unit: Unit, _actor: UUID, _body: Body) -> None:
    """The permission that the kind asks for is enough."""


async def require_switch(unit: Unit, name: str) -> None:
    """Refuse `NotFound` for a name that is no switch."""
    await _find_concerned(unit, name)


async def _find_concerned(unit: Unit, name: str) -> list[str]:
    """The markets that a switch concerns. Refuses `NotFound` for a name that is no switch."""
    kind, _, subject = name.partition(":")
    if name in WHOLE:
        wanted = queries.markets()
    elif kind == "market":
        wanted = queries.markets(market=subject)
    elif kind == "rail":
        currency = (await unit.execute(queries.currency_of_rail(subject))).scalar_one_or_none()
        if currency is None:
            raise NotFound
        return list((await unit.execute(queries.markets(currency=currency))).scalars())
    else:
        raise NotFound
    found = list((await unit.execute(wanted)).scalars())
    if kind == "market" and not found:
        raise NotFound
    return found


async def _note(unit: Unit, name: str, *, before: bool, after: bool, reason: str | None) -> None:
    await record_audit(
        unit,
        Action.SWITCH_SET,
        "switch",
        name,
        before={"active": before},
        after={"active": after},
        reason=reason,
    )


async def _tell(
    unit: Unit, gate: WriteGate, wake_lane: WakeLane, markets: list[str], name: str, *, active: bool
) -> None:
    """Each market's lane reads its switches anew, and tells its room."""
    body = {"switch": name, "active": active, "changed_at": format_instant(unit.now)}
    for market in markets:
        cause = f"switch:{unit.ids.new_id()}"
        await leave(unit, market=market, kind="terms", cause=cause, body=body, user_id=None)
        unit.after_commit(lambda market=market: wake_lane(market))  # type: ignore[misc]  # bound now
    if name == READ_ONLY:
        unit.after_commit(gate.wake)
