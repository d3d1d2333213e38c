"""Copies of everything about a person: asked for with a proof, made by a duty, fetched for a week.

An archive is a ZIP of JSON files. It is built in memory and kept in the database in sealed pieces,
so that no readable copy ever lies on a disk.
"""

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models.privacy import ExportStatus
from server.core.clock import format_instant
from server.core.ids import first_id_at
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.standing import lock_standing
from server.privacy import queries
from server.privacy.content import SECTIONS, Section, Source
from server.privacy.refusals import ExportNotReady, ExportsLimited, ExportUnderWay

PAUSE = timedelta(hours=24)
"""One copy in this time."""
FETCHABLE = timedelta(days=7)
"""How long a copy can be fetched."""
KNOWN = timedelta(days=90)
"""How long it is known that there was a copy."""
CLAIM = timedelta(minutes=5)
"""When a copy that broke off is tried again; far longer than one takes."""
TRIES_MAX = 5
BATCH_MAX = 5
PURGE_CHUNK = 100
ARCHIVE_BYTES_MAX = 64 * 1024 * 1024
PART_BYTES = 1024 * 1024


class ArchiveTooLargeError(Exception):
    """More is known of a person than fits an archive; operators make it by hand."""


@dataclass(frozen=True, slots=True)
class Export:
    """A row of `data_exports`; see the table for the meaning of each column."""

    id: UUID
    status: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size: int | None


def read_row(row: Any) -> Export:
    """The copy of a row."""
    return Export(row.id, row.status, row.asked_at, row.ready_at, row.expires_at, row.size)


def context_of(part_id: UUID) -> str:
    """What a piece of an archive is bound to."""
    return f"data_export_part:{part_id}"


async def ask_export(identity: Identity, unit: Unit, user_id: UUID) -> Export:
    """A new wish for a copy. Refuses `ExportUnderWay`, `ExportsLimited`."""
    await lock_standing(unit, user_id)
    if (await unit.execute(queries.waiting_of(user_id))).first() is not None:
        raise ExportUnderWay
    asked_at = (await unit.execute(queries.newest_asked(user_id, unit.now - PAUSE))).scalar()
    if asked_at is not None:
        left = asked_at + PAUSE - unit.now
        raise ExportsLimited(retry_after_s=max(1, int(left.total_seconds())))

    export_id, now = unit.ids.new_id(), unit.now
    await unit.execute(
        queries.insert_export(
            {
                "id": export_id,
                "user_id": user_id,
                "waiting_user_id": user_id,
                "status": ExportStatus.WAITING.value,
                "asked_at": now,
                "tries": 0,
                "due_at": now,
            }
        )
    )
    await record_audit(unit, Action.EXPORT_ASKED, "data_export", export_id)
    await tell_owner(unit, identity.hooks, user_id, "export_asked")
    return Export(export_id, ExportStatus.WAITING.value, now, None, None, None)


async def prepare_exports(identity: Identity) -> int:
    """Make the copies that wait, a batch; how many are ready."""
    database = identity.database
    async with database.read() as connection:
        due = queries.due_exports(database.clock.now(), BATCH_MAX)
        rows = (await connection.execute(due)).all()
    ready = 0
    for row in rows:
        if await _claim(identity, row):
            await _make(identity, row.id, row.user_id)
            ready += 1
    return ready


async def _claim(identity: Identity, row: Any) -> bool:
    """Whether the copy is ours to make; after the last try it is given up."""

    async def work(unit: Unit) -> bool:
        if row.tries < TRIES_MAX:
            claim = queries.claim_export(row.id, row.tries, unit.now + CLAIM)
            return (await unit.execute(claim)).rowcount == 1
        over = queries.end_export(row.id, {"status": ExportStatus.FAILED.value})
        if (await unit.execute(over)).rowcount == 1:
            await tell_owner(unit, identity.hooks, row.user_id, "export_failed")
        return False

    return await identity.database.transact(work, name="claim_export")


