"""A case as it is read: its row, its parties, the freeze of its trade."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from models.disputes import Award, DisputeStatus
from server.core.refusals import NotFound
from server.disputes import offer_queries, queries
from server.disputes.facts import CaseFacts
from server.trades.facts import Actor
from server.trades.trade import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """See `models.disputes.Dispute` for the columns; amounts in micro-USDT."""

    id: UUID
    trade_id: UUID
    opened_by: str
    opened_by_id: UUID | None
    reason: str
    statement: str
    status: DisputeStatus
    outcome: str | None
    version: int
    deadline_at: datetime | None
    buyer_evidence_until: datetime
    seller_evidence_until: datetime
    buyer_done: bool
    seller_done: bool
    overdue_count: int
    award: Award | None
    award_buyer_amount: int | None
    objected_by: str | None
    lost: bool
    opened_at: datetime
    closed_at: datetime | None

    buyer_id: UUID
    seller_id: UUID
    market: str
    asset: str
    amount: int
    frozen_until: datetime | None
    offers: tuple["OfferRow", ...]
    """The open ones, at most one a side."""

    @property
    def facts(self) -> CaseFacts:
        """What the lifecycle must know."""
        return CaseFacts(
            status=self.status,
            deadline_at=self.deadline_at,
            buyer_evidence_until=self.buyer_evidence_until,
            seller_evidence_until=self.seller_evidence_until,
            buyer_done=self.buyer_done,
            seller_done=self.seller_done,
            offered_by=frozenset(offer.by for offer in self.offers),
            objected=self.objected_by is not None,
            frozen_until=self.frozen_until,
        )

    @property
    def parties(self) -> tuple[UUID, UUID]:
        """Buyer and seller."""
        return self.buyer_id, self.seller_id

    def actor_of(self, user_id: UUID) -> Actor:
        """Which party the user is. Refuses `NotFound` for everyone else."""
        if user_id == self.buyer_id:
            return Actor.BUYER
        if user_id == self.seller_id:
            return Actor.SELLER
        raise NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """An offer of one side to end a case."""

    id: UUID
    dispute_id: UUID
    by: Actor
    kind: Award
    buyer_amount: int | None
    """Of a split, in micro-USDT before the buyer's fee."""
    status: str
    created_at: datetime
    answered_at: datetime | None


_COLUMNS = tuple(field.name for field in fields(CaseRow) if field.name != "offers")


def _read_row(row: Any, offers: tuple[OfferRow, ...]) -> CaseRow:
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["status"] = DisputeStatus(row.status)
    values["award"] = None if row.award is None else Award(row.award)
    return CaseRow(**values, offers=offers)


def read_offer(row: Any) -> OfferRow:
    """A row of `dispute_offers`."""
    return OfferRow(
        id=row.id,
        dispute_id=row.dispute_id,
        by=Actor(row.by_side),
        kind=Award(row.kind),
        buyer_amount=row.buyer_amount,
        status=row.status,
        created_at=row.created_at,
        answered_at=row.answered_at,
    )


async def list_cases(reader: Reader, dispute_ids: list[UUID]) -> list[CaseRow]:
    """Some cases with their open offers, newest first; unknown ones are left out."""
    if not dispute_ids:
        return []
    rows = (await reader.execute(queries.read_cases(dispute_ids))).all()
    offers: dict[UUID, list[OfferRow]] = {}
    for row in await reader.execute(offer_queries.open_offers(dispute_ids)):
        offers.setdefault(row.dispute_id, []).append(read_offer(row))
    return [_read_row(row, tuple(offers.get(row.id, ()))) for row in rows]


async def get_case(reader: Reader, dispute_id: UUID) -> CaseRow:
    """One case. Refuses `NotFound`."""
    found = await list_cases(reader, [dispute_id])
    if not found:
        raise NotFound
    return found[0]


async def find_case_of_trade(reader: Reader, trade_id: UUID) -> CaseRow | None:
    """The case about a trade, if there is one."""
    found = (await reader.execute(queries.dispute_of_trade(trade_id))).scalar_one_or_none()
    return None if found is None else await get_case(reader, found)


async def get_trade_of(reader: Reader, dispute_id: UUID) -> UUID:
    """The trade that a case is about. Refuses `NotFound`."""
    found = (await reader.execute(queries.trade_of_dispute(dispute_id))).scalar_one_or_none()
    if found is None:
        raise NotFound
    assert isinstance(found, UUID)
    return found
