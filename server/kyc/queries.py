"""The SQL of applications, documents, true names and messages of the provider."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Update,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from models.audit import AuditEntry
from models.compliance import AccountClosure
from models.identity import Profile
from models.kyc import (
    IdentityFingerprint,
    KycApplication,
    KycDocument,
    KycProviderEvent,
    KycStatus,
    LegalName,
)
from server.db.legal_hold import is_held

Selected = Select[*tuple[Any, ...]]
COLUMNS = tuple(KycApplication.__table__.columns)
REFUSED = (KycStatus.REJECTED.value, KycStatus.WITHDRAWN.value)
OPEN = (KycStatus.COLLECTING.value, KycStatus.PENDING.value)
ENDED = (KycStatus.SUPERSEDED.value, KycStatus.EXPIRED.value)


def application(application_id: UUID, *, lock: bool = False) -> Selected:
    """One application."""
    statement = select(*COLUMNS).where(KycApplication.id == application_id)
    return statement.with_for_update() if lock else statement


def latest_of(user_id: UUID, limit: int) -> Selected:
    """A user's applications, newest first."""
    return (
        select(*COLUMNS)
        .where(KycApplication.user_id == user_id)
        .order_by(KycApplication.id.desc())
        .limit(limit)
    )


def open_of(user_id: UUID) -> Selected:
    """A user's open application."""
    return select(*COLUMNS).where(KycApplication.open_user_id == user_id)


def approved_of(user_id: UUID) -> Selected:
    """The approved applications of a user that count."""
    return select(KycApplication.id, KycApplication.level).where(
        KycApplication.user_id == user_id, KycApplication.status == KycStatus.APPROVED.value
    )


def insert_application(values: dict[str, Any]) -> Insert:
    """A new application."""
    return insert(KycApplication).values(**values)


