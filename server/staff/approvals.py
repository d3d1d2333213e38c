"""Acts of the staff that take more than one person: proposed by one, decided by others.

What is approved is fixed when it is proposed: a hash covers the act, the object as it was, the
requester and the expiry; who approves names that hash. The last approval carries the act out in its
own transaction. Every step locks the staff's version first, so that a permission which is taken at
that moment counts before or after, and never in between.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.approvals import ProposalStatus
from server.core import fault
from server.core.clock import format_instant, to_micros
from server.core.events import Event
from server.core.permissions import Permission
from server.core.refusals import Forbidden, Invalid, NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.staff import approval_queries as queries
from server.staff.queries import staff_version
from server.staff.refusals import (
    AlreadyVoted,
    ObjectChanged,
    OwnProposal,
    PartyToProposal,
    ProposalChanged,
    ProposalClosed,
    ProposalOpen,
    TooManyProposals,
)
from server.staff.service import read_lasting_permissions_of

ROOM = "staff:approvals"
OPEN_MAX = 50
"""Open proposals of one person."""
OVERDUE_MAX = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """What a proposal is about, as it stands now."""

    object_kind: str
    object_id: str
    version: str
    """Another one when the object has changed; at most 64 characters."""
    parties: frozenset[UUID]
    """Who may neither propose nor decide it, because it is about him."""


Body = Mapping[str, Any]
ReadSubject = Callable[[Unit, str, Body], Awaitable[Subject]]
Check = Callable[[Unit, UUID, Body], Awaitable[None]]
CarryOut = Callable[[Unit, UUID, str, Body], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """One kind of act that takes more than one person; the wiring registers them."""

    name: str
    sentence: str
    propose: Permission
    approve: Permission
    approvals_needed: int
    life: timedelta
    body: Schema
    read_subject: ReadSubject
    """Unit, object and body: locks and reads the object. Refuses what cannot be done to it."""
    check: Check
    """Unit, person and body: refuses a person who may not give what is asked for."""
    carry_out: CarryOut
    """Unit, requester, object and body: does it."""


Registry = Mapping[str, ProposalKind]


def write_canonical(body: Body) -> str:
    """The one spelling of a body."""
    return orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS).decode()


def hash_proposal(row: Any) -> bytes:
    """What an approver approves."""
    content = [
        row["id"].hex,
        row["kind"],
        row["object_kind"],
        row["object_id"],
        row["object_version"],
        row["body"],
        row["requester_id"].hex,
        row["approvals_needed"],
        to_micros(row["expires_at"]),
    ]
    return hashlib.sha256(orjson.dumps(content)).digest()


async def propose(
    unit: Unit,
    registry: Registry,
    actor: UUID,
    *,
    kind_name: str,
    object_id: str,
    body: Body,
    reason: str,
) -> UUID:
    """Propose an act. Refuses what its kind refuses, `Forbidden`, `Invalid`, `ProposalOpen` ..."""
    await _lock(unit)
    kind = registry[kind_name]
    await _require_permission(unit, actor, kind.propose)
    try:
        asked: dict[str, Any] = kind.body.load(body)
    except ValidationError as error:
        raise Invalid(errors={"body": error.messages_dict}) from None
    subject = await kind.read_subject(unit, object_id, asked)
    if actor in subject.parties:
        raise PartyToProposal
    await kind.check(unit, actor, asked)

    canonical = write_canonical(asked)
    slot = hashlib.sha256(orjson.dumps([kind.name, subject.object_id, canonical])).digest()
    if (await unit.execute(queries.open_like(slot))).first() is not None:
        raise ProposalOpen
    if ((await unit.execute(queries.count_open_of(actor))).scalar() or 0) >= OPEN_MAX:
        raise TooManyProposals

    proposal_id = unit.ids.new_id()
    row: dict[str, Any] = {
        "id": proposal_id,
        "kind": kind.name,
        "object_kind": subject.object_kind,
        "object_id": subject.object_id,
        "object_version": subject.version,
        "body": canonical,
        "requester_id": actor,
        "reason": reason,
        "approvals_needed": kind.approvals_needed,
        "status": ProposalStatus.OPEN.value,
        "version": 1,
        "created_at": unit.now,
        "expires_at": unit.now + kind.life,
        "closed_at": None,
        "open_slot": slot,
    }
    row["hash"] = hash_proposal(row)
    await unit.execute(queries.insert_proposal(row))
    await _note(unit, Action.PROPOSAL_MADE, row, reason=reason)
    _tell(unit, row, ProposalStatus.OPEN, approvals=0)
    return proposal_id


async def approve(
    unit: Unit, registry: Registry, actor: UUID, proposal_id: UUID, shown_hash: bytes
) -> None:
    """Approve a proposal; the last approval that it needs carries it out.

    Refuses `NotFound`, `ProposalClosed`, `ProposalChanged`, `OwnProposal`, `PartyToProposal`,
    `Forbidden`, `AlreadyVoted`, `ObjectChanged`, and what its kind refuses.
    """
    await _lock(unit)
    row, kind = await _open_proposal(unit, registry, proposal_id, shown_hash)
    await _require_decider(unit, actor, row, kind)
    body = orjson.loads(row["body"])
    try:
        subject = await kind.read_subject(unit, row["object_id"], body)
    except NotFound:
        raise ObjectChanged from None
    if actor in subject.parties:
        raise PartyToProposal
    if subject.version != row["object_version"]:
        raise ObjectChanged
    await kind.check(unit, actor, body)

    approvals = 1 + await _count_approvals(unit, actor, proposal_id)
    fault.point("approval.before_vote")
    await unit.execute(
        queries.insert_vote(proposal_id, actor, approved=True, reason=None, now=unit.now)
    )
    await _note(unit, Action.PROPOSAL_APPROVED, row)
    if approvals < row["approvals_needed"]:
        await unit.execute_guarded(queries.touch_proposal(proposal_id, row["version"]))
        _tell(unit, row, ProposalStatus.OPEN, approvals=approvals)
        return
    try:
        await _require_permission(unit, row["requester_id"], kind.propose)
        await kind.check(unit, row["requester_id"], body)
    except Forbidden:
        # The requester has lost what he would give since he asked.
        raise ObjectChanged from None
    fault.point("approval.before_act")
    await kind.carry_out(unit, row["requester_id"], row["object_id"], body)
    fault.point("approval.before_close")
    await _close(unit, row, ProposalStatus.CARRIED_OUT, approvals)
    await _note(unit, Action.PROPOSAL_CARRIED_OUT, row)


async def reject(
    unit: Unit,
    registry: Registry,
    actor: UUID,
    proposal_id: UUID,
    shown_hash: bytes,
    reason: str,
) -> None:
    """Reject a proposal: one no is enough. Refuses as `approve` does."""
    await _lock(unit)
    row, kind = await _open_proposal(unit, registry, proposal_id, shown_hash)
    await _require_decider(unit, actor, row, kind)
    approvals = await _count_approvals(unit, actor, proposal_id)
    await unit.execute(
        queries.insert_vote(proposal_id, actor, approved=False, reason=reason, now=unit.now)
    )
    await _close(unit, row, ProposalStatus.REJECTED, approvals)
    await _note(unit, Action.PROPOSAL_REJECTED, row, reason=reason)


async def withdraw(unit: Unit, actor: UUID, proposal_id: UUID) -> None:
    """Take back what one has proposed. Refuses `NotFound`, `Forbidden`, `ProposalClosed`."""
    await _lock(unit)
    row = await _lock_proposal(unit, proposal_id)
    if row["requester_id"] != actor:
        raise Forbidden
    _require_open(unit, row)
    approvals = await _count_approvals(unit, actor, proposal_id)
    await _close(unit, row, ProposalStatus.WITHDRAWN, approvals)
    await _note(unit, Action.PROPOSAL_WITHDRAWN, row)


async def is_any_overdue(connection: AsyncConnection, now: datetime) -> bool:
    """Whether an open proposal's time is over."""
    return (await connection.execute(queries.overdue(now, 1))).first() is not None


