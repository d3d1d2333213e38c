"""Adding markets, recording readings of the index, and reading the public figures."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from models.markets import MarketStatus
from server.core.clock import format_instant, to_micros
from server.core.money import MICRO, PPM, minor_digits_of
from server.core.refusals import NotFound
from server.db import Database, Unit
from server.markets import queries
from server.markets.index import (
    STALE_AFTER,
    IndexState,
    Reading,
    Verdict,
    is_sound,
    judge_reading,
    switch_off_if_stale,
)
from server.markets.median import Judged

log = structlog.get_logger()
WakeLane = Callable[[str], None]
"""Told the market whose lane has something in its inbox; only a hint."""


@dataclass(frozen=True, slots=True)
class NewMarket:
    """A market to be added; the defaults are the product's."""

    asset: str
    currency: str
    """ISO 4217."""
    price_digits: int
    """Decimal places of a price."""
    maker_fee_ppm: int = 500
    taker_fee_ppm: int = 1500
    amount_min_micro: int = 10 * MICRO
    amount_max_micro: int = 50_000 * MICRO
    band_bp: int = 2000

    @property
    def id(self) -> str:
        """`USDT-VND`."""
        return f"{self.asset}-{self.currency}"

    @property
    def minor_digits(self) -> int:
        """Decimal places of the currency."""
        return minor_digits_of(self.currency)


async def add_market(unit: Unit, market: NewMarket) -> bool:
    """Add a market unless it exists; whether it was added."""
    if (await unit.execute(queries.find_market(market.id))).first() is not None:
        return False
    values = asdict(market)
    await unit.execute(
        queries.insert_market(
            {
                "id": market.id,
                "created_at": unit.now,
                "minor_digits": market.minor_digits,
                **{name: values.pop(name) for name in ("asset", "currency", "price_digits")},
            }
        )
    )
    await unit.execute(
        queries.insert_settings(
            {"market": market.id, "status": MarketStatus.OPEN.value, "version": 1, **values}
        )
    )
    return True


async def find_index(unit: Unit, market: str) -> IndexState | None:
    """The index of a market by its sources, or None before the first reading.

    An index that people set for a time (`server.markets.overrides`) stands in its place.
    """
    row = (await unit.execute(queries.find_index(market))).first()
    if row is None:
        return None
    return IndexState(row.index_ticks, row.read_at, row.floating_on, row.pending_ticks)


async def record_reading(
    unit: Unit,
    market: str,
    *,
    index_ticks: int,
    read_at: datetime,
    source: str,
    judged: Sequence[Judged] = (),
    wake_lane: WakeLane | None = None,
) -> Verdict:
    """Judge a reading of the index, keep it, and tell the lane what follows from it.

    `judged` are the sources that it was made of.

    What is no price, or from the future, or not newer than the last reading, is not kept. Refuses
    `NotFound` for an unknown market.
    """
    if (await unit.execute(queries.lock_settings(market))).first() is None:
        raise NotFound
    before = await find_index(unit, market)
    recent = (await unit.execute(queries.list_recent_readings(market, read_at))).all()
    readings = [Reading(*row) for row in reversed(recent)]
    is_known = any(reading.read_at >= read_at for reading in readings)
    if is_known or not is_sound(index_ticks, read_at, unit.now):
        log.warning("index_reading_dropped", market=market, source=source)
        return Verdict(accepted=False, state=before)

    verdict = judge_reading(before, readings, index_ticks, read_at, unit.now)
    reading_id = unit.ids.new_id()
    await unit.execute(
        queries.insert_reading(
            {
                "id": reading_id,
                "market": market,
                "index_ticks": index_ticks,
                "read_at": read_at,
                "accepted": verdict.accepted,
                "source": source,
                "judged": write_judged(judged),
            }
        )
    )
    await write_state(unit, market, before, verdict.state)
    cause = f"index:{market}:{reading_id}"
    if verdict.accepted and verdict.state is not None:
        await _tell_unless_overridden(unit, market, verdict.state, cause, wake_lane)
    elif verdict.state is not None and _is_switched(before, verdict.state):
        await _tell_switched(unit, market, verdict.state, cause, wake_lane)
    return verdict


