"""The SQL of the lists of people that a user keeps: whom he blocks, and whom he trusts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, delete, insert, select

from models.identity import Block, Profile, TrustedPerson

Selected = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """A table of pairs: `owner` has put `other` on his list."""

    table: type[Block] | type[TrustedPerson]
    owner: Any
    other: Any


BLOCKED = PeopleTable(Block, Block.user_id, Block.blocked_id)
TRUSTED = PeopleTable(TrustedPerson, TrustedPerson.user_id, TrustedPerson.trusted_id)


def people_of(of: PeopleTable, user_id: UUID, after: UUID | None, limit: int) -> Selected:
    """Who is on a user's list, by identifier, after `after`."""
    statement = (
        select(of.other.label("other_id"), of.table.created_at, Profile.username)
        .join(Profile, Profile.user_id == of.other)
        .where(of.owner == user_id)
        .order_by(of.other)
        .limit(limit)
    )
    return statement if after is None else statement.where(of.other > after)


def entry_of(of: PeopleTable, user_id: UUID, other_id: UUID) -> Selected:
    """One entry of a list."""
    return select(of.table.created_at).where(of.owner == user_id, of.other == other_id)


def insert_entry(of: PeopleTable, user_id: UUID, other_id: UUID, now: datetime) -> Insert:
    """A new entry."""
    return insert(of.table).values({of.owner: user_id, of.other: other_id, "created_at": now})


def delete_entry(of: PeopleTable, user_id: UUID, other_id: UUID) -> Delete:
    """Take an entry away."""
    return delete(of.table).where(of.owner == user_id, of.other == other_id)
