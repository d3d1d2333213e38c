"""What a provider's word does: it approves level 2 when it saw who the user says he is."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from models.kyc import KycStatus
from server.core.refusals import Unavailable
from server.db import Unit, is_unique_violation
from server.identity.names import is_same_name
from server.kyc import queries
from server.kyc.applications import (
    IDENTITY_LEVEL,
    Application,
    change,
    find_open,
    open_person,
    read_row,
    start_of,
)
from server.kyc.context import Kyc
from server.kyc.provider import Answer, Message, Person, Provider
from server.kyc.refusals import (
    IdentityInUse,
    MessageStale,
    NoOpenApplication,
    NoProvider,
    ScreeningMatched,
    ScreeningUndecided,
    ScreeningWaits,
)
from server.kyc.reviews import finish_approval, finish_rejection, return_to_user
from server.kyc.screening import require_clear

AGE_MAX = timedelta(days=3)
"""The provider gives up sending a message before it is so old."""
AHEAD_MAX = timedelta(minutes=5)
KEPT = timedelta(days=7)
"""Longer than a message is taken, so that a repetition is always known or too old."""
CHUNK = 1000
REJECTED = "The provider could not confirm your identity."
ON_A_LIST = "The name is on a list."
UNREADABLE = "Take the pictures again."
OPEN = (KycStatus.COLLECTING.value, KycStatus.PENDING.value)


def get_provider(kyc: Kyc) -> Provider:
    """The provider. Refuses `NoProvider`."""
    if kyc.provider is None:
        raise NoProvider
    return kyc.provider


async def make_token(kyc: Kyc, user_id: UUID) -> dict[str, Any]:
    """What the user's device needs to show its owner to the provider.

    Refuses `NoProvider`, also for level 3, `NoOpenApplication`, `Unavailable`.
    """
    provider = get_provider(kyc)
    async with kyc.database.read() as connection:
        row = await find_open(connection, user_id)
    if row is None:
        raise NoOpenApplication
    if row.level != IDENTITY_LEVEL:
        raise NoProvider
    reference = row.provider_ref or await provider.create_applicant(str(row.id))
    token, life_s = await provider.make_token(str(row.id))

    async def work(unit: Unit) -> None:
        found = await _lock(unit, row.id)
        if found is not None and found.provider_ref is None:
            await change(unit, found, provider_ref=reference)

    await kyc.database.transact(work, name="note_applicant")
    return {"provider": provider.name, "token": token, "expires_in": life_s}


async def _lock(unit: Unit, application_id: UUID) -> Application | None:
    row = (await unit.execute(queries.application(application_id, lock=True))).first()
    return None if row is None else read_row(row)


async def hear_message(kyc: Kyc, provider: Provider, message: Message, digest: bytes) -> bool:
    """Do what a message says, once; whether it was new. Refuses `MessageStale`, `Unavailable`."""
    now = kyc.database.clock.now()
    if not now - AGE_MAX < message.created_at < now + AHEAD_MAX:
        raise MessageStale
    person = None
    if message.answer is Answer.GREEN:
        # What the documents say is asked for before anything is written.
        person = await provider.read_person(message.applicant_ref)

    async def work(unit: Unit) -> bool:
        await unit.execute(queries.insert_message(digest, provider.name, unit.now))
        await _obey(kyc, unit, provider, message, person)
        return True

    try:
        return await kyc.database.transact(work, name="hear_kyc_message")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return False


async def _obey(
    kyc: Kyc, unit: Unit, provider: Provider, message: Message, person: Person | None
) -> None:
    try:
        row = await _lock(unit, UUID(message.external_ref))
    except ValueError:
        return
    # Of another applicant, decided already, or overtaken by a newer message.
    is_ours = row is not None and row.provider_ref == message.applicant_ref
    if row is None or not is_ours or row.status not in OPEN or row.level != IDENTITY_LEVEL:
        return
    if row.provider_at is not None and message.created_at < row.provider_at:
        return
    said: dict[str, Any] = {"provider_at": message.created_at}
    if message.answer is Answer.PENDING:
        await _queue(unit, row, said, None)
    elif message.answer is Answer.RETRY:
        await return_to_user(kyc, unit, row, message.comment or UNREADABLE, **said)
    elif message.answer is Answer.RED:
        said["provider"] = provider.name
        await finish_rejection(kyc, unit, row, message.comment or REJECTED, **said)
    elif message.answer is Answer.GREEN:
        assert person is not None, "a good answer is asked about"
        await _accept(kyc, unit, provider, row, person, said)


async def _accept(
    kyc: Kyc,
    unit: Unit,
    provider: Provider,
    row: Application,
    person: Person,
    said: dict[str, Any],
) -> None:
    difference = find_difference(open_person(kyc.identity.sealer, row), person)
    ends = person.document_expires_on
    if ends is not None:
        said["document_expires_at"] = start_of(ends + timedelta(days=1))
        if said["document_expires_at"] <= unit.now:
            difference = difference or "The document has expired."
    owner_id = None
    if row.fingerprint is not None:
        owner_id = (await unit.execute(queries.owner_of_identity(row.fingerprint))).scalar()
    if owner_id not in (None, row.user_id):
        difference = difference or IdentityInUse.title
    try:
        await require_clear(kyc, unit, row)
    except ScreeningWaits:
        # The provider repeats the message, and by then the name was looked for.
        raise Unavailable(retry_after_s=60) from None
    except (ScreeningUndecided, ScreeningMatched):
        difference = difference or ON_A_LIST
    if difference is not None:
        await _queue(unit, row, said, difference)
        return
    said |= {"provider": provider.name, "submitted_at": row.submitted_at or unit.now}
    await finish_approval(kyc, unit, row, decided_by=None, **said)


async def _queue(unit: Unit, row: Application, said: dict[str, Any], note: str | None) -> None:
    """People look at it."""
    submitted_at = row.submitted_at or unit.now
    await change(
        unit, row, status=KycStatus.PENDING.value, submitted_at=submitted_at,
        provider_note=note, **said,
    )  # fmt: skip


def find_difference(said: dict[str, Any], person: Person) -> str | None:
    """What the provider read that the user did not say."""
    if not is_same_name(said["full_name"], person.full_name):
        return "The provider read another name."
    if person.birth_date is None or date.fromisoformat(said["birth_date"]) != person.birth_date:
        return "The provider read another date of birth."
    number = person.document_number
    if number is not None and _plain(number) != _plain(said["document_number"]):
        return "The provider read another document number."
    return None


def _plain(number: str) -> str:
    return "".join(each for each in number.casefold() if each.isalnum())


async def purge_provider_messages(unit: Unit) -> int:
    """Forget one chunk of messages that are too old to be taken again; how many."""
    rows = await unit.execute(queries.old_messages(unit.now - KEPT, CHUNK))
    digests = [bytes(row.digest) for row in rows]
    if digests:
        await unit.execute(queries.delete_messages(digests))
    return len(digests)