def update_application(application_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """Change an application at a version, which grows."""
    return (
        update(KycApplication)
        .where(KycApplication.id == application_id, KycApplication.version == version)
        .values(version=version + 1, **values)
    )


def queue(status: str, after: UUID | None, limit: int) -> Selected:
    """Applications in a status with their users' names, oldest first."""
    statement = (
        select(*COLUMNS, Profile.username)
        .join(Profile, Profile.user_id == KycApplication.user_id)
        .where(KycApplication.status == status)
        .order_by(KycApplication.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(KycApplication.id > after)


def username_of(user_id: UUID) -> Select[str]:
    """The name of a user."""
    return select(Profile.username).where(Profile.user_id == user_id)


def documents_of(application_id: UUID) -> Selected:
    """The pictures of an application that count, oldest first."""
    return (
        select(*KycDocument.__table__.columns)
        .where(
            KycDocument.application_id == application_id,
            KycDocument.removed_at.is_(None),
            KycDocument.purged_at.is_(None),
        )
        .order_by(KycDocument.id)
    )


def count_documents(user_id: UUID, since: UUID) -> Select[int]:
    """How many pictures a user has sent since an identifier, replaced ones too."""
    return select(func.count()).where(KycDocument.user_id == user_id, KycDocument.id >= since)


def insert_document(values: dict[str, Any]) -> Insert:
    """A new picture."""
    return insert(KycDocument).values(**values)


def replace_document(document_id: UUID, now: datetime) -> Update:
    """A newer picture has taken its place."""
    return update(KycDocument).where(KycDocument.id == document_id).values(removed_at=now)


def purge_document(document_id: UUID, now: datetime) -> Update:
    """The bytes and the key of a picture are gone."""
    return (
        update(KycDocument)
        .where(KycDocument.id == document_id, KycDocument.purged_at.is_(None))
        .values(purged_at=now, sealed_key=None)
    )


def count_reads(staff_id: UUID, action: str, since: UUID) -> Select[int]:
    """How often somebody on the staff did something since an identifier."""
    return select(func.count()).where(
        AuditEntry.actor_id == staff_id, AuditEntry.id >= since, AuditEntry.action == action
    )


def owner_of_identity(fingerprint: bytes) -> Select[UUID]:
    """Whose an identity document is."""
    return select(IdentityFingerprint.user_id).where(IdentityFingerprint.fingerprint == fingerprint)


def insert_identity(fingerprint: bytes, user_id: UUID, now: datetime) -> Insert:
    """An identity document becomes a user's."""
    return insert(IdentityFingerprint).values(
        fingerprint=fingerprint, user_id=user_id, claimed_at=now
    )


def has_legal_name(user_id: UUID) -> Select[UUID]:
    """Whether a user has a true name, locked."""
    return select(LegalName.user_id).where(LegalName.user_id == user_id).with_for_update()


def insert_legal_name(values: dict[str, Any]) -> Insert:
    """The first true name of a user."""
    return insert(LegalName).values(**values)


def update_legal_name(user_id: UUID, values: dict[str, Any]) -> Update:
    """Another true name of a user."""
    return update(LegalName).where(LegalName.user_id == user_id).values(**values)


def delete_legal_name(user_id: UUID, application_id: UUID) -> Delete:
    """Forget a true name that came from an application."""
    return delete(LegalName).where(
        LegalName.user_id == user_id, LegalName.application_id == application_id
    )


def insert_message(digest: bytes, provider: str, now: datetime) -> Insert:
    """A message was heard; the key refuses a repetition."""
    return insert(KycProviderEvent).values(digest=digest, provider=provider, received_at=now)


def old_messages(before: datetime, limit: int) -> Select[bytes]:
    """Messages that were heard long ago."""
    return select(KycProviderEvent.digest).where(KycProviderEvent.received_at < before).limit(limit)


def delete_messages(digests: Sequence[bytes]) -> Delete:
    """Forget messages."""
    return delete(KycProviderEvent).where(KycProviderEvent.digest.in_(digests))


def running_out(before: datetime, limit: int) -> Select[UUID]:
    """Approved applications that end before an instant and whose users were not told."""
    return (
        select(KycApplication.id)
        .where(
            KycApplication.status == KycStatus.APPROVED.value,
            KycApplication.expires_at <= before,
            KycApplication.warned_at.is_(None),
        )
        .limit(limit)
    )


def run_out(now: datetime, limit: int) -> Select[UUID]:
    """Approved applications whose time is over."""
    return (
        select(KycApplication.id)
        .where(KycApplication.status == KycStatus.APPROVED.value, KycApplication.expires_at <= now)
        .limit(limit)
    )


def _was_closed(user_id: Any, before: datetime) -> ColumnElement[bool]:
    """Whether the owner closed his account before an instant."""
    return exists().where(AccountClosure.user_id == user_id, AccountClosure.closed_at < before)


def closed_identity(user_id: UUID) -> Delete:
    """Forget the fingerprints of documents of a user whose account is closed."""
    closed = exists().where(AccountClosure.user_id == IdentityFingerprint.user_id)
    return delete(IdentityFingerprint).where(IdentityFingerprint.user_id == user_id, closed)


def purgeable(refused_before: datetime, ended_before: datetime, limit: int) -> Select[UUID]:
    """Applications whose time of keeping is over; those of held users are left out.

    When an account is closed, its identity counts no more, and what is open is given up.
    """
    refused = and_(KycApplication.status.in_(REFUSED), KycApplication.decided_at < refused_before)
    ended = and_(KycApplication.status.in_(ENDED), KycApplication.expires_at < ended_before)
    given_up = and_(
        KycApplication.status.in_(OPEN), _was_closed(KycApplication.user_id, refused_before)
    )
    closed = and_(
        KycApplication.status == KycStatus.APPROVED.value,
        _was_closed(KycApplication.user_id, ended_before),
    )
    return (
        select(KycApplication.id)
        .where(
            or_(refused, ended, given_up, closed),
            ~is_held(KycApplication.user_id),
            KycApplication.purged_at.is_(None),
        )
        .limit(limit)
    )


def stored_of(application_id: UUID) -> Select[UUID]:
    """Every picture of an application whose bytes are still there, replaced ones too."""
    return select(KycDocument.id).where(
        KycDocument.application_id == application_id, KycDocument.purged_at.is_(None)
    )


def replaced(before: datetime, limit: int) -> Select[UUID]:
    """Pictures that were replaced before an instant; those of held users are left out."""
    return (
        select(KycDocument.id)
        .where(
            KycDocument.purged_at.is_(None),
            KycDocument.removed_at < before,
            ~is_held(KycDocument.user_id),
        )
        .limit(limit)
    )
