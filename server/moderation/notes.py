"""Private notes about other users: the writer alone reads them."""

from datetime import datetime
from uuid import UUID

from server.core.refusals import NotFound
from server.db import Unit
from server.identity.context import Identity
from server.identity.service import Reader, find_user_id
from server.identity.standing import lock_standing
from server.moderation import queries
from server.moderation.refusals import TooManyNotes

NOTES_MAX = 1000


def context_of(note_id: UUID) -> str:
    """What a note is bound to."""
    return f"user_note:{note_id}"


async def read_note(
    identity: Identity, reader: Reader, writer_id: UUID, username: str
) -> tuple[str, datetime]:
    """The writer's note about a user, and when he wrote it. Refuses `NotFound`."""
    subject_id = await find_user_id(reader, username)
    row = (await reader.execute(queries.note_of(writer_id, subject_id))).first()
    if row is None:
        raise NotFound
    text = identity.sealer.open_sealed(bytes(row.sealed), context_of(row.id)).decode()
    return text, row.written_at


async def write_note(
    identity: Identity, unit: Unit, writer_id: UUID, username: str, text: str
) -> None:
    """Note something about a user in the place of what was noted. Refuses `NotFound`,
    `TooManyNotes`."""
    subject_id = await find_user_id(unit, username)
    await lock_standing(unit, writer_id)
    row = (await unit.execute(queries.note_of(writer_id, subject_id))).first()
    note_id = unit.ids.new_id() if row is None else row.id
    sealed = identity.sealer.seal(text.encode(), context_of(note_id))
    if row is not None:
        await unit.execute_guarded(queries.change_note(note_id, sealed, unit.now))
        return
    if (await unit.execute(queries.count_notes(writer_id))).one().there_are >= NOTES_MAX:
        raise TooManyNotes
    await unit.execute(
        queries.insert_note(
            {
                "id": note_id,
                "writer_id": writer_id,
                "subject_id": subject_id,
                "sealed": sealed,
                "written_at": unit.now,
            }
        )
    )


async def delete_note(unit: Unit, writer_id: UUID, username: str) -> None:
    """Forget a note. Refuses `NotFound`."""
    subject_id = await find_user_id(unit, username)
    deleted = await unit.execute(queries.delete_note(writer_id, subject_id))
    if deleted.rowcount == 0:
        raise NotFound
