"""The SQL of second factors, of waiting sign-ins and of an account's locks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, literal, select, update

from models.factors import (
    Passkey,
    PasskeyChallenge,
    PendingSignIn,
    RecoveryCode,
    Security,
    TotpFactor,
)
from models.identity import Profile, Session, User

Selected = Select[*tuple[Any, ...]]
Rows = Sequence[dict[str, Any]]


def insert_security(user_id: UUID) -> Insert:
    """The security row of a user, all at rest."""
    return insert(Security).values(user_id=user_id)


def security_of(user_id: UUID) -> Selected:
    """The security row of a user."""
    return select(*Security.__table__.columns).where(Security.user_id == user_id)


def lock_security(user_id: UUID) -> Selected:
    """Lock the security row of a user."""
    return security_of(user_id).with_for_update()


def update_security(user_id: UUID, values: dict[str, Any]) -> Update:
    """Change a locked security row."""
    return update(Security).where(Security.user_id == user_id).values(**values)


def warn_owner(user_id: UUID, now: datetime, before: datetime) -> Update:
    """Note that an owner is told now; touches no row when he was told after `before`."""
    return (
        update(Security)
        .where(
            Security.user_id == user_id,
            Security.warned_at.is_(None) | (Security.warned_at <= before),
        )
        .values(warned_at=now)
    )


def totp_of(user_id: UUID) -> Selected:
    """The authenticator app of a user, confirmed or not."""
    return select(
        TotpFactor.sealed, TotpFactor.created_at, TotpFactor.confirmed_at, TotpFactor.last_step
    ).where(TotpFactor.user_id == user_id)


def insert_totp(user_id: UUID, sealed: bytes, now: datetime) -> Insert:
    """An app that is not confirmed yet."""
    return insert(TotpFactor).values(user_id=user_id, sealed=sealed, created_at=now)


def delete_totp(user_id: UUID) -> Delete:
    """Forget the app of a user."""
    return delete(TotpFactor).where(TotpFactor.user_id == user_id)


def confirm_totp(user_id: UUID, now: datetime, step: int) -> Update:
    """Confirm an app that is not confirmed; the step of its first code is used up."""
    return (
        update(TotpFactor)
        .where(TotpFactor.user_id == user_id, TotpFactor.confirmed_at.is_(None))
        .values(confirmed_at=now, last_step=step)
    )


def use_totp_step(user_id: UUID, step: int) -> Update:
    """Use up a step; touches no row when it, or a later one, was used already."""
    return (
        update(TotpFactor)
        .where(
            TotpFactor.user_id == user_id,
            TotpFactor.confirmed_at.is_not(None),
            TotpFactor.last_step < step,
        )
        .values(last_step=step)
    )


def factors_of(user_id: UUID) -> Selected:
    """When the app was confirmed (or null), how many passkeys and how many codes there are."""
    confirmed = (
        select(TotpFactor.confirmed_at).where(TotpFactor.user_id == user_id).scalar_subquery()
    )
    passkeys = (
        select(func.count())
        .select_from(Passkey)
        .where(Passkey.user_id == user_id)
        .scalar_subquery()
    )
    codes = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user_id)
        .scalar_subquery()
    )
    return select(
        confirmed.label("totp_confirmed_at"),
        passkeys.label("passkeys"),
        codes.label("recovery_codes"),
        literal(1),
    )


def insert_recovery_codes(rows: Rows) -> tuple[Insert, Rows]:
    """New recovery codes, by their digests."""
    return insert(RecoveryCode), rows


def use_recovery_code(user_id: UUID, digest: bytes) -> Delete:
    """Use up one recovery code."""
    return delete(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.digest == digest
    )


def delete_recovery_codes(user_id: UUID) -> Delete:
    """Forget all recovery codes of a user."""
    return delete(RecoveryCode).where(RecoveryCode.user_id == user_id)


def insert_passkey(values: dict[str, Any]) -> Insert:
    """A passkey; breaks UNIQUE when somebody has this credential."""
    return insert(Passkey).values(**values)


def passkeys_of(user_id: UUID, limit: int) -> Selected:
    """The passkeys of a user, oldest first."""
    return (
        select(*Passkey.__table__.columns)
        .where(Passkey.user_id == user_id)
        .order_by(Passkey.id)
        .limit(limit)
    )


def passkey_of(user_id: UUID, passkey_id: UUID) -> Selected:
    """One passkey of a user."""
    return select(*Passkey.__table__.columns).where(
        Passkey.id == passkey_id, Passkey.user_id == user_id
    )


def lock_passkey(credential_digest: bytes) -> Selected:
    """Lock the passkey with this credential, of anybody."""
    return (
        select(*Passkey.__table__.columns)
        .where(Passkey.credential_digest == credential_digest)
        .with_for_update()
    )


def update_passkey(passkey_id: UUID, values: dict[str, Any]) -> Update:
    """Change a passkey."""
    return update(Passkey).where(Passkey.id == passkey_id).values(**values)


def delete_passkey(user_id: UUID, passkey_id: UUID) -> Delete:
    """Forget a passkey."""
    return delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id)


def insert_challenge(values: dict[str, Any]) -> Insert:
    """A challenge that was handed out."""
    return insert(PasskeyChallenge).values(**values)


def use_challenge(digest: bytes, purpose: str, bound: bytes, now: datetime) -> Delete:
    """Use up a challenge; touches a row only when everything agrees."""
    return delete(PasskeyChallenge).where(
        PasskeyChallenge.digest == digest,
        PasskeyChallenge.purpose == purpose,
        PasskeyChallenge.bound == bound,
        PasskeyChallenge.expires_at > now,
    )


def old_challenges(before: datetime, limit: int) -> Selected:
    """Challenges that ended before an instant."""
    return select(PasskeyChallenge.digest).where(PasskeyChallenge.expires_at < before).limit(limit)


def delete_challenges(digests: Sequence[bytes]) -> Delete:
    """Forget challenges."""
    return delete(PasskeyChallenge).where(PasskeyChallenge.digest.in_(digests))


def insert_pending(digest: bytes, user_id: UUID, expires_at: datetime) -> Insert:
    """A sign-in that waits for the second factor."""
    return insert(PendingSignIn).values(digest=digest, user_id=user_id, expires_at=expires_at)


def pending(digest: bytes, now: datetime) -> Selected:
    """A waiting sign-in that has not expired."""
    return select(PendingSignIn.user_id).where(
        PendingSignIn.digest == digest, PendingSignIn.expires_at > now
    )


def delete_pending(digest: bytes) -> Delete:
    """End a waiting sign-in."""
    return delete(PendingSignIn).where(PendingSignIn.digest == digest)


def delete_pending_of(user_id: UUID) -> Delete:
    """End every waiting sign-in of a user."""
    return delete(PendingSignIn).where(PendingSignIn.user_id == user_id)


def old_pending(before: datetime, limit: int) -> Selected:
    """Waiting sign-ins that ended before an instant."""
    return select(PendingSignIn.digest).where(PendingSignIn.expires_at < before).limit(limit)


def delete_old_pending(digests: Sequence[bytes]) -> Delete:
    """Forget waiting sign-ins."""
    return delete(PendingSignIn).where(PendingSignIn.digest.in_(digests))


def is_opening_session(user_id: UUID, session_id: UUID) -> Selected:
    """A row when the session is the one in which the account was registered."""
    return (
        select(Session.id)
        .join(User, User.id == Session.user_id)
        .where(
            Session.id == session_id,
            Session.user_id == user_id,
            Session.created_at == User.created_at,
        )
    )


def change_password(user_id: UUID, old_hash: str, new_hash: str, now: datetime) -> Update:
    """Change a password that is still the one that was checked."""
    return (
        update(Profile)
        .where(Profile.user_id == user_id, Profile.password_hash == old_hash)
        .values(password_hash=new_hash, updated_at=now)
    )


def contact_of(user_id: UUID) -> Selected:
    """What a person is called, and where to write to him; a number only when it is verified."""
    return select(
        Profile.username,
        Profile.email,
        Profile.email_verified_at,
        Profile.phone_key.label("phone"),
        Profile.language,
    ).where(Profile.user_id == user_id)
