"""Whether two orders fit, and how much of them.

Checks run in a fixed order and the first that fails names the reason. Facts of one user alone
(may trade, open unpaid trades, allowance used up, presence) are not asked here: an order that
they stop sleeps and is not a candidate.
"""

from server.core.money import PriceScale, fiat_for_usdt_up, usdt_for_fiat_down
from server.matching.orders import SELL, BookOrder, Key, Requirements
from server.matching.standings import MarketTerms, Standing

REASONS = (
    "",
    "self",
    "not_eligible",
    "ended_unpaid",
    "not_eligible",
    "trades_used",
    "no_common_method",
    "kyc_level",
    "requirements",
    "size",
    "limit_used",
    "first_trade_cap",
    "new_buyer_share",
)
"""Public reasons by their number; `measure_fit` returns a number negated."""
(_, SELF, APART, PAIR_FAILED, LADDER, TRADES_USED, NO_METHOD, KYC, NEEDS) = range(9)
(SIZE, LIMIT, CAP, SHARE) = range(9, 13)


def choose_method(maker: BookOrder, taker: BookOrder, methods_off: frozenset[Key]) -> Key | None:
    """The maker's most preferred rail that the taker has too."""
    offered = taker.methods
    for method in maker.methods:
        if method in offered and method not in methods_off:
            return method
    return None


def _meets(needs: Requirements, standing: Standing) -> int:
    if standing.kyc_level < needs.kyc_level:
        return -KYC
    if (
        standing.completed_trades < needs.completed_trades
        or standing.completion_bp < needs.completion_bp
        or standing.account_age_days < needs.account_age_days
        or (needs.verified_only and not standing.is_verified)
    ):
        return -NEEDS
    return 0


def check_pair(maker: BookOrder, taker: BookOrder, methods_off: frozenset[Key]) -> int:  # noqa: PLR0911 - one a reason
    """Zero if the two may deal with each other, else minus the number of the reason."""
    if maker.user == taker.user:
        return -SELF
    maker_standing = maker.member.standing
    taker_standing = taker.member.standing
    if (maker_standing.apart and taker.user in maker_standing.apart) or (
        taker_standing.apart and maker.user in taker_standing.apart
    ):
        return -APART
    by_hand = taker.target is not None
    if not by_hand and (
        (maker.failed and taker.id in maker.failed) or (taker.failed and maker.id in taker.failed)
    ):
        return -PAIR_FAILED
    if not taker_standing.may_take:
        return -LADDER
    if taker.takes_made >= taker.max_trades and not by_hand:
        return -TRADES_USED
    if choose_method(maker, taker, methods_off) is None:
        return -NO_METHOD
    unmet = _meets(maker.needs, taker_standing) if maker.needs is not None else 0
    if not unmet and taker.needs is not None:
        unmet = _meets(taker.needs, maker_standing)
    return unmet


def bound_size(
    buy: BookOrder, sell: BookOrder, price_ticks: int, terms: MarketTerms
) -> tuple[int, int]:
    """The most the two can trade and the number of the reason that binds."""
    most = min(buy.remaining_micro, sell.remaining_micro, terms.amount_max_micro)
    reason = SIZE
    buyer = buy.member.standing
    seller = sell.member.standing
    if (bound := min(buyer.limit_left_micro, seller.limit_left_micro)) < most:
        most, reason = bound, LIMIT
    if (bound := min(buyer.trade_cap_micro, seller.trade_cap_micro)) < most:
        most, reason = bound, CAP
    if buyer.completed_trades < terms.new_buyer_trades:
        share = sell.amount_micro * terms.new_buyer_share_bp // 10_000
        bound = max(share, terms.amount_min_micro) - sell.new_unpaid_micro
        if bound < most:
            most, reason = bound, SHARE
    for order in (buy, sell):
        for fiat_minor in (order.max_fiat_minor or None, order.fiat_left_minor):
            if fiat_minor is not None:
                bound = usdt_for_fiat_down(fiat_minor, price_ticks, terms.scale)
                if bound < most:
                    most, reason = bound, SIZE
    return most, reason


def _is_under_minimum(
    order: BookOrder, amount_micro: int, price_ticks: int, scale: PriceScale
) -> bool:
    """Whether the order's own minimum forbids the amount; a remainder worth less waives it."""
    low = order.min_fiat_minor
    return low > 0 and (
        fiat_for_usdt_up(amount_micro, price_ticks, scale)
        < low
        <= fiat_for_usdt_up(order.remaining_micro, price_ticks, scale)
    )


def measure_size(buy: BookOrder, sell: BookOrder, price_ticks: int, terms: MarketTerms) -> int:
    """The amount the two can trade at this price, or minus the number of the reason why none."""
    most, reason = bound_size(buy, sell, price_ticks, terms)
    if (
        most < terms.amount_min_micro
        or _is_under_minimum(buy, most, price_ticks, terms.scale)
        or _is_under_minimum(sell, most, price_ticks, terms.scale)
    ):
        return -reason
    return most


def measure_fit(
    order: BookOrder, other: BookOrder, price_ticks: int, terms: MarketTerms, *, is_maker: bool
) -> int:
    """The amount `order` trades with `other` (micro-USDT), or minus a reason's number.

    `is_maker` says whether `order` is the older of the two.
    """
    maker, taker = (order, other) if is_maker else (other, order)
    unfit = check_pair(maker, taker, terms.methods_off)
    if unfit:
        return unfit
    if order.side == SELL:
        return measure_size(other, order, price_ticks, terms)
    return measure_size(order, other, price_ticks, terms)
