"""The SQL of payment methods and payment accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, and_, insert, select, update
from sqlalchemy.orm import aliased

from models.identity import (
    PaymentAccount,
    PaymentAccountFlag,
    PaymentAccountState,
    PaymentFingerprint,
    PaymentMethod,
    PaymentMethodSchema,
    Profile,
)
from models.kyc import LegalName
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
_TRIER = aliased(Profile, name="trier")
_OWNER = aliased(Profile, name="owner")
_METHOD_COLUMNS = tuple(PaymentMethod.__table__.columns)


def _methods() -> Selected:
    """Payment methods with the fields that new accounts have."""
    return select(*_METHOD_COLUMNS, PaymentMethodSchema.fields).join(
        PaymentMethodSchema,
        and_(
            PaymentMethodSchema.method_id == PaymentMethod.id,
            PaymentMethodSchema.version == PaymentMethod.schema_version,
        ),
    )


def list_methods(
    currency: str | None, region: str | None, after: str | None, limit: int
) -> Selected:
    """Payment methods by identifier, after `after`."""
    statement = _methods().order_by(PaymentMethod.id).limit(limit)
    if currency is not None:
        statement = statement.where(PaymentMethod.currency == currency)
    if region is not None:
        statement = statement.where(PaymentMethod.region == region)
    return statement if after is None else statement.where(PaymentMethod.id > after)


def method(method_id: str) -> Selected:
    """One payment method."""
    return _methods().where(PaymentMethod.id == method_id)


def schemas_of(method_id: str, limit: int) -> Selected:
    """The versions of a method's fields, newest first."""
    return (
        select(PaymentMethodSchema.version, PaymentMethodSchema.fields)
        .where(PaymentMethodSchema.method_id == method_id)
        .order_by(PaymentMethodSchema.version.desc())
        .limit(limit)
    )


def schema_of(method_id: str, version: int) -> Selected:
    """One version of a method's fields."""
    return select(PaymentMethodSchema.fields).where(
        PaymentMethodSchema.method_id == method_id, PaymentMethodSchema.version == version
    )


def insert_schema(values: dict[str, Any]) -> Insert:
    """A new version of a method's fields."""
    return insert(PaymentMethodSchema).values(**values)


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
            PaymentAccount.schema_version,
            PaymentAccount.sealed,
            PaymentAccount.fingerprint,
            PaymentAccount.created_at,
            PaymentAccountState.removed_at,
            PaymentMethod.name.label("method_name"),
            PaymentMethod.currency,
            PaymentMethod.reversibility,
            PaymentMethod.speed,
            PaymentMethodSchema.fields,
        )
        .join(PaymentAccountState, PaymentAccountState.account_id == PaymentAccount.id)
        .join(PaymentMethod, PaymentMethod.id == PaymentAccount.method_id)
        .join(
            PaymentMethodSchema,
            and_(
                PaymentMethodSchema.method_id == PaymentAccount.method_id,
                PaymentMethodSchema.version == PaymentAccount.schema_version,
            ),
        )
    )


def live_accounts(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """A user's accounts that were not removed, newest first, older than `before`."""
    statement = (
        _accounts()
        .where(PaymentAccount.user_id == user_id, PaymentAccountState.removed_at.is_(None))
        .order_by(PaymentAccount.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, PaymentAccount, "ix_payment_accounts_user_id_id")
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


def has_account(user_id: UUID) -> Selected:
    """Whether a user ever had an account, removed ones too."""
    return select(PaymentAccount.id).where(PaymentAccount.user_id == user_id).limit(1)


def owner_of(fingerprint: bytes) -> Selected:
    """Whose the real account of a fingerprint is."""
    return select(PaymentFingerprint.user_id).where(PaymentFingerprint.fingerprint == fingerprint)


def owners_of(fingerprints: Sequence[bytes]) -> Selected:
    """Whose the real accounts of some fingerprints are."""
    return select(PaymentFingerprint.fingerprint, PaymentFingerprint.user_id).where(
        PaymentFingerprint.fingerprint.in_(fingerprints)
    )


def insert_fingerprint(fingerprint: bytes, user_id: UUID, now: datetime) -> Insert:
    """The account becomes a user's."""
    return insert(PaymentFingerprint).values(
        fingerprint=fingerprint, user_id=user_id, claimed_at=now
    )


def flag_of(user_id: UUID, fingerprint: bytes) -> Selected:
    """The flag that a user has for an account."""
    return select(PaymentAccountFlag.id).where(
        PaymentAccountFlag.user_id == user_id, PaymentAccountFlag.fingerprint == fingerprint
    )


def insert_flag(values: dict[str, Any]) -> Insert:
    """A new flag."""
    return insert(PaymentAccountFlag).values(**values)


def flags(*, is_open: bool, before: UUID | None, limit: int) -> Selected:
    """Flags with the names of both people, newest first, older than `before`."""
    closed = PaymentAccountFlag.closed_at
    statement = (
        _flags()
        .where(closed.is_(None) if is_open else closed.is_not(None))
        .order_by(PaymentAccountFlag.id.desc())
        .limit(limit)
    )
    if is_open:
        index = "ix_payment_account_flags_closed_at_id"
        statement = read_along(statement, PaymentAccountFlag, index)
    return statement if before is None else statement.where(PaymentAccountFlag.id < before)


def flag(flag_id: UUID) -> Selected:
    """One flag."""
    return _flags().where(PaymentAccountFlag.id == flag_id)


def _flags() -> Selected:
    return (
        select(
            PaymentAccountFlag.id,
            PaymentAccountFlag.method_id,
            PaymentAccountFlag.created_at,
            PaymentAccountFlag.closed_at,
            PaymentAccountFlag.note,
            PaymentAccountFlag.user_id,
            PaymentAccountFlag.owner_id,
            _TRIER.username,
            _OWNER.username.label("owner_username"),
        )
        .join(_TRIER, _TRIER.user_id == PaymentAccountFlag.user_id)
        .join(_OWNER, _OWNER.user_id == PaymentAccountFlag.owner_id)
    )


def close_flag(flag_id: UUID, closed_by: UUID, note: str, now: datetime) -> Update:
    """Close a flag that is open."""
    return (
        update(PaymentAccountFlag)
        .where(PaymentAccountFlag.id == flag_id, PaymentAccountFlag.closed_at.is_(None))
        .values(closed_at=now, closed_by=closed_by, note=note)
    )


def legal_name_of(user_id: UUID) -> Select[bytes]:
    """The sealed name of a user that was found true."""
    return select(LegalName.sealed).where(LegalName.user_id == user_id)
