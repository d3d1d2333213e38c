"""What a trade refuses, each as one rule that would be broken."""

from server.core.refusals import Conflict, Invalid, Unavailable


class WrongTradeStatus(Conflict):
    """The trade's present status does not offer this to the caller."""

    code = "wrong_trade_status"
    title = "The trade is no longer in a status that allows this."


class PayerNotDeclared(Conflict):
    """Paid is said before the paying account's holder is named."""

    code = "payer_not_declared"
    title = "First name the holder of the account that you pay from."


class PayerAlreadyDeclared(Conflict):
    """The declared payer is fixed once the payment details were shown."""

    code = "payer_already_declared"
    title = "The holder of the paying account is already named and cannot be changed."


class ProofRequired(Invalid):
    """After the window a payment needs the rail's reference."""

    code = "proof_required"
    title = "The payment window is over: give the reference of your payment."


class AlreadyExtended(Conflict):
    """Each side extends once."""

    code = "already_extended"
    title = "The time was extended once already."


class UndoNotOffered(Conflict):
    """Paid can be taken back once, in the original window, and never after a late payment."""

    code = "undo_not_offered"
    title = '"Paid" can be taken back once, and only before the payment window ends.'


class PayerIsBuyer(Conflict):
    """The seller may end a trade that a third party pays, and no other."""

    code = "payer_is_buyer"
    title = "Nothing says that somebody else than the buyer pays."


class TradeHeld(Conflict):
    """The radar holds the trade."""

    code = "trade_held"
    title = "This trade is held: it looks like another one. Both sides or our staff end that."


class PayerMismatch(Conflict):
    """The payer that the seller saw is not the declared one."""

    code = "payer_mismatch"
    title = "The name that you saw is not the declared payer's. Nothing was released."


class AccountFrozen(Conflict):
    """The seller is frozen: nothing of his is released until compliance says so."""

    code = "account_frozen"
    title = "The seller's account is frozen. Nothing is released for the moment."


class TradeFrozen(Conflict):
    """Staff hold the escrow where it is for a time."""

    code = "trade_frozen"
    title = "The trade is frozen for the moment. Nothing was moved."


class ReleasesStopped(Unavailable):
    """Releases are switched off for the whole platform."""

    code = "releases_stopped"
    title = "Releases are stopped for the moment. Nothing was changed."


class SellerFaultClaimsUsed(Conflict):
    """A buyer may end two trades a day by naming a fault of the seller."""

    code = "seller_fault_claims_used"
    title = "You named a fault of a seller twice in 24 hours. Choose another reason."


class NothingToContest(Conflict):
    """No fault of the seller was named, or the time to contest it is over."""

    code = "nothing_to_contest"
    title = "There is no named fault that you could contest."


class CancelRequestOpen(Conflict):
    """One request at a time."""

    code = "cancel_request_open"
    title = "You asked for the cancellation already; the buyer has not answered yet."


class NoCancelRequest(Conflict):
    """There is no open request to answer."""

    code = "no_cancel_request"
    title = "Nobody asks to cancel this trade."


class SplitOfferOpen(Conflict):
    """One offer at a time."""

    code = "split_offer_open"
    title = "An offer to split is open already; answer it first."


class NoSplitOffer(Conflict):
    """There is no open offer to answer."""

    code = "no_split_offer"
    title = "There is no open offer to split this trade."


class OwnSplitOffer(Conflict):
    """Only the other side accepts an offer."""

    code = "own_split_offer"
    title = "The other side answers your offer; you may withdraw it."


class SplitOfferChanged(Conflict):
    """The offer that was looked at is not the open one."""

    code = "split_offer_changed"
    title = "The offer was replaced by another one."


class DisputeTooEarly(Conflict):
    """A case may be opened some time after "paid"."""

    code = "dispute_too_early"
    title = "It is too early to open a case; give the other side some time."


class TradeChanged(Conflict):
    """The trade moved on since the caller looked at it."""

    code = "trade_changed"
    title = "The trade has changed since you looked at it."


class OtherSidesPart(Conflict):
    """The action belongs to the other party."""

    code = "other_sides_part"
    title = "This is for the other side of the trade to do."
