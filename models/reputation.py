"""Ratings, and the sums about people that their public profiles are made of.

The sums are kept with each completed trade and equal a recomputation; a profile reads a bounded
number of rows, however long the history is.
"""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Instant, one_of, text, word


class Duty(enum.StrEnum):
    """What a side of a trade does in time or too late."""

    PAY = "pay"
    """The buyer, from the match to "paid"."""
    RELEASE = "release"
    """The seller, from "paid" to the release."""


class Rating(Base):
    """What one side of a completed trade says of the other, once."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("trade_id", "rater_id"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars_known"),
        CheckConstraint("rater_id <> rated_id", name="not_oneself"),
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        Index("ix_ratings_rated_id_revealed_at_id", "rated_id", "revealed_at", "id"),
        Index("ix_ratings_rater_id_id", "rater_id", "id"),
        Index("ix_ratings_revealed_at_reveal_at", "revealed_at", "reveal_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    rater_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    rated_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    rated_role: Mapped[str] = mapped_column(word(8))
    """buyer or seller: what the rated one was in the trade."""
    stars: Mapped[int] = mapped_column(SmallInteger)
    tags: Mapped[str] = mapped_column(word(200))
    """Words of the closed list of the role, separated by spaces."""
    comment: Mapped[str] = mapped_column(text(300))
    weight: Mapped[int] = mapped_column(BigInteger)
    """The trade's amount in micro-USDT times the age factor of who rates, at the time."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    reveal_at: Mapped[datetime] = mapped_column(Instant)
    """When the time to rate is over, so that nothing is hidden any more."""
    revealed_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when others see it and it counts."""


class ReputationPair(Base):
    """What one user did with another, and what the other says of him."""

    __tablename__ = "reputation_pairs"
    __table_args__ = (
        CheckConstraint("user_id <> other_id", name="two_people"),
        CheckConstraint(
            "stars_weight BETWEEN weight AND 5 * weight", name="between_one_and_five_stars"
        ),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    trades: Mapped[int] = mapped_column(Integer, server_default="0")
    """Completed ones between the two."""
    volume: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Of these, micro-USDT."""
    ratings: Mapped[int] = mapped_column(Integer, server_default="0")
    """By the other, revealed."""
    weight: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The weights of these ratings together."""
    stars_weight: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The same, each times its stars."""
    linked: Mapped[bool] = mapped_column(server_default="0")
    """The two are thought to be one person: nothing of this counts."""


class Reputation(Base):
    """The sums over a user's pairs, each pair counted as far as the rules let it count."""

    __tablename__ = "reputations"
    __table_args__ = (
        CheckConstraint(
            "counterparties >= 0 AND excess >= 0 AND raters >= 0 AND score_weight >= 0",
            name="not_negative",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    counterparties: Mapped[int] = mapped_column(Integer, server_default="0")
    """Different people with a completed trade, linked ones left out."""
    volume: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Micro-USDT with them."""
    excess: Mapped[int] = mapped_column(Integer, server_default="0")
    """Completed trades that raise no trust: with linked people, or too many with one."""
    raters: Mapped[int] = mapped_column(Integer, server_default="0")
    ratings: Mapped[int] = mapped_column(Integer, server_default="0")
    score_weight: Mapped[int] = mapped_column(BigInteger, server_default="0")
    score_sum: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The score is this sum divided by the weight."""


class ReputationDay(Base):
    """How a user's trades of one day ended."""

    __tablename__ = "reputation_days"
    __table_args__ = (Index("ix_reputation_days_day", "day"),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """Days since 1970, UTC."""
    completed: Mapped[int] = mapped_column(Integer, server_default="0")
    ended: Mapped[int] = mapped_column(Integer, server_default="0")
    """Completed ones and those that this user's fault ended."""


class ReputationTime(Base):
    """How often a user did a duty within a time."""

    __tablename__ = "reputation_times"
    __table_args__ = (one_of("duty", Duty),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(word(8), primary_key=True)
    within_s: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """One of the closed list of times; the least that was enough."""
    count: Mapped[int] = mapped_column(Integer, server_default="0")
