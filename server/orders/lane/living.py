"""Reads all living orders of a market at once, for a lane that starts.

A million orders have to be there within seconds, so neither an ORM nor a driver may touch their
fields one by one: MariaDB gives the rows of a chunk as lines of one text, SQLite's driver gives
plain tuples, and both are read by the same function. Free text travels as hexadecimal digits, so
that no character in it can end a field.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.clock import from_micros
from server.core.ids import make_uuid
from server.matching.orders import BookOrder
from server.orders.lane.loading import LIVING, LoadedOrders, read_methods, read_rules
from server.orders.lane.records import OrderRecord

CHUNK = 2_000
CHUNK_MIN = 50
"""Rows of the longest texts still fit into a packet together."""
METHODS_KNOWN_MAX = 65_536
COLUMNS = (
    "HEX(id)", "HEX(user_id)", "side", "pricing", "price_ticks", "margin_bp",
    "worst_price_ticks", "amount", "remaining", "matched", "returned", "closed", "reserved",
    "maker_fee_ppm", "taker_fee_ppm", "min_fiat_minor", "max_fiat_minor", "HEX(methods)",
    "window_s", "time_in_force", "expires_at", "matching", "visibility", "always_on",
    "max_trades", "takes_made", "HEX(rules)", "HEX(terms)", "HEX(auto_reply)",
    "HEX(target_order_id)", "status", "status_reason", "version", "priority", "created_at",
    "updated_at",
)  # fmt: skip
PLACE = COLUMNS.index("priority")
_PAGE = (
    " FROM orders WHERE market = :market AND status = :status AND priority > :after"
    " ORDER BY priority LIMIT :chunk"
)
_ROWS = text("SELECT " + ", ".join(COLUMNS) + _PAGE)
_LINES = text(
    "SELECT COUNT(*), MAX(priority), GROUP_CONCAT(line SEPARATOR '\n') FROM (SELECT priority,"
    " CONCAT_WS('|'," + ",".join(f"COALESCE({column},'')" for column in COLUMNS) + f") line{_PAGE}"
    ") page"
)

_read_methods = lru_cache(METHODS_KNOWN_MAX)(read_methods)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Without the garbage collector: it would walk everything loaded so far again and again.

    What is there afterwards stays, so it is taken out of the collector's sight; what is garbage
    already, such as a lane that stopped, is collected first, or it would stay too.
    """
    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


async def load_living(connection: AsyncConnection, market: str) -> LoadedOrders:
    """Every order that rests, is paused or suspended, with its record, oldest first."""
    loaded = LoadedOrders()
    for status in LIVING:
        async for rows in _read_chunks(connection, market, status):
            for row in rows:
                _add(loaded, row)
    loaded.orders.sort(key=lambda order: order.seq)
    return loaded


async def _read_chunks(
    connection: AsyncConnection, market: str, status: str
) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """Chunk by chunk, oldest first; the server reads the next one while one is taken over."""
    read = _read_rows if connection.dialect.name == "sqlite" else _read_lines
    after, chunk = -1, CHUNK
    following = asyncio.create_task(read(connection, market, status, after, chunk))
    try:
        while True:
            rows = await following
            if rows is None:
                chunk = chunk // 4
                assert chunk >= CHUNK_MIN, "rows do not fit into a packet"
            elif not rows:
                return
            else:
                after = int(rows[-1][PLACE])
            following = asyncio.create_task(read(connection, market, status, after, chunk))
            await asyncio.sleep(0)
            if rows is not None:
                yield rows
    finally:
        following.cancel()


async def _read_rows(
    connection: AsyncConnection, market: str, status: str, after: int, chunk: int
) -> Sequence[Sequence[Any]] | None:
    asked = {"market": market, "status": status, "after": after, "chunk": chunk}
    return (await connection.execute(_ROWS, asked)).all()


async def _read_lines(
    connection: AsyncConnection, market: str, status: str, after: int, chunk: int
) -> Sequence[Sequence[Any]] | None:
    """The rows of a chunk, or None when the server could not give them in one packet."""
    asked = {"market": market, "status": status, "after": after, "chunk": chunk}
    count, last, joined = (await connection.execute(_LINES, asked)).one()
    if not count:
        return []
    if joined is None:
        return None
    lines = (joined.decode() if isinstance(joined, bytes) else joined).split("\n")
    rows = [line.split("|") for line in lines]
    if len(rows) != count or len(rows[-1]) != len(COLUMNS):
        return None
    rows.sort(key=lambda row: int(row[PLACE]))
    assert int(rows[-1][PLACE]) == last, "the last row of a chunk is missing"
    return rows


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode() if digits else ""


def _add(loaded: LoadedOrders, row: Sequence[Any]) -> None:
    (
        id_, user, side, pricing, price, margin, worst, amount, remaining, matched, returned,
        closed, reserved, maker_fee, taker_fee, min_fiat, max_fiat, methods, window, in_force,
        expires, matching, visibility, always_on, max_trades, takes_made, rules, terms,
        auto_reply, target, status, reason, version, priority, created, updated,
    ) = row  # fmt: skip
    rails, accounts = _read_methods(_text(methods))
    rules = _text(rules)
    needs, guard = read_rules(rules)
    order_id = make_uuid(int(id_, 16))
    listed = visibility == "public"
    order = BookOrder(
        id=order_id,
        user=make_uuid(int(user, 16)),
        side=side,
        pricing=pricing,
        amount_micro=int(amount),
        methods=rails,
        price_ticks=int(price or worst or 0),
        margin_bp=int(margin or 0),
        min_fiat_minor=int(min_fiat),
        max_fiat_minor=int(max_fiat),
        accounts=accounts,
        immediate=in_force == "ioc",
        manual=matching == "manual",
        max_trades=int(max_trades),
        needs=needs,
        guard=guard,
        always_on=bool(int(always_on)),
        listed=listed,
        bonded=side == "buy" and int(reserved) > 0,
        window_s=int(window),
        target=make_uuid(int(target, 16)) if target else None,
        version=int(version),
        status=status,
        reason=reason or None,
        seq=int(priority),
        remaining_micro=int(remaining),
        matched_micro=int(matched),
        returned_micro=int(returned),
        closed_micro=int(closed),
        takes_made=int(takes_made),
    )
    loaded.orders.append(order)
    loaded.records[order_id] = OrderRecord(
        in_force,
        from_micros(int(expires)) if expires else None,
        int(maker_fee),
        int(taker_fee),
        rules,
        _text(terms),
        _text(auto_reply),
        from_micros(int(created)),
        from_micros(int(updated)),
        int(worst) if worst else None,
        int(reserved),
        listed,
    )
