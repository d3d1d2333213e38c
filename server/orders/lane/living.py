"""Reads all living orders of a market at once, for a lane that starts.

A million orders have to be there within seconds, so neither an ORM nor a driver may touch their
fields one by one: MariaDB gives the rows of a chunk as one JSON text, SQLite's driver gives plain
tuples, and both are read by the same function. What could hold a quote travels as hexadecimal
digits.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.orders import Order
from server.core.clock import from_micros
from server.core.ids import make_uuid
from server.matching.orders import BookOrder
from server.orders.lane.loading import LIVING, LoadedOrders, read_methods, read_rules
from server.orders.lane.records import OrderRecord

CHUNK = 2_000
CHUNK_MIN = 50
"""Rows of the longest texts still fit into a packet together."""
KNOWN_MAX = 65_536
NUMBERS = (
    "priority", "price_ticks", "margin_bp", "worst_price_ticks", "amount", "remaining", "matched",
    "returned", "closed", "reserved", "maker_fee_ppm", "taker_fee_ppm", "min_fiat_minor",
    "max_fiat_minor", "window_s", "expires_at", "always_on", "max_trades", "takes_made",
    "version", "created_at", "updated_at",
)  # fmt: skip
"""Whole numbers; where the column may be empty zero says so, and is no value of it but for the
prices and margins, where the book means the same by both."""
WORDS = (
    "side", "pricing", "methods", "time_in_force", "matching", "visibility", "status_reason",
    "paused_for",
)  # fmt: skip
"""Our own words, rails and identifiers: nothing in them ends a JSON string."""
BYTES = ("id", "user_id", "target_order_id")
TEXTS = ("rules", "terms", "auto_reply")


def _write_number(name: str) -> str:
    return f"COALESCE({name}, 0)" if Order.__table__.c[name].nullable else name


_FIELDS = (
    *map(_write_number, NUMBERS),
    *WORDS,
    *(f"COALESCE(HEX({name}), '')" for name in BYTES),
    *(f"CASE WHEN {name} = '' THEN '' ELSE HEX({name}) END" for name in TEXTS),
)
_OF_STATUS = " FROM orders WHERE market = :market AND status = :status AND priority > :after"
_PAGE = f"{_OF_STATUS} ORDER BY priority LIMIT :chunk"
_ROWS = text(f"SELECT {', '.join(_FIELDS)}{_PAGE}")
_LAST = text(f"SELECT MAX(priority) FROM (SELECT priority{_PAGE}) page")
# By a range and not by a page: the rows of a page would be written to a table first.
_LINES = text(
    "SELECT COUNT(*), GROUP_CONCAT('[', CONCAT_WS(',', " + ", ".join(_FIELDS[: len(NUMBERS)])
    + "), ',\"', CONCAT_WS('\",\"', " + ", ".join(_FIELDS[len(NUMBERS) :])
    + "), '\"]' SEPARATOR ',')" + _OF_STATUS + " AND priority <= :last"
)  # fmt: skip

_read_methods = lru_cache(KNOWN_MAX)(read_methods)


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
    users: dict[str, UUID] = {}
    for status in LIVING:
        async for rows in _read_chunks(connection, market, status):
            _add_all(loaded, users, rows, status)
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
                after = rows[-1][0]
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
    asked = {"market": market, "status": status, "after": after}
    last = (await connection.execute(_LAST, asked | {"chunk": chunk})).scalar_one()
    if last is None:
        return []
    count, joined = (await connection.execute(_LINES, asked | {"last": last})).one()
    if joined is None:
        return None
    try:
        rows: list[list[Any]] = orjson.loads(f"[{joined}]")
    except orjson.JSONDecodeError:
        return None
    if len(rows) != count:
        return None
    rows.sort(key=itemgetter(0))
    assert rows[-1][0] == last, "the last row of a chunk is missing"
    return rows


def _read_text(digits: str) -> str:
    return bytes.fromhex(digits).decode() if digits else ""


def _add_all(
    loaded: LoadedOrders, users: dict[str, UUID], rows: Sequence[Sequence[Any]], status: str
) -> None:
    """Make the orders of a chunk, each user's key once. By position: names would take longer
    than all the rest."""
    for (
        priority, price, margin, worst, amount, remaining, matched, returned, closed, reserved,
        maker_fee, taker_fee, min_fiat, max_fiat, window, expires, always_on, max_trades,
        takes_made, version, created, updated,
        side, pricing, methods, in_force, matching, visibility, reason, paused_for,
        id_, user, target, rules, terms, auto_reply,
    ) in rows:  # fmt: skip
        order_id = make_uuid(int(id_, 16))
        user_id = users.get(user)
        if user_id is None:
            user_id = users[user] = make_uuid(int(user, 16))
        rails, accounts = _read_methods(methods)
        asked = _read_text(rules)
        needs, guard = read_rules(asked)
        listed = visibility == "public"
        order = BookOrder(
            order_id, user_id, side, pricing, amount, rails, price or worst, margin,
            min_fiat, max_fiat, accounts, in_force == "ioc", matching == "manual", max_trades,
            needs, guard, always_on == 1, listed, side == "buy" and reserved > 0, window,
            make_uuid(int(target, 16)) if target else None, None, version, status,
            reason or None, paused_for or None, priority, remaining, matched, returned, closed,
            takes_made,
        )  # fmt: skip
        loaded.orders.append(order)
        created_at = from_micros(created)
        loaded.records[order_id] = OrderRecord(
            in_force, from_micros(expires) if expires else None, maker_fee, taker_fee, asked,
            _read_text(terms), _read_text(auto_reply), created_at,
            created_at if updated == created else from_micros(updated),
            worst or None, reserved, listed,
        )  # fmt: skip
