"""The staff's desk of cases: who works on them, how they were ruled, and what is learnt from it."""

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

from models.base import LONG_TEXT, Base, Id, Instant, one_of, text, word
from models.disputes import Award


class CaseKind(enum.StrEnum):
    """What a case of the desk is about."""

    DISPUTE = "dispute"
    """An open trade; it ends with a ruling or an agreement."""
    CLAIM = "claim"
    """A trade that has ended; the claim is upheld, rejected or withdrawn."""


class RulingStatus(enum.StrEnum):
    """Where a ruling stands."""

    STANDING = "standing"
    """It waits for its window, and is then carried out."""
    OBJECTED = "objected"
    """A party objected in time; somebody else rules anew."""
    CARRIED_OUT = "carried_out"
    """The escrow went as it says."""
    VOID = "void"
    """The parties ended the case themselves before."""


class Verdict(enum.StrEnum):
    """What a second look at a closed case finds."""

    AGREE = "agree"
    DISAGREE = "disagree"


class DeskCase(Base):
    """A case as the desk has it: how urgent it is and who works on it."""

    __tablename__ = "desk_cases"
    __table_args__ = (
        one_of("kind", CaseKind),
        CheckConstraint("priority IN (1, 2, 3)", name="priority_known"),
        CheckConstraint("round IN (1, 2)", name="one_objection"),
        CheckConstraint("(assignee_id IS NULL) = (assigned_at IS NULL)", name="assigned_once"),
        Index("ix_desk_cases_open_due_at_case_id", "open", "due_at", "case_id"),
        Index("ix_desk_cases_kind_open_due_at_case_id", "kind", "open", "due_at", "case_id"),
        Index("ix_desk_cases_assignee_id_open_due_at", "assignee_id", "open", "due_at", "case_id"),
        Index("ix_desk_cases_trade_id", "trade_id"),
    )

    case_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    """The dispute or the claim."""
    kind: Mapped[str] = mapped_column(word(8))
    trade_id: Mapped[UUID] = mapped_column(Id)
    open: Mapped[bool] = mapped_column()
    """Somebody has to decide. False while a ruling waits for its window, and once closed."""
    round: Mapped[int] = mapped_column(SmallInteger)
    """1, or 2 after the objection."""
    priority: Mapped[int] = mapped_column(SmallInteger)
    """1 is the most urgent."""
    signals: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON: why it is as urgent as it is."""
    amount: Mapped[int] = mapped_column(BigInteger)
    """Micro-USDT."""
    reason: Mapped[str] = mapped_column(word(40))
    method_id: Mapped[str] = mapped_column(word(40))
    due_at: Mapped[datetime] = mapped_column(Instant)
    """Until when it shall be ruled; the queue's order. Waiting makes every case urgent."""
    assignee_id: Mapped[UUID | None] = mapped_column(Id)
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)


