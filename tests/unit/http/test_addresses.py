"""Whose calls are counted together."""

import pytest

from server.core.clock import ManualClock
from server.core.refusals import RateLimited
from server.http.edge import Edge, count_call, counted_address
from server.http.rate import RateLimiter, Rates


@pytest.fixture
def edge():
    return Edge(RateLimiter(ManualClock()), Rates(10, 5, public_per_s=1))


async def test_addresses_of_one_subscriber_share_a_limit(edge):
    for host in (1, 2):
        await count_call(edge, "GET", None, f"2001:db8:1:2::{host}")

    with pytest.raises(RateLimited):
        await count_call(edge, "GET", None, "2001:db8:1:2:ffff:ffff:ffff:ffff")


async def test_other_subscribers_have_limits_of_their_own(edge):
    for _ in range(2):
        await count_call(edge, "GET", None, "2001:db8:1:2::1")

    await count_call(edge, "GET", None, "2001:db8:1:3::1")
    await count_call(edge, "GET", None, "192.0.2.1")


@pytest.mark.parametrize(
    ("ip", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_address_counts_as_its_subscriber(ip, counted):
    assert counted_address(ip) == counted
