"""The SQL of the desk: cases in their order, who works on them, notes, texts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, and_, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from models.approvals import Proposal, ProposalStatus, ProposalVote
from models.audit import AuditEntry
from models.devices import Device
from models.identity import PaymentAccountFlag, Profile, Standing, User
from models.rulings import CannedText, CaseAssignment, CaseNote, DeskCase, Objection
from models.trades import Trade, UserTrade
from models.trust import Sanction
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
NOTES_MAX = 200
ASSIGNMENTS_MAX = 50
EARLIER_SCANNED = 1000
"""Trades of the less busy party that are looked through for earlier ones between the two."""
EARLIER_MAX = 20
TEXTS_MAX = 200
PENALTIES_MAX = 20
_CASE = tuple(DeskCase.__table__.columns)
_ASSIGNEE = aliased(Profile, name="assignee")


def insert_case(values: dict[str, Any]) -> Insert:
    """Lay a case on the desk."""
    return insert(DeskCase).values(**values)


def case(case_id: UUID, *, lock: bool = False) -> Selected:
    """One case of the desk."""
    statement = select(*_CASE).where(DeskCase.case_id == case_id)
    return statement.with_for_update() if lock else statement


def cases_about(trade_ids: Collection[UUID]) -> Selected:
    """The cases of the desk about some trades, closed ones too."""
    return select(*_CASE).where(DeskCase.trade_id.in_(list(trade_ids)))


def update_case(case_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """Change a case that is still at `version`."""
    return (
        update(DeskCase)
        .where(DeskCase.case_id == case_id, DeskCase.version == version)
        .values(version=version + 1, **values)
    )


def page_of_cases(
    *,
    is_open: bool,
    kind: str | None,
    assignee_id: UUID | None,
    unassigned: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Selected:
    """Cases with their assignees' names, the most urgent first, beyond `after`."""
    statement = (
        select(*_CASE, _ASSIGNEE.username.label("assignee"))
        .outerjoin(_ASSIGNEE, _ASSIGNEE.user_id == DeskCase.assignee_id)
        .where(DeskCase.open == is_open)
        .order_by(DeskCase.due_at, DeskCase.case_id)
        .limit(limit)
    )
    index = "ix_desk_cases_open_due_at_case_id"
    if kind is not None:
        statement = statement.where(DeskCase.kind == kind)
        index = "ix_desk_cases_kind_open_due_at_case_id"
    if assignee_id is not None or unassigned:
        index = "ix_desk_cases_assignee_id_open_due_at"
    statement = read_along(statement, DeskCase, index)
    if assignee_id is not None:
        statement = statement.where(DeskCase.assignee_id == assignee_id)
    elif unassigned:
        statement = statement.where(DeskCase.assignee_id.is_(None))
    if after is None:
        return statement
    due_at, case_id = after
    return statement.where(
        DeskCase.due_at >= due_at,
        or_(DeskCase.due_at > due_at, DeskCase.case_id > case_id),
    )


def waiting_for_somebody(limit: int) -> Selected:
    """Open cases that nobody has, the most urgent first."""
    return (
        select(DeskCase.case_id)
        .where(DeskCase.assignee_id.is_(None), DeskCase.open.is_(True))
        .order_by(DeskCase.due_at, DeskCase.case_id)
        .limit(limit)
    )


def overdue(now: datetime, assigned_before: datetime, limit: int) -> Selected:
    """Open cases that somebody has had for long although their time to rule is over."""
    return (
        select(DeskCase.case_id, DeskCase.assignee_id)
        .where(
            DeskCase.open.is_(True), DeskCase.due_at <= now, DeskCase.assigned_at <= assigned_before
        )
        .order_by(DeskCase.due_at, DeskCase.case_id)
        .limit(limit)
    )


def loads() -> Selected:
    """How many open cases each assignee has."""
    return (
        select(DeskCase.assignee_id, func.count().label("load"))
        .where(DeskCase.open.is_(True), DeskCase.assignee_id.is_not(None))
        .group_by(DeskCase.assignee_id)
    )


def open_cases_of(assignee_id: UUID, limit: int) -> Selected:
    """Open cases that somebody has."""
    return (
        select(DeskCase.case_id)
        .where(DeskCase.assignee_id == assignee_id, DeskCase.open.is_(True))
        .order_by(DeskCase.due_at)
        .limit(limit)
    )


def insert_assignment(values: dict[str, Any]) -> Insert:
    """Somebody is given a case."""
    return insert(CaseAssignment).values(**values)


def end_assignments(case_id: UUID, now: datetime) -> Update:
    """Nobody has the case any more."""
    return (
        update(CaseAssignment)
        .where(CaseAssignment.case_id == case_id, CaseAssignment.ended_at.is_(None))
        .values(ended_at=now)
    )


def assignments_of(case_id: UUID) -> Selected:
    """Who was given a case, the last one first."""
    return (
        select(*CaseAssignment.__table__.columns, _ASSIGNEE.username.label("assignee"))
        .join(_ASSIGNEE, _ASSIGNEE.user_id == CaseAssignment.assignee_id)
        .where(CaseAssignment.case_id == case_id)
        .order_by(CaseAssignment.id.desc())
        .limit(ASSIGNMENTS_MAX)
    )


def insert_note(values: dict[str, Any]) -> Insert:
    """Note something for the colleagues."""
    return insert(CaseNote).values(**values)


def count_notes(case_id: UUID) -> Select[int]:
    """How many notes a case has."""
    return select(func.count()).where(CaseNote.case_id == case_id)


