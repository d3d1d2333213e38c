"""The triangulation radar: whether two trades look like one payment claimed twice. Pure.

One payment pays one trade. Somebody who lets a stranger pay, and claims that payment in trades
with two sellers, needs the same payer, the same amount and little time; and he has one device.
"""

from dataclasses import dataclass
from datetime import timedelta

HELD_AT = 70
WATCHED = timedelta(minutes=30)
"""Trades whose payers were declared further apart are not compared."""
TIMES = ((timedelta(minutes=1), 30), (timedelta(minutes=10), 20), (WATCHED, 10))
SAME_AMOUNT = 30
SAME_DEVICE = 30
SAME_NETWORK = 15
OWN_PAYMENTS = -40
"""The payer is the buyer himself in both, as his checked identity says."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """Two trades of one payer with different, unrelated sellers."""

    apart: timedelta
    """Between the two declarations."""
    same_amount: bool
    """Of fiat, in the same currency."""
    same_device: bool
    """One buyer, or two who signed in on one device."""
    same_network: bool
    own_payments: bool


def score_sighting(sighted: Sighted) -> tuple[int, list[tuple[str, int]]]:
    """The points of a pair of trades, and what gave them."""
    reasons: list[tuple[str, int]] = []
    time = next((points for most, points in TIMES if sighted.apart <= most), 0)
    if time:
        reasons.append(("same_time", time))
    if sighted.same_amount:
        reasons.append(("same_amount", SAME_AMOUNT))
    if sighted.same_device:
        reasons.append(("same_device", SAME_DEVICE))
    elif sighted.same_network:
        reasons.append(("same_network", SAME_NETWORK))
    if sighted.own_payments:
        reasons.append(("own_payments", OWN_PAYMENTS))
    # Without the same amount there is no payment that could be claimed twice.
    points = sum(each for _, each in reasons) if sighted.same_amount and time else 0
    return max(0, points), reasons
