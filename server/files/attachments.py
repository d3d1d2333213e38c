"""Files of a trade: reserved, stored, then kept; listed, and read.

A file is kept in three steps. Its room is reserved under the lock of the trade, its encrypted bytes
are stored, and the row says that it is kept, together with the answer to its sender. What dies in
between leaves a draft that nobody was told of, which a duty sweeps away with its bytes.
"""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import IntegrityError

from models.files import FileStatus
from server.core import fault
from server.core.clock import format_instant
from server.core.events import Event, room_of_trade
from server.core.refusals import NotFound, Refusal, Unavailable
from server.db import Unit
from server.db.idempotency import StoredReply, store_reply
from server.files import queries
from server.files.contents import Inspected, inspect_file
from server.files.context import Files
from server.files.looks import split_bands
from server.files.refusals import FileRefused, FilesClosed, TooManyFiles
from server.files.scanner import ScannerDown
from server.http.endpoint import Key
from server.identity.sealing import SealBroken
from server.trades.queries import lock_trade
from server.trades.trade import Reader

NONCE, KEY = 12, 32
FILES_PER_TRADE_MAX = 20
BYTES_PER_TRADE_MAX = 50 * 1024 * 1024
SIDES = 2
"""Each side has half of what a trade may hold, so that nobody takes the other's room."""
OPEN_AFTER_END = timedelta(days=30)
"""How long after its end a trade takes files: late claims and objections need them."""
FIRST_RETRY = timedelta(seconds=10)
RULES = "rules"
log = structlog.get_logger()


def context_of(attachment_id: UUID) -> str:
    """What the key of a file is bound to."""
    return f"attachment:{attachment_id}"


def show_attachment(row: Any, buyer_id: UUID) -> dict[str, Any]:
    """A file without its content, the same for both parties."""
    return {
        "id": str(row.id),
        "trade_id": str(row.trade_id),
        "sender": "buyer" if row.user_id == buyer_id else "seller",
        "media_type": row.media_type,
        "size": row.size,
        "sha256": bytes(row.kept_digest).hex(),
        "status": "gone" if _is_gone(row) else row.status,
        "created_at": format_instant(row.created_at),
    }


def _is_gone(row: Any) -> bool:
    return row.purged_at is not None and row.status == FileStatus.CLEAN.value


async def find_parties(reader: Reader, trade_id: UUID) -> Any:
    """Buyer, seller and end of a trade. Refuses `NotFound`."""
    found = (await reader.execute(queries.parties_of(trade_id))).first()
    if found is None:
        raise NotFound
    return found


async def check_party(reader: Reader, trade_id: UUID, user_id: UUID) -> Any:
    """The parties of a trade, of whom the user is one. Refuses `NotFound`."""
    parties = await find_parties(reader, trade_id)
    if user_id not in (parties.buyer_id, parties.seller_id):
        raise NotFound
    return parties


async def _check_room(reader: Reader, trade_id: UUID, user_id: UUID, size: int, now: Any) -> Any:
    """Refuse what the trade has no room for; its parties."""
    parties = await check_party(reader, trade_id, user_id)
    if parties.ended_at is not None and parties.ended_at + OPEN_AFTER_END <= now:
        raise FilesClosed
    sent = (await reader.execute(queries.sum_sent(trade_id, user_id))).one()
    if (
        sent.files >= FILES_PER_TRADE_MAX // SIDES
        or int(sent.bytes) + size > BYTES_PER_TRADE_MAX // SIDES
    ):
        raise TooManyFiles
    return parties


async def send_file(
    files: Files, user_id: UUID, trade_id: UUID, content: bytes, media_type: str, key: Key
) -> bytes:
    """Keep a file of a party; the answer, which repetitions get, too.

    Refuses `NotFound`, `FilesClosed`, `TooManyFiles`, `FileRefused`, `StoreFailed`.
    """
    # Looked at before the content is worked on, which is dear, and again under the lock.
    async with files.database.read() as connection:
        now = files.database.clock.now()
        await _check_room(connection, trade_id, user_id, 1, now)
    inspected: Inspected = await files.run_apart(partial(inspect_file, content, media_type))
    scanned_by = await _scan_now(files, inspected.content)
    attachment_id = files.database.ids.new_id()
    stored, sealed_key = await files.run_apart(
        partial(_encrypt, files, attachment_id, inspected.content)
    )
    await _reserve(files, user_id, trade_id, attachment_id, inspected, sealed_key)
    try:
        fault.point("file.after_reserve")
        await files.store.put(attachment_id, stored)
        fault.point("file.after_put")
        return await _keep(files, user_id, trade_id, attachment_id, inspected, scanned_by, key)
    except (Refusal, IntegrityError):
        # Where the outcome is unknown (it is no refusal) the row may be there, and stays.
        await give_up_draft(files, attachment_id)
        raise


async def _scan_now(files: Files, content: bytes) -> str | None:
    """Who found the content clean; none when the scanner has to be asked again."""
    if files.scanner is None:
        return RULES
    try:
        found = await files.scanner.scan(content)
    except ScannerDown as error:
        log.warning("scanner_down", reason=str(error))
        return None
    if found is not None:
        raise FileRefused("The scanner found something harmful in the file.")
    return files.scanner.name


