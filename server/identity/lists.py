"""The lists of people that a user keeps: whom he does not trade with, and whom he trusts.

Nobody is told on whose lists he is. Nobody is on both lists of one user: who blocks somebody
trusts him no more, and who trusts somebody has to take the block back first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.core.refusals import Conflict, Invalid, NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import list_queries, queries
from server.identity.context import Identity
from server.identity.list_queries import BLOCKED, TRUSTED, PeopleTable
from server.identity.refusals import (
    BlockOfOneself,
    TooManyBlocks,
    TooManyTrusted,
    TrustOfBlocked,
    TrustOfOneself,
)
from server.identity.service import Reader, find_user_id
from server.identity.standing import (
    StandingRow,
    change_standing,
    lock_standing,
    lock_standings,
)

PEOPLE_MAX = 1000
"""People on one list of a user."""


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One of the lists, and what is said of it."""

    table: PeopleTable
    of_oneself: type[Invalid]
    too_many: type[Conflict]
    added: Action
    removed: Action


BLOCKS = PeopleList(
    BLOCKED, BlockOfOneself, TooManyBlocks, Action.USER_BLOCKED, Action.USER_UNBLOCKED
)
TRUST = PeopleList(
    TRUSTED, TrustOfOneself, TooManyTrusted, Action.USER_TRUSTED, Action.USER_UNTRUSTED
)


async def block_user(
    identity: Identity, unit: Unit, user_id: UUID, username: str
) -> tuple[str, datetime]:
    """Never match with a user again; repeating it changes nothing. His name, and since when."""
    other_id = await _find_other(unit, BLOCKS, user_id, username)
    standings = await lock_standings(unit, (user_id, other_id))

    known = await _find_entry(unit, BLOCKED, user_id, other_id)
    if known is None:
        await _add(unit, BLOCKS, user_id, other_id)
        await _remove(unit, TRUST, user_id, other_id)
        await _recheck(identity, unit, standings)
    return await _name_of(unit, other_id), known or unit.now


async def unblock_user(identity: Identity, unit: Unit, user_id: UUID, username: str) -> None:
    """Take a block back. Refuses `NotFound` when there is none."""
    other_id = await find_user_id(unit, username)
    standings = await lock_standings(unit, (user_id, other_id))

    if not await _remove(unit, BLOCKS, user_id, other_id):
        raise NotFound
    await _recheck(identity, unit, standings)


async def trust_user(unit: Unit, user_id: UUID, username: str) -> tuple[str, datetime]:
    """Put a user on the list of whom one trusts; repeating it changes nothing. No order asks for
    it, so nothing is rechecked. His name, and since when. Refuses `TrustOfBlocked`."""
    other_id = await _find_other(unit, TRUST, user_id, username)
    await lock_standing(unit, user_id)
    if await _find_entry(unit, BLOCKED, user_id, other_id) is not None:
        raise TrustOfBlocked

    known = await _find_entry(unit, TRUSTED, user_id, other_id)
    if known is None:
        await _add(unit, TRUST, user_id, other_id)
    return await _name_of(unit, other_id), known or unit.now


async def distrust_user(unit: Unit, user_id: UUID, username: str) -> None:
    """Take a user off the list of whom one trusts. Refuses `NotFound` when he is not on it."""
    other_id = await find_user_id(unit, username)

    if not await _remove(unit, TRUST, user_id, other_id):
        raise NotFound


async def is_trusted(reader: Reader, user_id: UUID, other_id: UUID) -> bool:
    """Whether a user trusts another one."""
    return await _find_entry(reader, TRUSTED, user_id, other_id) is not None


async def _find_other(unit: Unit, of: PeopleList, user_id: UUID, username: str) -> UUID:
    other_id = await find_user_id(unit, username)
    if other_id == user_id:
        raise of.of_oneself(errors={"username": ["You cannot name yourself."]})
    return other_id


async def _find_entry(
    reader: Reader, of: PeopleTable, user_id: UUID, other_id: UUID
) -> datetime | None:
    found: datetime | None = (
        await reader.execute(list_queries.entry_of(of, user_id, other_id))
    ).scalar_one_or_none()
    return found


async def _add(unit: Unit, of: PeopleList, user_id: UUID, other_id: UUID) -> None:
    there = await unit.execute(list_queries.people_of(of.table, user_id, None, PEOPLE_MAX))
    if len(there.all()) >= PEOPLE_MAX:
        raise of.too_many
    await unit.execute(list_queries.insert_entry(of.table, user_id, other_id, unit.now))
    await record_audit(unit, of.added, "user", other_id)


async def _remove(unit: Unit, of: PeopleList, user_id: UUID, other_id: UUID) -> bool:
    removed = await unit.execute(list_queries.delete_entry(of.table, user_id, other_id))
    if removed.rowcount == 0:
        return False
    await record_audit(unit, of.removed, "user", other_id)
    return True


async def _recheck(identity: Identity, unit: Unit, standings: Mapping[UUID, StandingRow]) -> None:
    """A lane that knows either of the two reads anew whom he is kept apart from."""
    for user_id in sorted(standings):
        await change_standing(unit, identity.hooks, standings[user_id])


async def _name_of(unit: Unit, user_id: UUID) -> str:
    username: str = (await unit.execute(queries.profile_of(user_id))).one().username
    return username
