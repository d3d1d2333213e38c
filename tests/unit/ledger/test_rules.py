"""How a hold is divided: fees round down, parts sum to the hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.money import AMOUNT_MICRO_MAX
from server.ledger.rules import compute_hold, compute_reservation, divide_hold

amounts = st.integers(1, AMOUNT_MICRO_MAX)
rates = st.integers(0, 100_000)


@given(amounts, st.data(), rates, rates)
def test_parts_sum_to_the_hold(amount, data, buyer_ppm, seller_ppm):
    part = data.draw(st.integers(0, amount))

    parts = divide_hold(amount, buyer_part=part, buyer_fee_ppm=buyer_ppm, seller_fee_ppm=seller_ppm)

    assert sum(parts) == compute_hold(amount, seller_ppm)
    assert min(parts) >= 0


@given(amounts, rates, rates)
def test_refund_takes_no_fee(amount, buyer_ppm, seller_ppm):
    parts = divide_hold(amount, buyer_part=0, buyer_fee_ppm=buyer_ppm, seller_fee_ppm=seller_ppm)

    assert parts == (0, 0, compute_hold(amount, seller_ppm))


@given(amounts, rates, rates)
def test_release_gives_nothing_back(amount, buyer_ppm, seller_ppm):
    parts = divide_hold(
        amount, buyer_part=amount, buyer_fee_ppm=buyer_ppm, seller_fee_ppm=seller_ppm
    )

    assert parts.given_back == 0
    assert parts.paid_out == amount - amount * buyer_ppm // 1_000_000


@given(amounts, st.data(), rates, rates)
def test_fees_round_down_on_the_buyers_part(amount, data, buyer_ppm, seller_ppm):
    part = data.draw(st.integers(0, amount))

    parts = divide_hold(amount, buyer_part=part, buyer_fee_ppm=buyer_ppm, seller_fee_ppm=seller_ppm)

    assert parts.fees == part * buyer_ppm // 1_000_000 + part * seller_ppm // 1_000_000


@given(st.lists(amounts, min_size=1, max_size=20), rates, rates)
def test_fees_of_fills_never_exceed_the_reservation(fills, maker_ppm, taker_ppm):
    reserved = compute_reservation(sum(fills), maker_ppm, taker_ppm)

    assert sum(compute_hold(fill, maker_ppm) for fill in fills) <= reserved
    assert sum(compute_hold(fill, taker_ppm) for fill in fills) <= reserved


@pytest.mark.parametrize(
    ("part", "paid_out", "fees", "given_back"),
    [(999_999, 999_500, 998, 2), (1_999, 1_999, 0, 998_501), (2_000, 1_999, 2, 998_499)],
)
def test_split_rounds_both_fees_down(part, paid_out, fees, given_back):
    parts = divide_hold(1_000_000, buyer_part=part, buyer_fee_ppm=500, seller_fee_ppm=500)

    assert parts == (paid_out, fees, given_back)


def test_part_beyond_the_amount_is_a_fault():
    with pytest.raises(AssertionError):
        divide_hold(10, buyer_part=11, buyer_fee_ppm=0, seller_fee_ppm=0)
