"""The SQL of payment methods and payment accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, insert, select, update

from models.identity import PaymentAccount, PaymentAccountState, PaymentMethod

Selected = Select[*tuple[Any, ...]]
_METHOD_COLUMNS = tuple(PaymentMethod.__table__.columns)


def list_methods(currency: str | None, after: str | None, limit: int) -> Selected:
    """Payment methods by identifier, after `after`."""
    statement = select(*_METHOD_COLUMNS).order_by(PaymentMethod.id).limit(limit)
    if currency is not None:
        statement = statement.where(PaymentMethod.currency == currency)
    return statement if after is None else statement.where(PaymentMethod.id > after)


def method(method_id: str) -> Selected:
    """One payment method."""
    return select(*_METHOD_COLUMNS).where(PaymentMethod.id == method_id)


def insert_method(values: dict[str, Any]) -> Insert:
    """A new payment method."""
    return insert(PaymentMethod).values(**values)


def update_method(method_id: str, values: dict[str, Any]) -> Update:
    """Change a payment method."""
    return update(PaymentMethod).where(PaymentMethod.id == method_id).values(**values)


def _accounts() -> Selected:
    return (
        select(
            PaymentAccount.id,
            PaymentAccount.user_id,
            PaymentAccount.method_id,
            PaymentAccount.sealed,
            PaymentAccount.fingerprint,
            PaymentAccount.created_at,
            PaymentAccountState.removed_at,
            PaymentMethod.name.label("method_name"),
            PaymentMethod.currency,
            PaymentMethod.reversibility,
            PaymentMethod.speed,
        )
        .join(PaymentAccountState, PaymentAccountState.account_id == PaymentAccount.id)
        .join(PaymentMethod, PaymentMethod.id == PaymentAccount.method_id)
    )


def live_accounts(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """A user's accounts that were not removed, newest first, older than `before`."""
    statement = (
        _accounts()
        .where(PaymentAccount.user_id == user_id, PaymentAccountState.removed_at.is_(None))
        .order_by(PaymentAccount.id.desc())
        .limit(limit)
    )
    return statement if before is None else statement.where(PaymentAccount.id < before)


def accounts_by_id(account_ids: Sequence[UUID]) -> Selected:
    """Accounts of anybody, removed ones too: trades outlive them."""
    return _accounts().where(PaymentAccount.id.in_(account_ids))


def insert_account(values: dict[str, Any]) -> Insert:
    """A new account."""
    return insert(PaymentAccount).values(**values)


def insert_account_state(account_id: UUID) -> Insert:
    """The changing half of a new account."""
    return insert(PaymentAccountState).values(account_id=account_id)


def remove_account(account_id: UUID, now: datetime) -> Update:
    """Remove an account that was not removed."""
    return (
        update(PaymentAccountState)
        .where(
            PaymentAccountState.account_id == account_id, PaymentAccountState.removed_at.is_(None)
        )
        .values(removed_at=now)
    )
