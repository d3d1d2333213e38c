"""Markets, their settings, their price index."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Id, Instant, one_of, text, word


class MarketStatus(enum.StrEnum):
    """Whether a market takes orders."""

    OPEN = "open"
    PAUSED = "paused"
    """No new orders and no matching; open trades go on."""


class Market(Base):
    """An asset against one fiat currency. Insert-only."""

    __tablename__ = "markets"

    id: Mapped[str] = mapped_column(word(24), primary_key=True)
    """`USDT-VND`."""
    asset: Mapped[str] = mapped_column(word(12))
    currency: Mapped[str] = mapped_column(word(3))
    """ISO 4217."""
    minor_digits: Mapped[int] = mapped_column(SmallInteger)
    """Decimal places of the currency."""
    price_digits: Mapped[int] = mapped_column(SmallInteger)
    """Decimal places of a price: one tick is 10**-price_digits of the currency."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class MarketSettings(Base):
    """What changes of a market; nothing references it."""

    __tablename__ = "market_settings"
    __table_args__ = (
        one_of("status", MarketStatus),
        CheckConstraint(
            "0 < amount_min_micro AND amount_min_micro <= amount_max_micro", name="amounts_ordered"
        ),
    )

    market: Mapped[str] = mapped_column(word(24), primary_key=True)
    status: Mapped[str] = mapped_column(word(12))
    maker_fee_ppm: Mapped[int] = mapped_column(Integer)
    taker_fee_ppm: Mapped[int] = mapped_column(Integer)
    amount_min_micro: Mapped[int] = mapped_column(BigInteger)
    """The least a trade may move."""
    amount_max_micro: Mapped[int] = mapped_column(BigInteger)
    band_bp: Mapped[int] = mapped_column(Integer)
    """How far a fixed price or a margin may be from the index, in basis points."""
    version: Mapped[int] = mapped_column(BigInteger)


class MarketIndex(Base):
    """The newest accepted index of a market and the switch of its floating side."""

    __tablename__ = "market_indexes"

    market: Mapped[str] = mapped_column(word(24), primary_key=True)
    index_ticks: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime] = mapped_column(Instant)
    """When the sources were read; older than 120 s is stale."""
    floating_on: Mapped[bool] = mapped_column()
    """Off while the index is stale or a large step waits for a second reading."""
    pending_ticks: Mapped[int | None] = mapped_column(BigInteger)
    """A reading more than 3 % away that waits to be confirmed."""


class IndexOverride(Base):
    """An index that two people set for a time, in place of what the sources say."""

    __tablename__ = "index_overrides"
    __table_args__ = (
        CheckConstraint("index_ticks > 0", name="index_positive"),
        CheckConstraint("ends_at > began_at", name="ends_later"),
        CheckConstraint("(ended_at IS NULL) = (running_in IS NOT NULL)", name="slot_while_running"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    market: Mapped[str] = mapped_column(word(24), ForeignKey("markets.id"))
    index_ticks: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(text(500))
    """Why, as everybody may read it."""
    set_by: Mapped[UUID] = mapped_column(Id)
    """Who proposed it."""
    began_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was taken back: at its end, or before."""
    ended_by: Mapped[UUID | None] = mapped_column(Id)
    """Who ended it early."""
    running_in: Mapped[str | None] = mapped_column(word(24), unique=True)
    """The market while it counts, so that one counts at a time."""


class IndexReading(Base):
    """One accepted or refused reading of the index, for the history."""

    __tablename__ = "index_readings"
    __table_args__ = (
        Index("ix_index_readings_market_read_at", "market", "read_at"),
        Index("ix_index_readings_step_s_read_at", "step_s", "read_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    market: Mapped[str] = mapped_column(word(24), ForeignKey("markets.id"))
    index_ticks: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime] = mapped_column(Instant)
    accepted: Mapped[bool] = mapped_column()
    source: Mapped[str] = mapped_column(text(80))
    judged: Mapped[str | None] = mapped_column(LONG_TEXT)
    """JSON: the sources that were asked, their prices, and which of them counted."""
    step_s: Mapped[int] = mapped_column(Integer, default=0)
    """The resolution that it is kept at: zero for every reading, later one a minute or an hour."""
