"""What staff do: take an application, look, decide. Level 3 takes two different people."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from models.kyc import KycStatus
from server.core.clock import format_instant
from server.core.refusals import Invalid
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.identity.names import legal_name_context
from server.identity.notices import tell_owner
from server.identity.service import change_level
from server.identity.standing import lock_standing
from server.kyc import queries
from server.kyc.applications import (
    ADDRESS_LEVEL,
    Application,
    change,
    lock_application,
    open_person,
    start_of,
)
from server.kyc.context import Kyc
from server.kyc.refusals import (
    ApplicationChanged,
    ApplicationClosed,
    ClaimedByOther,
    IdentityInUse,
    NotClaimed,
    OwnApplication,
    ReadsExhausted,
    SecondPersonNeeded,
)
from server.kyc.screening import require_clear
from server.trades.queries import first_id_of

CLAIM = timedelta(minutes=30)
"""After so long without a decision a colleague may take an application."""
READS_PER_DAY_MAX = 200
"""Pictures that one person on the staff sees in 24 hours."""
DAY = timedelta(hours=24)


def has_claim(row: Application, staff_id: UUID, now: datetime) -> bool:
    """Whether somebody works on an application now."""
    return row.claimed_by == staff_id and row.claimed_until is not None and now < row.claimed_until


async def claim(unit: Unit, staff_id: UUID, application_id: UUID) -> Application:
    """Take an application for half an hour; taking it again makes it longer.

    Refuses `NotFound`, `OwnApplication`, `SecondPersonNeeded`, `ApplicationClosed`,
    `ClaimedByOther`.
    """
    row = await lock_application(unit, application_id)
    if row.user_id == staff_id:
        raise OwnApplication
    if row.first_approver_id == staff_id:
        raise SecondPersonNeeded
    if row.status != KycStatus.PENDING.value:
        raise ApplicationClosed
    is_free = row.claimed_until is None or row.claimed_until <= unit.now
    if row.claimed_by not in (None, staff_id) and not is_free:
        raise ClaimedByOther

    await record_audit(unit, Action.KYC_CLAIMED, "kyc_application", row.id)
    return await change(unit, row, claimed_by=staff_id, claimed_until=unit.now + CLAIM)


async def _lock_claimed(
    unit: Unit, staff_id: UUID, application_id: UUID, version: int
) -> Application:
    row = await lock_application(unit, application_id)
    if row.user_id == staff_id:
        raise OwnApplication
    if row.status != KycStatus.PENDING.value:
        raise ApplicationClosed
    if not has_claim(row, staff_id, unit.now):
        raise NotClaimed
    if row.version != version:
        raise ApplicationChanged
    return row


async def note_read(kyc: Kyc, staff_id: UUID, application_id: UUID) -> Application:
    """Audit that somebody sees who the applicant of a claimed application says he is."""

    async def work(unit: Unit) -> Application:
        row = await lock_application(unit, application_id)
        if not has_claim(row, staff_id, unit.now):
            raise NotClaimed
        await record_audit(unit, Action.KYC_READ, "kyc_application", row.id)
        return row

    return await kyc.database.transact(work, name="note_kyc_read")


async def note_document_read(
    kyc: Kyc, staff_id: UUID, application_id: UUID, document_id: UUID
) -> tuple[Application, str]:
    """Audit that somebody sees a picture, before he does; the words to mark it with.

    Refuses `NotFound`, `NotClaimed`, `ReadsExhausted`.
    """

    async def work(unit: Unit) -> tuple[Application, str]:
        row = await lock_application(unit, application_id)
        if not has_claim(row, staff_id, unit.now):
            raise NotClaimed
        return row, await mark_look(unit, staff_id, row.id, document_id)

    return await kyc.database.transact(work, name="note_document_read")


async def mark_look(unit: Unit, staff_id: UUID, place_id: UUID, document_id: UUID) -> str:
    """Audit that somebody sees a picture; the words to mark it with. Refuses `ReadsExhausted`."""
    action = Action.KYC_DOCUMENT_READ
    since = first_id_of(unit.now - DAY)
    read = queries.count_reads(staff_id, action.value, since)
    if (await unit.execute(read)).scalar_one() >= READS_PER_DAY_MAX:
        raise ReadsExhausted(retry_after_s=int(DAY.total_seconds()))
    await record_audit(
        unit, action, "kyc_document", document_id, after={"application": str(place_id)}
    )
    username = (await unit.execute(queries.username_of(staff_id))).scalar_one()
    return f"{username} {format_instant(unit.now)[:16]} {place_id.hex[-8:]}"


async def approve(
    kyc: Kyc,
    unit: Unit,
    staff_id: UUID,
    application_id: UUID,
    *,
    version: int,
    document_expires_on: date | None,
) -> Application:
    """Find an identity true; at level 3 the first of two people only says so.

    Refuses `NotFound`, `OwnApplication`, `ApplicationClosed`, `NotClaimed`, `ApplicationChanged`,
    `SecondPersonNeeded`, `IdentityInUse`, `Invalid` for a document that has expired.
    """
    row = await _lock_claimed(unit, staff_id, application_id, version)
    if row.first_approver_id == staff_id:
        raise SecondPersonNeeded
    ends_at = row.document_expires_at
    if document_expires_on is not None:
        ends_at = start_of(document_expires_on + timedelta(days=1))
    if ends_at is not None and ends_at <= unit.now:
        raise Invalid(errors={"document_expires_on": ["The document has expired."]})

    if row.level == ADDRESS_LEVEL and row.first_approver_id is None:
        await record_audit(unit, Action.KYC_FIRST_APPROVED, "kyc_application", row.id)
        return await change(
            unit, row, first_approver_id=staff_id, document_expires_at=ends_at,
            claimed_by=None, claimed_until=None,
        )  # fmt: skip
    return await finish_approval(kyc, unit, row, decided_by=staff_id, document_expires_at=ends_at)


async def finish_approval(
    kyc: Kyc, unit: Unit, row: Application, *, decided_by: UUID | None, **values: Any
) -> Application:
    """The identity counts: the name is kept for comparing, older approvals end, the level rises.

    Refuses `IdentityInUse`, and what `require_clear` refuses.
    """
    await require_clear(kyc, unit, row)
    await _claim_identity(unit, row)
    approved = (await unit.execute(queries.approved_of(row.user_id))).all()
    for older in approved:
        if older.level == row.level:
            former = await lock_application(unit, older.id)
            ended = {"status": KycStatus.SUPERSEDED.value, "expires_at": unit.now}
            await change(unit, former, **ended)
    await _keep_name(kyc, unit, row)
    document_ends = values.get("document_expires_at", row.document_expires_at)
    expires_at = unit.now + kyc.rules.recheck_after
    changed = await change(
        unit, row, status=KycStatus.APPROVED.value, open_user_id=None, decided_by=decided_by,
        decided_at=unit.now, claimed_by=None, claimed_until=None, reason=None,
        expires_at=expires_at if document_ends is None else min(expires_at, document_ends),
        **values,
    )  # fmt: skip
    await record_audit(
        unit, Action.KYC_APPROVED, "kyc_application", row.id,
        after={"level": row.level, "provider": changed.provider if decided_by is None else None},
    )  # fmt: skip
    standing = await lock_standing(unit, row.user_id)
    hooks = kyc.identity.hooks
    # An address that was proved before counts again once there is an identity below it.
    reached = max(row.level, *(older.level for older in approved), 0)
    if standing.kyc_level < reached:
        await change_level(unit, hooks, row.user_id, standing.kyc_level, reached)
    await tell_owner(unit, hooks, row.user_id, "kyc_approved", level=str(row.level))
    return changed


async def _claim_identity(unit: Unit, row: Application) -> None:
    """One document has one account. Refuses `IdentityInUse`."""
    if row.fingerprint is None:
        return
    owner_id = (await unit.execute(queries.owner_of_identity(row.fingerprint))).scalar()
    if owner_id == row.user_id:
        return
    if owner_id is not None:
        raise IdentityInUse
    try:
        await unit.execute(queries.insert_identity(row.fingerprint, row.user_id, unit.now))
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise IdentityInUse from None


async def _keep_name(kyc: Kyc, unit: Unit, row: Application) -> None:
    sealer = kyc.identity.sealer
    name = open_person(sealer, row)["full_name"]
    values = {
        "sealed": sealer.seal(name.encode(), legal_name_context(row.user_id)),
        "application_id": row.id,
        "verified_at": unit.now,
    }
    if (await unit.execute(queries.has_legal_name(row.user_id))).first() is None:
        await unit.execute(queries.insert_legal_name({"user_id": row.user_id, **values}))
    else:
        await unit.execute_guarded(queries.update_legal_name(row.user_id, values))


async def reject(
    kyc: Kyc, unit: Unit, staff_id: UUID, application_id: UUID, *, version: int, reason: str
) -> Application:
    """Refuse an application; the user is told why."""
    row = await _lock_claimed(unit, staff_id, application_id, version)
    return await finish_rejection(kyc, unit, row, reason, decided_by=staff_id)


async def finish_rejection(
    kyc: Kyc, unit: Unit, row: Application, reason: str, **values: Any
) -> Application:
    """The application is over and nothing of the user changes."""
    await record_audit(unit, Action.KYC_REJECTED, "kyc_application", row.id, reason=reason)
    await tell_owner(
        unit, kyc.identity.hooks, row.user_id, "kyc_rejected", level=str(row.level), reason=reason
    )
    return await change(
        unit, row, status=KycStatus.REJECTED.value, open_user_id=None, decided_at=unit.now,
        reason=reason, claimed_by=None, claimed_until=None, **values,
    )  # fmt: skip


async def ask_more(
    kyc: Kyc, unit: Unit, staff_id: UUID, application_id: UUID, *, version: int, reason: str
) -> Application:
    """Give an application back to its user for more or better pictures."""
    row = await _lock_claimed(unit, staff_id, application_id, version)
    return await return_to_user(kyc, unit, row, reason)


async def return_to_user(
    kyc: Kyc, unit: Unit, row: Application, reason: str, **values: Any
) -> Application:
    """The user may add pictures again; a first approval of what was seen before is void."""
    await record_audit(unit, Action.KYC_MORE_ASKED, "kyc_application", row.id, reason=reason)
    await tell_owner(
        unit, kyc.identity.hooks, row.user_id, "kyc_more_asked", level=str(row.level), reason=reason
    )
    return await change(
        unit, row, status=KycStatus.COLLECTING.value, reason=reason, first_approver_id=None,
        claimed_by=None, claimed_until=None, **values,
    )  # fmt: skip
