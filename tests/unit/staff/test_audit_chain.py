"""The chainer: every entry gets one place, the chain has no gap, whoever else chains."""

import asyncio

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from models.audit import GUARD_NAMES, AuditEntry, AuditHead
from server.core import fault
from server.db.audit import SYSTEM, Action, record_audit
from server.staff.audit_chain import CHUNK, GENESIS, chain_waiting, find_breaks, read_head


async def breaks_of(ledger):
    async with ledger.database.read() as connection:
        head = await read_head(connection)
        return await find_breaks(connection, head, 1, head.number)


async def test_every_entry_gets_the_next_place_and_waits_no_more(ledger):
    made = await ledger.write(3)
    assert [(row.number, row.entry_id) for row in await ledger.links()] == [
        (number, entry_id) for number, entry_id in enumerate(made, 1)
    ]
    counts = await ledger.counts()
    assert (counts.entries, counts.chained, counts.waiting) == (3, 3, 0)
    assert await breaks_of(ledger) == []


async def test_chain_goes_on_where_it_ended(ledger):
    await ledger.write(2)
    before = await ledger.links()
    await ledger.write(2)
    after = await ledger.links()
    assert after[:2] == before
    assert len({row.hash for row in after}) == 4
    async with ledger.database.read() as connection:
        head = await read_head(connection)
    assert (head.number, head.hash) == (4, after[-1].hash)
    assert await breaks_of(ledger) == []


async def test_empty_audit_has_an_empty_whole_chain(ledger):
    assert await chain_waiting(ledger.database) == 0
    async with ledger.database.read() as connection:
        head = await read_head(connection)
    assert (head.number, head.hash, head.chained_at) == (0, GENESIS, None)
    assert await breaks_of(ledger) == []


async def test_more_entries_than_fit_one_unit_are_chained_in_one_run(ledger):
    async def work(unit):
        for _ in range(CHUNK + 7):
            await record_audit(unit, Action.LEVEL_SET, "user", "u", origin=SYSTEM)

    await ledger.database.transact(work, name="test")
    assert await chain_waiting(ledger.database) == CHUNK + 7
    assert await breaks_of(ledger) == []


async def test_chainers_and_writers_at_once_leave_one_whole_chain(ledger, other_ledger):
    """Two processes chain while both write."""
    done = asyncio.Event()

    async def chain(one):
        while not done.is_set():
            await chain_waiting(one.database)
            await asyncio.sleep(0)

    chainers = [asyncio.create_task(chain(one)) for one in (ledger, other_ledger)]
    await asyncio.gather(*(one.write(12, chain=False) for one in (ledger, other_ledger)))
    done.set()
    await asyncio.gather(*chainers)
    await chain_waiting(ledger.database)
    counts = await ledger.counts()
    assert (counts.entries, counts.chained, counts.waiting) == (24, 24, 0)
    links = await ledger.links()
    assert [row.number for row in links] == list(range(1, 25))
    assert len({row.entry_id for row in links}) == 24
    assert await breaks_of(ledger) == []


@pytest.mark.parametrize("point", ["audit.after_links", "unit.before_commit@chain_audit"])
async def test_chainer_that_fails_half_way_changes_nothing(ledger, point):
    await ledger.write(2)
    await ledger.write(2, chain=False)

    def fail():
        raise RuntimeError

    fault.arm(point, fail)
    try:
        with pytest.raises(RuntimeError):
            await chain_waiting(ledger.database)
    finally:
        fault.disarm()
    counts = await ledger.counts()
    assert (counts.chained, counts.waiting) == (2, 2)
    assert await breaks_of(ledger) == []
    assert await chain_waiting(ledger.database) == 2
    assert await breaks_of(ledger) == []


async def test_entry_of_a_unit_that_failed_leaves_nothing(ledger):
    async def work(unit):
        await record_audit(unit, Action.LEVEL_SET, "user", "u", origin=SYSTEM)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await ledger.database.transact(work, name="test")
    counts = await ledger.counts()
    assert (counts.entries, counts.waiting) == (0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET reason = 'x'",
        "DELETE FROM audit_entries",
        "UPDATE audit_chain SET number = number + 1",
        "DELETE FROM audit_chain",
    ],
)
async def test_database_refuses_to_change_the_audit(ledger, statement):
    await ledger.write(2)
    with pytest.raises(DBAPIError, match="the audit is written once"):
        await ledger.run([statement])
    assert await breaks_of(ledger) == []


async def test_there_is_a_guard_for_each_way_to_change_the_audit():
    assert len(GUARD_NAMES) == 4


async def test_hash_covers_every_column_of_an_entry(ledger):
    """A column that nobody hashes could be changed unseen."""
    await ledger.write(3)
    rows = await ledger.read(select(AuditEntry.id).order_by(AuditEntry.id))
    changed = {
        "created_at": AuditEntry.created_at, "actor_kind": "system", "actor_id": rows[0].id,
        "action": "switch_set", "object_kind": "user", "object_id": "other", "before": "{}",
        "after": None, "reason": "another", "request_id": "0" * 32, "ip": None,
        "elevation_id": rows[0].id,
    }  # fmt: skip
    assert {"id", *changed} == set(AuditEntry.__table__.columns.keys())
    for name, value in changed.items():
        column = getattr(AuditEntry, name)
        (row,) = await ledger.read(select(column.label("was")).where(AuditEntry.id == rows[1].id))
        other = row.was.replace(year=2031) if name == "created_at" else value
        here = AuditEntry.id == rows[1].id
        await ledger.tamper(update(AuditEntry).where(here).values({column: other}))
        assert [one.number for one in await breaks_of(ledger)] == [2], name
        await ledger.tamper(update(AuditEntry).where(here).values({column: row.was}))
        assert await breaks_of(ledger) == [], name


async def test_moved_head_is_found(ledger):
    await ledger.write(3)
    await ledger.tamper(update(AuditHead).values(hash=b"x" * 32))
    assert [one.sentence for one in await breaks_of(ledger)] == [
        "The head is not the end of the chain."
    ]


async def test_tampering_in_tests_needs_the_guards_gone(ledger):
    """The check of the guards is one that can fail."""
    await ledger.write(1)
    await ledger.drop_guards()
    await ledger.run(["UPDATE audit_entries SET reason = 'x'"])
    await ledger.make_guards()
    async with ledger.database.read() as connection:
        (row,) = await connection.execute(text("SELECT reason FROM audit_entries"))
    assert row.reason == "x"
