"""The SQL of users, sessions, refresh tokens and proofs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Delete, Insert, Select, Update, delete, insert, select, update

from models.compliance import AccountClosure
from models.factors import Security
from models.identity import (
    Profile,
    RefreshToken,
    Session,
    SessionRevocation,
    SessionState,
    Standing,
    StepUpProof,
    TermsAcceptance,
    User,
)
from server.db.pages import read_along

Rows = Sequence[dict[str, Any]]
Selected = Select[*tuple[Any, ...]]


def insert_user(user_id: UUID, now: datetime) -> Insert:
    """A new user."""
    return insert(User).values(id=user_id, created_at=now)


def insert_profile(values: dict[str, Any]) -> Insert:
    """The profile of a new user; breaks UNIQUE when address or name are taken."""
    return insert(Profile).values(**values)


def insert_standing(user_id: UUID, kyc_level: int, terms_version: int = 0) -> Insert:
    """The standing of a new user."""
    return insert(Standing).values(
        user_id=user_id, kyc_level=kyc_level, terms_version=terms_version
    )


def closure_of(user_id: UUID) -> Selected:
    """When an account was closed."""
    return select(AccountClosure.closed_at).where(AccountClosure.user_id == user_id)


def insert_terms_acceptance(user_id: UUID, version: int, now: datetime) -> Insert:
    """A user accepts a version of the terms."""
    return insert(TermsAcceptance).values(user_id=user_id, version=version, accepted_at=now)


def credentials_by_email(email_key: str) -> Selected:
    """What sign-in needs of the owner of an address."""
    return select(Profile.user_id, Profile.password_hash).where(Profile.email_key == email_key)


def credentials_by_phone(phone_key: str) -> Selected:
    """What sign-in needs of who has shown that a number is his."""
    return select(Profile.user_id, Profile.password_hash).where(Profile.phone_key == phone_key)


def password_of(user_id: UUID) -> Selected:
    """The password hash of a user, and whether he has a second factor."""
    return (
        select(Profile.password_hash, Profile.username, Profile.email, Standing.second_factor)
        .join(Standing, Standing.user_id == Profile.user_id)
        .where(Profile.user_id == user_id)
    )


def _profiles() -> Selected:
    return (
        select(
            Profile.user_id,
            Profile.username,
            Profile.email,
            Profile.email_verified_at,
            Profile.phone,
            Profile.phone_key,
            Profile.language,
            Profile.role,
            User.created_at,
            Standing.kyc_level,
            Standing.verified,
            Standing.trades_completed,
            Standing.trades_ended,
            Standing.present,
            Standing.second_factor,
            Security.money_locked_until,
        )
        .join(User, User.id == Profile.user_id)
        .join(Standing, Standing.user_id == Profile.user_id)
        .outerjoin(Security, Security.user_id == Profile.user_id)
    )


def profile_of(user_id: UUID) -> Selected:
    """A user with profile and standing."""
    return _profiles().where(Profile.user_id == user_id)


def profile_by_username(username_key: str) -> Selected:
    """The user whose name has this key, with profile and standing."""
    return _profiles().where(Profile.username_key == username_key)


def profile_by_email(email_key: str) -> Selected:
    """The user whose address has this key, with profile and standing."""
    return _profiles().where(Profile.email_key == email_key)


def taken_names(username_key: str, email_key: str) -> Selected:
    """Rows that already have this name or this address."""
    return select(Profile.user_id, Profile.email_key).where(
        (Profile.username_key == username_key) | (Profile.email_key == email_key)
    )


def role_of(user_id: UUID) -> Selected:
    """The role of a user."""
    return select(Profile.role).where(Profile.user_id == user_id)


def update_profile(user_id: UUID, values: dict[str, Any]) -> Update:
    """Change some columns of a profile."""
    return update(Profile).where(Profile.user_id == user_id).values(**values)


def insert_session(values: dict[str, Any]) -> Insert:
    """A sign-in."""
    return insert(Session).values(**values)


def insert_session_state(session_id: UUID, now: datetime, idle_until: datetime) -> Insert:
    """The changing half of a new session."""
    return insert(SessionState).values(session_id=session_id, used_at=now, idle_until=idle_until)


def lock_session(session_id: UUID) -> Selected:
    """Lock a session's changing half."""
    return (
        select(SessionState.ended_at, SessionState.idle_until)
        .where(SessionState.session_id == session_id)
        .with_for_update()
    )


def session_row(session_id: UUID) -> Selected:
    """The unchanging half of a session."""
    return select(Session.user_id, Session.expires_at, Session.device).where(
        Session.id == session_id
    )


def use_session(session_id: UUID, now: datetime, idle_until: datetime) -> Update:
    """Note that a session was used."""
    return (
        update(SessionState)
        .where(SessionState.session_id == session_id, SessionState.ended_at.is_(None))
        .values(used_at=now, idle_until=idle_until)
    )


