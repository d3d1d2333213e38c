"""What the desk decides by rule."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from models.disputes import Award
from models.identity import Reversibility
from server.core.ids import SeededRandom
from server.core.money import MICRO
from server.disputes import staff_rules as rules
from server.disputes.staff_rules import CaseFacts, Signal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = [UUID(int=number) for number in range(1, 6)]


def facts(**given):
    plain = {
        "amount": 100 * MICRO,
        "fewest_completed": 50,
        "name_mismatch": False,
        "reversibility": Reversibility.FINAL,
    }
    return CaseFacts(**{**plain, **given})


@pytest.mark.parametrize(
    ("given", "signals", "priority"),
    [
        ({}, [], 3),
        ({"fewest_completed": 0}, [Signal.FIRST_TRADE], 1),
        ({"fewest_completed": 4}, [Signal.NEWCOMER], 2),
        ({"fewest_completed": 5}, [], 3),
        ({"name_mismatch": True}, [Signal.NAME_MISMATCH], 2),
        ({"reversibility": Reversibility.REVERSIBLE}, [Signal.REVERSIBLE_RAIL], 2),
        ({"reversibility": Reversibility.RECALLABLE}, [], 3),
        ({"amount": 5_000 * MICRO}, [], 3),
        ({"amount": 5_000 * MICRO + 1}, [Signal.LARGE_AMOUNT], 2),
        ({"amount": 20_000 * MICRO + 1}, [Signal.VERY_LARGE_AMOUNT], 1),
        (
            {"fewest_completed": 2, "name_mismatch": True},
            [Signal.NEWCOMER, Signal.NAME_MISMATCH],
            1,
        ),
    ],
)
def test_vulnerable_parties_doubts_and_amounts_make_a_case_urgent(given, signals, priority):
    found = rules.list_signals(facts(**given))
    assert (found, rules.priority_of(found)) == (signals, priority)


def test_waiting_makes_every_case_more_urgent_than_a_new_one():
    old_and_plain = NOON + rules.RULE_WITHIN[3]
    new_and_urgent = NOON + timedelta(hours=30) + rules.RULE_WITHIN[1]
    assert old_and_plain < new_and_urgent


def test_each_of_the_free_is_drawn_with_the_same_chance_and_nobody_else():
    loads = dict.fromkeys(PEOPLE, 3) | {PEOPLE[0]: rules.LOAD_MAX, PEOPLE[1]: rules.LOAD_MAX - 1}
    random = SeededRandom("lots")
    drawn = Counter(rules.draw_assignee(random, loads, {PEOPLE[2]}) for _ in range(3000))
    assert drawn.keys() == {PEOPLE[1], PEOPLE[3], PEOPLE[4]}
    assert min(drawn.values()) > 900
    assert rules.draw_assignee(random, loads, PEOPLE) is None
    assert rules.draw_assignee(random, {}, ()) is None


def test_a_twentieth_of_closed_cases_is_looked_at_again():
    random = SeededRandom("audits")
    drawn = sum(rules.is_drawn(random) for _ in range(10_000))
    assert 400 < drawn < 600


@pytest.mark.parametrize(
    ("outcome", "buyer_amount", "parts"),
    [
        (Award.RELEASE, None, (100, 0)),
        (Award.REFUND, None, (0, 100)),
        (Award.SPLIT, 40, (40, 60)),
        (Award.SPLIT, 1, (1, 99)),
        (Award.SPLIT, 99, (99, 1)),
        (Award.SPLIT, 0, None),
        (Award.SPLIT, 100, None),
        (Award.SPLIT, None, None),
        (Award.RELEASE, 40, None),
        (Award.REFUND, 40, None),
    ],
)
def test_parts_of_a_ruling_sum_to_the_amount_or_are_none(outcome, buyer_amount, parts):
    assert rules.parts_of(outcome, 100, buyer_amount) == parts
    assert parts is None or sum(parts) == 100


def test_two_people_rule_above_five_thousand():
    assert not rules.takes_two(5_000 * MICRO)
    assert rules.takes_two(5_000 * MICRO + 1)


def test_bands_cover_every_amount():
    assert rules.band_of(1) == rules.band_of(100 * MICRO) == "to_100"
    assert rules.band_of(100 * MICRO + 1) == "to_500"
    assert rules.band_of(20_000 * MICRO) == "to_20000"
    assert rules.band_of(20_000 * MICRO + 1) == "over_20000"
    assert {rules.band_of(n * 700 * MICRO) for n in range(1, 40)} <= set(rules.list_bands())
