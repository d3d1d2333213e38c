"""The SQL of files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Update,
    delete,
    func,
    insert,
    or_,
    select,
    union,
    update,
)

from models.files import Attachment, AttachmentBand, AttachmentFlag, FileStatus
from models.trades import Trade
from server.db.legal_hold import is_held

Selected = Select[*tuple[Any, ...]]
COLUMNS = tuple(Attachment.__table__.columns)
FLAG_COLUMNS = tuple(AttachmentFlag.__table__.columns)
DRAFT, WAITING = FileStatus.DRAFT.value, FileStatus.WAITING.value
CLEAN, REFUSED = FileStatus.CLEAN.value, FileStatus.REFUSED.value


def sum_sent(trade_id: UUID, user_id: UUID) -> Selected:
    """How many files a user has sent in a trade, and their bytes; those under way count."""
    return select(
        func.count().label("files"), func.coalesce(func.sum(Attachment.size), 0).label("bytes")
    ).where(Attachment.trade_id == trade_id, Attachment.user_id == user_id)


def insert_attachment(values: dict[str, Any]) -> Insert:
    """A new file."""
    return insert(Attachment).values(**values)


def insert_bands(attachment_id: UUID, bands: Sequence[tuple[int, int]]) -> Insert:
    """The bands of a picture's look."""
    return insert(AttachmentBand).values(
        [{"band": band, "value": value, "attachment_id": attachment_id} for band, value in bands]
    )


def change_attachment(attachment_id: UUID, status: str, values: dict[str, Any]) -> Update:
    """Change a file that still has this status and was not given up."""
    return (
        update(Attachment)
        .where(
            Attachment.id == attachment_id,
            Attachment.status == status,
            Attachment.purged_at.is_(None),
        )
        .values(**values)
    )


def attachment(attachment_id: UUID) -> Selected:
    """One file that is kept."""
    return select(*COLUMNS).where(Attachment.id == attachment_id, Attachment.status != DRAFT)


def parties_of(trade_id: UUID) -> Selected:
    """Whose trade it is, and when it ended."""
    return select(Trade.buyer_id, Trade.seller_id, Trade.ended_at).where(Trade.id == trade_id)


def page_of_trade(
    trade_id: UUID, *, reader_id: UUID | None, after: UUID | None, limit: int
) -> Selected:
    """Files of a trade, oldest first: clean ones, and those that the reader sent himself.

    Staff, who are no reader, see every one that is kept.
    """
    statement = (
        select(*COLUMNS)
        .where(Attachment.trade_id == trade_id, Attachment.status != DRAFT)
        .order_by(Attachment.id)
        .limit(limit)
    )
    if reader_id is not None:
        statement = statement.where(
            or_(Attachment.status == CLEAN, Attachment.user_id == reader_id)
        )
    return statement if after is None else statement.where(Attachment.id > after)


def due_scans(now: datetime, limit: int) -> Selected:
    """Files for which the scanner is asked again, longest due first."""
    return (
        select(*COLUMNS)
        .where(Attachment.due_at <= now)
        .order_by(Attachment.due_at, Attachment.id)
        .limit(limit)
    )


def old_drafts(before: UUID, limit: int) -> Selected:
    """Files that never came to be kept."""
    return (
        select(Attachment.id)
        .where(Attachment.status == DRAFT, Attachment.id < before, Attachment.purged_at.is_(None))
        .order_by(Attachment.id)
        .limit(limit)
    )


def old_files(before: UUID, limit: int) -> Selected:
    """Files whose time is over, of trades without anybody under a legal hold."""
    return (
        select(Attachment.id, Attachment.status)
        .join(Trade, Trade.id == Attachment.trade_id)
        .where(
            Attachment.purged_at.is_(None),
            Attachment.id < before,
            ~is_held(Trade.buyer_id),
            ~is_held(Trade.seller_id),
        )
        .order_by(Attachment.id)
        .limit(limit)
    )


