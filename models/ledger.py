"""Double-entry ledger: accounts, transfers, postings, holds, lots."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Instant, one_of, word


class AccountKind(enum.StrEnum):
    """The accounts that every user has in each asset."""

    AVAILABLE = "available"
    """Free to sell, transfer or withdraw."""
    RESERVED = "reserved"
    """Behind open sell orders, and returns that the lane has not given back yet."""
    ESCROW = "escrow"
    """Behind open trades."""
    HELD = "held"
    """Bought USDT in lots that are not released yet."""
    WITHDRAWAL = "withdrawal"
    """Behind withdrawals under way."""
    BOND = "bond"
    """A bond for resting buy orders."""


class Resolution(enum.StrEnum):
    """How an escrow ended."""

    RELEASED = "released"
    REFUNDED = "refunded"
    SPLIT = "split"


class Account(Base):
    """A user's balance in one account, cached from its postings."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        one_of("kind", AccountKind),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    asset: Mapped[str] = mapped_column(word(12), primary_key=True)
    kind: Mapped[str] = mapped_column(word(12), primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)
    """Micro-units."""
    seq: Mapped[int] = mapped_column(BigInteger)
    """Number of its postings."""


class Transfer(Base):
    """One movement: debits one account, credits another. Never changed or deleted.

    A side without a user is a platform account (`fees`, `suspense`, `custody:tron` ...).
    """

    __tablename__ = "transfers"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    asset: Mapped[str] = mapped_column(word(12))
    amount: Mapped[int] = mapped_column(BigInteger)
    """Micro-units."""
    debit_user_id: Mapped[UUID | None] = mapped_column(Id)
    debit_kind: Mapped[str] = mapped_column(word(24))
    credit_user_id: Mapped[UUID | None] = mapped_column(Id)
    credit_kind: Mapped[str] = mapped_column(word(24))
    reason: Mapped[str] = mapped_column(word(24))
    """Why: `order_reserved`, `trade_opened`, `trade_released`, `trade_fee` ..."""
    subject_id: Mapped[UUID | None] = mapped_column(Id)
    """The order, trade, deposit or withdrawal it belongs to."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class Posting(Base):
    """One side of a transfer on a user's account, numbered without gaps.

    A transfer posts to an account once. Its identifier sorts by time, so a user's history over all
    accounts is read by keyset from that unique index; there is no column of time.
    """

    __tablename__ = "postings"
    __table_args__ = (
        CheckConstraint("balance_after >= 0", name="balance_after_not_negative"),
        CheckConstraint("account_seq > 0", name="account_seq_positive"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        UniqueConstraint("user_id", "transfer_id", "kind"),
    )

    user_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    asset: Mapped[str] = mapped_column(word(12), primary_key=True)
    kind: Mapped[str] = mapped_column(word(12), primary_key=True)
    account_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(Id)
    amount: Mapped[int] = mapped_column(BigInteger)
    """Signed: a credit is positive."""
    balance_after: Mapped[int] = mapped_column(BigInteger)


class PlatformPosting(Base):
    """One side of a transfer on a platform account; no running balance to fight over."""

    __tablename__ = "platform_postings"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount_not_zero"),)

    account: Mapped[str] = mapped_column(word(24), primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    asset: Mapped[str] = mapped_column(word(12))
    amount: Mapped[int] = mapped_column(BigInteger)
    """Signed: a credit is positive."""


class PlatformRollup(Base):
    """The sum of a platform account's postings up to a transfer, kept by a job."""

    __tablename__ = "platform_rollups"

    account: Mapped[str] = mapped_column(word(24), primary_key=True)
    asset: Mapped[str] = mapped_column(word(12), primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)
    through_transfer_id: Mapped[UUID] = mapped_column(Id)
    """The last transfer counted."""


class Hold(Base):
    """The seller's USDT locked for one trade: amount and his fee. Resolved exactly once."""

    __tablename__ = "holds"
    __table_args__ = (
        one_of("resolution", Resolution),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(resolution IS NULL AND resolved_at IS NULL AND paid_out = 0 AND fees = 0"
            " AND given_back = 0) OR (resolution IS NOT NULL AND resolved_at IS NOT NULL"
            " AND paid_out + fees + given_back = amount)",
            name="parts_sum",
        ),
    )

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    seller_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    asset: Mapped[str] = mapped_column(word(12))
    amount: Mapped[int] = mapped_column(BigInteger)
    resolution: Mapped[str | None] = mapped_column(word(12))
    paid_out: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """To the buyer, after his fee."""
    fees: Mapped[int] = mapped_column(BigInteger, server_default="0")
    given_back: Mapped[int] = mapped_column(BigInteger, server_default="0")
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)


class Lot(Base):
    """Bought USDT of one trade that is not withdrawable yet, or USDT held for a claim about it."""

    __tablename__ = "lots"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_lots_released_at_release_at", "released_at", "release_at"),
        Index("ix_lots_user_id_release_at", "user_id", "release_at"),
    )

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    asset: Mapped[str] = mapped_column(word(12))
    amount: Mapped[int] = mapped_column(BigInteger)
    release_at: Mapped[datetime] = mapped_column(Instant)
    frozen_at: Mapped[datetime | None] = mapped_column(Instant)
    """Set while a claim about the trade is open."""
    released_at: Mapped[datetime | None] = mapped_column(Instant)
