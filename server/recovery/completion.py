"""What staff do with a recovery: take it, look, refuse it; and what its approval does.

It is proposed by one and approved by another (see `server.staff.approvals`), after the waiting time
and never by its owner. The approval itself takes the old factors away.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from models.recovery import RecoveryStatus
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import factor_queries
from server.identity.context import Identity
from server.identity.factor_changes import lock_account, lock_money
from server.identity.notices import tell_owner
from server.identity.sessions import end_sessions
from server.identity.standing import change_standing
from server.kyc.context import Kyc
from server.kyc.reviews import mark_look
from server.recovery import queries
from server.recovery.cases import Case, change, close, list_missing, lock_case, read_row
from server.recovery.refusals import (
    OwnRecovery,
    RecoveryChanged,
    RecoveryClaimed,
    RecoveryClosed,
    RecoveryNotClaimed,
    RecoveryUnproven,
    RecoveryWaits,
)
from server.recovery.schemas import NoMoreSchema
from server.staff.approvals import Body, ProposalKind, Subject

KIND = "recover_account"
PROPOSAL_LIFE = timedelta(days=3)
CLAIM = timedelta(minutes=30)
"""After so long without a decision a colleague may take a recovery."""


def has_claim(case: Case, staff_id: UUID, now: datetime) -> bool:
    """Whether somebody works on a recovery now."""
    until = case.claimed_until
    return case.claimed_by == staff_id and until is not None and now < until


async def _lock_open(unit: Unit, staff_id: UUID, recovery_id: UUID) -> Case:
    case = await lock_case(unit, recovery_id)
    if case.user_id == staff_id:
        raise OwnRecovery
    if not case.is_open_at(unit.now):
        raise RecoveryClosed
    return case


async def claim(unit: Unit, staff_id: UUID, recovery_id: UUID) -> Case:
    """Take a recovery for half an hour; taking it again makes it longer.

    Refuses `NotFound`, `OwnRecovery`, `RecoveryClosed`, `RecoveryClaimed`.
    """
    case = await _lock_open(unit, staff_id, recovery_id)
    is_free = case.claimed_until is None or case.claimed_until <= unit.now
    if case.claimed_by not in (None, staff_id) and not is_free:
        raise RecoveryClaimed

    await record_audit(unit, Action.RECOVERY_CLAIMED, "recovery", case.id)
    return await change(unit, case, claimed_by=staff_id, claimed_until=unit.now + CLAIM)


async def refuse(
    identity: Identity, unit: Unit, staff_id: UUID, recovery_id: UUID, version: int, reason: str
) -> Case:
    """Refuse a recovery; who asked, and the owner, are told why.

    Refuses `NotFound`, `OwnRecovery`, `RecoveryClosed`, `RecoveryNotClaimed`, `RecoveryChanged`.
    """
    case = await _lock_open(unit, staff_id, recovery_id)
    if not has_claim(case, staff_id, unit.now):
        raise RecoveryNotClaimed
    if case.version != version:
        raise RecoveryChanged

    await tell_owner(unit, identity.hooks, case.user_id, "recovery_refused", reason=reason)
    return await close(
        unit, case, RecoveryStatus.REFUSED, Action.RECOVERY_REFUSED, by=staff_id, reason=reason
    )


async def note_read(kyc: Kyc, staff_id: UUID, recovery_id: UUID) -> Case:
    """Audit that somebody sees who the owner is. Refuses `NotFound`, `RecoveryNotClaimed`."""

    async def work(unit: Unit) -> Case:
        case = await _lock_claimed(unit, staff_id, recovery_id)
        await record_audit(unit, Action.RECOVERY_READ, "recovery", case.id)
        return case

    return await kyc.database.transact(work, name="note_recovery_read")


async def note_picture_read(
    kyc: Kyc, staff_id: UUID, recovery_id: UUID, document_id: UUID
) -> tuple[Case, UUID | None, str]:
    """Audit that somebody sees a picture: the case, the verification of before, the words.

    Refuses `NotFound`, `RecoveryNotClaimed`, `ReadsExhausted`.
    """

    async def work(unit: Unit) -> tuple[Case, UUID | None, str]:
        case = await _lock_claimed(unit, staff_id, recovery_id)
        words = await mark_look(unit, staff_id, case.id, document_id)
        proven = (await unit.execute(queries.proven_identity(case.user_id))).first()
        return case, None if proven is None else proven.id, words

    return await kyc.database.transact(work, name="note_recovery_picture_read")


async def _lock_claimed(unit: Unit, staff_id: UUID, recovery_id: UUID) -> Case:
    case = await lock_case(unit, recovery_id)
    if not has_claim(case, staff_id, unit.now):
        raise RecoveryNotClaimed
    return case


def list_recovery_kinds(identity: Identity) -> Mapping[str, ProposalKind]:
    """The kind of proposal that ends a recovery for who asked, by name."""

    async def complete(unit: Unit, requester: UUID, object_id: str, _: Body) -> None:
        await _complete(identity, unit, requester, UUID(object_id))

    kind = ProposalKind(
        name=KIND,
        sentence="Take the lost second factors away from an account.",
        propose=Permission.WORK_RECOVERIES,
        approve=Permission.APPROVE_RECOVERIES,
        approvals_needed=1,
        life=PROPOSAL_LIFE,
        body=NoMoreSchema(),
        read_subject=_read_subject,
        check=_let_through,
        carry_out=complete,
    )
    return {kind.name: kind}


async def _read_subject(unit: Unit, object_id: str, _: Body) -> Subject:
    """The recovery, ready to be decided.

    Refuses `NotFound`, `RecoveryClosed`, `RecoveryWaits`, `RecoveryUnproven`.
    """
    try:
        recovery_id = UUID(object_id)
    except ValueError:
        raise NotFound from None
    found = (await unit.execute(queries.recovery(recovery_id))).first()
    if found is None:
        raise NotFound
    # The account first, as everywhere: what follows of an approval locks it.
    await lock_account(unit, read_row(found).user_id)
    case = await lock_case(unit, recovery_id)
    if not case.is_open_at(unit.now):
        raise RecoveryClosed
    if unit.now < case.ready_at:
        raise RecoveryWaits(ready_at=case.ready_at.isoformat())
    if await list_missing(unit, case):
        raise RecoveryUnproven
    # One more picture makes another case of it.
    return Subject("recovery", str(case.id), str(case.pictures), frozenset({case.user_id}))


async def _let_through(_unit: Unit, _actor: UUID, _body: Body) -> None:
    """The permissions that the kind asks for are enough."""


async def _complete(identity: Identity, unit: Unit, requester: UUID, recovery_id: UUID) -> None:
    found = (await unit.execute(queries.recovery(recovery_id))).one()
    standing = await lock_account(unit, found.user_id)
    case = await lock_case(unit, recovery_id)
    user_id = case.user_id
    for statement in queries.forget_factors(user_id):
        await unit.execute(statement)
    await unit.execute(factor_queries.delete_pending_of(user_id))
    if standing.second_factor:
        standing = await change_standing(unit, identity.hooks, standing, second_factor=False)
    await lock_money(identity, unit, standing)
    await end_sessions(identity, unit, user_id, "factors_recovered")
    await close(
        unit, case, RecoveryStatus.COMPLETED, Action.RECOVERY_COMPLETED, by=requester
    )  # fmt: skip
    await record_audit(unit, Action.FACTOR_CHANGED, "user", user_id, reason="factors_recovered")
    await tell_owner(unit, identity.hooks, user_id, "factors_recovered")
