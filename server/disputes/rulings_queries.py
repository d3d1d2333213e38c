"""The SQL of rulings, of second looks at them, and of what is learnt from them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, and_, case, func, insert, select, update

from models.identity import Profile
from models.rulings import CaseAudit, Precedent, PrecedentTerm, Ruling, RulingStatus
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
_RULING = tuple(Ruling.__table__.columns)
_AUDIT = tuple(CaseAudit.__table__.columns)
SCANNED_MAX = 500
"""Precedents that one page looks through at most, however few of them fit."""
STAFF_MAX = 500


def insert_ruling(values: dict[str, Any]) -> Insert:
    """Rule."""
    return insert(Ruling).values(**values)


def rulings_of(case_id: UUID, *, lock: bool = False) -> Selected:
    """The rulings of a case, the first one first."""
    statement = select(*_RULING).where(Ruling.case_id == case_id).order_by(Ruling.round)
    return statement.with_for_update() if lock else statement


def ruling(ruling_id: UUID, *, lock: bool = False) -> Selected:
    """One ruling."""
    statement = select(*_RULING).where(Ruling.id == ruling_id)
    return statement.with_for_update() if lock else statement


def end_ruling(
    ruling_id: UUID, status: RulingStatus, now: datetime, *, audit_look: bool = False
) -> Update:
    """A standing ruling stands no more."""
    return (
        update(Ruling)
        .where(Ruling.id == ruling_id, Ruling.status == RulingStatus.STANDING)
        .values(status=status.value, ended_at=now, audit_look=audit_look)
    )


def mark_reversed(ruling_id: UUID) -> Update:
    """The second ruling says something else than this one."""
    return (
        update(Ruling)
        .where(Ruling.id == ruling_id, Ruling.reversed.is_(False))
        .values(reversed=True)
    )


def to_look_at(limit: int) -> Selected:
    """Rulings that were carried out and of which nothing was learnt yet."""
    return select(Ruling.id).where(Ruling.audit_look.is_(True)).order_by(Ruling.id).limit(limit)


def looked_at(ruling_id: UUID) -> Update:
    """The lot was drawn and the precedent written."""
    return (
        update(Ruling)
        .where(Ruling.id == ruling_id, Ruling.audit_look.is_(True))
        .values(audit_look=False)
    )


def insert_audit(values: dict[str, Any]) -> Insert:
    """A case is to be looked at again."""
    return insert(CaseAudit).values(**values)


def audit(audit_id: UUID, *, lock: bool = False) -> Selected:
    """One second look."""
    statement = select(*_AUDIT).where(CaseAudit.id == audit_id)
    return statement.with_for_update() if lock else statement


def update_audit(audit_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """Change an open second look that is still at `version`."""
    return (
        update(CaseAudit)
        .where(CaseAudit.id == audit_id, CaseAudit.version == version, CaseAudit.open.is_(True))
        .values(version=version + 1, **values)
    )


def audits_to_give(now: datetime, limit: int) -> Selected:
    """Open second looks that nobody has or had for too long."""
    return (
        select(CaseAudit.id)
        .where(CaseAudit.open.is_(True), CaseAudit.due_at <= now)
        .order_by(CaseAudit.due_at, CaseAudit.id)
        .limit(limit)
    )


def audits_of(auditor_id: UUID, *, is_open: bool, before: UUID | None, limit: int) -> Selected:
    """Second looks of somebody, newest first, older than `before`."""
    statement = (
        select(*_AUDIT)
        .where(CaseAudit.auditor_id == auditor_id, CaseAudit.open == is_open)
        .order_by(CaseAudit.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, CaseAudit, "ix_case_audits_auditor_id_open_id")
    return statement if before is None else statement.where(CaseAudit.id < before)


def open_audits(case_id: UUID) -> Selected:
    """Who looks at a case again now."""
    return select(CaseAudit.auditor_id).where(
        CaseAudit.case_id == case_id, CaseAudit.open.is_(True)
    )


def audit_loads() -> Selected:
    """How many cases each of those who look again has."""
    return (
        select(CaseAudit.auditor_id, func.count().label("load"))
        .where(CaseAudit.open.is_(True), CaseAudit.auditor_id.is_not(None))
        .group_by(CaseAudit.auditor_id)
    )


def statistics(since: datetime, until: datetime) -> Selected:
    """What each of those who ruled did in a time; sums of whole seconds."""
    first = Ruling.round == 1
    return (
        select(
            Ruling.ruler_id,
            Profile.username,
            func.count().label("rulings"),
            func.sum(case((first, 1), else_=0)).label("first_rulings"),
            func.sum(case((and_(first, Ruling.status == RulingStatus.OBJECTED), 1), else_=0)).label(
                "objected"
            ),
            func.sum(case((Ruling.reversed.is_(True), 1), else_=0)).label("reversed"),
            func.sum(Ruling.waited_s).label("waited_s"),
            func.sum(Ruling.worked_s).label("worked_s"),
            func.max(Ruling.worked_s).label("longest_s"),
            func.sum(case((CaseAudit.verdict.is_not(None), 1), else_=0)).label("audited"),
            func.sum(case((CaseAudit.verdict == "disagree", 1), else_=0)).label("disagreed"),
        )
        .join(Profile, Profile.user_id == Ruling.ruler_id)
        .outerjoin(CaseAudit, CaseAudit.ruling_id == Ruling.id)
        .where(Ruling.ruled_at >= since, Ruling.ruled_at < until)
        .group_by(Ruling.ruler_id, Profile.username)
        .order_by(Ruling.ruler_id)
        .limit(STAFF_MAX)
    )


def insert_precedent(values: dict[str, Any]) -> Insert:
    """Keep how a case was decided."""
    return insert(Precedent).values(**values)


def insert_terms(precedent_id: UUID, terms: Iterable[str]) -> tuple[Insert, list[dict[str, Any]]]:
    """By what it is found."""
    rows = [{"term": term, "precedent_id": precedent_id} for term in terms]
    return insert(PrecedentTerm), rows


def find_precedents(terms: Sequence[str], before: UUID | None, limit: int) -> Selected:
    """The next stretch of precedents with the first term, newest first, older than `before`.

    `terms` counts how many of the other terms each has. The stretch has its bound, so that a page
    costs the same however many precedents there are and however few of them fit.
    """
    if terms:
        source = select(PrecedentTerm.precedent_id.label("id")).where(
            PrecedentTerm.term == terms[0]
        )
        place: Any = PrecedentTerm.precedent_id
    else:
        source, place = select(Precedent.id.label("id")), Precedent.id
    if before is not None:
        source = source.where(place < before)
    stretch = source.order_by(place.desc()).limit(limit).subquery()
    count = func.count(PrecedentTerm.term)
    return (
        select(stretch.c.id, count.label("terms"))
        .outerjoin(
            PrecedentTerm,
            and_(
                PrecedentTerm.precedent_id == stretch.c.id,
                PrecedentTerm.term.in_(list(terms[1:]) or ["-"]),
            ),
        )
        .group_by(stretch.c.id)
        .order_by(stretch.c.id.desc())
    )


def precedents(precedent_ids: Sequence[UUID]) -> Selected:
    """Some precedents, newest first."""
    return (
        select(*Precedent.__table__.columns)
        .where(Precedent.id.in_(list(precedent_ids)))
        .order_by(Precedent.id.desc())
    )
