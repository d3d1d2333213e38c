"""Checks the invariants on one snapshot: what is new every minute, everything once a night."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import click
import structlog

from server.core.ids import first_id_at
from server.db import Database, Unit
from server.db.audit import Action, record_audit
from server.identity.sealing import Sealer
from server.monitor.breach import Breach
from server.monitor.invariants import CHECKS, Check
from server.monitor.queries import service
from server.monitor.reader import open_reader

MARK = "invariants"
TRAIL = timedelta(seconds=60)
"""How far the watermark stays behind: longer than any transaction may live."""
STOPPED = ("releases_stopped", "withdrawals_stopped")
"""The switches that a breach of money sets."""
log = structlog.get_logger()


async def verify(
    database: Database,
    *,
    full: bool,
    trail: timedelta = TRAIL,
    checks: Mapping[str, Check] = CHECKS,
    sealer: Sealer | None = None,
) -> list[Breach]:
    """Check every invariant and act on what is broken; returns the breaches, none is good.

    A run over what is new begins at the watermark of the run before, or is full when there is
    none. What is found is read again on a new snapshot before anything is stopped. A breach of
    money then sets the switches of releases and withdrawals; every breach is noted and logged.
    `trail` is longer where the clock runs faster than the machine's; with `sealer` what people
    wrote is opened and compared too.
    """
    began = database.clock.now()
    since = None if full else await _read_mark(database)
    breaches = await find_breaches(database, since=since, trail=trail, checks=checks, sealer=sealer)
    if not breaches:
        await _write_mark(database, first_id_at(began - trail))
        return []

    await _report(database, breaches)
    return breaches


async def verify_recent(
    database: Database, *, trail: timedelta = TRAIL, sealer: Sealer | None = None
) -> None:
    """The check of every minute."""
    await verify(database, full=False, trail=trail, sealer=sealer)


async def verify_everything(
    database: Database, *, trail: timedelta = TRAIL, sealer: Sealer | None = None
) -> None:
    """The check of every night."""
    await verify(database, full=True, trail=trail, sealer=sealer)


async def find_breaches(
    database: Database,
    *,
    since: UUID | None,
    trail: timedelta = TRAIL,
    checks: Mapping[str, Check] = CHECKS,
    sealer: Sealer | None = None,
) -> list[Breach]:
    """Breaches that show on two snapshots; nothing is written or stopped."""
    found = await _check(database, checks, since=since, trail=trail, sealer=sealer)
    if not found:
        return []
    broken = {breach.invariant for breach in found}
    suspects = {name: check for name, check in checks.items() if name in broken}
    again = await _check(database, suspects, since=since, trail=trail, sealer=sealer)
    # Sums in the details may have moved meanwhile; the same thing is broken all the same.
    places = {(breach.invariant, breach.subject) for breach in found}
    return sorted(breach for breach in again if (breach.invariant, breach.subject) in places)


async def _check(
    database: Database,
    checks: Mapping[str, Check],
    *,
    since: UUID | None,
    trail: timedelta,
    sealer: Sealer | None,
) -> set[Breach]:
    found: set[Breach] = set()
    async with open_reader(database, since=since, trail=trail, sealer=sealer) as reader:
        for check in checks.values():
            found.update(await check(reader))
    return found


async def _report(database: Database, breaches: list[Breach]) -> None:
    for breach in breaches:
        log.error(
            "invariant_broken",
            invariant=breach.invariant,
            subject=breach.subject,
            detail=breach.detail,
        )

    async def work(unit: Unit) -> None:
        rows = (await unit.execute(service.list_open_breaches())).all()
        known = {(row.invariant, row.subject) for row in rows}
        for breach in breaches:
            if (breach.invariant, breach.subject) in known:
                continue
            known.add((breach.invariant, breach.subject))
            await unit.execute(
                service.insert_breach(
                    {
                        "id": unit.ids.new_id(),
                        "invariant": breach.invariant,
                        "subject": breach.subject,
                        "detail": breach.detail,
                        "found_at": unit.now,
                    }
                )
            )
        of_money = [breach for breach in breaches if breach.of_money]
        if of_money:
            reason = f"{of_money[0].invariant} is broken: {of_money[0].subject}"
            for name in STOPPED:
                await _set_switch(unit, name, reason)

    await database.transact(work, name="report_breaches")


async def _set_switch(unit: Unit, name: str, reason: str) -> None:
    known = (await unit.execute(service.lock_switch(name))).first()
    if known is None or not known.active:
        await record_audit(
            unit, Action.SWITCH_SET, "switch", name, after={"active": True}, reason=reason
        )
    if known is None:
        await unit.execute(service.insert_switch(name, reason, unit.now))
    else:
        await unit.execute(  # allowed: unchecked-write, one that is on already stays as it was
            service.set_switch(name, reason, unit.now)
        )


async def count_open_breaches(database: Database) -> int:
    """How many breaches were found that nobody has closed."""
    async with database.read() as connection:
        return len((await connection.execute(service.list_open_breaches())).all())


async def _read_mark(database: Database) -> UUID | None:
    async with database.read() as connection:
        through = (await connection.execute(service.find_mark(MARK))).scalar()
    return None if through is None else UUID(bytes=bytes(through))


async def _write_mark(database: Database, through: UUID) -> None:
    async def work(unit: Unit) -> None:
        if (await unit.execute(service.find_mark(MARK))).first() is None:
            await unit.execute(service.insert_mark(MARK, through, unit.now))
        else:
            await unit.execute(  # allowed: unchecked-write, the mark never moves back
                service.update_mark(MARK, through, unit.now)
            )

    await database.transact(work, name="move_watermark")


async def run_verify(database: Database) -> int:
    """Check everything and say so on the screen; returns the exit code, 1 for any breach."""
    breaches = await verify(database, full=True)
    for name, check in CHECKS.items():
        sentence = (check.__doc__ or "").partition(":")[2].strip().splitlines()[0]
        broken = [breach for breach in breaches if breach.invariant == name]
        click.echo(f"{name:<4} {'BROKEN' if broken else 'holds '} {sentence}")
        for breach in broken:
            click.echo(f"     {breach.subject}: {breach.detail}")
    click.echo(f"{len(breaches)} breaches." if breaches else f"All {len(CHECKS)} invariants hold.")
    return 1 if breaches else 0
