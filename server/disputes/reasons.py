"""Why a case or a claim is opened: closed lists by role and state. Pure."""

import enum
from dataclasses import dataclass

from models.trades import TradeStatus
from server.trades.facts import Actor

PAID, COMPLETED = TradeStatus.PAID, TradeStatus.COMPLETED
CANCELLED, EXPIRED = TradeStatus.CANCELLED, TradeStatus.EXPIRED


class Reason(enum.StrEnum):
    """Why somebody opens a case or a claim."""

    NOT_RELEASED = "not_released"
    WRONG_ACCOUNT = "wrong_account"
    PAID_OTHER_AMOUNT = "paid_other_amount"
    SELLER_THREATENS = "seller_threatens"
    NOT_RECEIVED = "not_received"
    WRONG_AMOUNT = "wrong_amount"
    NAME_MISMATCH = "name_mismatch"
    WRONG_PAYER = "wrong_payer"
    PAYMENT_REVERSED = "payment_reversed"
    BUYER_THREATENS = "buyer_threatens"
    PAID_LATE = "paid_late"
    CANCELLED_IN_ERROR = "cancelled_in_error"
    OTHER = "other"


class Rule(enum.StrEnum):
    """The rule of the desk that a reason is decided by."""

    MONEY_ARRIVED = "money_arrived"
    WHOLE_AMOUNT = "whole_amount"
    DECLARED_PAYER = "declared_payer"
    SHOWN_ACCOUNT = "shown_account"
    STAYS_FINAL = "stays_final"
    NO_PRESSURE = "no_pressure"


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason: who gives it, in which statuses of the trade, by which rule it is decided."""

    reason: Reason
    roles: tuple[Actor, ...]
    statuses: tuple[TradeStatus, ...]
    rule: Rule
    needs_mismatch: bool = False
    """Only when the payer's name that the seller saw was not the declared one."""


BUYER, SELLER = Actor.BUYER, Actor.SELLER
REASONS: tuple[ReasonRow, ...] = (
    ReasonRow(Reason.NOT_RELEASED, (BUYER,), (PAID,), Rule.MONEY_ARRIVED),
    ReasonRow(Reason.WRONG_ACCOUNT, (BUYER,), (PAID,), Rule.SHOWN_ACCOUNT),
    ReasonRow(Reason.PAID_OTHER_AMOUNT, (BUYER,), (PAID,), Rule.WHOLE_AMOUNT),
    ReasonRow(Reason.SELLER_THREATENS, (BUYER,), (PAID,), Rule.NO_PRESSURE),
    ReasonRow(Reason.NOT_RECEIVED, (SELLER,), (PAID,), Rule.MONEY_ARRIVED),
    ReasonRow(Reason.WRONG_AMOUNT, (SELLER,), (PAID,), Rule.WHOLE_AMOUNT),
    ReasonRow(Reason.NAME_MISMATCH, (SELLER,), (PAID,), Rule.DECLARED_PAYER, needs_mismatch=True),
    ReasonRow(Reason.WRONG_PAYER, (SELLER,), (PAID, COMPLETED), Rule.DECLARED_PAYER),
    ReasonRow(Reason.PAYMENT_REVERSED, (SELLER,), (PAID, COMPLETED), Rule.MONEY_ARRIVED),
    ReasonRow(Reason.BUYER_THREATENS, (SELLER,), (PAID,), Rule.NO_PRESSURE),
    ReasonRow(Reason.PAID_LATE, (BUYER,), (EXPIRED, CANCELLED), Rule.STAYS_FINAL),
    ReasonRow(Reason.CANCELLED_IN_ERROR, (BUYER,), (CANCELLED,), Rule.STAYS_FINAL),
    ReasonRow(Reason.OTHER, (BUYER, SELLER), (PAID,), Rule.MONEY_ARRIVED),
)


def list_reasons(
    actor: Actor, status: TradeStatus, *, name_mismatch: bool = False
) -> list[ReasonRow]:
    """What a side may give as its reason in a status, in the table's order."""
    return [
        row
        for row in REASONS
        if actor in row.roles
        and status in row.statuses
        and (name_mismatch or not row.needs_mismatch)
    ]
