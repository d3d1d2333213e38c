"""How a lane reads and writes a batch: one port, an adapter for each database.

The statements are built by hand, because a batch writes many rows at once as end state, and
that is what makes a single writer fast. Values never reach SQL but through `literal_of` or as
bound parameters.
"""
# allowed: long-file, the two stores are compared line by line

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.core.clock import from_micros, to_micros
from server.db import Database
from server.db.engine import WRITE
from server.db.errors import error_number, is_down, is_retryable, is_unique_violation
from server.orders.lane.records import Rows, StandingRow
from server.orders.lane.statements import STATEMENTS, Statement

MULTI_STATEMENTS = 1 << 16
"""The client flag that lets one packet carry several statements."""
STANDING_COLUMNS = (
    "user_id, version, kyc_level, verified, trades_completed, trades_ended,"
    " open_unpaid_as_buyer, limit_used_micro, taking_blocked_until, selling_blocked_until,"
    " frozen_at, present, recheck_at"
)
ACCOUNT_COLUMNS = "user_id, kind, balance, seq"
_RETRY = frozenset({1213, 1205, 1020})
_UNIQUE = frozenset({1062, 1586})
_CONSTRAINT = frozenset({1022, 1048, 1062, 1169, 1216, 1217, 1451, 1452, 1586, 3819, 4025, 1264})


class StoreBusyError(Exception):
    """Another transaction was in the way; the batch may be run again."""


class StoreConflictError(Exception):
    """A constraint refused a row of the batch."""

    def __init__(self, *, is_unique: bool, text: str) -> None:
        super().__init__(text)
        self.is_unique = is_unique


class StoreLostError(Exception):
    """The connection is gone; nothing of the batch is known to be written."""


class FenceLostError(Exception):
    """The lane is no longer ours: its row names another owner, epoch or batch."""


@dataclass(frozen=True, slots=True)
class Fence:
    """What the lane's row must still say for a batch to be written."""

    market: str
    owner: str
    epoch: int
    batch: int
    expires_at: datetime


@dataclass(slots=True)
class Locked:
    """Rows read under lock; who is missing was busy."""

    standings: dict[UUID, StandingRow] = field(default_factory=dict)
    accounts: list[tuple[UUID, str, int, int]] = field(default_factory=list)
    """User, kind, balance, seq."""


class LaneStore(Protocol):
    """One lane's own connection to the database."""

    async def begin(self, fence: Fence) -> None:
        """Open the transaction and pass the fence; raises `FenceLostError`."""
        ...

    async def lock(self, users: Sequence[UUID], sellers: Sequence[UUID], asset: str) -> Locked:
        """Lock standings and accounts, ascending, without waiting for busy ones."""
        ...

    async def write(self, rows: Rows, *, market: str, priority: int, seq: int) -> None:
        """Write the end state of the batch."""
        ...

    async def commit(self) -> None:
        """Commit; raises `StoreLostError` when the answer was lost."""
        ...

    async def rollback(self) -> None:
        """Take back all that the transaction did; never fails."""
        ...

    async def close(self) -> None:
        """Give the connection back."""
        ...


def literal_of(value: object) -> str:
    """A value as a MariaDB literal."""
    text: str = _LITERALS[type(value)](value)
    return text


_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "''", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"}
)


def _text_literal(value: Any) -> str:
    return f"'{value.translate(_ESCAPES)}'"


_LITERALS: dict[type, Any] = {
    UUID: lambda value: f"x'{value.hex}'",
    int: str,
    str: _text_literal,
    type(None): lambda _: "NULL",
    bool: lambda value: "1" if value else "0",
    bytes: lambda value: f"x'{value.hex()}'",
    datetime: lambda value: str(to_micros(value)),
}
_PARAMETERS: dict[type, Any] = {
    UUID: lambda value: value.bytes,
    bool: int,
    datetime: to_micros,
}


def register_enum(kind: type[str]) -> None:
    """Let values of a string enumeration be written as their text."""
    _LITERALS[kind] = lambda value: f"'{value.value}'"
    _PARAMETERS[kind] = lambda value: value.value


def _instant(value: Any) -> datetime | None:
    return None if value is None else from_micros(int(value))


def _standing_of(row: Sequence[Any]) -> StandingRow:
    return StandingRow(
        UUID(bytes=bytes(row[0])), int(row[1]), int(row[2]), bool(row[3]), int(row[4]),
        int(row[5]), int(row[6]), int(row[7]), _instant(row[8]), _instant(row[9]),
        _instant(row[10]), bool(row[11]), _instant(row[12]),
    )  # fmt: skip


def _account_of(row: Sequence[Any]) -> tuple[UUID, str, int, int]:
    kind = row[1].decode() if isinstance(row[1], bytes) else str(row[1])
    return UUID(bytes=bytes(row[0])), kind, int(row[2]), int(row[3])