def given_up(limit: int) -> Selected:
    """Files that were given up and whose bytes may still lie in the store."""
    return (
        select(Attachment.id, Attachment.status)
        .where(Attachment.stored.is_(True), Attachment.purged_at.is_not(None))
        .order_by(Attachment.purged_at, Attachment.id)
        .limit(limit)
    )


def forget_bytes(attachment_id: UUID) -> Update:
    """The bytes are gone."""
    return update(Attachment).where(Attachment.id == attachment_id).values(stored=False)


def delete_draft(attachment_id: UUID) -> Delete:
    """Forget a file that nobody was told of."""
    return delete(Attachment).where(Attachment.id == attachment_id, Attachment.status == DRAFT)


def delete_bands(attachment_id: UUID) -> Delete:
    """Forget by what a picture was looked up."""
    return delete(AttachmentBand).where(AttachmentBand.attachment_id == attachment_id)


def not_compared(limit: int) -> Selected:
    """Kept files that were not looked for in other trades yet."""
    return (
        select(*COLUMNS)
        .where(Attachment.compared_at.is_(None), Attachment.status != DRAFT)
        .order_by(Attachment.id)
        .limit(limit)
    )


def note_compared(attachment_id: UUID, now: datetime) -> Update:
    """The file was looked for."""
    return (
        update(Attachment)
        .where(Attachment.id == attachment_id, Attachment.compared_at.is_(None))
        .values(compared_at=now)
    )


def same_files(trade_id: UUID, digest: bytes, kept_digest: bytes, limit: int) -> Selected:
    """Files of other trades with the same bytes, as sent or as kept, the newest of each."""
    wanted = ((Attachment.digest, digest), (Attachment.kept_digest, kept_digest))
    found = union(
        *(
            _one_of(
                select(Attachment.id)
                .where(column == value, Attachment.trade_id != trade_id)
                .order_by(Attachment.id.desc())
                .limit(limit)
            )
            for column, value in wanted
        )
    ).subquery()
    return _with_parties(trade_id).join(found, found.c.id == Attachment.id)


def similar_files(trade_id: UUID, bands: Sequence[tuple[int, int]], limit: int) -> Selected:
    """Files of other trades that share a band of a picture's look: the newest for each band."""
    found = union(
        *(
            _one_of(
                select(AttachmentBand.attachment_id.label("id"))
                .where(AttachmentBand.band == band, AttachmentBand.value == value)
                .order_by(AttachmentBand.attachment_id.desc())
                .limit(limit)
            )
            for band, value in bands
        )
    ).subquery()
    return _with_parties(trade_id).join(found, found.c.id == Attachment.id)


def _one_of(page: Selected) -> Selected:
    """A page as one side of a union, with its own order and bound."""
    return select(page.subquery().c.id)


def _with_parties(trade_id: UUID) -> Selected:
    return (
        select(
            Attachment.id, Attachment.trade_id, Attachment.user_id, Attachment.digest,
            Attachment.kept_digest, Attachment.look, Trade.buyer_id, Trade.seller_id,
        )
        .join(Trade, Trade.id == Attachment.trade_id)
        .where(Attachment.status != DRAFT, Attachment.trade_id != trade_id)
    )  # fmt: skip


def find_flag(attachment_id: UUID, other_id: UUID) -> Selected:
    """Whether two files were found alike before."""
    return select(AttachmentFlag.id).where(
        AttachmentFlag.attachment_id == attachment_id, AttachmentFlag.other_id == other_id
    )


def insert_flag(values: dict[str, Any]) -> Insert:
    """Two files that are alike."""
    return insert(AttachmentFlag).values(**values)


def page_of_flags(*, before: UUID | None, limit: int) -> Selected:
    """Files that are alike, newest first."""
    statement = select(*FLAG_COLUMNS).order_by(AttachmentFlag.id.desc()).limit(limit)
    return statement if before is None else statement.where(AttachmentFlag.id < before)
