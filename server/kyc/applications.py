"""What a user does: apply for a level, send pictures, hand it in, take it back.

An application is locked before the standing of its user, never after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.kyc import DocumentKind, KycStatus
from server.core.events import Event, room_of_staff
from server.core.refusals import Invalid, NotFound
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.identity import names
from server.identity.sealing import Sealer, fingerprint
from server.identity.standing import lock_standing
from server.kyc import queries
from server.kyc.context import Kyc
from server.kyc.refusals import (
    ApplicationChanged,
    ApplicationOpen,
    DocumentsMissing,
    LevelTooLow,
    NoOpenApplication,
)

IDENTITY_LEVEL = 2
ADDRESS_LEVEL = 3
AGE_MIN = 18
SHOWN_MAX = 20
"""Past applications that a user sees."""
NEEDED = {
    "passport": (DocumentKind.FRONT, DocumentKind.SELFIE),
    "id_card": (DocumentKind.FRONT, DocumentKind.BACK, DocumentKind.SELFIE),
    "driving_licence": (DocumentKind.FRONT, DocumentKind.BACK, DocumentKind.SELFIE),
    "utility_bill": (DocumentKind.ADDRESS,),
    "bank_statement": (DocumentKind.ADDRESS,),
    "official_letter": (DocumentKind.ADDRESS,),
}
"""Pictures that each kind of document needs."""
OF_LEVEL = {
    IDENTITY_LEVEL: frozenset({"passport", "id_card", "driving_licence"}),
    ADDRESS_LEVEL: frozenset({"utility_bill", "bank_statement", "official_letter"}),
}


@dataclass(frozen=True, slots=True)
class Application:
    """A row of `kyc_applications`; see the table for the meaning of each column."""

    id: UUID
    user_id: UUID
    open_user_id: UUID | None
    level: int
    status: str
    version: int
    sealed: bytes | None
    fingerprint: bytes | None
    document_expires_at: datetime | None
    created_at: datetime
    submitted_at: datetime | None
    claimed_by: UUID | None
    claimed_until: datetime | None
    first_approver_id: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None
    provider: str | None
    provider_ref: str | None
    provider_at: datetime | None
    provider_note: str | None
    expires_at: datetime | None
    warned_at: datetime | None
    purged_at: datetime | None


def read_row(row: Any) -> Application:
    """The application of a row."""
    return Application(**{column.key: getattr(row, column.key) for column in queries.COLUMNS})


def context_of(application_id: UUID) -> str:
    """What the sealed parts of an application are bound to."""
    return f"kyc_application:{application_id}"


def open_person(sealer: Sealer, row: Application) -> dict[str, Any]:
    """Who the applicant says he is; there must be something left of it."""
    assert row.sealed is not None, "the application was purged"
    return open_sealed_person(sealer, row.sealed, row.id)


def open_sealed_person(sealer: Sealer, sealed: bytes, application_id: UUID) -> dict[str, Any]:
    """What was said in an application about its person."""
    person: dict[str, Any] = orjson.loads(sealer.open_sealed(sealed, context_of(application_id)))
    return person


async def change(unit: Unit, row: Application, **values: Any) -> Application:
    """Write changes of a locked application; the queue of compliance hears of a new status."""
    done = await unit.execute(queries.update_application(row.id, row.version, values))
    if done.rowcount != 1:
        raise ApplicationChanged
    changed = replace(row, version=row.version + 1, **values)
    if changed.status != row.status or changed.claimed_by != row.claimed_by:
        tell_queue(unit, changed)
    return changed


def tell_queue(unit: Unit, row: Application) -> None:
    """Tell who reviews identities how an application stands."""
    body = {"kind": "application", "id": str(row.id), "status": row.status}
    unit.emit(Event(room_of_staff("kyc"), "kyc_queue_changed", body, row.id))


async def lock_application(unit: Unit, application_id: UUID) -> Application:
    """Lock one application. Refuses `NotFound`."""
    row = (await unit.execute(queries.application(application_id, lock=True))).first()
    if row is None:
        raise NotFound
    return read_row(row)


async def find_open(reader: AsyncConnection | Unit, user_id: UUID) -> Application | None:
    """The user's open application."""
    row = (await reader.execute(queries.open_of(user_id))).first()
    return None if row is None else read_row(row)


async def lock_open(unit: Unit, user_id: UUID, *statuses: KycStatus) -> Application:
    """Lock the user's open application in one of these statuses. Refuses `NoOpenApplication`."""
    found = await find_open(unit, user_id)
    if found is None:
        raise NoOpenApplication
    row = await lock_application(unit, found.id)
    if row.status not in [status.value for status in statuses]:
        raise NoOpenApplication
    return row


