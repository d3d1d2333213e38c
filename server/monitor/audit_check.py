"""The check of the audit, in the verifier and as a command of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from models.audit import GUARD_NAMES
from server.core.clock import to_micros
from server.core.ids import instant_of_id
from server.db import Database
from server.monitor.breach import Breach
from server.monitor.queries import BREACHES_PER_QUESTION_MAX
from server.monitor.reader import Reader
from server.staff import audit_queries as queries
from server.staff.audit_chain import find_breaks, read_head

STRETCH = 5_000
"""Places of a long chain that a run over what is new looks at: the newest, and as many others."""
STRETCH_EVERY_US = 60_000_000


def choose_stretches(length: int, since_us: int) -> list[tuple[int, int]]:
    """First and last places that a run over what is new walks.

    A chain of up to two stretches is walked whole. Of a longer one the newest stretch is, and
    another one that moves on every minute, so that every old place has its turn.
    """
    if length <= 2 * STRETCH:
        return [(1, length)]
    newest = length - STRETCH + 1
    older = -(-(newest - 1) // STRETCH)
    turn = since_us // STRETCH_EVERY_US % older
    return [
        (turn * STRETCH + 1, min((turn + 1) * STRETCH, newest - 1)),
        (newest, length),
    ]


async def check_audit(reader: Reader) -> list[Breach]:
    """I21: every audited act is in the chain within a minute, in its place, as it was written."""
    connection = reader.connection
    head = await read_head(connection)
    stretches = [(1, head.number)]
    if reader.since is not None:
        stretches = choose_stretches(head.number, to_micros(instant_of_id(reader.since)))
    breaches = [
        Breach("I21", f"audit:{one.number}", one.sentence)
        for first, last in stretches
        for one in await find_breaks(connection, head, first, last)
    ]
    limit = BREACHES_PER_QUESTION_MAX
    for row in await connection.execute(queries.unchained(reader.since, limit)):
        detail = "The entry is not in the chain and does not wait for it."
        breaches.append(Breach("I21", f"audit:{row.id}", detail))
    late = queries.waiting_since_before(reader.now - reader.trail, limit)
    for row in await connection.execute(late):
        detail = "The entry waits too long for its place in the chain, or is gone."
        breaches.append(Breach("I21", f"audit:{row.entry_id}", detail))
    return breaches + await _find_missing_guards(connection)


async def _find_missing_guards(connection: AsyncConnection) -> list[Breach]:
    rows = await connection.execute(queries.trigger_names(connection.dialect.name))
    missing = GUARD_NAMES - {row.name for row in rows}
    detail = "The trigger that refuses changes of the audit is gone."
    return [Breach("I21", f"trigger:{name}", detail) for name in sorted(missing)]


@dataclass(frozen=True, slots=True)
class ExportedHead:
    """A head as it was copied out."""

    place: str
    """File and line."""
    number: int
    hash: bytes


def read_exported_heads(path: Path) -> list[ExportedHead]:
    """The heads in a file of exports. Raises `ValueError` naming a line that is none."""
    heads = []
    for position, line in enumerate(path.read_bytes().splitlines(), 1):
        place = f"{path.name}:{position}"
        try:
            found: Any = orjson.loads(line)
            number, digest = found["number"], bytes.fromhex(found["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{place} is not an exported head.") from error
        if not (isinstance(number, int) and number >= 0 and len(digest) == 32):
            raise ValueError(f"{place} is not an exported head.")
        heads.append(ExportedHead(place, number, digest))
    return heads


async def compare_heads(connection: AsyncConnection, heads: Iterable[ExportedHead]) -> list[str]:
    """A sentence for each exported head that the chain does not go through."""
    found = []
    for head in heads:
        if head.number == 0:
            continue
        digest = (await connection.execute(queries.link_hash(head.number))).scalar()
        if digest is None:
            found.append(f"{head.place}: the chain does not reach {head.number} any more.")
        elif digest != head.hash:
            found.append(f"{head.place}: entry {head.number} is not the one that was exported.")
    return found


async def run_verify_audit(database: Database, heads: list[ExportedHead]) -> int:
    """Walk the chain, compare exported heads, say so on the screen; 1 when anything is broken."""
    async with database.read() as connection:
        head = await read_head(connection)
        breaks = await find_breaks(connection, head, 1, head.number)
        foreign = await compare_heads(connection, heads)
    for one in breaks:
        click.echo(f"Place {one.number}: {one.sentence}")
    for sentence in foreign:
        click.echo(sentence)
    if breaks or foreign:
        return 1
    click.echo(f"The chain of {head.number} entries is whole and ends with {head.hash.hex()}.")
    click.echo(f"{len(heads)} exported heads agree with it.")
    return 0