def end_session(session_id: UUID, now: datetime, reason: str) -> Update:
    """End a session that has not ended."""
    return (
        update(SessionState)
        .where(SessionState.session_id == session_id, SessionState.ended_at.is_(None))
        .values(ended_at=now, ended_reason=reason)
    )


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return (
        SessionState.ended_at.is_(None)
        & (SessionState.idle_until > now)
        & (Session.expires_at > now)
    )


def live_sessions(user_id: UUID, now: datetime, before: UUID | None, limit: int) -> Selected:
    """A user's living sessions, newest first, older than `before`."""
    statement = (
        select(
            Session.id,
            Session.device,
            Session.ip,
            Session.created_at,
            Session.expires_at,
            SessionState.used_at,
        )
        .join(SessionState, SessionState.session_id == Session.id)
        .where(Session.user_id == user_id, _is_alive(now))
        .order_by(Session.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, Session, "ix_sessions_user_id_id")
    return statement if before is None else statement.where(Session.id < before)


def live_session(user_id: UUID, session_id: UUID, now: datetime) -> Selected:
    """One living session of a user."""
    return (
        select(Session.id)
        .join(SessionState, SessionState.session_id == Session.id)
        .where(Session.id == session_id, Session.user_id == user_id, _is_alive(now))
    )


def insert_refresh_token(digest: bytes, session_id: UUID, generation: int, now: datetime) -> Insert:
    """A new refresh token, by its digest."""
    return insert(RefreshToken).values(
        digest=digest, session_id=session_id, generation=generation, issued_at=now
    )


def refresh_token(digest: bytes) -> Selected:
    """A refresh token by its digest."""
    return select(
        RefreshToken.session_id,
        RefreshToken.generation,
        RefreshToken.used_at,
        RefreshToken.successor,
    ).where(RefreshToken.digest == digest)


def use_refresh_token(digest: bytes, now: datetime, successor: bytes) -> Update:
    """Use a refresh token that was not used."""
    return (
        update(RefreshToken)
        .where(RefreshToken.digest == digest, RefreshToken.used_at.is_(None))
        .values(used_at=now, successor=successor)
    )


def forget_successors(session_id: UUID, generation: int) -> Update:
    """Forget the successors written in tokens of a generation."""
    return (
        update(RefreshToken)
        .where(RefreshToken.session_id == session_id, RefreshToken.generation == generation)
        .values(successor=None)
    )


def insert_revocation(revocation_id: UUID, session_id: UUID, now: datetime) -> Insert:
    """Tell every process that a session has ended."""
    return insert(SessionRevocation).values(id=revocation_id, session_id=session_id, revoked_at=now)


def revocations_since(since: datetime) -> Selected:
    """Sessions ended since an instant."""
    return (
        select(SessionRevocation.session_id, SessionRevocation.revoked_at)
        .where(SessionRevocation.revoked_at >= since)
        .order_by(SessionRevocation.revoked_at)
    )


def old_revocations(before: datetime, limit: int) -> Selected:
    """Revocations that no process needs any more."""
    return select(SessionRevocation.id).where(SessionRevocation.revoked_at < before).limit(limit)


def delete_revocations(ids: Sequence[UUID]) -> Delete:
    """Forget revocations."""
    return delete(SessionRevocation).where(SessionRevocation.id.in_(ids))


def insert_proofs(rows: Rows) -> tuple[Insert, Rows]:
    """The acts that a new proof allows."""
    return insert(StepUpProof), rows


def use_proof(values: dict[str, Any], now: datetime) -> Update:
    """Use up the one act of a proof; touches a row only when everything agrees."""
    return (
        update(StepUpProof)
        .where(
            *(getattr(StepUpProof, column) == value for column, value in values.items()),
            StepUpProof.used_at.is_(None),
            StepUpProof.expires_at > now,
        )
        .values(used_at=now)
    )


def old_proofs(before: datetime, limit: int) -> Selected:
    """Proofs that ended before an instant."""
    return (
        select(StepUpProof.digest, StepUpProof.subject_id)
        .where(StepUpProof.expires_at < before)
        .limit(limit)
    )


def delete_proof(digest: bytes, subject_id: UUID) -> Delete:
    """Forget one act of a proof."""
    return delete(StepUpProof).where(
        StepUpProof.digest == digest, StepUpProof.subject_id == subject_id
    )


def live_session_ids(user_id: UUID) -> Selected:
    """Every session of a user that has not ended."""
    return (
        select(Session.id)
        .join(SessionState, SessionState.session_id == Session.id)
        .where(Session.user_id == user_id, SessionState.ended_at.is_(None))
    )