def _read_person(asked: Mapping[str, Any], today: date) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    level, kind = asked["level"], asked["document_type"]
    if kind not in OF_LEVEL[level]:
        allowed = ", ".join(sorted(OF_LEVEL[level]))
        errors["document_type"] = [f"For this level send one of: {allowed}."]
    if len(names.split_name(asked["full_name"])) < names.WORDS_MIN:
        errors["full_name"] = ["Write your whole name as in the document."]
    born: date = asked["birth_date"]
    if born.year < 1900 or (born.year + AGE_MIN, born.month, born.day) > (
        today.year, today.month, today.day,
    ):  # fmt: skip
        errors["birth_date"] = [f"You must be {AGE_MIN} years old."]
    ends = asked["document_expires_on"]
    if level == IDENTITY_LEVEL and asked["document_number"] is None:
        errors["document_number"] = ["Missing data for required field."]
    if level == IDENTITY_LEVEL and ends is None:
        errors["document_expires_on"] = ["Missing data for required field."]
    if ends is not None and ends <= today:
        errors["document_expires_on"] = ["The document has expired."]
    if level == ADDRESS_LEVEL and asked["address"] is None:
        errors["address"] = ["Missing data for required field."]
    if errors:
        raise Invalid(errors=errors)
    return {
        "full_name": " ".join(asked["full_name"].split()),
        "birth_date": born.isoformat(),
        "country": asked["country"],
        "document_type": kind,
        "document_number": asked["document_number"],
        "address": asked["address"],
    }


def fingerprint_document(secret: bytes, person: Mapping[str, Any]) -> bytes:
    """A keyed digest of an identity document: the same for the same document of anyone."""
    number = "".join(each for each in str(person["document_number"]).casefold() if each.isalnum())
    return fingerprint(secret, "kyc", person["country"], person["document_type"], number)


def start_of(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), UTC)


async def apply(kyc: Kyc, unit: Unit, user_id: UUID, asked: Mapping[str, Any]) -> Application:
    """A new application.

    Refuses `Invalid`, `LevelTooLow` (levels are reached one after the other), `ApplicationOpen`.
    """
    person = _read_person(asked, unit.now.date())
    level = asked["level"]
    standing = await lock_standing(unit, user_id)
    if standing.kyc_level < level - 1:
        raise LevelTooLow
    approved = {row.level for row in await unit.execute(queries.approved_of(user_id))}
    if level == ADDRESS_LEVEL and IDENTITY_LEVEL not in approved:
        raise LevelTooLow
    if await find_open(unit, user_id) is not None:
        raise ApplicationOpen

    application_id, ends = unit.ids.new_id(), asked["document_expires_on"]
    identity = kyc.identity
    values: dict[str, Any] = {
        "id": application_id,
        "user_id": user_id,
        "open_user_id": user_id,
        "level": level,
        "status": KycStatus.COLLECTING.value,
        "version": 1,
        "sealed": identity.sealer.seal(orjson.dumps(person), context_of(application_id)),
        "fingerprint": fingerprint_document(identity.fingerprint_secret, person)
        if level == IDENTITY_LEVEL
        else None,
        # A document counts through the last day that is written on it.
        "document_expires_at": None if ends is None else start_of(ends + timedelta(days=1)),
        "created_at": unit.now,
    }
    try:
        await unit.execute(queries.insert_application(values))
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise ApplicationOpen from None
    await record_audit(
        unit, Action.KYC_APPLIED, "kyc_application", application_id, after={"level": level}
    )
    return read_row((await unit.execute(queries.application(application_id))).one())


async def list_missing(
    reader: AsyncConnection | Unit, kyc: Kyc, row: Application
) -> tuple[list[Any], list[str]]:
    """The pictures of an open application, and the kinds that are missing."""
    documents = list((await reader.execute(queries.documents_of(row.id))).all())
    needed = NEEDED[open_person(kyc.identity.sealer, row)["document_type"]]
    sent = {document.kind for document in documents}
    return documents, [kind.value for kind in needed if kind.value not in sent]


async def submit(kyc: Kyc, unit: Unit, user_id: UUID) -> Application:
    """Hand the open application in. Refuses `NoOpenApplication`, `DocumentsMissing`."""
    row = await lock_open(unit, user_id, KycStatus.COLLECTING)
    _, missing = await list_missing(unit, kyc, row)
    if missing:
        raise DocumentsMissing(missing=missing)

    await record_audit(unit, Action.KYC_SUBMITTED, "kyc_application", row.id)
    return await change(
        unit, row, status=KycStatus.PENDING.value, submitted_at=unit.now, reason=None
    )


async def withdraw(unit: Unit, user_id: UUID) -> Application:
    """Take the open application back. Refuses `NoOpenApplication`."""
    row = await lock_open(unit, user_id, KycStatus.COLLECTING, KycStatus.PENDING)
    await record_audit(unit, Action.KYC_WITHDRAWN, "kyc_application", row.id)
    return await change(
        unit, row, status=KycStatus.WITHDRAWN.value, open_user_id=None, decided_at=unit.now,
        claimed_by=None, claimed_until=None,
    )  # fmt: skip