async def expire_some(unit: Unit) -> int:
    """Close the proposals whose time is over; how many."""
    await _lock(unit)
    due = (await unit.execute(queries.overdue(unit.now, OVERDUE_MAX))).all()
    for found in due:
        row = await _lock_proposal(unit, found.id)
        approvals = len((await unit.execute(queries.votes([found.id]))).all())
        await _close(unit, row, ProposalStatus.EXPIRED, approvals)
        await _note(unit, Action.PROPOSAL_EXPIRED, row)
    return len(due)


async def _lock(unit: Unit) -> None:
    await unit.execute(staff_version(lock=True))


async def _lock_proposal(unit: Unit, proposal_id: UUID) -> Any:
    row = (await unit.execute(queries.proposal(proposal_id, lock=True))).mappings().first()
    if row is None:
        raise NotFound
    return row


def _require_open(unit: Unit, row: Any) -> None:
    """By the time itself: the duty that closes what is overdue may be late."""
    if row["status"] != ProposalStatus.OPEN or row["expires_at"] <= unit.now:
        raise ProposalClosed


async def _open_proposal(
    unit: Unit, registry: Registry, proposal_id: UUID, shown_hash: bytes
) -> tuple[Any, ProposalKind]:
    row = await _lock_proposal(unit, proposal_id)
    _require_open(unit, row)
    if not shown_hash == row["hash"] == hash_proposal(row):
        raise ProposalChanged
    kind = registry.get(row["kind"])
    if kind is None:
        # A newer version no longer knows it.
        raise ProposalClosed
    return row, kind