async def _make(identity: Identity, export_id: UUID, user_id: UUID) -> None:
    archive = await build_archive(identity, user_id)
    pieces = [archive[at : at + PART_BYTES] for at in range(0, len(archive), PART_BYTES)]
    parts: list[dict[str, Any]] = []
    for number, piece in enumerate(pieces):
        part_id = identity.database.ids.new_id()
        sealed = identity.sealer.seal(piece, context_of(part_id))
        parts.append({"id": part_id, "export_id": export_id, "number": number, "sealed": sealed})

    async def work(unit: Unit) -> None:
        values = {
            "status": ExportStatus.READY.value,
            "ready_at": unit.now,
            "expires_at": unit.now + FETCHABLE,
            "size": len(archive),
        }
        ended = await unit.execute(queries.end_export(export_id, values))
        if ended.rowcount != 1:
            # Another process was faster, or the account was forgotten meanwhile.
            return
        for part in parts:
            await unit.execute(queries.insert_part(part))
        await tell_owner(unit, identity.hooks, user_id, "export_ready")

    await identity.database.transact(work, name="make_export")


async def build_archive(identity: Identity, user_id: UUID) -> bytes:
    """A ZIP with a JSON file for each section and `manifest.json`, which says what is in it.

    Raises `ArchiveTooLargeError`.
    """
    out = io.BytesIO()
    counts: dict[str, int] = {}
    made_at = identity.database.clock.now()
    async with identity.database.read() as connection:
        source = Source(connection, identity.sealer, user_id)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for section in SECTIONS:
                counts[section.file] = await _write_section(archive, section, source, out)
            manifest = {
                "user_id": str(user_id),
                "made_at": format_instant(made_at),
                "files": {f"{file}.json": count for file, count in counts.items()},
            }
            archive.writestr("manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return out.getvalue()


async def _write_section(
    archive: zipfile.ZipFile, section: Section, source: Source, out: io.BytesIO
) -> int:
    count = 0
    with archive.open(f"{section.file}.json", "w") as file:
        file.write(b"[")
        async for page in section.read(source):
            for row in page:
                file.write(b",\n" if count else b"\n")
                file.write(orjson.dumps(row))
                count += 1
            if out.tell() > ARCHIVE_BYTES_MAX:
                raise ArchiveTooLargeError
        file.write(b"\n]\n")
    return count


async def get_own_export(unit: Unit, user_id: UUID, export_id: UUID) -> Export:
    """One of a user's copies. Refuses `NotFound`: unknown, forgotten, somebody else's."""
    found = (await unit.execute(queries.export_of(user_id, export_id))).first()
    if found is None:
        raise NotFound
    return read_row(found)


async def fetch_export(identity: Identity, unit: Unit, export: Export) -> bytes:
    """The archive of a copy. Refuses `ExportNotReady`."""
    is_ready = export.status == ExportStatus.READY.value
    if not is_ready or export.expires_at is None or export.expires_at <= unit.now:
        raise ExportNotReady

    parts = (await unit.execute(queries.parts_of(export.id))).all()
    opened = [
        identity.sealer.open_sealed(bytes(part.sealed), context_of(part.id)) for part in parts
    ]
    await record_audit(unit, Action.EXPORT_FETCHED, "data_export", export.id)
    return b"".join(opened)


async def purge_exports(unit: Unit) -> int:
    """Forget one chunk of archives that can be fetched no more, and of old wishes; how many."""
    over = [row.id for row in await unit.execute(queries.over_exports(unit.now, PURGE_CHUNK))]
    if over:
        await unit.execute(queries.delete_parts(over))
        await unit.execute(queries.expire_exports(over))
    before = first_id_at(unit.now - KNOWN)
    old = [row.id for row in await unit.execute(queries.old_exports(before, PURGE_CHUNK))]
    if old:
        await unit.execute(queries.delete_exports(old))
    return len(over) + len(old)
