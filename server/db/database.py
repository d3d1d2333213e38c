"""The unit of work: one transaction that alone commits, retried whole when others were busy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
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
from server.db.errors import DatabaseBusy, DatabaseDown, OutcomeUnknown, is_down, is_retryable

TRIES_MAX = 5
BACKOFF_S = 0.02
LOOK_TRIES_MAX = 20
LOOK_WAIT_S = 0.25

T = TypeVar("T")
log = structlog.get_logger()


class Unit:
    """One transaction under way. Opens at the first statement; only `Database` commits it."""

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._gated = False
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
    def dialect(self) -> str:
        """`sqlite` or `mysql`."""
        return self._database.dialect

    async def execute(
        self,
        statement: Executable,
        parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    ) -> CursorResult[Any]:
        """Run one Core statement in this transaction."""
        connection = await self._open()
        result = await connection.execute(statement, parameters)
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
        if self._connection is not None:
            return self._connection
        if self._database.gate is not None:
            await self._pass_gate(self._database.gate)
        connection = await self._database.engine.connect()
        self._connection = connection
        await connection.execution_options(**{WRITE: True})
        await connection.begin()
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
        if self._connection is None and not self._events:
            return
        await self._write_outbox()
        assert self._connection is not None
        if self.dialect != "sqlite":
            raw = await self._connection.get_raw_connection()
            assert raw.driver_connection is not None
            self._server_thread = int(raw.driver_connection.thread_id())
        fault.point("unit.before_commit")
        try:
            await self._connection.commit()
        except (DBAPIError, OSError) as error:
            if isinstance(error, DBAPIError) and not is_down(error):
                raise
            await self._close()
            if not await self._look():
                raise
        fault.point("unit.after_commit")

    async def _look(self) -> bool:
        """Whether the commit whose answer was lost took place: read it, never guess."""
        assert self._witness is not None
        table, witness = self._witness
        for _ in range(LOOK_TRIES_MAX):
            try:
                async with self._database.engine.connect() as connection:
                    if self._server_thread is not None:
                        # The server may still be working on the lost connection; only when it is
                        # gone is a missing row proof that nothing was committed.
                        alive = await connection.execute(
                            text("SELECT 1 FROM information_schema.processlist WHERE id = :id"),
                            {"id": self._server_thread},
                        )
                        if alive.first() is not None:
                            await _end_server_thread(connection, self._server_thread)
                            await asyncio.sleep(LOOK_WAIT_S)
                            continue
                    found = await connection.execute(select(literal(1)).where(table.id == witness))
                    return found.first() is not None
            except (DBAPIError, OSError):
                await asyncio.sleep(LOOK_WAIT_S)
        raise OutcomeUnknown(retry_after_s=2)

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                await asyncio.shield(connection.close())
        finally:
            if self._gated and self._database.gate is not None:
                self._gated = False
                self._database.gate.release()


async def _end_server_thread(connection: AsyncConnection, thread: int) -> None:
    try:
        await connection.execute(text(f"KILL {int(thread)}"))
    except DBAPIError as error:
        log.info("lost_connection_already_gone", thread=thread, error=type(error).__name__)


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
        for attempt in range(1, TRIES_MAX + 1):
            unit = Unit(self)
            try:
                result = await work(unit)
                await unit._commit()  # noqa: SLF001 - the unit is this class's other half
            except DBAPIError as error:
                if is_down(error):
                    self.counts.down += 1
                    log.warning("database_down", unit=name, error=str(error.orig))
                    raise DatabaseDown(retry_after_s=2) from error
                if not is_retryable(error):
                    raise
                self.counts.retried += 1
                log.info("unit_retried", unit=name, attempt=attempt, error=str(error.orig))
            except (OSError, PoolTimeout) as error:
                self.counts.down += 1
                log.warning("database_down", unit=name, error=str(error))
                raise DatabaseDown(retry_after_s=2) from error
            else:
                self.counts.committed += 1
                for hint in unit._after_commit:  # noqa: SLF001 - its other half
                    hint()
                if self.on_events is not None and unit._events:  # noqa: SLF001 - its other half
                    self.on_events()
                return result
            finally:
                await unit._close()  # noqa: SLF001 - its other half
            jitter = 0.5 + self.random.token(1)[0] / 255
            await asyncio.sleep(BACKOFF_S * 2**attempt * jitter)
        self.counts.busy += 1
        raise DatabaseBusy(retry_after_s=1)

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
