"""Opens and closes cases within the trades' own units of work."""

from server.db import Unit
from server.disputes import queries, rules
from server.disputes.case import CaseRow, find_case_of_trade, get_case
from server.disputes.lifecycle import CASES, CLOSED, ENDED_BY, OPEN
from server.disputes.steps import CaseStep, write_step
from server.disputes.table import find_event
from server.disputes.transition import apply_row, tell_of_case
from server.trades.desk import Desk
from server.trades.facts import Actor
from server.trades.row import Row
from server.trades.step import Step
from server.trades.trade import TradeRow

AGAINST = {
    Actor.BUYER: ("ruled_refund", "conceded"),
    Actor.SELLER: ("ruled_release",),
}
"""Ends that count as lost for who opened the case. A seller who releases after all lost nothing:
late money is no fault of his; a buyer who concedes his own case says that he never paid."""


class Keeper:
    """Keeps the cases of the trades of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def open_case(self, unit: Unit, trade: TradeRow, row: Row, step: Step) -> None:
        """A case about a trade that becomes disputed by `row`."""
        dispute_id = unit.ids.new_id()
        until = unit.now + rules.EVIDENCE_TIME
        await unit.execute(
            queries.insert_dispute(
                {
                    "id": dispute_id,
                    "trade_id": trade.id,
                    "opened_by": step.actor.value,
                    "opened_by_id": step.actor_id,
                    "reason": step.detail.get("reason", row.event),
                    "statement": step.detail.get("statement", ""),
                    "status": OPEN.value,
                    "outcome": None,
                    "version": 1,
                    "deadline_at": until,
                    "buyer_evidence_until": until,
                    "seller_evidence_until": until,
                    "buyer_done": False,
                    "seller_done": False,
                    "overdue_count": 0,
                    "award": None,
                    "award_buyer_amount": None,
                    "objected_by": None,
                    "lost": False,
                    "opened_at": unit.now,
                    "closed_at": None,
                }
            )
        )
        await unit.execute(
            *queries.insert_parties(
                [
                    {"user_id": user_id, "dispute_id": dispute_id, "role": role, "open": True}
                    for user_id, role in (
                        (trade.buyer_id, Actor.BUYER.value),
                        (trade.seller_id, Actor.SELLER.value),
                    )
                ]
            )
        )
        opening = CaseStep(actor=step.actor, actor_id=step.actor_id)
        kept = write_step(
            find_event(CASES, "opened"), opening,
            version=1, status_from=None, status_to=OPEN.value, now=unit.now,
        )  # fmt: skip
        await unit.execute(queries.insert_event({"dispute_id": dispute_id, **kept}))
        tell_of_case(unit, await get_case(unit, dispute_id))

    async def close_case(self, unit: Unit, trade: TradeRow, row: Row, step: Step) -> None:
        """The case of a disputed trade that ends by `row`."""
        found = await find_case_of_trade(unit, trade.id)
        assert found is not None, "a disputed trade has a case"
        await unit.execute(queries.lock_dispute(found.id))
        case = await get_case(unit, found.id)
        assert case.status is not CLOSED, "a disputed trade has an open case"
        ending = find_event(CASES, ENDED_BY[row.event])
        values = {"outcome": row.event, "closed_at": unit.now, "lost": _is_lost(case, row)}
        await apply_row(
            unit,
            self._desk,
            trade,
            case,
            ending,
            CaseStep(
                actor=step.actor,
                actor_id=step.actor_id,
                values=values,
                detail={"outcome": row.event},
            ),
        )


def _is_lost(case: CaseRow, row: Row) -> bool:
    if case.opened_by not in (Actor.BUYER.value, Actor.SELLER.value):
        return False
    return row.event in AGAINST[Actor(case.opened_by)]
