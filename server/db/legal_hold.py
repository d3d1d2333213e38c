"""The one question that everything which deletes a person's data asks first."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select

from models.compliance import AccountHold, HoldKind


def is_held(user_id: Any) -> ColumnElement[bool]:
    """Whether the law wants everything of the user in a column kept."""
    return exists().where(
        AccountHold.user_id == user_id,
        AccountHold.kind == HoldKind.LEGAL.value,
        AccountHold.lifted_at.is_(None),
    )


def find_hold(user_id: UUID) -> Select[UUID]:
    """A legal hold of a user."""
    return select(AccountHold.id).where(
        AccountHold.user_id == user_id,
        AccountHold.kind == HoldKind.LEGAL.value,
        AccountHold.lifted_at.is_(None),
    )