def write_judged(judged: Sequence[Judged]) -> str | None:
    """The sources of a reading as they are kept and shown; prices are decimal strings."""
    if not judged:
        return None
    rows = [
        {
            "source": each.source,
            "price": f"{each.price:.12f}".rstrip("0").rstrip("."),
            "verdict": each.verdict,
        }
        for each in judged
    ]
    return orjson.dumps(rows).decode()


def _is_switched(before: IndexState | None, after: IndexState) -> bool:
    return before is not None and before.floating_on != after.floating_on


async def list_stale_markets(connection: AsyncConnection, now: datetime) -> list[str]:
    """Markets whose floating side is on although their index is older than 120 s."""
    rows = await connection.execute(queries.list_floating_read_before(now - STALE_AFTER))
    return [row.market for row in rows]


async def switch_off_stale(unit: Unit, market: str, wake_lane: WakeLane | None = None) -> bool:
    """Switch the floating side off if the index is stale; whether it was switched."""
    await unit.execute(queries.lock_settings(market))
    before = await find_index(unit, market)
    state = switch_off_if_stale(before, unit.now)
    if state is None or state == before:
        return False
    await write_state(unit, market, before, state)
    # One reading goes stale once, so it names the cause.
    cause = f"stale:{market}:{to_micros(state.read_at)}"
    await _tell_switched(unit, market, state, cause, wake_lane)
    return True


async def stop_stale_indexes(database: Database, wake_lane: WakeLane | None = None) -> int:
    """The clock's duty: switch off the floating side of every market with a stale index.

    Returns how many were switched.
    """
    async with database.read() as connection:
        stale = await list_stale_markets(connection, database.clock.now())
    switched = 0
    for market in stale:

        async def work(unit: Unit, market: str = market) -> bool:
            return await switch_off_stale(unit, market, wake_lane)

        switched += await database.transact(work, name="switch_off_stale")
    return switched


async def write_state(
    unit: Unit, market: str, before: IndexState | None, state: IndexState | None
) -> None:
    """Keep what the sources' index has become."""
    if state is None or state == before:
        return
    if before is None:
        await unit.execute(queries.insert_index({"market": market, **asdict(state)}))
    else:
        await unit.execute_guarded(queries.update_index(market, asdict(state)))


async def _tell_switched(
    unit: Unit, market: str, state: IndexState, cause: str, wake_lane: WakeLane | None
) -> None:
    """The floating side counts as switched from now on, however old the index is: the lane may
    know an override that began after it was read."""
    at = format_instant(unit.now)
    await _tell_unless_overridden(unit, market, state, cause, wake_lane, at=at)


async def _tell_unless_overridden(
    unit: Unit,
    market: str,
    state: IndexState,
    cause: str,
    wake_lane: WakeLane | None,
    **more: str,
) -> None:
    if (await unit.execute(queries.find_override(market))).first() is None:
        await tell_lane(unit, market, state, cause, wake_lane, **more)


async def tell_lane(
    unit: Unit,
    market: str,
    state: IndexState,
    cause: str,
    wake_lane: WakeLane | None,
    **more: str,
) -> None:
    """Leave the index for the market's lane, which matches at it and tells its room.

    `more` goes with it: `at`, when it began to count, where that is not when it was read; `until`,
    when it ends.
    """
    body: dict[str, Any] = {
        "index_ticks": state.index_ticks,
        "floating_on": state.floating_on,
        "read_at": format_instant(state.read_at),
        **more,
    }
    await unit.execute(
        queries.insert_inbox(
            {
                "id": unit.ids.new_id(),
                "market": market,
                "kind": "index",
                "cause": cause,
                "body": orjson.dumps(body).decode(),
                "created_at": unit.now,
            }
        )
    )
    if wake_lane is not None:
        unit.after_commit(lambda: wake_lane(market))


def moved_amount(row: Any) -> int:
    """Micro-USDT that a completed trade moved: after a split, the buyer's part before his fee.

    The hold paid out the part and the seller's fee on it, part + floor(part x fee); that grows
    with the part, so the part is found by dividing, rounded up.
    """
    if row.resolution != "split":
        return int(row.amount)
    moved = (row.paid_out + row.fees) * PPM
    return int(-(-moved // (PPM + row.seller_fee_ppm)))
