"""Pictures: taken in, kept encrypted under a key of their own, shown marked, purged."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import IntegrityError

from models.kyc import DocumentKind, KycStatus
from server.core.refusals import NotFound, Refusal
from server.db import Unit
from server.db.audit import Action, record_audit
from server.db.errors import OutcomeUnknown
from server.db.idempotency import StoredReply, store_reply
from server.http.endpoint import Key
from server.identity.sealing import SealBroken
from server.kyc import images, queries
from server.kyc.applications import lock_open
from server.kyc.context import Kyc
from server.kyc.refusals import TooManyDocuments
from server.trades.queries import first_id_of

NONCE = 12
KEY = 32
DAY = timedelta(hours=24)
DOCUMENTS_PER_DAY_MAX = 20
"""Pictures that one user may send in 24 hours, replaced ones too."""
log = structlog.get_logger()


def context_of(document_id: UUID) -> str:
    """What the key of a picture is bound to."""
    return f"kyc_document:{document_id}"


def _encrypt(kyc: Kyc, document_id: UUID, content: bytes) -> tuple[bytes, bytes]:
    """A key of its own for the content: the encrypted content, and the key sealed."""
    random, bound = kyc.database.random, context_of(document_id)
    key, nonce = random.token(KEY), random.token(NONCE)
    encrypted = nonce + AESGCM(key).encrypt(nonce, content, bound.encode())
    return encrypted, kyc.identity.sealer.seal(key, bound)


def _decrypt(kyc: Kyc, document_id: UUID, sealed_key: bytes, stored: bytes) -> bytes:
    bound = context_of(document_id)
    key = kyc.identity.sealer.open_sealed(sealed_key, bound)
    try:
        return AESGCM(key).decrypt(stored[:NONCE], stored[NONCE:], bound.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(bound) from error


async def _check_quota(unit: Unit, user_id: UUID) -> None:
    since = first_id_of(unit.now - DAY)
    count = (await unit.execute(queries.count_documents(user_id, since))).scalar_one()
    if count >= DOCUMENTS_PER_DAY_MAX:
        raise TooManyDocuments(retry_after_s=int(DAY.total_seconds()))


FindPlace = Callable[[Unit], Awaitable[UUID]]
"""Locks what a picture belongs to, an application or a recovery, and gives its identifier."""
AfterKept = Callable[[Unit, UUID, UUID], Awaitable[None]]
"""unit, place, picture: what else is written with it."""


async def keep_picture(
    kyc: Kyc,
    user_id: UUID,
    kind: DocumentKind,
    content: bytes,
    media_type: str,
    *,
    find_place: FindPlace,
    after: AfterKept,
) -> UUID:
    """A picture in place of an older one of its kind; its identifier.

    Refuses what `find_place` refuses, `TooManyDocuments`, `PictureRefused`. The bytes are written
    before the row: after a crash in between nobody has their key, and they can never be read.
    """

    async def look(unit: Unit) -> None:
        await find_place(unit)
        await _check_quota(unit, user_id)

    # Looked up before the picture is worked on, which is dear, and again when it is written.
    await kyc.database.transact(look, name="look_at_quota")
    picture = await kyc.run_apart(partial(images.clean_picture, content, media_type))
    document_id = kyc.database.ids.new_id()
    encrypted, sealed_key = _encrypt(kyc, document_id, picture)
    await kyc.run_apart(partial(kyc.store.put, document_id, encrypted))

    async def work(unit: Unit) -> None:
        place_id = await find_place(unit)
        await _check_quota(unit, user_id)
        for older in (await unit.execute(queries.documents_of(place_id))).all():
            if older.kind == kind:
                await unit.execute_guarded(queries.replace_document(older.id, unit.now))
        await unit.execute(
            queries.insert_document(
                {
                    "id": document_id,
                    "application_id": place_id,
                    "user_id": user_id,
                    "kind": kind.value,
                    "size": len(picture),
                    "sealed_key": sealed_key,
                    "created_at": unit.now,
                }
            )
        )
        await after(unit, place_id, document_id)

    try:
        await kyc.database.transact(work, name="keep_picture")
    except OutcomeUnknown:
        # The row may be there, so the bytes must stay.
        raise
    except (Refusal, IntegrityError):
        await kyc.run_apart(partial(kyc.store.delete, document_id))
        raise
    return document_id


async def add_document(
    kyc: Kyc, user_id: UUID, kind: DocumentKind, content: bytes, media_type: str, key: Key
) -> UUID:
    """A picture of the open application; its identifier.

    Refuses `NoOpenApplication`, `TooManyDocuments`, `PictureRefused`.
    """

    async def find_place(unit: Unit) -> UUID:
        return (await lock_open(unit, user_id, KycStatus.COLLECTING)).id

    async def after(unit: Unit, application_id: UUID, document_id: UUID) -> None:
        await record_audit(
            unit, Action.KYC_DOCUMENT_ADDED, "kyc_document", document_id,
            after={"kind": kind.value, "application": str(application_id)},
        )  # fmt: skip
        await store_reply(unit, user_id, key.text, key.request_hash, StoredReply(204, b""))

    return await keep_picture(
        kyc, user_id, kind, content, media_type, find_place=find_place, after=after
    )


async def read_document(kyc: Kyc, place_id: UUID, document_id: UUID, words: str) -> bytes:
    """A picture of an application or a recovery with `words` all over it. Refuses `NotFound`."""
    async with kyc.database.read() as connection:
        found = (await connection.execute(queries.documents_of(place_id))).all()
    document = next((each for each in found if each.id == document_id), None)
    if document is None:
        raise NotFound
    try:
        stored = await kyc.run_apart(partial(kyc.store.get, document_id))
    except FileNotFoundError:
        log.exception("kyc_document_lost", document_id=str(document_id))
        raise NotFound from None
    picture = _decrypt(kyc, document_id, bytes(document.sealed_key), stored)
    marked: bytes = await kyc.run_apart(partial(images.mark_picture, picture, words))
    return marked


async def forget_keys(unit: Unit, document_ids: list[UUID]) -> None:
    """Make pictures unreadable for ever; `delete_bytes` then takes what is left of them."""
    for document_id in document_ids:
        await unit.execute_guarded(queries.purge_document(document_id, unit.now))


async def delete_bytes(kyc: Kyc, document_ids: list[UUID]) -> int:
    """Delete the stored bytes of pictures; how many."""
    for document_id in document_ids:
        await kyc.run_apart(partial(kyc.store.delete, document_id))
    return len(document_ids)
