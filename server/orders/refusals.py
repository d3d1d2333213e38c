"""Every expected no about orders. The book names refusals by code; this is what they say."""

from server.core.refusals import Conflict, Forbidden, Invalid, Refusal, Unavailable
from server.identity.refusals import SecondFactorRequired


class OrderNotOpen(Conflict):
    """The order has ended, or cannot trade."""

    code = "order_not_open"
    title = "The order is not open any more."


class TermsRefused(Invalid):
    """The terms lead away from the escrow, or pretend to be the staff's."""

    code = "terms_refused"
    title = "These terms cannot be shown. Trade and talk here, without links or contacts."


class OrderChanged(Conflict):
    """The order is not what the caller saw."""

    code = "order_changed"
    title = "The order has changed since you saw it."


class OrderPaused(Conflict):
    """The order is paused already."""

    code = "order_paused"
    title = "The order is paused already."


class OrderNotPaused(Conflict):
    """Only a paused order can be resumed."""

    code = "order_not_paused"
    title = "The order is not paused."


class OrderSuspended(Conflict):
    """The system keeps the order from matching."""

    code = "order_suspended"
    title = "The order is suspended; its reason says why."


class MarketClosed(Unavailable):
    """The market takes no orders."""

    code = "market_closed"
    status = 409
    title = "The market takes no orders for the moment."


class NotEligible(Forbidden):
    """One of the two may not trade, or not with the other."""

    code = "not_eligible"
    status = 409
    title = "This trade is not possible between you and this order."


class TermsOutdated(Forbidden):
    """Newer terms wait to be accepted."""

    code = "terms_outdated"
    title = "Read and accept the current terms first."


class SellingPaused(Forbidden):
    """No new sell matches for a day after a sensitive change."""

    code = "selling_paused"
    status = 409
    title = "Selling is paused for 24 hours after a change of your sign-in or payment details."


class TakingPaused(Forbidden):
    """The cancel ladder or a sanction forbids taking."""

    code = "taking_paused"
    status = 409
    title = "Taking is paused: several of your trades ended unpaid, or a sanction lasts."


class RestingPaused(Forbidden):
    """A sanction lets none of the user's orders rest."""

    code = "resting_paused"
    status = 409
    title = "Your orders cannot rest while a sanction of yours lasts. You may trade at once."


class RestingNotEarned(Forbidden):
    """Resting buy orders are earned by completed trades."""

    code = "resting_not_earned"
    status = 409
    title = "Resting a buy order needs five completed trades. You may buy at once instead."


class TooManyOrders(Conflict):
    """He has as many living orders in the market as one may."""

    code = "too_many_orders"
    title = "You have as many open orders in this market as one may: end one of them first."


class PriceOutOfBand(Invalid):
    """The price is too far from the index."""

    code = "price_out_of_band"
    title = "The price is too far from the market's index."


class MarginOutOfBand(Invalid):
    """The margin is too large."""

    code = "margin_out_of_band"
    title = "The margin is larger than the market allows."


class IndexStale(Unavailable):
    """There is no fresh index to price with."""

    code = "index_stale"
    status = 409
    title = "The market's index is not fresh enough to price this."


class AmountTooSmall(Invalid):
    """Below the market's minimum."""

    code = "amount_too_small"
    title = "The amount is below the market's minimum."


class AmountTooLarge(Invalid):
    """Above the market's maximum."""

    code = "amount_too_large"
    title = "The amount is above what the market allows."


class SizeUnfit(Invalid):
    """The size does not fit the order's limits or what remains."""

    code = "size"
    title = "The size does not fit the order's limits."


class LimitsCrossed(Invalid):
    """An edit would leave no size that a trade may have."""

    code = "limits_crossed"
    title = "The smallest trade would be larger than the largest."


class OwnOrder(Conflict):
    """Nobody trades with himself."""

    code = "self"
    title = "This is your own order."


class NotPresent(Conflict):
    """The owner is away."""

    code = "not_present"
    title = "The owner of this order is away for the moment."


class NoCommonMethod(Conflict):
    """The two have no payment method in common."""

    code = "no_common_method"
    title = "You have no payment method in common with this order."


class LevelTooLow(Conflict):
    """The order asks for a higher KYC level."""

    code = "kyc_level"
    title = "This order asks for a higher verification level."


class LevelReadsOnly(Conflict):
    """Nobody trades before his first verification."""

    code = "level_reads_only"
    title = "Verify yourself first: your level may read and not trade."


class RequirementsUnmet(Conflict):
    """The order asks for another record."""

    code = "requirements"
    title = "This order asks for a record that you do not have yet."


class LimitUsed(Conflict):
    """The rolling limit is used up."""

    code = "limit_used"
    title = "The limit of 24 hours is used up."


class FirstTradeCap(Conflict):
    """A first trade is capped."""

    code = "first_trade_cap"
    title = "The first trade is capped."


class NewBuyerShare(Conflict):
    """Too much of the order is unpaid with new buyers."""

    code = "new_buyer_share"
    title = "This order waits for payments of other new buyers."


class OpenTrades(Conflict):
    """Too many unpaid trades."""

    code = "open_trades"
    title = "Pay or end your open trades first."


class TradesUsed(Conflict):
    """The order has made as many trades as it may."""

    code = "trades_used"
    title = "The order has made as many trades as it may."


class EndedUnpaid(Conflict):
    """A trade of these two orders ended unpaid."""

    code = "ended_unpaid"
    title = "A trade between these two orders ended unpaid."


class LaneElsewhere(Unavailable):
    """This process does not write the market."""

    code = "lane_elsewhere"
    title = "Another process serves this market for the moment, try again."


class LaneBusy(Unavailable):
    """The rows that the command needs stayed busy."""

    code = "lane_busy"
    title = "Others are changing what this needs, try again in a moment."


class LaneLate(Unavailable):
    """The command was not reached before its deadline."""

    code = "lane_late"
    title = "The market could not get to this in time. Nothing was changed."


class CommandQuarantined(Unavailable):
    """The command broke a constraint of the database."""

    code = "command_quarantined"
    title = "This cannot be done for the moment; it was noted and will be looked at."


BY_CODE: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        OrderNotOpen,
        OrderChanged,
        OrderPaused,
        OrderNotPaused,
        OrderSuspended,
        MarketClosed,
        NotEligible,
        SecondFactorRequired,
        TermsOutdated,
        SellingPaused,
        TakingPaused,
        RestingPaused,
        RestingNotEarned,
        TooManyOrders,
        PriceOutOfBand,
        MarginOutOfBand,
        IndexStale,
        AmountTooSmall,
        AmountTooLarge,
        SizeUnfit,
        LimitsCrossed,
        OwnOrder,
        NotPresent,
        NoCommonMethod,
        LevelTooLow,
        LevelReadsOnly,
        RequirementsUnmet,
        LimitUsed,
        FirstTradeCap,
        NewBuyerShare,
        OpenTrades,
        TradesUsed,
        EndedUnpaid,
    )
}


def refusal_of(code: str) -> Refusal:
    """The refusal that the book named by its code."""
    return BY_CODE[code]()
