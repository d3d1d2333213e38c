"""Names of users that were looked for in lists of people with whom nobody may deal."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Digest, Id, Instant, one_of, text, word


class HitStatus(enum.StrEnum):
    """What compliance found of a hit."""

    OPEN = "open"
    FALSE_MATCH = "false_match"
    """Somebody of the same name."""
    TRUE_MATCH = "true_match"
    """He is the listed person; his account is frozen."""


class NameScreening(Base):
    """The last time that the name of an application was looked for."""

    __tablename__ = "name_screenings"
    __table_args__ = (Index("ix_name_screenings_screened_at", "screened_at"),)

    application_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    list_version: Mapped[str] = mapped_column(word(64))
    """The list as it was; another one is looked through again."""
    screened_at: Mapped[datetime] = mapped_column(Instant)


class ScreeningHit(Base):
    """An entry of a list that may be a user, who never hears of it."""

    __tablename__ = "screening_hits"
    __table_args__ = (
        one_of("status", HitStatus),
        CheckConstraint(
            "(decided_by IS NULL OR status <> 'open') AND (decided_by IS NOT NULL OR"
            " status NOT IN ('false_match', 'true_match'))",
            name="decided_by_somebody",
        ),
        CheckConstraint("decided_by IS NULL OR decided_by <> user_id", name="not_by_oneself"),
        UniqueConstraint("application_id", "digest"),
        Index("ix_screening_hits_status_id", "status", "id"),
        Index("ix_screening_hits_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    application_id: Mapped[UUID] = mapped_column(Id)
    """Whose name was looked for."""
    digest: Mapped[bytes] = mapped_column(Digest(32))
    """Of the entry: one that changed is another hit, one that did not is none."""
    status: Mapped[str] = mapped_column(word(12))
    version: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes | None] = mapped_column(BLOB)
    """JSON of the person and of the entry, encrypted; gone once purged."""
    found_at: Mapped[datetime] = mapped_column(Instant)
    claimed_by: Mapped[UUID | None] = mapped_column(Id)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(text(500))
