"""Accounts that are held, closed, or reported as suspicious."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Id, Instant, one_of, text, word


class HoldKind(enum.StrEnum):
    """Why an account is held."""

    FREEZE = "freeze"
    """By compliance: no orders, no release; the wallet can be read."""
    DORMANT = "dormant"
    """Nobody has used it for long; its owner wakes it with a proof."""
    SANCTION = "sanction"
    """Closed by a sanction that two people gave."""
    LEGAL = "legal"
    """An authority asks for what is kept: nothing of it is purged or closed."""


class SuspicionStatus(enum.StrEnum):
    """What became of a report."""

    OPEN = "open"
    FILED = "filed"
    """Told to the authority."""
    DISMISSED = "dismissed"


class AccountHold(Base):
    """One reason why an account is held; it stays when the hold is lifted."""

    __tablename__ = "account_holds"
    __table_args__ = (
        one_of("kind", HoldKind),
        Index("ix_account_holds_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(word(12))
    reason: Mapped[str] = mapped_column(text(500))
    placed_by: Mapped[UUID | None] = mapped_column(Id)
    """None for the clock."""
    placed_at: Mapped[datetime] = mapped_column(Instant)
    lifted_by: Mapped[UUID | None] = mapped_column(Id)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)


class AccountClosure(Base):
    """An account that its owner has closed."""

    __tablename__ = "account_closures"
    __table_args__ = (Index("ix_account_closures_anonymise_at", "anonymise_at"),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    anonymise_at: Mapped[datetime] = mapped_column(Instant)
    """When what names the person is forgotten, unless a legal hold keeps it."""
    anonymised_at: Mapped[datetime | None] = mapped_column(Instant)


class SuspicionReport(Base):
    """What compliance suspects of a user; he never hears of it."""

    __tablename__ = "suspicion_reports"
    __table_args__ = (
        one_of("status", SuspicionStatus),
        Index("ix_suspicion_reports_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    trade_id: Mapped[UUID | None] = mapped_column(Id)
    reported_by: Mapped[UUID] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sealed: Mapped[bytes] = mapped_column(BLOB)
    """The statement, encrypted; bound to this row's identifier."""
    status: Mapped[str] = mapped_column(word(12))
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
