"""The lane's store on MariaDB: multi-row statements, those of a batch in few packets.

Values reach SQL only through `literal_of`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.core.clock import to_micros
from server.orders.lane.records import Rows, StandingRow
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

MULTI_STATEMENTS = 1 << 16
"""The client flag that lets one packet carry several statements."""
ALWAYS_CHANGED = frozenset({"standings", "accounts"})
"""Tables whose rows exist when a batch writes them, and are then never as they were."""
LISTED_MAX = 900
"""Keys in one IN list: MariaDB turns lists of 1,000 into joins, which would lock otherwise."""
TEXT_BYTES_MIN = 64
"""Bytes from this length on are written as text where they are text: half as long as in hex."""
_RETRY = frozenset({1213, 1205, 1020})
_UNIQUE = frozenset({1062, 1586})
_CONSTRAINT = frozenset({1022, 1048, 1062, 1169, 1216, 1217, 1451, 1452, 1586, 3819, 4025, 1264})


def literal_of(value: object) -> str:
    """A value as a MariaDB literal."""
    text: str = _LITERALS[type(value)](value)
    return text


_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "''", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"}
)


def _text_literal(value: Any) -> str:
    # Most texts need no escape, and looking for the few characters that do is cheap.
    if "'" in value or "\\" in value or "\0" in value:
        value = value.translate(_ESCAPES)
    return f"'{value}'"


def _bytes_literal(value: Any) -> str:
    if len(value) >= TEXT_BYTES_MIN:
        try:
            return "_binary" + _text_literal(value.decode())
        except UnicodeDecodeError:
            pass
    return f"x'{value.hex()}'"


_LITERALS: dict[type, Any] = {
    UUID: lambda value: f"x'{value.int:032x}'",
    int: str,
    str: _text_literal,
    type(None): lambda _: "NULL",
    bool: lambda value: "1" if value else "0",
    bytes: _bytes_literal,
    datetime: lambda value: str(to_micros(value)),
}


def _concat(columns: str) -> str:
    """Rows as lines of one text: the driver takes longer over a field than the server does.

    The number of rows comes with it, so that a cut text cannot pass for a whole one.
    """
    first, *rest = columns.split(", ")
    fields = ",".join([f"HEX({first})", *(f"COALESCE({column},'')" for column in rest)])
    return f"SELECT COUNT(*), GROUP_CONCAT(CONCAT_WS(' ',{fields}) SEPARATOR '\\n')"


def _split(result: tuple[int, Sequence[Any]]) -> list[list[str]]:
    ((count, joined),) = result[1]
    if not count:
        return []
    lines = (joined.decode() if isinstance(joined, bytes) else joined).split("\n")
    assert len(lines) == count, "the server cut a list of locked rows"
    return [line.split(" ") for line in lines]


def _standing_of_line(fields: Sequence[str]) -> StandingRow:
    return standing_of_row(
        [
            bytes.fromhex(fields[0]), *fields[1:3], int(fields[3]), *fields[4:8],
            fields[8] or None, fields[9] or None, fields[10] or None, int(fields[11]),
            int(fields[12]), fields[13], *map(int, fields[14:18]), fields[18] or None,
        ]
    )  # fmt: skip


_LOCK_STANDINGS = _concat(STANDING_COLUMNS) + " FROM standings FORCE INDEX (PRIMARY)"
_LOCK_ACCOUNTS = _concat(ACCOUNT_COLUMNS) + " FROM accounts FORCE INDEX (PRIMARY)"


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
        statements = [
            f"{_LOCK_STANDINGS} WHERE user_id IN ({listed}) FOR UPDATE SKIP LOCKED"
            for listed in _list_keys(users)
        ]
        standings_end = len(statements)
        statements += [
            f"{_LOCK_ACCOUNTS} WHERE user_id IN ({listed}) AND asset = {literal_of(asset)}"
            " FOR UPDATE SKIP LOCKED"
            for listed in _list_keys(sellers)
        ]
        locked = Locked()
        if not statements:
            return locked
        results = await self._send(";".join(statements))
        for result in results[:standings_end]:
            rows = map(_standing_of_line, _split(result))
            locked.standings.update({row.user_id: row for row in rows})
        for result in results[standings_end:]:
            locked.wallets.update(group_wallets(_split(result)))  # type: ignore[arg-type]  # four fields a line
        return locked

    async def write(self, rows: Rows, *, market: str, priority: int, seq: int) -> None:
        """Write the end state of the batch in one packet."""
        named = literal_of(market)
        parts = [f"UPDATE lanes SET priority = {priority}, seq = {seq} WHERE market = {named}"]
        written = []
        for name, statement in STATEMENTS.items():
            values = rows.by_statement.get(name)
            if values:
                parts.append(build_mariadb(statement, values))
                written.append((statement, len(values)))
        results = await self._send(";".join(parts))
        for (statement, count), (affected, _) in zip(written, results[1:], strict=True):
            # An upsert counts a row that it changes twice, one that it inserts once. Accounts and
            # standings exist, and their numbers always move; other rows may stay as they were.
            counted = 2 * count if statement.keys else count
            if not statement.keys or statement.table in ALWAYS_CHANGED:
                assert affected == counted, f"{count} of {statement.table} written as {affected}"

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


def _list_keys(keys: Sequence[UUID]) -> list[str]:
    """The keys as the content of IN lists, ascending, so that rows are locked in that order."""
    ordered = sorted(key.int for key in keys)
    return [
        ",".join([f"x'{key:032x}'" for key in ordered[start : start + LISTED_MAX]])
        for start in range(0, len(ordered), LISTED_MAX)
    ]


def _build_consume(rows: Sequence[tuple[object, ...]]) -> str:
    listed = ",".join(literal_of(inbox_id) for inbox_id, _ in rows)
    return f"UPDATE lane_inbox SET consumed_batch = {rows[0][1]} WHERE id IN ({listed})"


def build_mariadb(statement: Statement, rows: Sequence[tuple[object, ...]]) -> str:
    """One statement that writes all the rows, as text."""
    if statement.table == "lane_inbox":
        return _build_consume(rows)
    instants: dict[datetime, str] = {}

    def write_instant(value: datetime) -> str:
        text = instants.get(value)
        if text is None:
            text = instants[value] = str(to_micros(value))
        return text

    literals = {**_LITERALS, datetime: write_instant}
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