def notes_of(case_id: UUID) -> Selected:
    """The notes about a case with their authors, in their order."""
    return (
        select(*CaseNote.__table__.columns, Profile.username.label("author"))
        .join(Profile, Profile.user_id == CaseNote.author_id)
        .where(CaseNote.case_id == case_id)
        .order_by(CaseNote.id)
        .limit(NOTES_MAX)
    )


def insert_objection(values: dict[str, Any]) -> Insert:
    """A party does not accept the ruling."""
    return insert(Objection).values(**values)


def objection_of(case_id: UUID) -> Selected:
    """The objection in a case."""
    return select(*Objection.__table__.columns).where(Objection.case_id == case_id)


def records_of(user_ids: Iterable[UUID]) -> Selected:
    """What is known of the parties: names, since when, levels, counts."""
    return (
        select(
            User.id,
            User.created_at,
            Profile.username,
            Profile.language,
            Standing.kyc_level,
            Standing.verified,
            Standing.trades_completed,
            Standing.trades_ended,
            Standing.ladder_step,
            Standing.frozen_at,
        )
        .join(Profile, Profile.user_id == User.id)
        .join(Standing, Standing.user_id == User.id)
        .where(User.id.in_(list(user_ids)))
    )


def penalties_of(user_ids: Iterable[UUID]) -> Selected:
    """The last sanctions of some people, newest first."""
    return (
        select(*Sanction.__table__.columns)
        .where(Sanction.user_id.in_(list(user_ids)))
        .order_by(Sanction.id.desc())
        .limit(PENALTIES_MAX)
    )


def earlier_between(user_id: UUID, other_id: UUID, before: UUID) -> Selected:
    """Trades of two people before this one, newest first.

    Looked for among the last thousand of `user_id`: no index of pairs costs each match something.
    """
    recent = (
        select(UserTrade.trade_id, UserTrade.counterparty_id)
        .where(UserTrade.user_id == user_id, UserTrade.trade_id < before)
        .order_by(UserTrade.trade_id.desc())
        .limit(EARLIER_SCANNED)
        .subquery()
    )
    return (
        select(
            Trade.id, Trade.buyer_id, Trade.amount, Trade.fiat_minor, Trade.market, Trade.method_id,
            Trade.status, Trade.end_reason, Trade.created_at,
        )
        .join(recent, recent.c.trade_id == Trade.id)
        .where(recent.c.counterparty_id == other_id)
        .order_by(Trade.id.desc())
        .limit(EARLIER_MAX)
    )  # fmt: skip


def devices_shared(user_ids: Iterable[UUID], among: Iterable[UUID]) -> Selected:
    """Who of `among` signed in on a device of `user_ids`."""
    theirs = aliased(Device, name="theirs")
    return (
        select(Device.user_id, theirs.user_id.label("other_id"))
        .join(theirs, theirs.digest == Device.digest)
        .where(
            Device.user_id.in_(list(among)),
            theirs.user_id.in_(list(user_ids)),
            theirs.user_id != Device.user_id,
        )
        .distinct()
    )


def accounts_shared(user_ids: Iterable[UUID], among: Iterable[UUID]) -> Selected:
    """Who of `among` tried to add a payment account of `user_ids`, or the other way round."""
    ours, theirs = list(among), list(user_ids)
    flag = PaymentAccountFlag
    return select(flag.user_id, flag.owner_id.label("other_id")).where(
        or_(
            and_(flag.user_id.in_(ours), flag.owner_id.in_(theirs)),
            and_(flag.user_id.in_(theirs), flag.owner_id.in_(ours)),
        )
    )


def proposals_about(case_id: UUID, kind: str) -> Selected:
    """The open proposals of rulings of a case; few are open at a time."""
    return select(
        Proposal.id, Proposal.requester_id, Proposal.body, Proposal.hash, Proposal.expires_at
    ).where(
        Proposal.status == ProposalStatus.OPEN,
        Proposal.kind == kind,
        Proposal.object_id == str(case_id),
    )


def approver_of(requester_id: UUID, kind: str, case_id: UUID) -> Select[UUID]:
    """Who approves the requester's proposal that is being carried out."""
    return (
        select(ProposalVote.voter_id)
        .join(Proposal, Proposal.id == ProposalVote.proposal_id)
        .where(
            Proposal.requester_id == requester_id,
            Proposal.status == ProposalStatus.OPEN,
            Proposal.kind == kind,
            Proposal.object_id == str(case_id),
            ProposalVote.approved.is_(True),
        )
    )


def count_acts(staff_id: UUID, actions: Iterable[str], since: UUID) -> Select[int]:
    """How often somebody did one of some things since an identifier."""
    return select(func.count()).where(
        AuditEntry.actor_id == staff_id,
        AuditEntry.id >= since,
        AuditEntry.action.in_(list(actions)),
    )


def insert_text(values: dict[str, Any]) -> Insert:
    """A version of a canned text."""
    return insert(CannedText).values(**values)


def newest_version(name: str) -> Selected:
    """The number of a text's newest version, locked."""
    return (
        select(CannedText.version)
        .where(CannedText.name == name)
        .order_by(CannedText.version.desc())
        .limit(1)
        .with_for_update()
    )


def texts(name: str | None = None) -> Selected:
    """The newest version of every text, or of one."""
    newest = (
        select(CannedText.name, func.max(CannedText.version).label("version"))
        .group_by(CannedText.name)
        .subquery()
    )
    statement = (
        select(*CannedText.__table__.columns)
        .join(
            newest,
            and_(newest.c.name == CannedText.name, newest.c.version == CannedText.version),
        )
        .order_by(CannedText.name)
        .limit(TEXTS_MAX)
    )
    return statement if name is None else statement.where(CannedText.name == name)


def username_of(user_id: UUID) -> Select[str]:
    """The name of an account."""
    return select(Profile.username).where(Profile.user_id == user_id)
