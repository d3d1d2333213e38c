"""Ends without a trade: the buyer's cancel, the one that both agree on, and its contest."""

import enum
from uuid import UUID

from models.trades import OfferStatus
from server.core.refusals import Invalid
from server.db import Unit
from server.http.scopes import KeyNotEnough
from server.identity.standing import change_standing, lock_standing
from server.trades import queries, rules
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.lifecycle import find_row
from server.trades.refusals import SellerFaultClaimsUsed
from server.trades.row import PAID, Action
from server.trades.trade import TradeRow
from server.trades.transition import act, announce, lock_for


class CancelReason(enum.StrEnum):
    """Why the buyer cancels."""

    CHANGED_MIND = "changed_mind"
    CANNOT_PAY = "cannot_pay"
    OTHER = "other"
    DID_NOT_PAY = "did_not_pay"
    """The only one that ends a trade after "paid"."""
    DETAILS_WRONG = "details_wrong"
    """The seller's payment details do not work."""
    OTHER_TERMS = "other_terms"
    """The seller asks for more, or for another way to pay."""
    SELLER_UNREACHABLE = "seller_unreachable"
    SELLER_ASKED = "seller_asked"
    """The seller asked to cancel, outside of the button for it."""


SELLER_FAULTS = frozenset(
    {
        CancelReason.DETAILS_WRONG,
        CancelReason.OTHER_TERMS,
        CancelReason.SELLER_UNREACHABLE,
        CancelReason.SELLER_ASKED,
    }
)


async def cancel(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, reason: CancelReason
) -> TradeRow:
    """The buyer ends the trade. It counts to his ladder unless `reason` is a fault of the seller.

    After "paid" he can only say that he did not pay. Refuses `SellerFaultClaimsUsed` for a third
    fault of a seller in 24 hours, `KeyNotEnough` a program that says he did not pay.
    """
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    if trade.status is PAID and actor is Actor.BUYER and reason is CancelReason.DID_NOT_PAY:
        if caller.user.by_key:
            # After "paid" it gives the escrow up, which a person says himself.
            raise KeyNotEnough
        return await act(
            unit, desk, trade, Action.DID_NOT_PAY, caller, reason=reason.value,
            detail={"reason": reason.value},
        )  # fmt: skip
    find_row(Action.CANCEL, actor, trade.facts, unit.now)
    sellers = reason in SELLER_FAULTS
    if sellers and rules.counts_to_record(trade.asset):
        await _check_claims(unit, trade)
    return await act(
        unit,
        desk,
        trade,
        Action.CANCEL,
        caller,
        reason=reason.value,
        reason_fault=Actor.SELLER if sellers else Actor.BUYER,
        detail={"reason": reason.value},
    )


async def _check_claims(unit: Unit, trade: TradeRow) -> None:
    # Under the lock of both records, so that two trades at once do not both count as the second.
    for user_id in sorted((trade.buyer_id, trade.seller_id)):
        await lock_standing(unit, user_id)
    claims = await unit.execute(
        queries.count_claimed_faults(trade.buyer_id, since=unit.now - rules.ROLLING)
    )
    if claims.scalar_one() >= rules.SELLER_FAULT_CLAIMS_MAX:
        raise SellerFaultClaimsUsed


async def request_cancel(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, reason: str
) -> TradeRow:
    """The seller asks the buyer to cancel; nothing happens until he agrees."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    row = find_row(Action.REQUEST_CANCEL, actor, trade.facts, unit.now)
    if not reason.strip():
        raise Invalid(errors={"reason": ["Say why."]})

    await unit.execute(
        queries.insert_cancel_request(
            {
                "id": unit.ids.new_id(),
                "trade_id": trade.id,
                "status": OfferStatus.OPEN.value,
                "reason": reason.strip(),
                "created_at": unit.now,
                "answered_at": None,
            }
        )
    )
    return await announce(unit, desk, trade.id, row, actor=actor)


async def accept_cancel(unit: Unit, desk: Desk, caller: Caller, trade_id: UUID) -> TradeRow:
    """The buyer agrees to the seller's request: nobody's fault."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    find_row(Action.ACCEPT_CANCEL, actor, trade.facts, unit.now)
    await unit.execute_guarded(
        queries.answer_cancel_request(trade.id, status=OfferStatus.ACCEPTED.value, now=unit.now)
    )
    return await act(unit, desk, trade, Action.ACCEPT_CANCEL, caller)


async def decline_cancel(unit: Unit, desk: Desk, caller: Caller, trade_id: UUID) -> TradeRow:
    """The buyer does not agree; the trade goes on."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    row = find_row(Action.DECLINE_CANCEL, actor, trade.facts, unit.now)
    await unit.execute_guarded(
        queries.answer_cancel_request(trade.id, status=OfferStatus.DECLINED.value, now=unit.now)
    )
    return await announce(unit, desk, trade.id, row, actor=actor)


async def contest_fault(unit: Unit, desk: Desk, caller: Caller, trade_id: UUID) -> TradeRow:
    """The seller contests the fault that the buyer named: until staff look, it does not count."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    row = find_row(Action.CONTEST_FAULT, actor, trade.facts, unit.now)
    standing = await lock_standing(unit, trade.seller_id)
    await unit.execute_guarded(queries.contest_fault(trade.id, now=unit.now))
    if rules.counts_to_record(trade.asset):
        await change_standing(
            unit, desk.identity_hooks, standing, trades_ended=standing.trades_ended - 1
        )
    return await announce(unit, desk, trade.id, row, actor=actor)