class CaseAssignment(Base):
    """Somebody was given a case; the row is closed when somebody else is."""

    __tablename__ = "case_assignments"
    __table_args__ = (
        Index("ix_case_assignments_case_id_id", "case_id", "id"),
        Index("ix_case_assignments_assignee_id_id", "assignee_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Id)
    assignee_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    assigned_by: Mapped[UUID | None] = mapped_column(Id)
    """Nobody: drawn by lot."""
    reason: Mapped[str] = mapped_column(text(500))
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class CaseNote(Base):
    """What staff write about a case for each other; no party ever reads it."""

    __tablename__ = "case_notes"
    __table_args__ = (Index("ix_case_notes_case_id_id", "case_id", "id"),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Id)
    author_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(text(2000))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Ruling(Base):
    """What was decided about a case; the money moves later, in a step of its own."""

    __tablename__ = "rulings"
    __table_args__ = (
        one_of("outcome", Award),
        one_of("status", RulingStatus),
        UniqueConstraint("case_id", "round"),
        CheckConstraint("buyer_amount + seller_amount = amount", name="parts_sum"),
        CheckConstraint("buyer_amount >= 0 AND seller_amount >= 0", name="parts_not_negative"),
        CheckConstraint(
            "(outcome <> 'release' OR seller_amount = 0)"
            " AND (outcome <> 'refund' OR buyer_amount = 0)"
            " AND (outcome <> 'split' OR (buyer_amount > 0 AND seller_amount > 0))",
            name="parts_as_outcome",
        ),
        CheckConstraint("round IN (1, 2)", name="one_objection"),
        CheckConstraint("ruler_id <> approver_id", name="two_people"),
        CheckConstraint(
            "(status <> 'standing' OR ended_at IS NULL)"
            " AND (status NOT IN ('objected', 'carried_out', 'void') OR ended_at IS NOT NULL)",
            name="ended_once",
        ),
        Index("ix_rulings_ruled_at_id", "ruled_at", "id"),
        Index("ix_rulings_trade_id", "trade_id"),
        Index("ix_rulings_audit_look_id", "audit_look", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Id)
    trade_id: Mapped[UUID] = mapped_column(Id)
    round: Mapped[int] = mapped_column(SmallInteger)
    ruler_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    approver_id: Mapped[UUID | None] = mapped_column(Id)
    """The second person, above the limit."""
    outcome: Mapped[str] = mapped_column(word(8))
    amount: Mapped[int] = mapped_column(BigInteger)
    """The trade's, in micro-USDT."""
    buyer_amount: Mapped[int] = mapped_column(BigInteger)
    """Before the buyer's fee."""
    seller_amount: Mapped[int] = mapped_column(BigInteger)
    reason_code: Mapped[str] = mapped_column(word(40))
    text_en: Mapped[str] = mapped_column(text(2000))
    text_vi: Mapped[str] = mapped_column(text(2000))
    status: Mapped[str] = mapped_column(word(12))
    ruled_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    waited_s: Mapped[int] = mapped_column(BigInteger)
    """From the opening, or the objection, to the ruling."""
    worked_s: Mapped[int] = mapped_column(BigInteger)
    """From the assignment to the ruling."""
    reversed: Mapped[bool] = mapped_column()
    """The second ruling says something else."""
    audit_look: Mapped[bool] = mapped_column()
    """Carried out, and the lot whether it is looked at again has yet to be drawn."""


class Objection(Base):
    """A party does not accept a ruling; there is one in a case."""

    __tablename__ = "objections"
    __table_args__ = (Index("ix_objections_user_id_case_id", "user_id", "case_id"),)

    case_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    statement: Mapped[str] = mapped_column(text(2000))
    evidence: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON: the new evidence, by identifier."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class CannedText(Base):
    """A text that staff use again and again, in one language. Insert-only: an edit is a version."""

    __tablename__ = "canned_texts"
    __table_args__ = (CheckConstraint("version > 0", name="version_positive"),)

    name: Mapped[str] = mapped_column(word(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text_en: Mapped[str] = mapped_column(text(2000))
    text_vi: Mapped[str] = mapped_column(text(2000))
    retired: Mapped[bool] = mapped_column()
    """From this version on nobody is offered it."""
    author_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class CaseAudit(Base):
    """A closed case that was drawn to be looked at again by somebody else."""

    __tablename__ = "case_audits"
    __table_args__ = (
        UniqueConstraint("ruling_id"),
        CheckConstraint("verdict IN ('agree', 'disagree')", name="verdict_known"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_once"),
        Index("ix_case_audits_auditor_id_open_id", "auditor_id", "open", "id"),
        Index("ix_case_audits_open_due_at_id", "open", "due_at", "id"),
        Index("ix_case_audits_case_id", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    ruling_id: Mapped[UUID] = mapped_column(Id)
    case_id: Mapped[UUID] = mapped_column(Id)
    open: Mapped[bool] = mapped_column()
    auditor_id: Mapped[UUID | None] = mapped_column(Id)
    """Nobody while nobody is free."""
    verdict: Mapped[str | None] = mapped_column(word(8))
    note: Mapped[str | None] = mapped_column(text(2000))
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    """When it goes to somebody else."""
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer)


class Precedent(Base):
    """How a case was decided, without anything that says whose it was.

    Its identifier carries the day of the ruling and chance, not the instant.
    """

    __tablename__ = "precedents"
    __table_args__ = (one_of("outcome", Award),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    reason: Mapped[str] = mapped_column(word(40))
    method_id: Mapped[str] = mapped_column(word(40))
    outcome: Mapped[str] = mapped_column(word(8))
    amount_band: Mapped[str] = mapped_column(word(12))
    reason_code: Mapped[str] = mapped_column(word(40))
    text_en: Mapped[str] = mapped_column(text(2000))
    text_vi: Mapped[str] = mapped_column(text(2000))


class PrecedentTerm(Base):
    """A word or a property by which a precedent is found, newest first."""

    __tablename__ = "precedent_terms"

    term: Mapped[str] = mapped_column(text(64), primary_key=True)
    """`word:receipt`, `rail:vn-momo`, `outcome:refund` ..."""
    precedent_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
