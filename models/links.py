"""What accounts have in common, which of them are thought to be one person's, and flags of trades
that follow from who pays."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Digest, Id, Instant, one_of, text, word


class SignalKind(enum.StrEnum):
    """By what two accounts can be found to be one person's."""

    DEVICE = "device"
    """The same device signed in to both."""
    ADDRESS = "address"
    """Both signed in from one address."""
    NETWORK = "network"
    """Both signed in from one network."""
    PAYER = "payer"
    """Trades of both were paid by somebody of one name."""
    PAYMENT_ACCOUNT = "payment_account"
    """Both gave one payment account as their own."""


class LinkStatus(enum.StrEnum):
    """What is thought of two accounts."""

    SUSPECTED = "suspected"
    """Not enough to keep them apart."""
    LINKED = "linked"
    """By the rules: they never match."""
    CONFIRMED = "confirmed"
    """By the staff: they never match."""
    DISMISSED = "dismissed"
    """By the staff: two people, whatever they have in common."""


APART = (LinkStatus.LINKED.value, LinkStatus.CONFIRMED.value)
"""What keeps two accounts from matching."""


class FlagKind(enum.StrEnum):
    """What is odd about a trade."""

    TRIANGULATION = "triangulation"
    """The same payer, device, amount and minute as in a trade with another seller."""
    THIRD_PARTY_PAYER = "third_party_payer"
    """The payer is not the buyer, as far as his identity was checked."""
    REFERENCE_REUSED = "reference_reused"
    """The payment's reference was given for another trade, too."""


class FlagStatus(enum.StrEnum):
    """Where a flag stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class LinkSignal(Base):
    """Something by which an account can be found to be somebody's, by a keyed digest."""

    __tablename__ = "link_signals"
    __table_args__ = (
        one_of("kind", SignalKind),
        Index("ix_link_signals_user_id_kind", "user_id", "kind"),
        Index("ix_link_signals_checked_at_first_at", "checked_at", "first_at"),
        Index("ix_link_signals_seen_at", "seen_at"),
    )

    kind: Mapped[str] = mapped_column(word(16), primary_key=True)
    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the others who have it were looked at."""


class AccountLink(Base):
    """Two accounts that have so much in common that somebody should know."""

    __tablename__ = "account_links"
    __table_args__ = (
        one_of("status", LinkStatus),
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="ordered"),
        Index("ix_account_links_high_id", "high_id"),
        Index("ix_account_links_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    low_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    high_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    score: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON: each kind of signal with its points and how many accounts have it."""
    status: Mapped[str] = mapped_column(word(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str | None] = mapped_column(text(500))


class Payer(Base):
    """Somebody who was declared as a payer lately; locked while his trades are compared."""

    __tablename__ = "payers"
    __table_args__ = (Index("ix_payers_seen_at", "seen_at"),)

    payer: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    """Keyed digest of the name."""
    seen_at: Mapped[datetime] = mapped_column(Instant)


class PayerSighting(Base):
    """That a payer was declared for a trade; what the radar compares."""

    __tablename__ = "payer_sightings"
    __table_args__ = (Index("ix_payer_sightings_payer_declared_at", "payer", "declared_at"),)

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    payer: Mapped[bytes] = mapped_column(Digest(32))
    """Keyed digest of the payer's name."""
    buyer_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    seller_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    market: Mapped[str] = mapped_column(word(24))
    fiat_minor: Mapped[int] = mapped_column(BigInteger)
    is_buyer: Mapped[bool] = mapped_column()
    """The payer is the buyer, whose identity was checked."""
    declared_at: Mapped[datetime] = mapped_column(Instant, index=True)


class PaymentReference(Base):
    """That a reference was given for the payment of a trade."""

    __tablename__ = "payment_references"
    __table_args__ = (Index("ix_payment_references_given_at", "given_at"),)

    reference: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    """Keyed digest of the rail and the reference in one spelling."""
    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    given_at: Mapped[datetime] = mapped_column(Instant)


class TradeFlag(Base):
    """Something odd about a trade; both parties see it, one kind holds the release."""

    __tablename__ = "trade_flags"
    __table_args__ = (
        one_of("kind", FlagKind),
        one_of("status", FlagStatus),
        UniqueConstraint("trade_id", "kind"),
        Index("ix_trade_flags_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(word(20))
    other_trade_id: Mapped[UUID | None] = mapped_column(Id)
    """What it was compared with; for the staff alone."""
    score: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON: what agreed, with its points; for the staff alone."""
    holds: Mapped[bool] = mapped_column()
    """Nothing of the trade is released while it is open."""
    status: Mapped[str] = mapped_column(word(8))
    buyer_agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    seller_agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    resolved_by: Mapped[UUID | None] = mapped_column(Id)
    """Who of the staff; none when both parties did."""
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str | None] = mapped_column(text(500))
