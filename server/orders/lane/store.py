"""How a lane reads and writes a batch: one port, an adapter for each database.

The statements are built by hand, because a batch writes many rows at once as end state, and
that is what makes a single writer fast. Values never reach SQL but through `literal_of` or as
bound parameters.
"""
# allowed: long-file, the two stores are compared line by line

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.ledger import AccountKind
from server.core.clock import from_micros, to_micros
from server.core.ids import make_uuid
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
    " frozen_at, present, second_factor, terms_version, recheck_at"
)
ACCOUNT_COLUMNS = "user_id, kind, balance, seq"
KINDS = len(AccountKind)
"""How many accounts a user has in an asset; a wallet of which one is busy is busy."""
ALWAYS_CHANGED = frozenset({"standings", "accounts"})
"""Tables whose rows exist when a batch writes them, and are then never as they were."""
LISTED_MAX = 900
"""Keys in one IN list: MariaDB turns lists of 1,000 into joins, which would lock otherwise."""
TEXT_BYTES_MIN = 64
"""Bytes from this length on are written as text where they are text: half as long as in hex."""
_RETRY = frozenset({1213, 1205, 1020})
_UNIQUE = frozenset({1062, 1586})
_CONSTRAINT = frozenset({1022, 1048, 1062, 1169, 1216, 1217, 1451, 1452, 1586, 3819, 4025, 1264})


Wallet = list[tuple[str, int, int]]
"""Kind, balance and seq of a user's accounts in one asset."""


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
    wallets: dict[UUID, Wallet] = field(default_factory=dict)


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
_PARAMETERS: dict[type, Any] = {
    UUID: lambda value: value.bytes,
    bool: int,
    datetime: to_micros,
}


def _instant(value: Any) -> datetime | None:
    return None if value is None else from_micros(int(value))


def _standing_of(row: Sequence[Any]) -> StandingRow:
    return StandingRow(
        make_uuid(int.from_bytes(row[0], "big")), int(row[1]), int(row[2]), bool(row[3]),
        int(row[4]), int(row[5]), int(row[6]), int(row[7]), _instant(row[8]), _instant(row[9]),
        _instant(row[10]), bool(row[11]), bool(row[12]), int(row[13]), _instant(row[14]),
    )  # fmt: skip


def _group_wallets(rows: Iterable[tuple[Any, str, Any, Any]]) -> dict[UUID, Wallet]:
    """The wallets of which every account was locked; keys are identifiers as bytes or hex."""
    wallets: dict[Any, Wallet] = {}
    for key, kind, balance, seq in rows:
        wallet = wallets.get(key)
        if wallet is None:
            wallet = wallets[key] = []
        wallet.append((kind, int(balance), int(seq)))
    return {
        make_uuid(int(key, 16) if isinstance(key, str) else int.from_bytes(key, "big")): wallet
        for key, wallet in wallets.items()
        if len(wallet) == KINDS
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
    return _standing_of(
        [
            bytes.fromhex(fields[0]), *fields[1:3], int(fields[3]), *fields[4:8],
            fields[8] or None, fields[9] or None, fields[10] or None, int(fields[11]),
            int(fields[12]), fields[13], fields[14] or None,
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
            locked.wallets.update(_group_wallets(_split(result)))  # type: ignore[arg-type]  # four fields a line
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
            locked.wallets = _group_wallets(tuple(row) for row in result.all())
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
