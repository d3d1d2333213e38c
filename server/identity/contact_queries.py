"""The SQL of changes of addresses and numbers, and of those that were given up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from models.codes import ContactChange, ContactKind
from models.identity import Profile
from server.db.legal_hold import is_held

Selected = Select[*tuple[Any, ...]]


def insert_change(values: dict[str, Any]) -> Insert:
    """A change that waits for its code."""
    return insert(ContactChange).values(**values)


def waiting_change(user_id: UUID, session_id: UUID, kind: ContactKind, now: datetime) -> Selected:
    """The change that a session asked for last and that can still be finished."""
    return (
        select(ContactChange.id, ContactChange.contact)
        .where(
            ContactChange.user_id == user_id,
            ContactChange.session_id == session_id,
            ContactChange.kind == kind.value,
            ContactChange.confirmed_at.is_(None),
            ContactChange.expires_at > now,
        )
        .order_by(ContactChange.id.desc())
        .limit(1)
    )


def finish_change(change_id: UUID, former: str | None, now: datetime) -> Update:
    """The new contact is in use."""
    return (
        update(ContactChange)
        .where(ContactChange.id == change_id, ContactChange.confirmed_at.is_(None))
        .values(confirmed_at=now, former=former)
    )


def former_contacts(user_id: UUID, since: datetime) -> Selected:
    """What a user gave up since an instant."""
    return (
        select(ContactChange.kind, ContactChange.former)
        .where(
            ContactChange.user_id == user_id,
            ContactChange.confirmed_at > since,
            ContactChange.former.is_not(None),
        )
        .order_by(ContactChange.id)
    )


def owner_of_email(email_key: str) -> Selected:
    """Whose address this is."""
    return select(Profile.user_id).where(Profile.email_key == email_key)


def owner_of_phone(phone_key: str) -> Selected:
    """Who has shown that a number is his."""
    return select(Profile.user_id).where(Profile.phone_key == phone_key)


def old_changes(before: UUID, limit: int) -> Selected:
    """Changes older than an identifier; those of users under a legal hold stay."""
    return (
        select(ContactChange.id)
        .where(ContactChange.id < before, ~is_held(ContactChange.user_id))
        .order_by(ContactChange.id)
        .limit(limit)
    )


def delete_changes(ids: Sequence[UUID]) -> Delete:
    """Forget changes."""
    return delete(ContactChange).where(ContactChange.id.in_(ids))
