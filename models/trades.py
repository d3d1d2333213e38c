"""Trades, their history, offers and outages."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, LONG_TEXT, Base, Id, Instant, one_of, text, word


class TradeStatus(enum.StrEnum):
    """Where a trade stands."""

    AWAITING_PAYMENT = "awaiting_payment"
    """The USDT is locked; the buyer pays."""
    GRACE = "grace"
    """The window is over; the buyer may still say that he paid, with proof."""
    PAID = "paid"
    """The buyer says that he paid; the seller checks and releases."""
    DISPUTED = "disputed"
    """A case is open; no clock decides."""
    COMPLETED = "completed"
    """The USDT went to the buyer, or was split."""
    CANCELLED = "cancelled"
    """Ended by the people, unpaid."""
    EXPIRED = "expired"
    """Ended by the clock, unpaid."""
    REFUNDED = "refunded"
    """A case ended for the seller."""


class OfferStatus(enum.StrEnum):
    """Where a request or offer between the parties stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """The trade moved on first."""


class Trade(Base):
    """One matched deal between one buyer and one seller."""

    __tablename__ = "trades"
    __table_args__ = (
        one_of("status", TradeStatus),
        CheckConstraint("buyer_id <> seller_id", name="two_parties"),
        CheckConstraint("amount > 0 AND fiat_minor > 0", name="amounts_positive"),
        Index("ix_trades_status_deadline_at", "status", "deadline_at"),
        Index("ix_trades_market_completed_at", "market", "completed_at"),
        Index("ix_trades_maker_order_id", "maker_order_id"),
        Index("ix_trades_taker_order_id", "taker_order_id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    market: Mapped[str] = mapped_column(word(24), ForeignKey("markets.id"))
    asset: Mapped[str] = mapped_column(word(12))
    maker_order_id: Mapped[UUID] = mapped_column(Id)
    taker_order_id: Mapped[UUID] = mapped_column(Id)
    buyer_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    seller_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    maker_side: Mapped[str] = mapped_column(word(4))
    price_ticks: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    """Micro-USDT."""
    fiat_minor: Mapped[int] = mapped_column(BigInteger)
    buyer_fee_ppm: Mapped[int] = mapped_column(Integer)
    seller_fee_ppm: Mapped[int] = mapped_column(Integer)
    method_id: Mapped[str] = mapped_column(word(40), ForeignKey("payment_methods.id"))
    payment_account_id: Mapped[UUID] = mapped_column(Id, ForeignKey("payment_accounts.id"))
    """The seller's account; its row never changes, so it is the trade's immutable copy."""
    window_s: Mapped[int] = mapped_column(Integer)
    terms: Mapped[str] = mapped_column(text(1000), server_default="")
    """The maker's terms as they stood at the match; the taker came to them, as to the price. The
    text itself: a trade without terms pays one byte, and edits of the order cannot reach it."""
    status: Mapped[str] = mapped_column(word(20))
    version: Mapped[int] = mapped_column(Integer)
    """Grows by one with each row of the lifecycle."""
    deadline_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the clock of the present status strikes; none when final or disputed."""
    window_ends_at: Mapped[datetime] = mapped_column(Instant)
    """The end of the payment window, extensions included."""
    payer_name: Mapped[bytes | None] = mapped_column(BLOB)
    """The declared holder of the paying account, encrypted."""
    payer_declared_at: Mapped[datetime | None] = mapped_column(Instant)
    reference: Mapped[str | None] = mapped_column(text(100))
    """The rail's reference that the buyer gave as proof."""
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    late: Mapped[bool] = mapped_column()
    """Paid was said in the grace time."""
    extended_by_seller: Mapped[bool] = mapped_column()
    extended_by_buyer: Mapped[bool] = mapped_column()
    paid_undone: Mapped[bool] = mapped_column()
    new_buyer: Mapped[bool] = mapped_column(server_default="0")
    """Its buyer had few completed trades: it counts to the sell order's share of such buyers."""
    third_party_payer: Mapped[bool] = mapped_column(server_default="0")
    """The declared payer is not the buyer, as far as his identity was checked."""
    name_mismatch: Mapped[bool] = mapped_column()
    """The seller saw another name than the declared one."""
    end_reason: Mapped[str | None] = mapped_column(word(40))
    fault: Mapped[str | None] = mapped_column(word(8))
    """Whose fault an unpaid end was: buyer or seller; none for nobody's."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class UserTrade(Base):
    """A trade from the side of one of its parties; history is read from here by keyset."""

    __tablename__ = "user_trades"
    __table_args__ = (Index("ix_user_trades_user_id_open_trade_id", "user_id", "open", "trade_id"),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    counterparty_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(word(8))
    open: Mapped[bool] = mapped_column()
    counted: Mapped[bool] = mapped_column()
    """Still counts to the rolling limit: matched in the last 24 hours and not ended unpaid."""


class TradeEvent(Base):
    """One row of the lifecycle applied to a trade; versions run from 1 without a gap."""

    __tablename__ = "trade_events"

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    event: Mapped[str] = mapped_column(word(32))
    """The row: `opened`, `payer_declared`, `marked_paid` ..."""
    actor: Mapped[str] = mapped_column(word(8))
    """buyer, seller, staff, clock or system."""
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    status_from: Mapped[str | None] = mapped_column(word(20))
    status_to: Mapped[str] = mapped_column(word(20))
    detail: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON that both parties may see."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class CancelRequest(Base):
    """The seller asks the buyer to cancel; silence is not a yes."""

    __tablename__ = "cancel_requests"
    __table_args__ = (
        one_of("status", OfferStatus),
        Index("ix_cancel_requests_trade_id", "trade_id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    status: Mapped[str] = mapped_column(word(12))
    reason: Mapped[str] = mapped_column(text(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class SplitOffer(Base):
    """One party proposes to split the escrow; the other accepts or declines."""

    __tablename__ = "split_offers"
    __table_args__ = (
        one_of("status", OfferStatus),
        CheckConstraint("buyer_amount > 0", name="buyer_amount_positive"),
        Index("ix_split_offers_trade_id", "trade_id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    proposer_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    buyer_amount: Mapped[int] = mapped_column(BigInteger)
    """The buyer's part of the amount, before his fee; the rest goes back."""
    status: Mapped[str] = mapped_column(word(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class Fault(Base):
    """A cancel or expiry that counts to a user's ladder, or a seller's fault he may contest."""

    __tablename__ = "trade_faults"
    __table_args__ = (Index("ix_trade_faults_user_id_created_at", "user_id", "created_at"),)

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    claimed_by: Mapped[UUID | None] = mapped_column(Id)
    """The buyer who named a fault of the seller; none when the ladder counted it."""
    reason: Mapped[str] = mapped_column(word(40))
    contested_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Outage(Base):
    """A time in which the platform could not serve; deadlines are credited once for it."""

    __tablename__ = "outages"

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    announced: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(text(200))
    credited_at: Mapped[datetime | None] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the parties of running trades were told that it was announced."""


class Heartbeat(Base):
    """A sign of life of a scope, written every five seconds."""

    __tablename__ = "heartbeats"

    scope: Mapped[str] = mapped_column(word(24), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(Instant)
    counter: Mapped[int] = mapped_column(BigInteger)
