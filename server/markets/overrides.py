"""An index that people set for a time, in place of what the sources say.

While it runs, floating orders and price bands follow it, and readings of the sources are kept but
move nothing. When its time is over the market goes back to the sources; if they are silent by then,
its floating side is off.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Database, Unit
from server.db.audit import Action, record_audit
from server.markets import queries
from server.markets.index import IndexState, switch_off_if_stale
from server.markets.service import WakeLane, find_index, tell_lane, write_state


async def begin_override(
    unit: Unit,
    market: str,
    *,
    index_ticks: int,
    life: timedelta,
    reason: str,
    set_by: UUID,
    wake_lane: WakeLane | None = None,
) -> UUID:
    """Let an index count from now on; it takes the place of one that runs already.

    `reason` is shown to everybody. Refuses `NotFound` for an unknown market.
    """
    if (await unit.execute(queries.lock_settings(market))).first() is None:
        raise NotFound
    running = (await unit.execute(queries.find_override(market))).first()
    if running is not None:
        await unit.execute_guarded(queries.end_override(running.id, set_by, unit.now))
    before = await find_index(unit, market)
    if before is None:
        # Where no source was ever read, bands go on with it; floating orders wait for a source.
        first = IndexState(index_ticks, unit.now, floating_on=False)
        await write_state(unit, market, None, first)

    override_id, ends_at = unit.ids.new_id(), unit.now + life
    await unit.execute(
        queries.insert_override(
            {
                "id": override_id,
                "market": market,
                "index_ticks": index_ticks,
                "reason": reason,
                "set_by": set_by,
                "began_at": unit.now,
                "ends_at": ends_at,
                "running_in": market,
            }
        )
    )
    counted = before if running is None else running
    await record_audit(
        unit,
        Action.INDEX_OVERRIDDEN,
        "market",
        market,
        before={"index_ticks": None if counted is None else counted.index_ticks},
        after={"index_ticks": index_ticks, "ends_at": format_instant(ends_at)},
        reason=reason,
    )
    state = IndexState(index_ticks, unit.now, floating_on=True)
    cause, until = f"override:{override_id}:began", format_instant(ends_at)
    await tell_lane(unit, market, state, cause, wake_lane, until=until)
    return override_id


async def require_override(unit: Unit, market: str) -> None:
    """Refuse `NotFound` when none runs in the market."""
    if (await unit.execute(queries.find_override(market))).first() is None:
        raise NotFound


async def end_override(
    unit: Unit, market: str, *, ended_by: UUID, reason: str, wake_lane: WakeLane | None = None
) -> None:
    """Go back to the sources before the time is over. Refuses `NotFound` when none runs."""
    await unit.execute(queries.lock_settings(market))
    running = (await unit.execute(queries.find_override(market))).first()
    if running is None:
        raise NotFound
    await _end(unit, market, running, ended_by, reason, wake_lane)


async def end_overrides_over(database: Database, wake_lane: WakeLane | None = None) -> int:
    """The clock's duty: end every override whose time is over; how many."""
    async with database.read() as connection:
        due = (await connection.execute(queries.list_over(database.clock.now()))).scalars().all()
    ended = 0
    for market in due:

        async def work(unit: Unit, market: str = market) -> int:
            await unit.execute(queries.lock_settings(market))
            running = (await unit.execute(queries.find_override(market))).first()
            if running is None or running.ends_at > unit.now:
                return 0
            await _end(unit, market, running, None, "its time is over", wake_lane)
            return 1

        ended += await database.transact(work, name="end_override")
    return ended


async def _end(
    unit: Unit,
    market: str,
    running: Any,
    ended_by: UUID | None,
    reason: str,
    wake_lane: WakeLane | None,
) -> None:
    await unit.execute_guarded(queries.end_override(running.id, ended_by, unit.now))
    before = await find_index(unit, market)
    state = switch_off_if_stale(before, unit.now)
    assert state is not None, "an override leaves an index behind it"
    await write_state(unit, market, before, state)
    await record_audit(
        unit,
        Action.INDEX_OVERRIDE_ENDED,
        "market",
        market,
        before={"index_ticks": running.index_ticks},
        after={"index_ticks": state.index_ticks, "floating_on": state.floating_on},
        reason=reason,
    )
    cause, at = f"override:{running.id}:ended", format_instant(unit.now)
    await tell_lane(unit, market, state, cause, wake_lane, at=at)
