"""How trades and ratings become a reputation, without a database."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from server.core.money import MICRO
from server.trust.badges import BADGES, Figures, list_badges
from server.trust.comments import clean_comment, is_decent
from server.trust.reputation_rules import (
    LATER_S,
    PAIR_WEIGHT_MAX,
    Pair,
    Sums,
    add_rating,
    add_trade,
    bound_of,
    contribute,
    median_s,
    score_centi,
    sum_up,
    volume_band,
    weigh_rating,
)

DAY = timedelta(days=1)
HONEST = [
    Pair(trades=3, volume=900 * MICRO, ratings=2, weight=600 * MICRO, stars_weight=2400 * MICRO),
    Pair(trades=1, volume=100 * MICRO, ratings=1, weight=100 * MICRO, stars_weight=500 * MICRO),
    Pair(trades=9, volume=9000 * MICRO, ratings=9, weight=9000 * MICRO, stars_weight=9000 * MICRO),
]


def test_thousand_trades_of_linked_accounts_change_the_score_by_exactly_nothing():
    before = sum_up(HONEST)
    wash = Pair(linked=True)
    for _ in range(1000):
        wash = add_rating(add_trade(wash, 5000 * MICRO), 5, 5000 * MICRO)
    after = before.moved(contribute(Pair(linked=True)), contribute(wash))
    assert score_centi(after) == score_centi(before)
    assert replace(after, excess=0) == replace(before, excess=0)
    assert after.excess == 1000


def test_thousand_trades_with_one_person_weigh_no_more_than_their_cap():
    friend = Pair()
    for _ in range(1000):
        friend = add_rating(add_trade(friend, 5000 * MICRO), 5, 5000 * MICRO)
    part = contribute(friend)
    assert (part.score_weight, part.raters, part.counterparties) == (PAIR_WEIGHT_MAX, 1, 1)
    assert part.score_sum == 5 * PAIR_WEIGHT_MAX
    assert part.excess == 990


def test_pair_that_is_found_to_be_linked_takes_back_all_that_it_gave():
    total = sum_up(HONEST)
    linked = replace(HONEST[0], linked=True)
    without = total.moved(contribute(HONEST[0]), contribute(linked))
    assert replace(without, excess=0) == sum_up(HONEST[1:])
    assert without.moved(contribute(linked), contribute(HONEST[0])) == total


def test_sums_that_follow_each_change_equal_a_recomputation():
    rng = Random(11)
    pairs, total = {n: Pair() for n in range(12)}, Sums()
    for _ in range(3000):
        n = rng.randrange(12)
        before = pairs[n]
        change = rng.random()
        if change < 0.5:
            after = add_trade(before, rng.randint(1, 5000 * MICRO))
        elif change < 0.9:
            after = add_rating(before, rng.randint(1, 5), rng.randint(1, 900 * MICRO))
        else:
            after = replace(before, linked=not before.linked)
        pairs[n] = after
        total = total.moved(contribute(before), contribute(after))
    assert total == sum_up(pairs.values())
    assert 100 <= score_centi(total) <= 500


def test_score_needs_three_people_and_weighs_volume():
    assert score_centi(sum_up(HONEST[:2])) is None
    # 600 at 4 stars, 100 at 5, and 9000 at 1, which weigh 2000 at most.
    assert score_centi(sum_up(HONEST)) == (600 * 4 + 100 * 5 + 2000) * 100 // 2700


@pytest.mark.parametrize(
    ("days", "tenths"), [(0, 1), (9, 1), (18, 2), (45, 5), (90, 10), (4000, 10)]
)
def test_young_accounts_rate_with_less_weight(days, tenths):
    assert weigh_rating(100 * MICRO, days * DAY) == tenths * 10 * MICRO
    assert weigh_rating(1, timedelta(0)) == 1


def test_times_are_rounded_up_to_their_bounds_and_the_median_is_one_of_them():
    assert [bound_of(timedelta(seconds=s)) for s in (0, 15, 15.001, 299, 3601, 86400, 90000)] == [
        15, 15, 30, 300, 4500, 86400, LATER_S,
    ]  # fmt: skip
    assert median_s([(15, 2), (30, 2)]) is None
    assert median_s([(15, 2), (30, 1), (60, 2)]) == 30
    assert median_s([(15, 3), (60, 3)]) == 15


@pytest.mark.parametrize(
    ("usdt", "band"),
    [(0, "none"), (1, "under_1k"), (999, "under_1k"), (1000, "1k_to_10k"),
     (99_999, "10k_to_100k"), (1_000_000, "over_1m")],
)  # fmt: skip
def test_volume_is_told_by_its_band(usdt, band):
    assert volume_band(usdt * MICRO) == band


def test_each_badge_is_earned_by_its_own_rule():
    nobody = Figures(
        verified=False, kyc_level=1, counterparties=49, month_ended=19, month_completion_bp=10_000,
        median_pay_s=315, median_release_s=None, age=364 * DAY, raters=9, score_centi=500,
    )  # fmt: skip
    assert list_badges(nobody) == []
    earned = {
        "merchant": {"verified": True}, "many_people": {"counterparties": 50},
        "reliable": {"month_ended": 20}, "pays_fast": {"median_pay_s": 300},
        "releases_fast": {"median_release_s": 300}, "long_here": {"age": 365 * DAY},
        "acclaimed": {"raters": 10}, "identity_checked": {"kyc_level": 2},
    }  # fmt: skip
    for badge, change in earned.items():
        assert list_badges(replace(nobody, **change)) == [badge]
    assert list_badges(replace(nobody, kyc_level=3)) == ["identity_checked", "address_checked"]
    assert {*earned, "address_checked"} == set(BADGES)


@pytest.mark.parametrize(
    "comment",
    ["Fast and polite.", "Paid 250 in 5 minutes", "Tốt, giao dịch nhanh!", "👍👍", ""],
)
def test_decent_comments_pass(comment):
    assert is_decent(clean_comment(comment))


@pytest.mark.parametrize(
    "comment",
    ["write me at evil.com", "evil (dot) com", "evil chấm com", "http://x", "mail me a [at] b",
     "t.me/evil", "my Zalo is better", "WhatsApp me", "0901 234 567", "０９０１２３４５６７",
     "www .evil", "tele\u200bgram", "@evil_seller", "account 12 34 56 78"],
)  # fmt: skip
def test_contacts_and_numbers_are_refused_in_every_spelling(comment):
    assert not is_decent(clean_comment(comment))
