"""What evidence a reason needs on a rail: which kind of proof, and who supplies it. Pure tables."""

import enum
from dataclasses import dataclass

from models.identity import Reversibility, Speed
from server.disputes.reasons import Reason
from server.trades.facts import Actor


class Proof(enum.StrEnum):
    """Kinds of proof."""

    RECEIPT = "receipt"
    """The bank's or wallet's own confirmation of the payment."""
    STATEMENT = "statement"
    """The account's list of movements over the time of the trade."""
    RECORDING = "recording"
    """A recording of the screen: the app is opened, the payment is looked up."""
    PAYER_ACCOUNT = "payer_account"
    """Whose account paid, as the bank shows it."""
    REVERSAL = "reversal"
    """The bank's or provider's notice that the payment was reversed or recalled."""
    RETURN_RECEIPT = "return_receipt"
    """The confirmation that money was sent back."""
    CONVERSATION = "conversation"
    """What was said elsewhere than in the trade's chat."""
    STORY = "story"
    """What happened, in words."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist."""

    proof: Proof
    by: Actor
    required: bool = True


BUYER, SELLER = Actor.BUYER, Actor.SELLER
_PAYMENT = (Item(Proof.RECEIPT, BUYER), Item(Proof.STATEMENT, SELLER))
CHECKLISTS: dict[Reason, tuple[Item, ...]] = {
    Reason.NOT_RELEASED: _PAYMENT,
    Reason.NOT_RECEIVED: _PAYMENT,
    Reason.WRONG_ACCOUNT: (*_PAYMENT, Item(Proof.STORY, SELLER)),
    Reason.PAID_OTHER_AMOUNT: (*_PAYMENT, Item(Proof.RETURN_RECEIPT, SELLER, required=False)),
    Reason.WRONG_AMOUNT: (*_PAYMENT, Item(Proof.RETURN_RECEIPT, SELLER, required=False)),
    Reason.NAME_MISMATCH: (
        Item(Proof.PAYER_ACCOUNT, SELLER),
        Item(Proof.PAYER_ACCOUNT, BUYER),
        Item(Proof.RETURN_RECEIPT, SELLER, required=False),
    ),
    Reason.WRONG_PAYER: (
        Item(Proof.PAYER_ACCOUNT, SELLER),
        Item(Proof.PAYER_ACCOUNT, BUYER),
        Item(Proof.RETURN_RECEIPT, SELLER, required=False),
    ),
    Reason.PAYMENT_REVERSED: (
        Item(Proof.REVERSAL, SELLER),
        Item(Proof.STATEMENT, SELLER),
        Item(Proof.STATEMENT, BUYER),
    ),
    Reason.SELLER_THREATENS: (
        Item(Proof.RECEIPT, BUYER),
        Item(Proof.CONVERSATION, BUYER, required=False),
        Item(Proof.STATEMENT, SELLER),
    ),
    Reason.BUYER_THREATENS: (
        Item(Proof.CONVERSATION, SELLER, required=False),
        Item(Proof.STATEMENT, SELLER),
        Item(Proof.RECEIPT, BUYER),
    ),
    Reason.PAID_LATE: _PAYMENT,
    Reason.CANCELLED_IN_ERROR: (*_PAYMENT, Item(Proof.STORY, BUYER)),
    Reason.OTHER: (Item(Proof.STORY, BUYER), Item(Proof.STORY, SELLER)),
}
"""What each reason needs on every rail."""
_ABOUT_MONEY = frozenset(Reason) - {Reason.OTHER}


def list_items(reason: Reason, *, speed: Speed, reversibility: Reversibility) -> tuple[Item, ...]:
    """The checklist of a reason on a rail.

    Pictures of wallets that pay at once are easily made up, so a recording belongs to them; where
    a payment can be taken back, the buyer shows too that it still stands.
    """
    items = list(CHECKLISTS[reason])
    if reason not in _ABOUT_MONEY:
        return tuple(items)
    if speed is Speed.INSTANT:
        items.append(Item(Proof.RECORDING, SELLER))
        items.append(Item(Proof.RECORDING, BUYER, required=False))
    if reversibility is not Reversibility.FINAL and Item(Proof.STATEMENT, BUYER) not in items:
        items.append(Item(Proof.STATEMENT, BUYER))
    return tuple(items)
