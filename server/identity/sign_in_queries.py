"""The SQL of the history of sign-ins."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, delete, insert, select

from models.sign_ins import SignIn
from server.db.legal_hold import is_held
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]


def insert_sign_in(values: dict[str, Any]) -> Insert:
    """An attempt to sign in."""
    return insert(SignIn).values(**values)


def sign_ins_of(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """Attempts on a user's account, newest first, older than `before`."""
    statement = (
        select(*SignIn.__table__.columns)
        .where(SignIn.user_id == user_id)
        .order_by(SignIn.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, SignIn, "ix_sign_ins_user_id_id")
    return statement if before is None else statement.where(SignIn.id < before)


def old_sign_ins(before: UUID, limit: int) -> Selected:
    """Attempts older than an identifier; those of users under a legal hold stay."""
    return (
        select(SignIn.id)
        .where(SignIn.id < before, ~is_held(SignIn.user_id))
        .order_by(SignIn.id)
        .limit(limit)
    )


def delete_sign_ins(ids: Sequence[UUID]) -> Delete:
    """Forget attempts."""
    return delete(SignIn).where(SignIn.id.in_(ids))
