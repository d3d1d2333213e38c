"""The feed of ended sessions."""

import uuid
from datetime import timedelta

from server.identity import queries
from server.identity.revocations import Revocations
from server.identity.sessions import purge_revocations

SESSION = uuid.UUID(int=5)


async def revoke(database, session_id=SESSION):
    async def work(unit):
        await unit.execute(queries.insert_revocation(unit.ids.new_id(), session_id, unit.now))

    await database.transact(work, name="test")


async def test_feed_tells_of_sessions_that_others_ended(database, clock):
    heard = []
    revocations = Revocations(clock)
    revocations.listen(heard.append)
    await revocations.read_feed(database)
    assert SESSION not in revocations
    await revoke(database)
    for _ in range(3):
        await revocations.read_feed(database)
    assert SESSION in revocations
    assert heard == [SESSION]


async def test_revocation_that_was_committed_late_is_not_missed(database, clock):
    revocations = Revocations(clock)

    async def work(unit):
        revoked_at = unit.now
        clock.advance(seconds=29)
        await revocations.read_feed(database)
        return revoked_at

    revoked_at = await database.transact(work, name="test")

    async def write(unit):
        await unit.execute(queries.insert_revocation(unit.ids.new_id(), SESSION, revoked_at))

    await database.transact(write, name="test")
    await revocations.read_feed(database)
    assert SESSION in revocations


async def test_entries_outlive_access_tokens_and_then_go(database, clock):
    revocations = Revocations(clock)
    await revoke(database)
    await revocations.read_feed(database)
    clock.advance(minutes=15, seconds=30)
    await revocations.read_feed(database)
    assert SESSION in revocations
    clock.advance(minutes=1)
    await revocations.read_feed(database)
    assert len(revocations) == 0


async def test_feed_with_a_long_overlap_tells_once(database, clock):
    heard = []
    revocations = Revocations(clock, overlap=timedelta(hours=5))
    revocations.listen(heard.append)
    await revoke(database)
    for _ in range(30):
        await revocations.read_feed(database)
        clock.advance(minutes=1)
    assert heard == [SESSION]


async def test_old_revocations_are_purged(database, clock):
    await revoke(database)
    clock.advance(minutes=61)
    await revoke(database, uuid.UUID(int=6))
    assert await database.transact(purge_revocations, name="test") == 1
    assert await database.transact(purge_revocations, name="test") == 0
