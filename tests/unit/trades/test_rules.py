"""The numbers of trades, at their edges."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from models.identity import Reversibility, Speed
from server.core.money import MICRO, fiat_for_usdt_up
from server.trades import rules

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Standing:
    kyc_level: int = 2
    trades_completed: int = 10
    open_unpaid_as_buyer: int = 0
    limit_used_micro: int = 0
    taking_blocked_until: datetime | None = None
    selling_blocked_until: datetime | None = None
    frozen_at: datetime | None = None
    second_factor: bool = False
    terms_version: int = 0
    taking_barred: bool = False
    resting_barred: bool = False
    limits_lowered: bool = False
    trust_step: int = 0


def terms(now=NOW, **changes):
    return rules.standing_terms(replace(Standing(), **changes), now)


@pytest.mark.parametrize(
    ("speed", "minutes"), [(Speed.INSTANT, 15), (Speed.DOMESTIC, 30), (Speed.OTHER, 60)]
)
def test_the_payment_window_is_the_rails(speed, minutes):
    assert rules.window_s(speed, 0) == minutes * 60


def test_the_maker_chooses_a_window_of_15_to_180_minutes():
    assert rules.window_s(Speed.INSTANT, 180 * 60) == 180 * 60
    assert rules.window_s(Speed.OTHER, 15 * 60) == 15 * 60
    for outside in (15 * 60 - 1, 180 * 60 + 1):
        with pytest.raises(AssertionError):
            rules.window_s(Speed.INSTANT, outside)


@pytest.mark.parametrize(
    ("seen", "declared"),
    [
        ("Nguyễn Văn An", "nguyễn  văn AN"),
        ("STRASSE", "straße"),
        ("Ａｎｎａ  Ｋ", "anna k"),
        (" Anna\tK ", "Anna K"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
    ],
)
def test_names_agree_whatever_their_case_width_and_spaces(seen, declared):
    assert rules.names_agree(seen, declared)


@pytest.mark.parametrize(
    ("seen", "declared"),
    [("Nguyen Van An", "Nguyễn Văn An"), ("Anna", "Anna K"), ("AnnaK", "Anna K")],
)
def test_other_names_do_not_agree(seen, declared):
    assert not rules.names_agree(seen, declared)


@pytest.mark.parametrize(
    ("reversibility", "trades", "hours"),
    [
        (Reversibility.FINAL, 0, None),
        (Reversibility.RECALLABLE, 0, 24),
        (Reversibility.RECALLABLE, 9, 24),
        (Reversibility.RECALLABLE, 10, None),
        (Reversibility.REVERSIBLE, 9, 24),
        (Reversibility.REVERSIBLE, 10, 24),
        (Reversibility.REVERSIBLE, 49, 24),
        (Reversibility.REVERSIBLE, 50, None),
    ],
)
def test_bought_usdt_is_held_by_rail_and_record(reversibility, trades, hours):
    expected = None if hours is None else NOW + timedelta(hours=hours)
    assert rules.hold_until(reversibility, trades, NOW) == expected


@pytest.mark.parametrize(
    ("faults", "minutes"),
    [(0, 0), (1, 0), (3, 0), (4, 15), (5, 60), (6, 240), (7, 1440), (8, 1440), (100, 1440)],
)
def test_the_ladder_has_three_free_steps_and_then_blocks(faults, minutes):
    assert rules.ladder_block(faults) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("trades", "most"), [(0, 1), (4, 1), (5, 3), (1000, 3)])
def test_open_unpaid_trades_are_one_below_five_completed_else_three(trades, most):
    assert terms(trades_completed=trades).open_unpaid_max == most
    assert terms(trades_completed=trades, open_unpaid_as_buyer=most).open_unpaid_left == 0
    assert terms(trades_completed=trades, open_unpaid_as_buyer=most - 1).open_unpaid_left == 1


def test_the_first_trade_is_capped_at_200():
    assert terms(trades_completed=0).trade_cap_micro == 200 * MICRO
    assert terms(trades_completed=1).trade_cap_micro is None


def test_a_cap_of_zero_is_none():
    limits = rules.Limits(first_trade_cap_micro=0)
    found = rules.standing_terms(Standing(trades_completed=0), NOW, limits)
    assert found.trade_cap_micro is None


@pytest.mark.parametrize(("level", "limit_usdt"), [(0, 0), (1, 200), (2, 20_000), (3, 200_000)])
def test_the_rolling_limit_is_the_levels(level, limit_usdt):
    assert terms(kyc_level=level).limit_left_micro == limit_usdt * MICRO
    used = terms(kyc_level=level, limit_used_micro=limit_usdt * MICRO + 1)
    assert used.limit_left_micro == 0


def test_the_ladder_blocks_taking_until_its_end_and_nothing_else():
    blocked = terms(taking_blocked_until=NOW + MICROSECOND)
    assert (blocked.may_take, blocked.may_sell, blocked.may_trade) == (False, True, True)
    assert terms(taking_blocked_until=NOW).may_take


def test_a_block_on_selling_leaves_buying():
    blocked = terms(selling_blocked_until=NOW + MICROSECOND)
    assert (blocked.may_take, blocked.may_sell) == (True, False)


def test_a_frozen_user_may_do_nothing():
    frozen = terms(frozen_at=NOW)
    assert (frozen.may_take, frozen.may_sell, frozen.may_trade) == (False, False, False)


@pytest.mark.parametrize(
    ("minor", "price", "ticks", "fiat_minor"),
    [(2, 2, 2_550, 2_550), (2, 4, 255_000, 2_550), (0, 0, 25_500, 25_500), (3, 2, 255, 2_550)],
)
def test_a_tick_is_a_fraction_of_the_minor_unit(minor, price, ticks, fiat_minor):
    scale = rules.price_scale(minor, price)
    assert fiat_for_usdt_up(MICRO, ticks, scale) == fiat_minor


def test_test_money_counts_to_no_record():
    assert rules.counts_to_record("USDT")
    assert not rules.counts_to_record("USDT_TEST")


def test_sanctions_stop_taking_and_resting_and_lower_the_limit_to_a_tenth():
    assert not terms(taking_barred=True).may_take
    assert terms(taking_barred=True).may_rest
    assert not terms(resting_barred=True).may_rest
    assert terms(limits_lowered=True).limit_left_micro == 2_000 * MICRO


@pytest.mark.parametrize(
    ("people", "days", "step"),
    [(0, 0, 0), (100, 29, 0), (4, 365, 0), (5, 30, 1), (19, 365, 1), (20, 90, 2), (50, 180, 3)],
)
def test_a_step_of_trust_needs_both_people_and_time(people, days, step):
    assert rules.trust_step(people, timedelta(days=days)) == step


def test_trust_raises_the_limit_of_checked_identities_alone():
    assert terms(trust_step=1).limit_left_micro == 25_000 * MICRO
    assert terms(trust_step=3, kyc_level=3).limit_left_micro == 400_000 * MICRO
    assert terms(trust_step=3, kyc_level=1).limit_left_micro == 200 * MICRO
