"""The SQL of standings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Update, case, literal, select, update

from models.base import MARIADB, Instant
from models.identity import Standing

Selected = Select[*tuple[Any, ...]]
COLUMNS = tuple(Standing.__table__.columns.keys())


def standings_of(user_ids: Sequence[UUID]) -> Selected:
    """Some standings, ascending."""
    return (
        select(*Standing.__table__.columns)
        .where(Standing.user_id.in_(user_ids))
        .order_by(Standing.user_id)
    )


def lock_standings(user_ids: Sequence[UUID]) -> Selected:
    """Lock some standings by primary key, ascending.

    The hint keeps the optimizer of a small table from scanning it, which would lock the rows of
    people who have no part in this.
    """
    statement = standings_of(user_ids).with_for_update()
    for dialect in MARIADB:
        statement = statement.with_hint(Standing, "FORCE INDEX (PRIMARY)", dialect)
    return statement


def update_standing(user_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """Change a standing that has this version, and count the version up."""
    return (
        update(Standing)
        .where(Standing.user_id == user_id, Standing.version == version)
        .values(version=version + 1, **values)
    )


def note_seen(seen_at: Mapping[UUID, datetime]) -> Update:
    """Move the instants at which present users were last seen; none goes back.

    The version stays: matching reads presence, not its instant. Who is not present is left alone,
    because becoming present is a change of standing.
    """
    instant = case(
        *((Standing.user_id == user_id, literal(at, Instant)) for user_id, at in seen_at.items())
    )
    return (
        update(Standing)
        .where(Standing.user_id.in_(sorted(seen_at, key=lambda user_id: user_id.bytes)))
        .where(Standing.present.is_(True))
        .where(Standing.seen_at < instant)
        .values(seen_at=instant)
    )


def due_rechecks(now: datetime, limit: int) -> Selected:
    """Users whose standing time has changed by now, longest waiting first."""
    return (
        select(Standing.user_id)
        .where(Standing.recheck_at <= now)
        .order_by(Standing.recheck_at, Standing.user_id)
        .limit(limit)
    )
