"""The lane's store on SQLite: through the process's write gate, each table by one executemany.

Values reach SQL only as bound parameters.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.clock import to_micros
from server.db import Database
from server.db.engine import WRITE
from server.db.errors import error_number, is_down, is_retryable, is_unique_violation
from server.orders.lane.records import Rows
from server.orders.lane.statements import STATEMENTS, Statement
from server.orders.lane.store import (
    ACCOUNT_COLUMNS,
    STANDING_COLUMNS,
    Fence,
    FenceLostError,
    Locked,
    StoreBusyError,
    StoreConflictError,
    StoreLostError,
    group_wallets,
    standing_of_row,
)

_PARAMETERS: dict[type, Any] = {
    UUID: lambda value: value.bytes,
    bool: int,
    datetime: to_micros,
}


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
            rows = map(standing_of_row, result.all())
            locked.standings = {row.user_id: row for row in rows}
        if sellers:
            marks = ",".join("?" * len(sellers))
            result = await self._run(
                f"SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE user_id IN ({marks}) AND asset = ?",
                (*(user.bytes for user in sellers), asset),
            )
            locked.wallets = group_wallets(tuple(row) for row in result.all())
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
        assert self._connection is not None
        result = await self._connection.exec_driver_sql(build_sqlite(statement), bind_sqlite(rows))
        affected = result.rowcount
        assert affected == len(rows), f"{len(rows)} of {statement.table} written as {affected}"

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


def bind_sqlite(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rows as parameters of that database's driver."""
    convert = _PARAMETERS
    return [
        tuple(convert[type(value)](value) if type(value) in convert else value for value in row)
        for row in rows
    ]


def build_sqlite(statement: Statement) -> str:
    """The statement for one row, to be run with the parameters of many."""
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
