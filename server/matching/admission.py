"""Which commands are refused, and with what code. Pure checks: nothing is changed here."""

from server.core.money import fiat_for_usdt_up, usdt_for_fiat_down
from server.matching.fit import LADDER, REASONS, bound_size, check_pair, measure_size
from server.matching.orders import (
    BP,
    BUY,
    FIXED,
    FLOATING,
    LIVE,
    SELL,
    SUSPENDED,
    BookOrder,
    Key,
    OrderChanges,
)
from server.matching.state import State


def check_user(state: State, user: Key, side: str, *, takes: bool) -> str | None:
    """Why a user may not place or take on a side."""
    standing = state.members[user].standing
    if not standing.may_trade:
        return "not_eligible"
    if not standing.has_factor:
        return "second_factor_required"
    if not standing.has_accepted_terms:
        return "terms_outdated"
    if standing.kyc_level < state.terms.level_min:
        return "level_reads_only"
    if side == SELL and not standing.may_sell:
        return "selling_paused"
    return "taking_paused" if takes and not standing.may_take else None


def check_price(state: State, pricing: str, price_ticks: int, margin_bp: int) -> str | None:
    """Why a price may not be set now."""
    if pricing == FIXED and not state.band[0] <= price_ticks <= state.band[1]:
        return "price_out_of_band"
    if pricing == FLOATING and abs(margin_bp) > (state.terms.band_bp or BP - 1):
        return "margin_out_of_band"
    return None


def check_place(  # noqa: PLR0911 - one return for each refusal
    state: State, order: BookOrder
) -> str | None:
    """Why an order may not be placed."""
    standing = state.members[order.user].standing
    if not state.terms.is_open:
        return "market_closed"
    if refusal := check_user(state, order.user, order.side, takes=order.immediate):
        return refusal
    if not (order.immediate or standing.may_rest):
        return "resting_paused"
    if order.side == BUY and not (order.immediate or order.bonded or standing.has_earned_resting):
        return "resting_not_earned"
    if not order.immediate and 0 < state.terms.orders_max <= len(state.members[order.user].orders):
        return "too_many_orders"
    if refusal := check_price(state, order.pricing, order.price_ticks, order.margin_bp):
        return refusal
    if order.immediate and not state.is_priced(order):
        return "index_stale"
    return "amount_too_small" if order.amount_micro < state.terms.amount_min_micro else None


def check_edit(
    state: State, order: BookOrder | None, version: int | None, changes: OrderChanges
) -> str | None:
    """Why an order may not be edited so."""
    if order is None or order.immediate:
        return "order_not_open"
    if order.status == SUSPENDED:
        return "order_suspended"
    if version is not None and version != order.version:
        return "order_changed"
    pricing = changes.get("pricing", order.pricing)
    price_ticks = changes.get("price_ticks", order.price_ticks)
    margin_bp = changes.get("margin_bp", order.margin_bp)
    if (pricing, price_ticks, margin_bp) != (order.pricing, order.price_ticks, order.margin_bp):
        refusal = check_price(state, pricing, price_ticks, margin_bp)
        if refusal is not None:
            return refusal
    added_micro = changes.get("amount_micro", order.amount_micro) - order.amount_micro
    if order.remaining_micro + added_micro < state.terms.amount_min_micro:
        return "amount_too_small"
    low = changes.get("min_fiat_minor", order.min_fiat_minor)
    high = changes.get("max_fiat_minor", order.max_fiat_minor)
    return "limits_crossed" if 0 < high < low else None


def check_target(  # noqa: PLR0911 - one return for each refusal
    state: State, take: BookOrder, version: int | None, worst_ticks: int | None
) -> str | None:
    """Why this user may not take the order that his take names, as it is now."""
    if not state.terms.is_open:
        return "market_closed"
    if refusal := check_user(state, take.user, take.side, takes=True):
        return refusal
    target = state.orders.get(take.target)
    if target is None or target.status not in LIVE or target.side == take.side or target.immediate:
        return "order_not_open"
    if version is not None and version != target.version:
        return "order_changed"
    if not state.is_priced(target):
        return "index_stale"
    if not state.is_in_band(target):
        return "price_out_of_band"
    if worst_ticks is not None:
        price = state.price_of(target)
        if price > worst_ticks if take.side == BUY else price < worst_ticks:
            return "order_changed"
    return _check_owner(target, take)


def _check_owner(target: BookOrder, take: BookOrder) -> str | None:
    """Why one of the two cannot trade at all now; what concerns the owner alone is not told."""
    if take.user == target.user:
        return "self"
    own = take.member.find_sleep(take.side)
    if own is not None:
        return own
    standing = target.member.standing
    if target.member.find_sleep(target.side) is not None or not standing.may_rest:
        return "not_eligible"
    if not (target.manual or target.always_on or standing.is_present):
        return "not_present"
    return None


def check_take(state: State, take: BookOrder, target: BookOrder) -> str | None:
    """Why the two do not fit for exactly the amount that the take asks."""
    unfit = check_pair(target, take, state.terms.methods_off)
    if unfit:
        return "taking_paused" if unfit == -LADDER else REASONS[-unfit]
    buy, sell = (take, target) if take.side == BUY else (target, take)
    price = state.price_of(target)
    if target.remaining_micro < take.amount_micro:
        # The caller saw more: somebody else took of it meanwhile.
        return "order_changed"
    most, reason = bound_size(buy, sell, price, state.terms)
    if most < take.amount_micro:
        return REASONS[reason]
    if measure_size(buy, sell, price, state.terms) < 0:
        return "size"
    fiat_minor = take.fiat_left_minor
    if fiat_minor is not None:
        rest_worth = fiat_for_usdt_up(target.remaining_micro, price, state.terms.scale)
        is_more = 0 < target.max_fiat_minor < fiat_minor
        if is_more or fiat_minor < target.min_fiat_minor <= rest_worth:
            return "size"
    return None


def price_take(state: State, take: BookOrder, target: BookOrder) -> int:
    """The amount of a take: as given, or what its sum in fiat buys, rounded down."""
    if take.fiat_left_minor is None:
        return take.amount_micro
    return usdt_for_fiat_down(take.fiat_left_minor, state.price_of(target), state.terms.scale)
