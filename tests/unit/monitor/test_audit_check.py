"""I21: edits, deletions, reordering, lost and late entries of the audit are found."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from models.audit import AuditEntry, AuditHead, AuditLink, AuditPending, guard_name
from server.core.ids import first_id_at
from server.monitor import audit_check
from server.monitor.audit_check import choose_stretches
from server.monitor.verifier import TRAIL, find_breaches, verify
from tests.audit_world import open_ledger


@pytest.fixture
async def ledger(database_url):
    async with open_ledger(database_url) as opened:
        yield opened


@pytest.fixture(params=["full", "recent"])
def full(request):
    return request.param == "full"


async def find(ledger, *, full=True):
    """Subjects of what the verifier finds."""
    since = None if full else first_id_at(ledger.clock.now() - timedelta(minutes=5))
    breaches = await find_breaches(ledger.database, since=since)
    assert {breach.invariant for breach in breaches} <= {"I21"}
    return [breach.subject for breach in breaches]


async def test_whole_chain_is_no_breach(ledger, full):
    await ledger.write(4)
    assert await find(ledger, full=full) == []


async def test_edited_entry_is_found(ledger, full):
    made = await ledger.write(4)
    await ledger.tamper(
        update(AuditEntry).where(AuditEntry.id == made[1]).values(reason="nothing happened")
    )
    assert await find(ledger, full=full) == ["audit:2"]


async def test_deleted_entry_is_found(ledger, full):
    made = await ledger.write(4)
    await ledger.tamper(delete(AuditEntry).where(AuditEntry.id == made[2]))
    assert await find(ledger, full=full) == ["audit:3"]


async def test_entry_deleted_with_its_place_is_found(ledger, full):
    made = await ledger.write(4)
    await ledger.tamper(
        delete(AuditEntry).where(AuditEntry.id == made[2]),
        delete(AuditLink).where(AuditLink.number == 3),
    )
    assert await find(ledger, full=full) == ["audit:3"]


async def test_exchanged_entries_are_found(ledger, full):
    made = await ledger.write(4)
    await exchange(ledger, made)
    assert await find(ledger, full=full) == ["audit:2", "audit:3"]


async def exchange(ledger, made):
    spare = ledger.database.ids.new_id()
    await ledger.tamper(
        update(AuditLink).where(AuditLink.number == 2).values(entry_id=spare),
        update(AuditLink).where(AuditLink.number == 3).values(entry_id=made[1]),
        update(AuditLink).where(AuditLink.number == 2).values(entry_id=made[2]),
    )


async def test_entry_slipped_in_without_a_place_is_found(ledger, full):
    await ledger.write(2)
    slipped = ledger.database.ids.new_id()
    await ledger.tamper(
        insert(AuditEntry).values(
            id=slipped, created_at=ledger.clock.now(), actor_kind="user", action="role_granted",
            object_kind="user", object_id="u",
        )
    )  # fmt: skip
    assert await find(ledger, full=full) == [f"audit:{slipped}"]


async def test_chain_cut_off_before_its_head_is_found(ledger, full):
    made = await ledger.write(3)
    await ledger.tamper(
        delete(AuditEntry).where(AuditEntry.id == made[2]),
        delete(AuditLink).where(AuditLink.number == 3),
    )
    assert await find(ledger, full=full) == ["audit:3"]


async def test_place_beyond_the_head_is_found(ledger, full):
    made = await ledger.write(3)
    await ledger.tamper(
        delete(AuditEntry).where(AuditEntry.id == made[2]),
        update(AuditHead).values(number=2, hash=(await ledger.links())[1].hash),
    )
    assert await find(ledger, full=full) == ["audit:2"]


async def test_entry_that_waits_for_a_minute_is_found(ledger, full):
    (waiting,) = await ledger.write(1, chain=False)
    ledger.clock.advance(seconds=TRAIL.total_seconds())
    assert await find(ledger, full=full) == []
    ledger.clock.advance(seconds=1)
    assert await find(ledger, full=full) == [f"audit:{waiting}"]


async def test_waiting_row_without_its_entry_is_found(ledger, full):
    (waiting,) = await ledger.write(1, chain=False)
    await ledger.tamper(delete(AuditEntry).where(AuditEntry.id == waiting))
    assert await find(ledger, full=full) == [f"audit:{waiting}"]


async def test_entry_that_lost_its_waiting_row_is_found(ledger, full):
    (waiting,) = await ledger.write(1, chain=False)
    await ledger.tamper(delete(AuditPending))
    assert await find(ledger, full=full) == [f"audit:{waiting}"]


async def test_dropped_trigger_is_found(ledger, full):
    name = guard_name("audit_entries", "DELETE")
    await ledger.drop_guards([name])
    assert await find(ledger, full=full) == [f"trigger:{name}"]
    await ledger.make_guards()
    assert await find(ledger, full=full) == []


async def test_breach_of_the_audit_alarms_and_stops_no_money(ledger):
    made = await ledger.write(2)
    await ledger.tamper(update(AuditEntry).where(AuditEntry.id == made[0]).values(ip="192.0.2.9"))
    (breach,) = await verify(ledger.database, full=True)
    assert (breach.invariant, breach.of_money) == ("I21", False)


async def test_edit_anywhere_in_a_long_chain_is_found_while_its_stretches_have_their_turn(
    ledger, monkeypatch
):
    monkeypatch.setattr(audit_check, "STRETCH", 3)
    made = await ledger.write(14)
    for place in (1, 5, 9, 11, 12, 14):
        here = AuditEntry.id == made[place - 1]
        await ledger.tamper(update(AuditEntry).where(here).values(reason="other"))
        found = set()
        for _ in range(4):
            ledger.clock.advance(minutes=1)
            found |= set(await find(ledger, full=False))
        assert found == {f"audit:{place}"}
        await ledger.tamper(update(AuditEntry).where(here).values(reason="because"))


def test_stretches_of_every_turn_cover_a_long_chain_without_gap():
    for length in (1, 9_999, 10_000, 10_001, 14_999, 15_000, 15_001, 61_234):
        seen = set()
        for minute in range(-(-length // audit_check.STRETCH)):
            stretches = choose_stretches(length, minute * audit_check.STRETCH_EVERY_US)
            for first, last in stretches:
                assert last - first < 2 * audit_check.STRETCH
                seen.update(range(first, last + 1))
        assert seen == set(range(1, length + 1)), length
