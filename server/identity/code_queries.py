"""The SQL of one-time codes and of verified addresses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, select, update

from models.codes import CodePurpose, OneTimeCode, PasswordReset
from models.identity import Profile, Standing
from server.db.legal_hold import is_held

Selected = Select[*tuple[Any, ...]]


def insert_code(values: dict[str, Any]) -> Insert:
    """A code that is sent."""
    return insert(OneTimeCode).values(**values)


def codes_since(user_id: UUID, purpose: CodePurpose, since: UUID) -> Selected:
    """When codes of a purpose were sent to a user since an identifier, oldest first."""
    return (
        select(OneTimeCode.sent_at)
        .where(
            OneTimeCode.user_id == user_id,
            OneTimeCode.purpose == purpose.value,
            OneTimeCode.id >= since,
        )
        .order_by(OneTimeCode.id)
    )


def codes_to(recipient: bytes, since: UUID) -> Selected:
    """When codes were sent to a mailbox since an identifier, oldest first; locked, so that of two
    that are written at once one waits for the other."""
    return (
        select(OneTimeCode.sent_at)
        .where(OneTimeCode.recipient == recipient, OneTimeCode.id >= since)
        .order_by(OneTimeCode.id)
        .with_for_update()
    )


def newest_code(user_id: UUID, purpose: CodePurpose) -> Selected:
    """The code of a purpose that was sent last."""
    return (
        select(*OneTimeCode.__table__.columns)
        .where(OneTimeCode.user_id == user_id, OneTimeCode.purpose == purpose.value)
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )


def count_error(code_id: UUID, errors: int) -> Update:
    """One more error at a code."""
    return (
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, OneTimeCode.errors == errors)
        .values(errors=errors + 1)
    )


def use_code(code_id: UUID, now: datetime) -> Update:
    """Use a code up."""
    return (
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None))
        .values(used_at=now)
    )


def old_codes(before: UUID, limit: int) -> Selected:
    """Codes older than an identifier; those of users under a legal hold stay."""
    return (
        select(OneTimeCode.id)
        .where(OneTimeCode.id < before, ~is_held(OneTimeCode.user_id))
        .order_by(OneTimeCode.id)
        .limit(limit)
    )


def delete_codes(ids: Sequence[UUID]) -> Delete:
    """Forget codes."""
    return delete(OneTimeCode).where(OneTimeCode.id.in_(ids))


def addresses_of(user_id: UUID) -> Selected:
    """Where a user can be reached, what of it is verified, and his level."""
    return (
        select(
            Profile.email,
            Profile.email_verified_at,
            Profile.phone,
            Profile.phone_key,
            Profile.language,
            Standing.kyc_level,
        )
        .join(Standing, Standing.user_id == Profile.user_id)
        .where(Profile.user_id == user_id)
    )


def insert_reset(values: dict[str, Any]) -> Insert:
    """A password that was said to be forgotten."""
    return insert(PasswordReset).values(**values)


def count_resets(account: bytes, since: datetime) -> Selected:
    """How often an address was given since an instant."""
    return select(func.count().label("asked")).where(
        PasswordReset.account == account, PasswordReset.asked_at > since
    )


def reset_of(digest: bytes, now: datetime) -> Selected:
    """Whose password a token resets while it is good, and the address that it was asked for."""
    return select(PasswordReset.user_id, PasswordReset.account).where(
        PasswordReset.digest == digest,
        PasswordReset.user_id.is_not(None),
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > now,
    )


def use_reset(digest: bytes, now: datetime) -> Update:
    """Use a token up."""
    return (
        update(PasswordReset)
        .where(PasswordReset.digest == digest, PasswordReset.used_at.is_(None))
        .values(used_at=now)
    )


def end_resets(user_id: UUID, account: bytes, now: datetime) -> Update:
    """Use up every other token of a user."""
    return (
        update(PasswordReset)
        .where(
            PasswordReset.account == account,
            PasswordReset.user_id == user_id,
            PasswordReset.used_at.is_(None),
        )
        .values(used_at=now)
    )


def old_resets(before: datetime, limit: int) -> Selected:
    """Resets that were asked for before an instant; those of users under a legal hold stay."""
    return (
        select(PasswordReset.digest)
        .where(PasswordReset.asked_at < before, ~is_held(PasswordReset.user_id))
        .limit(limit)
    )


def delete_resets(digests: Sequence[bytes]) -> Delete:
    """Forget resets."""
    return delete(PasswordReset).where(PasswordReset.digest.in_(digests))
