"""What a database can take of the same rows: `raw` as fast as a driver goes, `naive` as most would.

* `raw`: one connection; the end state of a batch as literal multi-row statements that were built
  before the clock, sent as one packet with the transaction's begin and end. Nothing is read,
  computed or answered.
* `naive`: SQLAlchemy Core, one transaction an order, a lock on the market's row, statements that
  are compiled once, one round trip a table. Its rows, too, are there before the clock: it neither
  matches nor checks. Several tasks share a pool; whoever has the lock writes the next order.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

import aiomysql
from sqlalchemy import Executable, Table, bindparam, insert, select, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bench.capture import Written
from bench.market import MARKET
from models.base import Base
from models.orders import Lane
from server.core.clock import to_micros
from server.db.engine import WRITE, open_engine
from server.orders.lane.mariadb_store import MULTI_STATEMENTS, build_mariadb
from server.orders.lane.sqlite_store import bind_sqlite, build_sqlite
from server.orders.lane.statements import STATEMENTS, Statement

IN_PLACE = frozenset({"orders", "standings", "accounts", "lane_inbox"})
"""Tables whose rows exist when a batch touches them: on SQLite they are updated by key."""


def build_packets(written: list[Written]) -> list[bytes]:
    """Each batch as one packet."""
    packets = []
    for batch in written:
        parts = ["START TRANSACTION", _move_lane(batch)]
        parts += [
            build_mariadb(statement, batch.rows[name])
            for name, statement in STATEMENTS.items()
            if batch.rows.get(name)
        ]
        packets.append(";".join([*parts, "COMMIT"]).encode())
    return packets


def _move_lane(batch: Written) -> str:
    return (
        f"UPDATE lanes SET batch = batch + 1, expires_at = {to_micros(batch.expires_at)},"
        f" priority = {batch.priority}, seq = {batch.seq} WHERE market = '{MARKET}'"
    )


async def replay_mariadb(url: str, packets: list[bytes]) -> float:
    """Send the packets one after the other; the seconds that it took."""
    parsed = make_url(url)
    connection = await aiomysql.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, db=parsed.database,
        client_flag=MULTI_STATEMENTS, charset="utf8mb4", autocommit=True,
        init_command="SET SESSION sql_mode='STRICT_ALL_TABLES'",
    )  # fmt: skip
    began = time.perf_counter()
    for packet in packets:
        await connection.query(packet)
        while connection._result.has_next:  # noqa: SLF001 - the driver's cursors only add to it
            await connection.next_result()
    took = time.perf_counter() - began
    connection.close()
    return took


def replay_sqlite(url: str, written: list[Written]) -> float:
    """Write the batches on one connection, each table by one executemany; the seconds it took."""
    prepared = [
        [
            (build_sqlite(statement), bind_sqlite(batch.rows[name]))
            for name, statement in STATEMENTS.items()
            if batch.rows.get(name)
        ]
        for batch in written
    ]
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    began = time.perf_counter()
    for batch, statements in zip(written, prepared, strict=True):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_move_lane(batch))
        for sql, parameters in statements:
            connection.executemany(sql, parameters)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


class NaiveWriter:
    """Writes one order a transaction, in the order in which they were captured."""

    def __init__(self, url: str, written: list[Written], pool: int) -> None:
        assert all(len(batch.replies) == 1 for batch in written), "one order a transaction"
        self.engine: AsyncEngine = open_engine(url, pool_size=pool)
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        self._gate = asyncio.Lock()
        self._written = written
        self._rows = [
            [
                (name, [dict(zip(STATEMENTS[name].columns, row, strict=True)) for row in rows])
                for name, rows in batch.rows.items()
            ]
            for batch in written
        ]
        self._statements = {
            name: build_core(statement, self.engine.dialect.name)
            for name, statement in STATEMENTS.items()
        }
        if self._is_sqlite:
            self._rows = [
                [(name, _bind_keys(STATEMENTS[name], rows)) for name, rows in batch]
                for batch in self._rows
            ]
        self._lock = select(Lane.batch).where(Lane.market == MARKET).with_for_update()
        self._move = update(Lane).where(Lane.market == MARKET).values(
            batch=Lane.batch + 1, expires_at=bindparam("until"), priority=bindparam("place"),
            seq=bindparam("number"),
        )  # fmt: skip
        self._next = 0

    async def write_next(self) -> bytes | None:
        """Write the next order in a transaction of its own; its reply, None after the last."""
        if self._is_sqlite:
            async with self._gate:
                return await self._write_next()
        return await self._write_next()

    async def _write_next(self) -> bytes | None:
        async with self.engine.connect() as connection:
            await connection.execution_options(**{WRITE: True})
            await connection.execute(self._lock)
            at = self._next
            if at == len(self._written):
                return None
            self._next += 1
            batch = self._written[at]
            await self._write(connection, batch, self._rows[at])
            await connection.commit()
            return batch.replies[0]

    async def _write(
        self, connection: AsyncConnection, batch: Written, rows: list[tuple[str, list[Any]]]
    ) -> None:
        moved = {"until": batch.expires_at, "place": batch.priority, "number": batch.seq}
        await connection.execute(self._move, moved)
        for name, of_one in rows:
            await connection.execute(self._statements[name], of_one)

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def build_core(statement: Statement, dialect: str) -> Executable:
    """The Core statement that writes rows of one kind."""
    table: Table = Base.metadata.tables[statement.table]
    if not statement.keys:
        return insert(table)
    if dialect != "sqlite":
        into = mysql.insert(table)
        columns = statement.updates or statement.keys[:1]
        return into.on_duplicate_key_update({name: into.inserted[name] for name in columns})
    if statement.table in IN_PLACE:
        return (
            update(table)
            .where(*(table.c[key] == bindparam(f"key_{key}") for key in statement.keys))
            .values({name: bindparam(name) for name in statement.updates})
        )
    upsert = sqlite.insert(table)
    if not statement.updates:
        return upsert.on_conflict_do_nothing(index_elements=statement.keys)
    return upsert.on_conflict_do_update(
        index_elements=statement.keys,
        set_={name: upsert.excluded[name] for name in statement.updates},
    )


def _bind_keys(statement: Statement, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if not statement.keys or statement.table not in IN_PLACE:
        return list(rows)
    return [
        {f"key_{name}" if name in statement.keys else name: value for name, value in row.items()}
        for row in rows
    ]


async def run_naive(url: str, written: list[Written], pool: int) -> float:
    """Write everything with `pool` tasks on as many connections; the seconds that it took."""
    writer = NaiveWriter(url, written, pool)

    async def work() -> None:
        while await writer.write_next() is not None:
            pass

    async with writer.engine.connect() as connection:
        await connection.execute(select(Lane.batch))
    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(pool)))
    took = time.perf_counter() - began
    await writer.close()
    return took
