"""The unit of work: one transaction that alone commits, retried whole when others were busy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import structlog
from sqlalchemy import CursorResult, Executable, insert, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.operations import CommitMarker, Outbox
from server.core import fault
from server.core.clock import Clock
from server.core.events import Event
from server.core.ids import Ids, Random
from server.db.counts import UnitCounts
from server.db.engine import WRITE
from server.db.errors import (
    DatabaseBusy,
    DatabaseDown,
    OutcomeUnknown,
    error_number,
    is_down,
    is_retryable,
)

TRIES_MAX = 5
BACKOFF_S = 0.02
COMMIT_WAIT_S = 10
"""How long MariaDB may take to answer a commit before the connection counts as lost."""
LOOK_TRIES_MAX = 20
LOOK_WAIT_S = 0.25
LOOK_S = 15
"""After this long the outcome of a commit stays unknown to its caller."""

T = TypeVar("T")
log = structlog.get_logger()
_current: ContextVar["Unit | None"] = ContextVar("unit_of_work", default=None)


def assert_outside_transaction() -> None:
    """For ports to the network and to slow work: nobody waits for them with rows locked."""
    unit = _current.get()
    assert unit is None or not unit.is_open, "a slow call while a transaction is open"


async def _finish(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end even if the caller is cancelled meanwhile; that is passed on after.

    A commit or a rollback that is left half-way would leak its connection, or the write gate.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled() and task.exception() is not None:
            log.info("unit_failed_while_cancelled", error=type(task.exception()).__name__)
        raise cancelled
    return task.result()


class Unit:
    """One transaction under way. Opens at the first statement; only `Database` commits it.

    Its statements run one after the other, and none after its end.
    """

    def __init__(self, database: "Database", name: str) -> None:
        self._database = database
        self._name = name
        self._connection: AsyncConnection | None = None
        self._gated = False
        self._opening = False
        self._ended = False
        self._broken: DBAPIError | None = None
        self._now: datetime | None = None
        self._events: list[Event] = []
        self._after_commit: list[Callable[[], None]] = []
        self._server_thread: int | None = None
        self._witness: tuple[type[Outbox | CommitMarker], UUID] | None = None

    @property
    def now(self) -> datetime:
        """The instant of this unit, the same for all it does."""
        if self._now is None:
            self._now = self._database.clock.now()
        return self._now

    @property
    def ids(self) -> Ids:
        """Maker of identifiers."""
        return self._database.ids

    @property
    def is_open(self) -> bool:
        """Whether it holds the write gate or a transaction, so that others may wait for it."""
        return self._gated or self._connection is not None

    @property
    def dialect(self) -> str:
        """`sqlite` or `mysql`."""
        return self._database.dialect

    async def execute(
        self,
        statement: Executable,
        parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    ) -> CursorResult[Any]:
        """Run one Core statement in this transaction."""
        if self._broken is not None:
            raise self._broken
        connection = await self._open()
        try:
            result = await connection.execute(statement, parameters)
        except DBAPIError as error:
            if is_retryable(error) or is_down(error):
                # Of the transaction nothing, or only a part, is left: whoever catches this error
                # must not go on with it.
                self._broken = error
            raise
        assert isinstance(result, CursorResult)
        return result

    async def execute_guarded(self, statement: Executable) -> None:
        """Run a guarded write that must touch exactly one row; anything else is a fault."""
        result = await self.execute(statement)
        assert result.rowcount == 1, f"a guarded write touched {result.rowcount} rows"

    def emit(self, event: Event) -> None:
        """Write an event with this transaction; the relay numbers and sends it."""
        self._events.append(event)

    def after_commit(self, hint: Callable[[], None]) -> None:
        """Call `hint` once committed. Only for what may be lost in a crash, such as a wake-up."""
        self._after_commit.append(hint)

    async def _open(self) -> AsyncConnection:
        if self._connection is not None and not self._opening:
            return self._connection
        assert not self._ended, "a unit of work was used after its end"
        assert not self._opening, "the statements of a unit run one after the other"

        self._opening = True
        if self._database.gate is not None:
            await self._pass_gate(self._database.gate)
        connection = self._connection = await self._database.engine.connect()
        if self._ended:
            await self._close()
            raise AssertionError("a unit of work ended before its first statement")
        await connection.execution_options(**{WRITE: True})
        await connection.begin()
        self._opening = False
        # Time is taken again once the wait for the gate is over: the time decides, not the queue.
        self._now = None
        return connection

    async def _pass_gate(self, gate: asyncio.Lock) -> None:
        time = asyncio.get_running_loop().time
        asked = time()
        await gate.acquire()
        self._gated = True
        self._database.counts.gate_waits += 1
        self._database.counts.gate_wait_s += time() - asked

    async def _write_outbox(self) -> None:
        connection = await self._open()
        now = self.now
        if not self._events:
            marker = self.ids.new_id()
            await connection.execute(insert(CommitMarker).values(id=marker, created_at=now))
            self._witness = (CommitMarker, marker)
            return
        witness = self.ids.new_id()
        rows: list[dict[str, Any]] = [
            {
                "id": witness if number == 0 else self.ids.new_id(),
                "room": event.room,
                "name": event.name,
                "body": orjson.dumps(event.body).decode(),
                "created_at": now,
                "seq": event.seq,
                "relay_batch": None if event.seq is None else 0,
            }
            for number, event in enumerate(self._events)
        ]
        await connection.execute(insert(Outbox), rows)
        self._witness = (Outbox, witness)

    async def _commit(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self._connection is None and not self._events:
            self._tell()
            return
        await self._write_outbox()
        connection = self._connection
        assert connection is not None
        if self.dialect != "sqlite":
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            self._server_thread = int(raw.driver_connection.thread_id())
        fault.point("unit.before_commit", self._name)
        await _finish(self._commit_surely(connection))

    async def _commit_surely(self, connection: AsyncConnection) -> None:
        try:
            # SQLite's commit goes on in its thread whether we wait for it or not.
            wait_s = None if self.dialect == "sqlite" else COMMIT_WAIT_S
            async with asyncio.timeout(wait_s):
                await connection.commit()
        except (DBAPIError, OSError) as error:
            if isinstance(error, DBAPIError) and is_retryable(error):
                raise
            await self._close()
            if not await self._look():
                raise
        fault.point("unit.after_commit", self._name)
        self._tell()

    def _tell(self) -> None:
        self._database.counts.committed += 1
        # From the loop: what a hint does, or fails to do, no longer concerns the unit.
        hints = list(self._after_commit)
        if self._events and self._database.on_events is not None:
            hints.append(self._database.on_events)
        for hint in hints:
            asyncio.get_running_loop().call_soon(hint)

    async def _look(self) -> bool:
        """Whether the commit whose answer was lost took place: read it, never guess.

        The question locks the row, so it waits for a transaction that is still under way; the
        answer no is final.
        """
        assert self._witness is not None
        table, witness = self._witness
        question = select(literal(1)).where(table.id == witness).with_for_update()
        try:
            async with asyncio.timeout(LOOK_S):
                for _ in range(LOOK_TRIES_MAX):
                    try:
                        async with self._database.engine.connect() as connection:
                            return (await connection.execute(question)).first() is not None
                    except DBAPIError as error:
                        if is_retryable(error):
                            await self._end_lost_transaction()
                    except (OSError, PoolTimeout) as error:
                        log.info("outcome_not_read", error=type(error).__name__)
                    await asyncio.sleep(LOOK_WAIT_S)
        except TimeoutError:
            log.warning("outcome_unknown")
        raise OutcomeUnknown(retry_after_s=2)

    async def _end_lost_transaction(self) -> None:
        """End the server's side of the lost connection: it still waits for us with its locks."""
        if self._server_thread is None:
            return
        try:
            async with self._database.engine.connect() as connection:
                await connection.execute(text(f"KILL {self._server_thread}"))
        except (DBAPIError, OSError, PoolTimeout) as error:
            log.info("lost_transaction_not_ended", error=type(error).__name__)

    async def _close(self) -> None:
        self._ended = True
        if self.is_open:
            await _finish(self._give_back())

    async def _give_back(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                await _close_connection(connection)
        finally:
            if self._gated and self._database.gate is not None:
                self._gated = False
                self._database.gate.release()


async def _close_connection(connection: AsyncConnection) -> None:
    """Roll back what is open; a connection that cannot even do that leaves the pool."""
    try:
        await connection.close()
    except (DBAPIError, OSError) as error:
        log.info("connection_given_up", error=type(error).__name__)
        if not connection.closed and not connection.invalidated:
            await connection.invalidate()


class Database:
    """The way to one database: units of work that write, and read connections.

    On SQLite all writers of the process pass `gate`, first in first out, before BEGIN IMMEDIATE.
    """

    def __init__(self, engine: AsyncEngine, *, clock: Clock, random: Random) -> None:
        self.engine = engine
        self.clock = clock
        self.random = random
        self.ids = Ids(clock, random)
        self.dialect = engine.dialect.name
        self.counts = UnitCounts()
        self.on_events: Callable[[], None] | None = None
        """Called when events were committed, so that the relay need not find them by itself."""
        self.gate: asyncio.Lock | None = asyncio.Lock() if self.dialect == "sqlite" else None

    async def transact(self, work: Callable[[Unit], Awaitable[T]], *, name: str) -> T:
        """Run `work` in one transaction and commit it.

        The whole of `work` runs again, at most five times, when another transaction was in the
        way; it must not have effects outside the unit. Raises `DatabaseBusy` or `DatabaseDown`.
        """
        outer = _current.get()
        assert outer is None or not outer.is_open, "a unit of work inside another one"

        for attempt in range(1, TRIES_MAX + 1):
            unit = Unit(self, name)
            mark = _current.set(unit)
            try:
                result = await work(unit)
                await unit._commit()  # noqa: SLF001 - the unit is this class's other half
            except DBAPIError as error:
                if is_down(error):
                    raise self._note_down(error, name) from error
                if not is_retryable(error):
                    raise
                self.counts.retried += 1
                log.info("unit_retried", unit=name, attempt=attempt, error=error_number(error))
            except (OSError, PoolTimeout) as error:
                raise self._note_down(error, name) from error
            else:
                return result
            finally:
                _current.reset(mark)
                await unit._close()  # noqa: SLF001 - its other half
            if attempt < TRIES_MAX:
                jitter = 0.5 + self.random.token(1)[0] / 255
                await asyncio.sleep(BACKOFF_S * 2**attempt * jitter)
        self.counts.busy += 1
        raise DatabaseBusy(retry_after_s=1)

    def _note_down(self, error: Exception, name: str) -> DatabaseDown:
        self.counts.down += 1
        number = error_number(error) if isinstance(error, DBAPIError) else 0
        log.warning("database_down", unit=name, error=type(error).__name__, number=number)
        return DatabaseDown(retry_after_s=2)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which one consistent set of questions may be asked."""
        try:
            async with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            if is_down(error):
                raise DatabaseDown(retry_after_s=2) from error
            if is_retryable(error):
                raise DatabaseBusy(retry_after_s=1) from error
            raise
        except (OSError, PoolTimeout) as error:
            raise DatabaseDown(retry_after_s=2) from error

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