async def _require_decider(unit: Unit, actor: UUID, row: Any, kind: ProposalKind) -> None:
    if row["requester_id"] == actor:
        raise OwnProposal
    await _require_permission(unit, actor, kind.approve)


async def _require_permission(unit: Unit, user_id: UUID, permission: Permission) -> None:
    """By roles, as the database has them now; what was taken in an emergency does not count."""
    if permission not in await read_lasting_permissions_of(unit, user_id):
        raise Forbidden


async def _count_approvals(unit: Unit, actor: UUID, proposal_id: UUID) -> int:
    """Approvals so far. Refuses `AlreadyVoted`."""
    given = (await unit.execute(queries.votes([proposal_id]))).all()
    if any(vote.voter_id == actor for vote in given):
        raise AlreadyVoted
    return sum(vote.approved for vote in given)


async def _close(unit: Unit, row: Any, status: ProposalStatus, approvals: int) -> None:
    await unit.execute_guarded(queries.close_proposal(row["id"], row["version"], status, unit.now))
    _tell(unit, row, status, approvals=approvals)


async def _note(unit: Unit, action: Action, row: Any, *, reason: str | None = None) -> None:
    after = {
        "kind": row["kind"],
        "object_kind": row["object_kind"],
        "object_id": row["object_id"],
        "body": orjson.loads(row["body"]),
        "hash": row["hash"].hex(),
    }
    await record_audit(unit, action, "proposal", row["id"], after=after, reason=reason)


def _tell(unit: Unit, row: Any, status: ProposalStatus, *, approvals: int) -> None:
    unit.emit(
        Event(
            ROOM,
            "proposal_updated",
            {
                "id": str(row["id"]),
                "kind": row["kind"],
                "object_kind": row["object_kind"],
                "object_id": row["object_id"],
                "requester_id": str(row["requester_id"]),
                "status": status.value,
                "approvals": approvals,
                "approvals_needed": row["approvals_needed"],
                "expires_at": format_instant(row["expires_at"]),
            },
            subject_id=row["id"],
        )
    )
