"""Prices and volume of completed trades by span of time, and how far they are counted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Instant, word


class Candle(Base):
    """The completed trades of one span of a market. Spans without a trade have no row."""

    __tablename__ = "candles"
    __table_args__ = (
        CheckConstraint(
            "low_ticks <= open_ticks AND low_ticks <= close_ticks"
            " AND open_ticks <= high_ticks AND close_ticks <= high_ticks",
            name="prices_ordered",
        ),
        CheckConstraint("trades > 0 AND volume_micro > 0", name="counts_something"),
        Index("ix_candles_span_s_started_at", "span_s", "started_at"),
    )

    market: Mapped[str] = mapped_column(word(24), primary_key=True)
    span_s: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Its length in seconds."""
    started_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    """A multiple of its length since the epoch, UTC."""
    open_ticks: Mapped[int] = mapped_column(BigInteger)
    high_ticks: Mapped[int] = mapped_column(BigInteger)
    low_ticks: Mapped[int] = mapped_column(BigInteger)
    close_ticks: Mapped[int] = mapped_column(BigInteger)
    volume_micro: Mapped[int] = mapped_column(BigInteger)
    """USDT that changed hands, micro-units."""
    turnover_ticks: Mapped[int] = mapped_column(BigInteger)
    """Its worth in the currency, in ticks; each trade's rounded down."""
    trades: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(Instant)
    first_id: Mapped[UUID] = mapped_column(Id)
    """The trade that gave the opening price: of the earliest the one with the smallest id."""
    last_at: Mapped[datetime] = mapped_column(Instant)
    last_id: Mapped[UUID] = mapped_column(Id)
    """The trade that gave the closing price."""


class CandleMark(Base):
    """The last tape row of a market that its candles have counted."""

    __tablename__ = "candle_marks"

    market: Mapped[str] = mapped_column(word(24), primary_key=True)
    batch: Mapped[int] = mapped_column(BigInteger)
    """The lane's batch that consumed it; batches commit one after the other."""
    inbox_id: Mapped[UUID] = mapped_column(Id)
    """Its place within the batch."""
