"""Splitting the escrow by agreement: one side offers, the other accepts or declines."""

from uuid import UUID

from models.trades import OfferStatus
from server.core.money import format_usdt
from server.core.refusals import Invalid, StepUpRequired
from server.db import Unit
from server.trades import queries
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.lifecycle import find_row
from server.trades.refusals import SplitOfferChanged
from server.trades.releases import check_releases_run, confirm
from server.trades.row import Action
from server.trades.trade import TradeRow
from server.trades.transition import act, announce, lock_for


async def propose_split(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, buyer_amount_micro: int
) -> TradeRow:
    """Offer the buyer a part of the amount (before his fee); the rest would go back.

    A seller's offer needs his proof for this trade, part and version.
    """
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    if actor is Actor.SELLER and not caller.proof:
        raise StepUpRequired
    row = find_row(Action.PROPOSE_SPLIT, actor, trade.facts, unit.now)
    if not 0 < buyer_amount_micro < trade.amount:
        raise Invalid(errors={"buyer_amount": ["Both sides must get a part of the amount."]})
    if actor is Actor.SELLER:
        await confirm(unit, caller, trade, "split", amount_micro=buyer_amount_micro)

    await unit.execute(
        queries.insert_split_offer(
            {
                "id": unit.ids.new_id(),
                "trade_id": trade.id,
                "proposer_id": caller.user_id,
                "buyer_amount": buyer_amount_micro,
                "status": OfferStatus.OPEN.value,
                "created_at": unit.now,
                "answered_at": None,
            }
        )
    )
    detail = _parts_of(trade, buyer_amount_micro)
    return await announce(unit, desk, trade.id, row, actor=actor, detail=detail)


def _parts_of(trade: TradeRow, buyer_amount_micro: int) -> dict[str, str]:
    return {
        "buyer_amount": format_usdt(buyer_amount_micro),
        "seller_amount": format_usdt(trade.amount - buyer_amount_micro),
    }


async def accept_split(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, offer_id: UUID | None
) -> TradeRow:
    """The other side agrees: the buyer gets his part, the rest goes back.

    `offer_id` is the offer that was looked at; another open one refuses `SplitOfferChanged`.
    """
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    if actor is Actor.SELLER and not caller.proof:
        raise StepUpRequired
    find_row(Action.ACCEPT_SPLIT, actor, trade.facts, unit.now)
    _check_offer(trade, offer_id)
    part = trade.split_buyer_amount
    assert part is not None, "an open offer names its part"
    await check_releases_run(unit, trade)
    if actor is Actor.SELLER:
        await confirm(unit, caller, trade, "split", amount_micro=part)

    await unit.execute_guarded(
        queries.answer_split_offer(trade.id, status=OfferStatus.ACCEPTED.value, now=unit.now)
    )
    return await act(
        unit,
        desk,
        trade,
        Action.ACCEPT_SPLIT,
        caller,
        buyer_part=part,
        detail=_parts_of(trade, part),
    )


async def decline_split(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, offer_id: UUID | None
) -> TradeRow:
    """The other side declines the offer, or its maker withdraws it."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    row = find_row(Action.DECLINE_SPLIT, actor, trade.facts, unit.now)
    _check_offer(trade, offer_id)
    await unit.execute_guarded(
        queries.answer_split_offer(trade.id, status=OfferStatus.DECLINED.value, now=unit.now)
    )
    return await announce(unit, desk, trade.id, row, actor=actor)


def _check_offer(trade: TradeRow, offer_id: UUID | None) -> None:
    if offer_id is not None and offer_id != trade.split_offer_id:
        raise SplitOfferChanged
