"""What time does to files: scanned again, compared with others, swept away, purged."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from models.files import FileStatus, Likeness
from server.core.clock import format_instant
from server.core.events import Event, room_of_staff
from server.core.ids import first_id_at
from server.core.refusals import NotFound
from server.db import Unit
from server.files import queries
from server.files.attachments import (
    RULES,
    announce,
    find_parties,
    give_up_draft,
    read_content,
    verdict_of,
)
from server.files.context import Files
from server.files.looks import ALIKE_BITS_MAX, measure_distance, split_bands
from server.files.scanner import ScannerDown
from server.files.store import StoreFailed
from server.identity.notices import tell_owner
from server.trades.queries import lock_trade

CHUNK = 50
RETRY_FIRST_S, RETRY_MAX_S = 10, 600
"""Seconds until the scanner is asked again; twice as many each time."""
DRAFT_LIFE = timedelta(minutes=15)
"""Far longer than a file takes to be kept."""
CANDIDATES_MAX = 20
"""Files looked at for each band of a look, the newest."""
FLAGS_MAX = 5
"""For one file; the likest."""
QUEUE = "disputes"
log = structlog.get_logger()


async def scan_waiting(files: Files) -> int:
    """Ask the scanner again about files that wait for it; how many were decided."""
    async with files.database.read() as connection:
        due = queries.due_scans(files.database.clock.now(), CHUNK)
        rows = (await connection.execute(due)).all()
    decided = 0
    for row in rows:
        try:
            found = await _scan(files, row)
        except (ScannerDown, StoreFailed) as error:
            log.warning("attachment_not_scanned", attachment_id=str(row.id), reason=str(error))
            await _postpone(files, row)
        else:
            await _decide(files, row, found)
            decided += 1
    return decided


async def _scan(files: Files, row: Any) -> str | None:
    """What the scanner finds in a kept file."""
    if files.scanner is None:
        # It was taken away from the settings; the rules were asked when the file came.
        return None
    try:
        content = await read_content(files, row)
    except NotFound:
        return "lost"
    return await files.scanner.scan(content)


async def _postpone(files: Files, row: Any) -> None:
    async def work(unit: Unit) -> None:
        wait_s = min(RETRY_MAX_S, RETRY_FIRST_S * 2 ** min(row.tries, 10))
        values = {
            "tries": min(row.tries + 1, 30_000), "due_at": unit.now + timedelta(seconds=wait_s)
        }  # fmt: skip
        waiting = FileStatus.WAITING.value
        changed = await unit.execute(queries.change_attachment(row.id, waiting, values))
        assert changed.rowcount <= 1, "a file has one row"

    await files.database.transact(work, name="postpone_scan")


async def _decide(files: Files, row: Any, found: str | None) -> None:
    scanned_by = RULES if files.scanner is None else files.scanner.name

    async def work(unit: Unit) -> None:
        await unit.execute(lock_trade(row.trade_id))
        values = verdict_of(FileStatus.CLEAN, scanned_by, unit)
        if found is not None:
            values = verdict_of(FileStatus.REFUSED, scanned_by, unit)
            values |= {"purged_at": unit.now, "sealed_key": None, "look": None}
        waiting = FileStatus.WAITING.value
        changed = await unit.execute(queries.change_attachment(row.id, waiting, values))
        if changed.rowcount != 1:
            return
        if found is None:
            parties = await find_parties(unit, row.trade_id)
            kept = (await unit.execute(queries.attachment(row.id))).one()
            await announce(files, unit, kept, parties.buyer_id)
            return
        await unit.execute(queries.delete_bands(row.id))
        await tell_owner(
            unit, files.identity_hooks, row.user_id, "file_refused", trade_id=str(row.trade_id)
        )

    await files.database.transact(work, name="decide_scan")


async def compare_new(files: Files) -> int:
    """Look for kept files in trades of other people; how many were looked for.

    A file is looked for once its row is committed, so of two that come at once the later finds
    the earlier.
    """
    async with files.database.read() as connection:
        rows = (await connection.execute(queries.not_compared(CHUNK))).all()
    for row in rows:

        async def work(unit: Unit, row: Any = row) -> None:
            if (await unit.execute(queries.note_compared(row.id, unit.now))).rowcount == 1:
                await _compare(unit, row)

        await files.database.transact(work, name="compare_attachment")
    return len(rows)


async def _compare(unit: Unit, row: Any) -> None:
    parties = await find_parties(unit, row.trade_id)
    people = {parties.buyer_id, parties.seller_id}
    same = queries.same_files(row.trade_id, row.digest, row.kept_digest, CANDIDATES_MAX)
    alike = [(0, Likeness.SAME, each) for each in await unit.execute(same)]
    seen = {each.id for _, _, each in alike}
    bands = split_bands(bytes(row.look)) if row.look is not None else []
    if bands:
        similar = queries.similar_files(row.trade_id, bands, CANDIDATES_MAX)
        for each in await unit.execute(similar):
            if each.id in seen or each.look is None:
                continue
            distance = measure_distance(bytes(row.look), bytes(each.look))
            if distance <= ALIKE_BITS_MAX:
                alike.append((distance, Likeness.SIMILAR, each))
    others = [found for found in alike if {found[2].buyer_id, found[2].seller_id} != people]
    others.sort(key=lambda found: (found[0], found[1] is Likeness.SIMILAR, found[2].id.int))
    for distance, likeness, other in others[:FLAGS_MAX]:
        await _flag(unit, row, other, likeness, distance)


async def _flag(unit: Unit, row: Any, other: Any, likeness: Likeness, distance: int) -> None:
    newer, older = (row, other) if row.id > other.id else (other, row)
    if (await unit.execute(queries.find_flag(newer.id, older.id))).first() is not None:
        return
    flag_id = unit.ids.new_id()
    values = {
        "id": flag_id,
        "attachment_id": newer.id,
        "trade_id": newer.trade_id,
        "user_id": newer.user_id,
        "other_id": older.id,
        "other_trade_id": older.trade_id,
        "other_user_id": older.user_id,
        "likeness": likeness.value,
        "distance": distance,
        "created_at": unit.now,
    }
    await unit.execute(queries.insert_flag(values))
    unit.emit(Event(room_of_staff(QUEUE), "attachment_flagged", show_flag(values), flag_id))


def show_flag(values: Any) -> dict[str, Any]:
    """Two files that are alike, as staff see them; `values` is a row of `attachment_flags`."""
    names = ("id", "attachment_id", "trade_id", "user_id", "other_id", "other_trade_id",
             "other_user_id")  # fmt: skip
    return {name: str(values[name]) for name in names} | {
        "likeness": values["likeness"],
        "distance": values["distance"],
        "created_at": format_instant(values["created_at"]),
    }


async def sweep_files(files: Files) -> int:
    """Give up what never came to be kept, and delete the bytes of all that was given up."""
    before = first_id_at(files.database.clock.now() - DRAFT_LIFE)
    async with files.database.read() as connection:
        drafts = (await connection.execute(queries.old_drafts(before, CHUNK))).all()
    for draft in drafts:
        await give_up_draft(files, draft.id)
    async with files.database.read() as connection:
        rows = (await connection.execute(queries.given_up(CHUNK))).all()
    for row in rows:
        await files.store.delete(row.id)
        await _forget_bytes(files, row)
    return len(rows)


async def _forget_bytes(files: Files, row: Any) -> None:
    is_draft = row.status == FileStatus.DRAFT.value

    async def work(unit: Unit) -> None:
        forget = queries.delete_draft if is_draft else queries.forget_bytes
        await unit.execute_guarded(forget(row.id))

    await files.database.transact(work, name="forget_bytes")


async def purge_attachments(files: Files) -> int:
    """Forget the keys of files whose time is over, so that nobody can read them; how many.

    Nothing of a trade is touched while one of its parties is under a legal hold.
    """
    before = first_id_at(files.database.clock.now() - files.kept)

    async def work(unit: Unit) -> int:
        rows = (await unit.execute(queries.old_files(before, CHUNK))).all()
        for row in rows:
            await _purge(unit, row.id, row.status)
        return len(rows)

    return await files.database.transact(work, name="purge_attachments")


async def _purge(unit: Unit, attachment_id: UUID, status: str) -> None:
    gone: dict[str, Any] = {"sealed_key": None, "look": None, "purged_at": unit.now}
    if status == FileStatus.WAITING.value:
        # The scanner was away for years: it is not asked about what is gone.
        gone |= {"status": FileStatus.REFUSED.value, "due_at": None, "scanned_at": unit.now}
    await unit.execute_guarded(queries.change_attachment(attachment_id, status, gone))
    await unit.execute(queries.delete_bands(attachment_id))