def _encrypt(files: Files, attachment_id: UUID, content: bytes) -> tuple[bytes, bytes]:
    """A key of its own for the content: the encrypted content, and the key sealed."""
    random, bound = files.database.random, context_of(attachment_id)
    key, nonce = random.token(KEY), random.token(NONCE)
    encrypted = nonce + AESGCM(key).encrypt(nonce, content, bound.encode())
    return encrypted, files.sealer.seal(key, bound)


def decrypt_file(files: Files, attachment_id: UUID, sealed_key: bytes, stored: bytes) -> bytes:
    """The content of a stored file; raises `SealBroken` for what is none."""
    bound = context_of(attachment_id)
    key = files.sealer.open_sealed(sealed_key, bound)
    try:
        return AESGCM(key).decrypt(stored[:NONCE], stored[NONCE:], bound.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(bound) from error


async def _reserve(
    files: Files,
    user_id: UUID,
    trade_id: UUID,
    attachment_id: UUID,
    inspected: Inspected,
    sealed_key: bytes,
) -> None:
    async def work(unit: Unit) -> None:
        await unit.execute(lock_trade(trade_id))
        size = len(inspected.content)
        await _check_room(unit, trade_id, user_id, size, unit.now)
        await unit.execute(
            queries.insert_attachment(
                {
                    "id": attachment_id,
                    "trade_id": trade_id,
                    "user_id": user_id,
                    "media_type": inspected.media_type.value,
                    "size": size,
                    "digest": inspected.digest,
                    "kept_digest": inspected.kept_digest,
                    "look": inspected.look,
                    "sealed_key": sealed_key,
                    "status": FileStatus.DRAFT.value,
                    "stored": True,
                    "tries": 0,
                    "created_at": unit.now,
                }
            )
        )

    await files.database.transact(work, name="reserve_attachment")


async def _keep(
    files: Files,
    user_id: UUID,
    trade_id: UUID,
    attachment_id: UUID,
    inspected: Inspected,
    scanned_by: str | None,
    key: Key,
) -> bytes:
    async def work(unit: Unit) -> bytes:
        await unit.execute(lock_trade(trade_id))
        values: dict[str, Any] = {"status": FileStatus.WAITING.value}
        if scanned_by is None:
            values["due_at"] = unit.now + FIRST_RETRY
            values["tries"] = 1
        else:
            values = verdict_of(FileStatus.CLEAN, scanned_by, unit)
        draft = FileStatus.DRAFT.value
        changed = await unit.execute(queries.change_attachment(attachment_id, draft, values))
        if changed.rowcount != 1:
            # It took so long that the draft was swept away.
            raise Unavailable
        bands = split_bands(inspected.look) if inspected.look else []
        if bands:
            await unit.execute(queries.insert_bands(attachment_id, bands))
        row = (await unit.execute(queries.attachment(attachment_id))).one()
        parties = await find_parties(unit, trade_id)
        if scanned_by is not None:
            await announce(files, unit, row, parties.buyer_id)
        body = orjson.dumps(show_attachment(row, parties.buyer_id))
        await store_reply(unit, user_id, key.text, key.request_hash, StoredReply(201, body))
        return body

    return await files.database.transact(work, name="keep_attachment")


def verdict_of(status: FileStatus, scanned_by: str, unit: Unit) -> dict[str, Any]:
    """What a row says once the scanner has decided."""
    return {
        "status": status.value, "due_at": None, "scanned_at": unit.now, "scanned_by": scanned_by
    }  # fmt: skip


async def announce(files: Files, unit: Unit, row: Any, buyer_id: UUID) -> None:
    """Tell the trade's room of a file that everybody there may see from now on."""
    shown = show_attachment(row, buyer_id)
    unit.emit(Event(room_of_trade(row.trade_id), "attachment_added", shown, row.id))
    for hook in files.on_added:
        await hook(unit, row, shown["sender"])


async def give_up_draft(files: Files, attachment_id: UUID) -> None:
    """Give up a file that nobody was told of; a duty deletes its bytes and then its row."""

    async def work(unit: Unit) -> None:
        given_up = {"purged_at": unit.now, "sealed_key": None, "look": None}
        draft = FileStatus.DRAFT.value
        # It may have been swept away, or kept after all: then there is nothing to give up.
        changed = await unit.execute(queries.change_attachment(attachment_id, draft, given_up))
        assert changed.rowcount <= 1, "a draft has one row"

    await files.database.transact(work, name="give_up_draft")


async def read_content(files: Files, row: Any) -> bytes:
    """The content of a kept file. Refuses `NotFound` for one that is gone, `StoreFailed`."""
    if row.sealed_key is None:
        raise NotFound
    try:
        stored = await files.store.get(row.id)
    except FileNotFoundError:
        log.exception("attachment_lost", attachment_id=str(row.id))
        raise NotFound from None
    content: bytes = await files.run_apart(
        partial(decrypt_file, files, row.id, bytes(row.sealed_key), stored)
    )
    return content
