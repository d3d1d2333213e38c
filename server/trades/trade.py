"""A trade as it is read: its row, its rail and market, and the notes beside it."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from models.identity import Reversibility, Speed
from models.trades import TradeStatus
from server.core.refusals import NotFound
from server.db import Unit
from server.trades import queries
from server.trades.facts import Actor, Facts

Reader = AsyncConnection | Unit
"""A read connection or a unit of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """See `models.trades.Trade` for the columns; amounts in micro-USDT, fiat in minor units."""

    id: UUID
    market: str
    asset: str
    maker_order_id: UUID
    taker_order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    maker_side: str
    price_ticks: int
    amount: int
    fiat_minor: int
    buyer_fee_ppm: int
    seller_fee_ppm: int
    method_id: str
    payment_account_id: UUID
    window_s: int
    terms: str
    status: TradeStatus
    version: int
    deadline_at: datetime | None
    window_ends_at: datetime
    payer_name: bytes | None
    payer_declared_at: datetime | None
    reference: str | None
    paid_at: datetime | None
    late: bool
    extended_by_seller: bool
    extended_by_buyer: bool
    paid_undone: bool
    new_buyer: bool
    third_party_payer: bool
    name_mismatch: bool
    end_reason: str | None
    fault: str | None
    created_at: datetime
    completed_at: datetime | None
    ended_at: datetime | None

    currency: str
    minor_digits: int
    price_digits: int
    method_name: str
    speed: Speed
    reversibility: Reversibility
    buyer_username: str
    seller_username: str

    cancel_request_id: UUID | None
    cancel_request_reason: str | None
    split_offer_id: UUID | None
    split_proposer_id: UUID | None
    split_buyer_amount: int | None
    dispute_id: UUID | None
    dispute_status: str | None
    dispute_version: int | None
    fault_claimed_by: UUID | None
    fault_contested_at: datetime | None
    frozen_until: datetime | None

    @property
    def facts(self) -> Facts:
        """What the lifecycle must know."""
        return Facts(
            status=self.status,
            deadline_at=self.deadline_at,
            window_ends_at=self.window_ends_at,
            window_s=self.window_s,
            speed=self.speed,
            payer_declared=self.payer_name is not None,
            paid_at=self.paid_at,
            late=self.late,
            extended_by_seller=self.extended_by_seller,
            extended_by_buyer=self.extended_by_buyer,
            paid_undone=self.paid_undone,
            third_party_payer=self.third_party_payer,
            name_mismatch=self.name_mismatch,
            cancel_requested=self.cancel_request_id is not None,
            split_offered_by=self.split_offered_by,
            seller_fault_named=(
                self.fault_claimed_by is not None and self.fault_contested_at is None
            ),
            ended_at=self.ended_at,
            frozen_until=self.frozen_until,
        )

    @property
    def split_offered_by(self) -> Actor | None:
        """Whose offer to split is open."""
        return None if self.split_proposer_id is None else self.actor_of(self.split_proposer_id)

    @property
    def seller_order_id(self) -> UUID:
        """The order that the USDT came from."""
        return self.maker_order_id if self.maker_side == "sell" else self.taker_order_id

    @property
    def buyer_order_id(self) -> UUID:
        """The other order."""
        return self.taker_order_id if self.maker_side == "sell" else self.maker_order_id

    def actor_of(self, user_id: UUID) -> Actor:
        """Which party the user is. Refuses `NotFound` for everyone else."""
        if user_id == self.buyer_id:
            return Actor.BUYER
        if user_id == self.seller_id:
            return Actor.SELLER
        raise NotFound

    def user_of(self, actor: Actor) -> UUID:
        """The user who is this party."""
        return {Actor.BUYER: self.buyer_id, Actor.SELLER: self.seller_id}[actor]


_COLUMNS = tuple(field.name for field in fields(TradeRow))


def _read_row(row: Any) -> TradeRow:
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["status"] = TradeStatus(row.status)
    values["speed"] = Speed(row.speed)
    values["reversibility"] = Reversibility(row.reversibility)
    return TradeRow(**values)


async def list_trades(reader: Reader, trade_ids: list[UUID]) -> list[TradeRow]:
    """Some trades, newest first; unknown ones are left out."""
    if not trade_ids:
        return []
    return [_read_row(row) for row in await reader.execute(queries.read_trades(trade_ids))]


async def get_trade(reader: Reader, trade_id: UUID) -> TradeRow:
    """One trade. Refuses `NotFound`."""
    found = await list_trades(reader, [trade_id])
    if not found:
        raise NotFound
    return found[0]