class MariaDbStore:
    """Builds multi-row statements and sends those of a batch in few packets."""

    def __init__(self, engine: AsyncEngine) -> None:
        """`engine` must allow several statements in one packet (`MULTI_STATEMENTS`)."""
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._raw: Any = None
        self._error: type[Exception] = engine.dialect.loaded_dbapi.Error

    async def begin(self, fence: Fence) -> None:
        """Open the transaction and pass the fence."""
        if self._raw is None:
            await self._connect()
        results = await self._send(
            "START TRANSACTION;"
            f"UPDATE lanes SET batch = batch + 1, expires_at = {literal_of(fence.expires_at)}"
            f" WHERE market = {literal_of(fence.market)} AND owner = {literal_of(fence.owner)}"
            f" AND epoch = {fence.epoch} AND batch = {fence.batch}"
        )
        if results[1][0] != 1:
            raise FenceLostError(fence.market)

    async def _connect(self) -> None:
        try:
            self._connection = await self._engine.connect()
            pooled = await self._connection.get_raw_connection()
            self._raw = pooled.driver_connection
        except (DBAPIError, OSError) as error:
            raise StoreLostError(str(error)) from error

    async def lock(self, users: Sequence[UUID], sellers: Sequence[UUID], asset: str) -> Locked:
        """Lock standings and accounts, ascending, skipping busy rows."""
        statements = []
        if users:
            listed = ",".join(map(literal_of, sorted(users)))
            statements.append(
                f"SELECT {STANDING_COLUMNS} FROM standings WHERE user_id IN ({listed})"
                " ORDER BY user_id FOR UPDATE SKIP LOCKED"
            )
        if sellers:
            listed = ",".join(map(literal_of, sorted(sellers)))
            statements.append(
                f"SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE user_id IN ({listed})"
                f" AND asset = {literal_of(asset)}"
                " ORDER BY user_id, kind FOR UPDATE SKIP LOCKED"
            )
        locked = Locked()
        if not statements:
            return locked
        results = await self._send(";".join(statements))
        if users:
            rows = map(_standing_of, results[0][1])
            locked.standings = {row.user_id: row for row in rows}
        if sellers:
            locked.accounts = [_account_of(row) for row in results[-1][1]]
        return locked

    async def write(self, rows: Rows, *, market: str, priority: int, seq: int) -> None:
        """Write the end state of the batch in one packet."""
        named = literal_of(market)
        parts = [f"UPDATE lanes SET priority = {priority}, seq = {seq} WHERE market = {named}"]
        for name, statement in STATEMENTS.items():
            values = rows.by_statement.get(name)
            if values:
                parts.append(_build_mariadb(statement, values))
        await self._send(";".join(parts))

    async def commit(self) -> None:
        """Commit; raises `StoreLostError` when the answer was lost."""
        await self._send("COMMIT")

    async def rollback(self) -> None:
        """Take back all that the transaction did; never fails."""
        if self._raw is None:
            return
        try:
            await self._send("ROLLBACK")
        except (StoreLostError, StoreBusyError, StoreConflictError):
            await self._drop()

    async def close(self) -> None:
        """Give the connection back."""
        await self._drop()

    async def _drop(self) -> None:
        connection, self._connection, self._raw = self._connection, None, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def _send(self, sql: str) -> list[tuple[int, Sequence[Any]]]:
        """Run the statements; the affected count and the rows of each."""
        results: list[tuple[int, Sequence[Any]]] = []
        try:
            cursor = await self._raw.cursor()
            await cursor.execute(sql)
            while True:
                rows = await cursor.fetchall() if cursor.description else ()
                results.append((cursor.rowcount, rows))
                if not await cursor.nextset():
                    break
            await cursor.close()
        except self._error as error:
            await self._raise(error)
        except OSError as error:
            await self._drop()
            raise StoreLostError(str(error)) from error
        return results

    async def _raise(self, error: Exception) -> None:
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        if number in _RETRY:
            raise StoreBusyError(str(error)) from error
        if number in _CONSTRAINT:
            raise StoreConflictError(is_unique=number in _UNIQUE, text=str(error)) from error
        await self._drop()
        raise StoreLostError(str(error)) from error


def _build_consume(rows: Sequence[tuple[object, ...]]) -> str:
    listed = ",".join(literal_of(inbox_id) for inbox_id, _ in rows)
    return f"UPDATE lane_inbox SET consumed_batch = {rows[0][1]} WHERE id IN ({listed})"


def _build_mariadb(statement: Statement, rows: Sequence[tuple[object, ...]]) -> str:
    if statement.table == "lane_inbox":
        return _build_consume(rows)
    literals = _LITERALS
    values = ",".join(
        "(" + ",".join([literals[type(value)](value) for value in row]) + ")" for row in rows
    )
    columns = ",".join(f"`{column}`" for column in statement.columns)
    sql = f"INSERT INTO {statement.table} ({columns}) VALUES {values}"
    if statement.keys:
        sets = ",".join(f"`{column}`=VALUES(`{column}`)" for column in statement.updates)
        key = statement.keys[0]
        sql += f" ON DUPLICATE KEY UPDATE {sets or f'`{key}`=`{key}`'}"
    return sql


