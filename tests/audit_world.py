"""A database with an audit, and somebody with all rights on it who changes rows."""

import contextlib
from types import SimpleNamespace

from sqlalchemy import select, text

from models.audit import GUARD_NAMES, AuditEntry, AuditLink, AuditPending, list_guards
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.audit import Action, Origin, record_audit
from server.db.engine import open_engine
from server.staff.audit_chain import chain_waiting

ADA = Origin("user", None, "f" * 32, "192.0.2.1")


class Ledger:
    """The audit of one database."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock

    async def write(self, count=1, *, chain=True, action=Action.ROLE_CHANGED):
        """So many entries, one in each unit; chained unless told otherwise."""
        made = []
        for number in range(count):

            async def work(unit, number=number):
                return await record_audit(
                    unit, action, "role", f"role-{number}", before={"name": "Đội đêm"},
                    after={"name": None, "n": number}, reason="because", origin=ADA,
                )  # fmt: skip

            made.append(await self.database.transact(work, name="test"))
        if chain:
            await chain_waiting(self.database)
        return made

    async def read(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()

    async def links(self):
        """Number, entry and hash of every place."""
        return await self.read(
            select(AuditLink.number, AuditLink.entry_id, AuditLink.hash).order_by(AuditLink.number)
        )

    async def counts(self):
        """How many entries there are, how many are chained, how many wait."""
        entries = await self.read(select(AuditEntry.id))
        waiting = await self.read(select(AuditPending.entry_id))
        return SimpleNamespace(
            entries=len(entries), chained=len(await self.links()), waiting=len(waiting)
        )

    async def tamper(self, *statements):
        """Change rows behind the triggers' back, and put the triggers there again."""
        await self.drop_guards()
        async with self.database.engine.connect() as connection:
            for statement in statements:
                result = await connection.execute(statement)
                assert result.rowcount >= 1, "nothing was changed"
            await connection.commit()
        await self.make_guards()

    async def drop_guards(self, names=GUARD_NAMES):
        await self.run(f"DROP TRIGGER {name}" for name in names)

    async def make_guards(self):
        await self.run(list_guards(self.database.dialect))

    async def run(self, statements):
        async with self.database.engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
            await connection.commit()


@contextlib.asynccontextmanager
async def open_ledger(database_url):
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    yield Ledger(database, clock)
    await database.close()
