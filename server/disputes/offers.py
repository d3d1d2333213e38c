"""Negotiation: each side offers how the case might end, the other accepts in one call."""

from uuid import UUID

from models.disputes import Award
from models.trades import OfferStatus
from server.core import fault
from server.core.money import format_usdt
from server.core.refusals import Invalid, StepUpRequired
from server.db import Unit
from server.disputes import offer_queries, rules
from server.disputes.case import CaseRow, OfferRow
from server.disputes.facts import CaseAction
from server.disputes.lifecycle import CASES
from server.disputes.refusals import OfferChanged, OwnOffer, TooManyOffers
from server.disputes.steps import CaseStep
from server.disputes.table import find_row
from server.disputes.transition import apply_row, lock_case_for
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.lifecycle import find_case_row
from server.trades.releases import check_releases_run, confirm
from server.trades.step import Step
from server.trades.trade import TradeRow
from server.trades.transition import apply_row as apply_trade_row

PROVEN = {
    Award.RELEASE: (Actor.SELLER,),
    Award.REFUND: (Actor.BUYER,),
    Award.SPLIT: (Actor.SELLER, Actor.BUYER),
}
"""Who gives something up by an offer, and so proves that it is he who accepts it."""


def amount_at_stake(kind: Award, buyer_amount: int | None, trade: TradeRow) -> int:
    """What a proof for an offer names, in micro-USDT: the buyer's part, or the whole amount."""
    return trade.amount if kind is not Award.SPLIT else buyer_amount or 0


async def make_offer(
    unit: Unit,
    desk: Desk,
    caller: Caller,
    dispute_id: UUID,
    *,
    kind: Award,
    buyer_amount_micro: int | None,
) -> CaseRow:
    """Offer to release, refund or split; a newer offer replaces the side's open one.

    An offer moves nothing: what its maker gives up leaves only when the other side accepts, so
    who gives something up by his own offer proves that it is he.
    """
    trade, case, actor = await lock_case_for(unit, desk, caller, dispute_id)
    row = find_row(CASES, CaseAction.MAKE_OFFER, actor, case.facts, unit.now)
    _check_parts(kind, buyer_amount_micro, trade)
    counted = await unit.execute(offer_queries.count_offers(case.id, actor.value))
    if int(counted.scalar_one()) >= rules.OFFERS_PER_SIDE_MAX:
        raise TooManyOffers
    if actor in PROVEN[kind]:
        await _prove(unit, caller, trade, kind, buyer_amount_micro)

    for offer in case.offers:
        if offer.by is actor:
            await _answer(unit, offer, OfferStatus.LAPSED)
    offer_id = unit.ids.new_id()
    await unit.execute(
        offer_queries.insert_offer(
            {
                "id": offer_id,
                "dispute_id": case.id,
                "by_side": actor.value,
                "kind": kind.value,
                "buyer_amount": buyer_amount_micro,
                "status": OfferStatus.OPEN.value,
                "created_at": unit.now,
                "answered_at": None,
            }
        )
    )
    step = CaseStep(
        actor=actor,
        actor_id=caller.user_id,
        detail=_detail_of(offer_id, kind, buyer_amount_micro, trade),
    )
    return await apply_row(unit, desk, trade, case, row, step)


async def accept_offer(
    unit: Unit, desk: Desk, caller: Caller, dispute_id: UUID, offer_id: UUID
) -> TradeRow:
    """The other side agrees: the escrow goes as offered, and trade and case end at once."""
    trade, case, actor = await lock_case_for(unit, desk, caller, dispute_id)
    find_row(CASES, CaseAction.ACCEPT_OFFER, actor, case.facts, unit.now)
    offer = _find_offer(case, offer_id)
    if offer.by is actor:
        raise OwnOffer
    if offer.kind is not Award.REFUND:
        await check_releases_run(unit, trade)
    if actor in PROVEN[offer.kind]:
        await _prove(unit, caller, trade, offer.kind, offer.buyer_amount)

    await _answer(unit, offer, OfferStatus.ACCEPTED)
    fault.point("case.after_accept")
    step = Step(
        actor=actor,
        actor_id=caller.user_id,
        buyer_part=offer.buyer_amount,
        detail=_detail_of(offer.id, offer.kind, offer.buyer_amount, trade),
    )
    # The trade's row closes the case in the same unit.
    return await apply_trade_row(unit, desk, trade, find_case_row(f"agreed_{offer.kind}"), step)


async def decline_offer(
    unit: Unit, desk: Desk, caller: Caller, dispute_id: UUID, offer_id: UUID
) -> CaseRow:
    """The other side declines an offer, or its maker withdraws it."""
    trade, case, actor = await lock_case_for(unit, desk, caller, dispute_id)
    row = find_row(CASES, CaseAction.DECLINE_OFFER, actor, case.facts, unit.now)
    offer = _find_offer(case, offer_id)
    await _answer(unit, offer, OfferStatus.DECLINED)
    step = CaseStep(actor=actor, actor_id=caller.user_id, detail={"offer_id": str(offer.id)})
    return await apply_row(unit, desk, trade, case, row, step)


def _check_parts(kind: Award, buyer_amount: int | None, trade: TradeRow) -> None:
    if kind is not Award.SPLIT:
        if buyer_amount is not None:
            raise Invalid(errors={"buyer_amount": ["Only a split names the buyer's part."]})
        return
    if buyer_amount is None or not 0 < buyer_amount < trade.amount:
        raise Invalid(errors={"buyer_amount": ["Both sides must get a part of the amount."]})


def _find_offer(case: CaseRow, offer_id: UUID) -> OfferRow:
    found = next((offer for offer in case.offers if offer.id == offer_id), None)
    if found is None:
        raise OfferChanged
    return found


async def _prove(
    unit: Unit, caller: Caller, trade: TradeRow, kind: Award, buyer_amount: int | None
) -> None:
    if not caller.proof:
        raise StepUpRequired
    action = "split" if kind is Award.SPLIT else "concede"
    amount = amount_at_stake(kind, buyer_amount, trade)
    await confirm(unit, caller, trade, action, amount_micro=amount)


async def _answer(unit: Unit, offer: OfferRow, status: OfferStatus) -> None:
    await unit.execute_guarded(
        offer_queries.answer_offer(offer.id, status=status.value, now=unit.now)
    )


def _detail_of(
    offer_id: UUID, kind: Award, buyer_amount: int | None, trade: TradeRow
) -> dict[str, str]:
    detail = {"offer_id": str(offer_id), "kind": kind.value}
    if buyer_amount is not None:
        detail["buyer_amount"] = format_usdt(buyer_amount)
        detail["seller_amount"] = format_usdt(trade.amount - buyer_amount)
    return detail
