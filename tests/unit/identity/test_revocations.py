"""The feed of ended sessions, and the limits on guessing."""

import uuid
from datetime import timedelta

import pytest

from server.identity import queries
from server.identity.refusals import SignInsLimited
from server.identity.revocations import Revocations
from server.identity.sessions import purge_revocations
from server.identity.sign_in_limits import ADDRESS_FAILURES_MAX, PAIR_FAILURES_MAX, SignInLimits

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


def test_guessing_is_limited_by_account_and_address(clock):
    limits = SignInLimits(clock)
    for _ in range(PAIR_FAILURES_MAX):
        limits.take("alice", "10.0.0.1")
    with pytest.raises(SignInsLimited):
        limits.take("alice", "10.0.0.1")
    limits.take("alice", "10.0.0.2")
    limits.take("bob", "10.0.0.1")


def test_guessing_many_accounts_from_one_address_is_limited(clock):
    limits = SignInLimits(clock)
    for number in range(ADDRESS_FAILURES_MAX):
        limits.take(f"user{number}", "10.0.0.1")
    with pytest.raises(SignInsLimited):
        limits.take("alice", "10.0.0.1")


def test_guessing_from_the_addresses_of_one_subscriber_is_limited(clock):
    limits = SignInLimits(clock)
    for number in range(ADDRESS_FAILURES_MAX):
        limits.take(f"user{number}", f"2001:db8:1:2::{number:x}")
    with pytest.raises(SignInsLimited):
        limits.take("alice", "2001:db8:1:2:ffff::1")
    limits.take("alice", "2001:db8:1:3::1")


def test_limit_ends_after_its_window(clock):
    limits = SignInLimits(clock)
    for _ in range(PAIR_FAILURES_MAX):
        limits.take("alice", "10.0.0.1")
    clock.advance(minutes=15)
    limits.take("alice", "10.0.0.1")


def test_forgiven_attempt_does_not_count(clock):
    limits = SignInLimits(clock)
    for _ in range(PAIR_FAILURES_MAX * 3):
        limits.take("alice", "10.0.0.1")
        limits.forgive("alice", "10.0.0.1")
    assert len(limits._counters) == 0