class SqliteStore:
    """Writes a batch through the process's write gate, each table by one executemany."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._gated = False

    async def begin(self, fence: Fence) -> None:
        """Pass the gate, open the transaction and pass the fence."""
        gate = self._database.gate
        assert gate is not None
        await gate.acquire()
        self._gated = True
        try:
            self._connection = await self._database.engine.connect()
            await self._connection.execution_options(**{WRITE: True})
            result = await self._run(
                "UPDATE lanes SET batch = batch + 1, expires_at = ?"
                " WHERE market = ? AND owner = ? AND epoch = ? AND batch = ?",
                (
                    to_micros(fence.expires_at), fence.market, fence.owner, fence.epoch,
                    fence.batch,
                ),
            )  # fmt: skip
        except (DBAPIError, OSError) as error:
            raise _explain_sqlite(error) from error
        if result.rowcount != 1:
            raise FenceLostError(fence.market)

    async def lock(self, users: Sequence[UUID], sellers: Sequence[UUID], asset: str) -> Locked:
        """Read standings and accounts; BEGIN IMMEDIATE is the lock."""
        locked = Locked()
        if users:
            marks = ",".join("?" * len(users))
            result = await self._run(
                f"SELECT {STANDING_COLUMNS} FROM standings WHERE user_id IN ({marks})",
                tuple(user.bytes for user in users),
            )
            rows = map(_standing_of, result.all())
            locked.standings = {row.user_id: row for row in rows}
        if sellers:
            marks = ",".join("?" * len(sellers))
            result = await self._run(
                f"SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE user_id IN ({marks}) AND asset = ?",
                (*(user.bytes for user in sellers), asset),
            )
            locked.accounts = [_account_of(row) for row in result.all()]
        return locked

    async def write(self, rows: Rows, *, market: str, priority: int, seq: int) -> None:
        """Write the end state of the batch."""
        try:
            await self._run(
                "UPDATE lanes SET priority = ?, seq = ? WHERE market = ?", (priority, seq, market)
            )
            for name, statement in STATEMENTS.items():
                values = rows.by_statement.get(name)
                if values:
                    await self._write_table(statement, values)
        except (DBAPIError, OSError) as error:
            raise _explain_sqlite(error) from error

    async def _write_table(self, statement: Statement, rows: Sequence[tuple[object, ...]]) -> None:
        convert = _PARAMETERS
        parameters = [
            tuple(convert[type(value)](value) if type(value) in convert else value for value in row)
            for row in rows
        ]
        assert self._connection is not None
        await self._connection.exec_driver_sql(_build_sqlite(statement), parameters)

    async def commit(self) -> None:
        """Commit and leave the gate."""
        assert self._connection is not None
        try:
            await self._connection.commit()
        except (DBAPIError, OSError) as error:
            raise _explain_sqlite(error) from error
        finally:
            await self._leave()

    async def rollback(self) -> None:
        """Take back all that the transaction did; never fails."""
        await self._leave()

    async def close(self) -> None:
        """Leave the gate if a batch was under way."""
        await self._leave()

    async def _leave(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                await connection.close()
        finally:
            if self._gated and self._database.gate is not None:
                self._gated = False
                self._database.gate.release()

    async def _run(self, sql: str, parameters: tuple[object, ...]) -> Any:
        assert self._connection is not None
        return await self._connection.exec_driver_sql(sql, parameters)


def _build_sqlite(statement: Statement) -> str:
    columns = ",".join(f'"{column}"' for column in statement.columns)
    marks = ",".join("?" * len(statement.columns))
    sql = f"INSERT INTO {statement.table} ({columns}) VALUES ({marks})"
    if not statement.keys:
        return sql
    if statement.table in _UPDATED_BY_KEY:
        # SQLite checks NOT NULL before it looks for the row that exists.
        sets = ",".join(f'"{column}"=?{statement.columns.index(column) + 1}'
                        for column in statement.updates)  # fmt: skip
        where = " AND ".join(
            f'"{key}"=?{statement.columns.index(key) + 1}' for key in statement.keys
        )
        return f"UPDATE {statement.table} SET {sets} WHERE {where}"
    sets = ",".join(f'"{column}"=excluded."{column}"' for column in statement.updates)
    keys = ",".join(f'"{key}"' for key in statement.keys)
    action = f"UPDATE SET {sets}" if sets else "NOTHING"
    return f"{sql} ON CONFLICT ({keys}) DO {action}"


_UPDATED_BY_KEY = frozenset({"orders", "standings", "accounts", "lane_inbox"})
"""Tables whose rows always exist when a batch touches them."""


def _explain_sqlite(error: Exception) -> Exception:
    if isinstance(error, IntegrityError):
        return StoreConflictError(is_unique=is_unique_violation(error), text=str(error.orig))
    if isinstance(error, DBAPIError):
        if is_retryable(error):
            return StoreBusyError(str(error.orig))
        if is_down(error):
            return StoreLostError(str(error.orig))
        return StoreConflictError(is_unique=False, text=f"{error_number(error)}: {error.orig}")
    return StoreLostError(str(error))
