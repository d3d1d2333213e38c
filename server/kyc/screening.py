"""Looking for names in a list: before an identity is approved, when the list changes, every day.

No identity is approved without a clear answer about exactly its name: what is not known yet is
waited for. What is found becomes a case of compliance (see `server.compliance.matches`); the user
is never told.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog

from models.screening import HitStatus
from server.core.events import Event, room_of_staff
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.sealing import SealBroken
from server.kyc import screening_queries as queries
from server.kyc.applications import Application, lock_application, open_person, read_row
from server.kyc.context import Kyc
from server.kyc.refusals import ScreeningMatched, ScreeningUndecided, ScreeningWaits
from server.kyc.screening_port import Listed, Screened, ScreeningPort

log = structlog.get_logger()
EVERY = timedelta(hours=24)
CHUNK = 50
CHUNKS_MAX = 40
"""Chunks of one run; the next run goes on."""


def context_of(hit_id: UUID) -> str:
    """What the sealed part of a hit is bound to."""
    return f"screening_hit:{hit_id}"


async def screen_due(kyc: Kyc) -> int:
    """Look for every name that is due; how many. Refuses `Unavailable`: the rest waits."""
    port = kyc.screening
    if port is None:
        return 0
    version = await port.read_version()
    count, after = 0, None
    for _ in range(CHUNKS_MAX):
        async with kyc.database.read() as connection:
            before = kyc.database.clock.now() - EVERY
            rows = (await connection.execute(queries.due(version, before, after, CHUNK))).all()
        if not rows:
            break
        await _screen(kyc, port, version, [read_row(row) for row in rows])
        count, after = count + len(rows), rows[-1].id
    return count


async def _screen(
    kyc: Kyc, port: ScreeningPort, version: str, applications: Sequence[Application]
) -> None:
    readable = [(row, person) for row in applications if (person := _open(kyc, row)) is not None]
    found = await port.screen([person for _, person in readable])
    for (row, person), hits in zip(readable, found, strict=True):

        async def work(
            unit: Unit, row: Application = row, person: Screened = person,
            hits: list[Listed] = hits,
        ) -> None:  # fmt: skip
            await _record(kyc, unit, row.id, version, person, hits)

        await kyc.database.transact(work, name="record_screening")


def _open(kyc: Kyc, row: Application) -> Screened | None:
    """Who is looked for. What no key opens is reported once and stops nobody else: without a clear
    answer about it, it is never approved."""
    try:
        return _read_screened(open_person(kyc.identity.sealer, row))
    except SealBroken:
        if row.id not in kyc.unreadable:
            kyc.unreadable.add(row.id)
            log.warning("screening_unreadable", application_id=str(row.id))
        return None


def _read_screened(person: dict[str, Any]) -> Screened:
    return Screened(person["full_name"], person["birth_date"], person["country"])


async def _record(
    kyc: Kyc, unit: Unit, application_id: UUID, version: str, person: Screened, hits: list[Listed]
) -> None:
    row = await lock_application(unit, application_id)
    if row.sealed is None or row.status not in queries.COUNTING:
        return
    if (await unit.execute(queries.screening_of(row.id))).first() is None:
        await unit.execute(queries.insert_screening(row.id, version, unit.now))
    else:
        await unit.execute_guarded(queries.update_screening(row.id, version, unit.now))
    known = {bytes(each.digest) for each in await unit.execute(queries.known_digests(row.id))}
    for listed in {each.digest(): each for each in hits}.values():
        if listed.digest() not in known:
            await _open_hit(kyc, unit, row, person, listed)


async def _open_hit(
    kyc: Kyc, unit: Unit, row: Application, person: Screened, listed: Listed
) -> None:
    hit_id = unit.ids.new_id()
    said = orjson.dumps({"person": asdict(person), "listed": asdict(listed)})
    await unit.execute(
        queries.insert_hit(
            {
                "id": hit_id,
                "user_id": row.user_id,
                "application_id": row.id,
                "digest": listed.digest(),
                "status": HitStatus.OPEN.value,
                "version": 1,
                "sealed": kyc.identity.sealer.seal(said, context_of(hit_id)),
                "found_at": unit.now,
            }
        )
    )
    tell_queue(unit, hit_id, HitStatus.OPEN.value)
    await record_audit(unit, Action.SCREENING_HIT, "screening_hit", hit_id)


def tell_queue(unit: Unit, hit_id: UUID, status: str) -> None:
    """Tell compliance how a hit stands."""
    body = {"kind": "screening_hit", "id": str(hit_id), "status": status}
    unit.emit(Event(room_of_staff("kyc"), "kyc_queue_changed", body, hit_id))


async def require_clear(kyc: Kyc, unit: Unit, row: Application) -> None:
    """Let a locked application pass whose name is on no list, or is somebody else's there.

    Refuses `ScreeningWaits`, `ScreeningUndecided`, `ScreeningMatched`.
    """
    if kyc.screening is None:
        return
    if (await unit.execute(queries.screening_of(row.id))).first() is None:
        raise ScreeningWaits
    statuses = {each.status for each in await unit.execute(queries.statuses_of(row.id))}
    if HitStatus.TRUE_MATCH.value in statuses:
        raise ScreeningMatched
    if HitStatus.OPEN.value in statuses:
        raise ScreeningUndecided


async def forget_screening(unit: Unit, application_id: UUID) -> None:
    """Forget who was looked for and found in the name of an application."""
    await unit.execute(queries.delete_screening(application_id))
    await unit.execute(  # allowed: unchecked-write, most names are on no list
        queries.erase_hits(application_id)
    )
