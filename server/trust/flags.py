"""Flags of trades: seen by both parties, ended by both of them or by the staff."""

from typing import Any
from uuid import UUID

from models.links import FlagKind, FlagStatus
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.transition import lock_for
from server.trust import flag_queries as queries
from server.trust import refusals


async def agree(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, kind: FlagKind
) -> list[Any]:
    """A party says that the trade is in order; when both have, the flag is resolved.

    The trade's flags. Refuses `NotFound`, and `FlagOver` where nothing is left to say.
    """
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    rows = (await unit.execute(queries.flags_of(trade.id))).all()
    row = next((one for one in rows if one.kind == kind), None)
    if row is None:
        raise NotFound
    own, other = ("buyer_agreed_at", "seller_agreed_at")
    if actor is Actor.SELLER:
        own, other = other, own
    if row.status != FlagStatus.OPEN or getattr(row, own) is not None:
        raise refusals.FlagOver

    values: dict[str, Any] = {own: unit.now}
    if getattr(row, other) is not None:
        values |= {"status": FlagStatus.RESOLVED.value, "resolved_at": unit.now}
    await unit.execute_guarded(queries.update_flag(row.id, values))
    return list((await unit.execute(queries.flags_of(trade.id))).all())


async def resolve(unit: Unit, flag_id: UUID, *, note: str, by: UUID) -> None:
    """The staff found nothing wrong. Refuses `NotFound` (also to a party), `FlagOver`."""
    row = await get_flag(unit, flag_id)
    if by in (row.buyer_id, row.seller_id):
        raise NotFound
    resolved = {
        "status": FlagStatus.RESOLVED.value, "resolved_by": by, "resolved_at": unit.now,
        "note": note,
    }  # fmt: skip
    if (await unit.execute(queries.update_flag(flag_id, resolved))).rowcount == 0:
        raise refusals.FlagOver
    await record_audit(
        unit, Action.FLAG_RESOLVED, "trade", row.trade_id, reason=note, after={"kind": row.kind}
    )


async def get_flag(unit: Unit, flag_id: UUID) -> Any:
    """A flag with the parties of its trade. Refuses `NotFound`."""
    row = (await unit.execute(queries.flag(flag_id))).first()
    if row is None:
        raise NotFound
    return row
