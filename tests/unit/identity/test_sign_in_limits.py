"""How often a secret may be guessed, by whom and from where."""

import pytest

from server.http.counts import LocalCounts
from server.identity.refusals import RegistrationsLimited, SignInsLimited
from server.identity.sign_in_limits import (
    ACCOUNT_FAILURES_MAX,
    ADDRESS_FAILURES_MAX,
    DEVICE_FAILURES_MAX,
    PAIR_FAILURES_MAX,
    TAKEN_MAX,
    SignInLimits,
)


@pytest.fixture
def counts(clock):
    return LocalCounts(clock)


@pytest.fixture
def limits(counts):
    return SignInLimits(counts, b"secret")


async def test_guessing_is_limited_by_account_and_address(limits):
    for _ in range(PAIR_FAILURES_MAX):
        await limits.take("alice", "10.0.0.1")
    with pytest.raises(SignInsLimited):
        await limits.take("alice", "10.0.0.1")
    await limits.take("alice", "10.0.0.2")
    await limits.take("bob", "10.0.0.1")


async def test_guessing_many_accounts_from_one_address_is_limited(limits):
    for number in range(ADDRESS_FAILURES_MAX):
        await limits.take(f"user{number}", "10.0.0.1")
    with pytest.raises(SignInsLimited):
        await limits.take("alice", "10.0.0.1")


async def test_guessing_one_account_from_many_addresses_is_limited(limits):
    for number in range(ACCOUNT_FAILURES_MAX):
        await limits.take("alice", f"10.0.0.{number}")
    with pytest.raises(SignInsLimited):
        await limits.take("alice", "10.0.1.1")
    await limits.take("bob", "10.0.1.1")


async def test_guessing_from_the_addresses_of_one_subscriber_is_limited(limits):
    for number in range(ADDRESS_FAILURES_MAX):
        await limits.take(f"user{number}", f"2001:db8:1:2::{number:x}")
    with pytest.raises(SignInsLimited):
        await limits.take("alice", "2001:db8:1:2:ffff::1")
    await limits.take("alice", "2001:db8:1:3::1")


async def test_limit_ends_after_its_window(clock, limits):
    for _ in range(PAIR_FAILURES_MAX):
        await limits.take("alice", "10.0.0.1")
    clock.advance(minutes=15)
    await limits.take("alice", "10.0.0.1")


async def test_forgiven_attempt_does_not_count(counts, limits):
    for _ in range(PAIR_FAILURES_MAX * 3):
        await limits.forgive(await limits.take("alice", "10.0.0.1"))
    assert len(counts) == 0


async def test_known_device_has_a_limit_of_its_own(limits):
    for _ in range(DEVICE_FAILURES_MAX):
        await limits.take_on_device("alice", "her laptop")
    with pytest.raises(SignInsLimited):
        await limits.take_on_device("alice", "her laptop")
    await limits.take_on_device("alice", "her telephone")


async def test_passkeys_are_limited_apart_from_passwords(limits):
    for _ in range(ADDRESS_FAILURES_MAX):
        await limits.take_passkey("10.0.0.1")
    with pytest.raises(SignInsLimited):
        await limits.take_passkey("10.0.0.1")
    await limits.take("alice", "10.0.0.1")


async def test_caller_who_heard_it_too_often_is_refused_for_any_address(limits):
    for number in range(TAKEN_MAX):
        await limits.check_taken("10.0.0.1")
        await limits.take_taken(f"user{number}", "10.0.0.1")
    with pytest.raises(RegistrationsLimited):
        await limits.check_taken("10.0.0.1")
    await limits.check_taken("10.0.0.2")


async def test_one_address_is_told_to_be_taken_five_times_an_hour(clock, limits):
    for number in range(TAKEN_MAX):
        await limits.take_taken("alice", f"10.0.0.{number}")
    with pytest.raises(RegistrationsLimited):
        await limits.take_taken("alice", "10.0.1.1")
    clock.advance(hours=1)
    await limits.take_taken("alice", "10.0.1.1")


async def test_addresses_stand_nowhere_where_they_are_counted(counts, limits):
    await limits.take("alice@example.com", "10.0.0.1")
    told = "".join(counts._counters)
    assert "alice" not in told
    assert "10.0.0.1" not in told
