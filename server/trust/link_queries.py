"""The SQL of signals and links."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Update,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import aliased

from models.identity import Profile, User
from models.links import APART, AccountLink, LinkSignal
from server.db.legal_hold import is_held
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
Signal = tuple[str, bytes]
"""Kind and keyed digest."""


def see_signals(dialect: str) -> Insert:
    """A user has something, for the first time or still."""
    if dialect == "sqlite":
        upsert = sqlite.insert(LinkSignal)
        return upsert.on_conflict_do_update(set_={"seen_at": upsert.excluded.seen_at})
    upsert_here = mysql.insert(LinkSignal)
    return upsert_here.on_duplicate_key_update(seen_at=upsert_here.inserted.seen_at)


def unchecked_signals(limit: int) -> Selected:
    """Signals whose other owners were not looked at yet, the oldest first."""
    return (
        select(LinkSignal.kind, LinkSignal.digest, LinkSignal.user_id)
        .where(LinkSignal.checked_at.is_(None))
        .order_by(LinkSignal.first_at)
        .limit(limit)
    )


def check_signal(user_id: UUID, signal: Signal, now: datetime) -> Update:
    """The others who have it were looked at."""
    kind, digest = signal
    return (
        update(LinkSignal)
        .where(
            LinkSignal.kind == kind,
            LinkSignal.digest == digest,
            LinkSignal.user_id == user_id,
        )
        .values(checked_at=now)
    )


def owners_of(signal: Signal, limit: int) -> Selected:
    """Who has a signal."""
    kind, digest = signal
    return (
        select(LinkSignal.user_id)
        .where(LinkSignal.kind == kind, LinkSignal.digest == digest)
        .limit(limit)
    )


def shared_by(one: UUID, other: UUID) -> Selected:
    """What two users share, and how many users have each of it."""
    mine, theirs, all_of = aliased(LinkSignal), aliased(LinkSignal), aliased(LinkSignal)
    crowd = (
        select(func.count())
        .where(all_of.kind == mine.kind, all_of.digest == mine.digest)
        .correlate(mine)
        .scalar_subquery()
    )
    return (
        select(mine.kind, crowd.label("crowd"))
        .join(theirs, (theirs.kind == mine.kind) & (theirs.digest == mine.digest))
        .where(mine.user_id == one, theirs.user_id == other)
    )


def births_of(user_ids: Iterable[UUID]) -> Selected:
    """Since when users are here."""
    return select(User.id, User.created_at).where(User.id.in_(list(user_ids)))


def link_between(low_id: UUID, high_id: UUID) -> Selected:
    """The link of two users."""
    return select(*AccountLink.__table__.columns).where(
        AccountLink.low_id == low_id, AccountLink.high_id == high_id
    )


def insert_link(values: dict[str, Any]) -> Insert:
    """A new link."""
    return insert(AccountLink).values(**values)


def update_link(link_id: UUID, status: str, values: dict[str, Any]) -> Update:
    """Change a link that has this status."""
    return (
        update(AccountLink)
        .where(AccountLink.id == link_id, AccountLink.status == status)
        .values(**values)
    )


def _links() -> Selected:
    low, high = aliased(Profile), aliased(Profile)
    return (
        select(
            *AccountLink.__table__.columns,
            low.username.label("low_username"),
            high.username.label("high_username"),
        )
        .join(low, low.user_id == AccountLink.low_id)
        .join(high, high.user_id == AccountLink.high_id)
    )


def link(link_id: UUID) -> Selected:
    """One link with the names of its users."""
    return _links().where(AccountLink.id == link_id)


def links(status: str | None, before: UUID | None, limit: int) -> Selected:
    """Links of a status, newest first, older than `before`."""
    statement = _links().order_by(AccountLink.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(AccountLink.status == status)
        statement = read_along(statement, AccountLink, "ix_account_links_status_id")
    return statement if before is None else statement.where(AccountLink.id < before)


def links_of(user_id: UUID, limit: int) -> Selected:
    """The links of a user, the strongest first."""
    sides = or_(AccountLink.low_id == user_id, AccountLink.high_id == user_id)
    return _links().where(sides).order_by(AccountLink.score.desc(), AccountLink.id).limit(limit)


def apart_between(one: UUID, other: UUID) -> Selected:
    """Whether two users are kept apart by a link."""
    low, high = sorted((one, other), key=lambda user_id: user_id.bytes)
    return select(AccountLink.id).where(
        AccountLink.low_id == low, AccountLink.high_id == high, AccountLink.status.in_(APART)
    )


def apart_among(users: Iterable[UUID], among: Iterable[UUID]) -> Selected:
    """Links that keep one of `users` apart from one of `among`."""
    theirs, ours = list(users), list(among)
    low, high = AccountLink.low_id, AccountLink.high_id
    return select(low, high).where(
        or_(and_(low.in_(theirs), high.in_(ours)), and_(low.in_(ours), high.in_(theirs))),
        AccountLink.status.in_(APART),
    )


def old_signals(before: datetime, limit: int) -> Selected:
    """Signals not seen for long; those of held users are left out."""
    return (
        select(LinkSignal.kind, LinkSignal.digest, LinkSignal.user_id)
        .where(LinkSignal.seen_at < before, ~is_held(LinkSignal.user_id))
        .limit(limit)
    )


def delete_signal(user_id: UUID, signal: Signal) -> Delete:
    """Forget a signal of a user."""
    kind, digest = signal
    return delete(LinkSignal).where(
        LinkSignal.kind == kind, LinkSignal.digest == digest, LinkSignal.user_id == user_id
    )
