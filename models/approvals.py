"""Proposals that other people must approve, and how each of them decided."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Digest, Id, Instant, one_of, text, word


class ProposalStatus(enum.StrEnum):
    """What has become of a proposal."""

    OPEN = "open"
    CARRIED_OUT = "carried_out"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Proposal(Base):
    """An act of the staff that takes more than one person."""

    __tablename__ = "proposals"
    __table_args__ = (
        one_of("status", ProposalStatus),
        CheckConstraint("approvals_needed IN (1, 2)", name="approvals_one_or_two"),
        CheckConstraint("expires_at > created_at", name="expires_later"),
        CheckConstraint("(closed_at IS NULL) = (open_slot IS NOT NULL)", name="slot_while_open"),
        Index("ix_proposals_status_expires_at", "status", "expires_at"),
        Index("ix_proposals_status_id", "status", "id"),
        Index("ix_proposals_kind_id", "kind", "id"),
        Index("ix_proposals_requester_id_status", "requester_id", "status"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(word(32))
    object_kind: Mapped[str] = mapped_column(word(24))
    object_id: Mapped[str] = mapped_column(word(80))
    object_version: Mapped[str] = mapped_column(word(64))
    """What the object was like when it was proposed."""
    body: Mapped[str] = mapped_column(LONG_TEXT)
    """Canonical JSON of what is to be done."""
    hash: Mapped[bytes] = mapped_column(Digest(32))
    """SHA-256 over everything above, the requester and the expiry."""
    requester_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(text(500))
    approvals_needed: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(word(16))
    version: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    open_slot: Mapped[bytes | None] = mapped_column(Digest(32), unique=True)
    """The same act is open once only; none when it is closed."""


class ProposalVote(Base):
    """How one person decided a proposal."""

    __tablename__ = "proposal_votes"

    proposal_id: Mapped[UUID] = mapped_column(Id, ForeignKey("proposals.id"), primary_key=True)
    voter_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    approved: Mapped[bool] = mapped_column()
    reason: Mapped[str | None] = mapped_column(text(500))
    voted_at: Mapped[datetime] = mapped_column(Instant)
