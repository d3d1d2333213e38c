"""The SQL of evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, func, insert, select

from models.disputes import Evidence, EvidenceAttachment
from models.files import Attachment, FileStatus


def insert_evidence(values: dict[str, Any]) -> Executable:
    """One more piece of evidence."""
    return insert(Evidence).values(**values)


def insert_attachments(
    evidence_id: UUID, attachment_ids: Sequence[UUID]
) -> tuple[Executable, list[dict[str, Any]]]:
    """The files that belong to it."""
    rows = [{"evidence_id": evidence_id, "attachment_id": each} for each in attachment_ids]
    return insert(EvidenceAttachment), rows


def count_evidence(case_id: UUID, by_side: str) -> Executable:
    """How much a side has shown in a case or claim."""
    return select(func.count()).where(Evidence.case_id == case_id, Evidence.by_side == by_side)


def evidence_of(case_id: UUID) -> Executable:
    """Everything that was shown in a case or claim, oldest first."""
    return (
        select(*Evidence.__table__.columns).where(Evidence.case_id == case_id).order_by(Evidence.id)
    )


def shown_since(case_id: UUID, by_side: str, since: datetime) -> Executable:
    """What a side showed in a case after an instant."""
    return select(Evidence.id).where(
        Evidence.case_id == case_id, Evidence.by_side == by_side, Evidence.created_at > since
    )


def attachments_of(case_id: UUID) -> Executable:
    """The files of that evidence."""
    return (
        select(EvidenceAttachment.evidence_id, EvidenceAttachment.attachment_id)
        .join(Evidence, Evidence.id == EvidenceAttachment.evidence_id)
        .where(Evidence.case_id == case_id)
        .order_by(EvidenceAttachment.evidence_id, EvidenceAttachment.attachment_id)
    )


def own_attachments(trade_id: UUID, user_id: UUID, attachment_ids: Sequence[UUID]) -> Executable:
    """Which of these files a user sent in a trade and are still there."""
    return select(Attachment.id).where(
        Attachment.id.in_(attachment_ids),
        Attachment.trade_id == trade_id,
        Attachment.user_id == user_id,
        Attachment.status.in_((FileStatus.WAITING, FileStatus.CLEAN)),
        Attachment.purged_at.is_(None),
    )
