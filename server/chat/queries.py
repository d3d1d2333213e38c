"""The SQL of chats."""

from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, and_, exists, func, insert, or_, select, update

from models.chat import Chat, ChatMessage
from models.disputes import Dispute, DisputeStatus
from models.identity import Block, Standing
from models.moderation import ReportKind, ReportStatus, UserReport
from models.trades import Trade
from server.chat.parties import Side

Selected = Select[*tuple[Any, ...]]
CHAT = (Chat.trade_id, Chat.number, Chat.hash, Chat.greeting, Chat.created_at)
MARKS = (Chat.number, Chat.buyer_read, Chat.seller_read)
MESSAGE = (
    ChatMessage.trade_id,
    ChatMessage.number,
    ChatMessage.id,
    ChatMessage.kind,
    ChatMessage.author,
    ChatMessage.author_id,
    ChatMessage.client_id,
    ChatMessage.event,
    ChatMessage.params,
    ChatMessage.sealed,
    ChatMessage.digest,
    ChatMessage.attachment_id,
    ChatMessage.banners,
    ChatMessage.hash,
    ChatMessage.created_at,
)
"""Everything that a message has."""


def room_of(trade_id: UUID, user_id: UUID) -> Selected:
    """What decides what a user may do in a chat: the trade, his standing, blocks, an open case."""
    blocked = exists().where(
        or_(
            and_(Block.user_id == Trade.buyer_id, Block.blocked_id == Trade.seller_id),
            and_(Block.user_id == Trade.seller_id, Block.blocked_id == Trade.buyer_id),
        )
    )
    frozen_at = select(Standing.frozen_at).where(Standing.user_id == user_id).scalar_subquery()
    return select(
        Trade.status,
        Trade.ended_at,
        Trade.buyer_id,
        Trade.seller_id,
        frozen_at.label("frozen_at"),
        blocked.label("blocked"),
        has_case(Trade.id).label("has_case"),
    ).where(Trade.id == trade_id)


def has_case(trade_id: Any) -> Any:
    """Whether a case about the trade is open."""
    return exists().where(
        Dispute.trade_id == trade_id, Dispute.status != DisputeStatus.CLOSED.value
    )


def people_of(trade_id: UUID) -> Selected:
    """Buyer, seller, and the maker's side of a trade."""
    return select(Trade.buyer_id, Trade.seller_id, Trade.maker_side).where(Trade.id == trade_id)


def lock_chat(trade_id: UUID) -> Selected:
    """The chat of a trade, for who adds to it."""
    return select(*CHAT).where(Chat.trade_id == trade_id).with_for_update()


def read_chat(trade_id: UUID) -> Selected:
    """The chat of a trade as it stands."""
    return select(*CHAT, Chat.buyer_read, Chat.seller_read).where(Chat.trade_id == trade_id)


def insert_messages(rows: list[dict[str, Any]]) -> tuple[Insert, list[dict[str, Any]]]:
    """Add messages."""
    return insert(ChatMessage), rows


def move_chat(trade_id: UUID, *, before: int, number: int, digest: bytes) -> Update:
    """Move the end of a chat on. Its greeting is a message from the first move on."""
    return (
        update(Chat)
        .where(Chat.trade_id == trade_id, Chat.number == before)
        .values(number=number, hash=digest, greeting="")
    )


def find_by_client_id(trade_id: UUID, author_id: UUID, client_id: str) -> Selected:
    """The message to which its author's program gave this name."""
    return select(*MESSAGE).where(
        ChatMessage.trade_id == trade_id,
        ChatMessage.author_id == author_id,
        ChatMessage.client_id == client_id,
    )


def page_of(trade_id: UUID, *, below: int | None, above: int, limit: int) -> Selected:
    """Messages between two numbers, newest first."""
    statement = (
        select(*MESSAGE)
        .where(ChatMessage.trade_id == trade_id, ChatMessage.number > above)
        .order_by(ChatMessage.number.desc())
        .limit(limit)
    )
    return statement if below is None else statement.where(ChatMessage.number < below)


def page_for(
    trade_id: UUID, reader_id: UUID, *, below: int | None, above: int, limit: int
) -> Selected:
    """The same for a party, with what he has reported and the staff have not dismissed."""
    reported = exists().where(
        UserReport.reporter_id == reader_id,
        UserReport.kind == ReportKind.MESSAGE.value,
        UserReport.subject_id == ChatMessage.id,
        UserReport.status != ReportStatus.DISMISSED.value,
    )
    page = page_of(trade_id, below=below, above=above, limit=limit)
    return page.add_columns(reported.label("reported"))


def find_message(message_id: UUID) -> Selected:
    """One message by its identifier."""
    return select(*MESSAGE).where(ChatMessage.id == message_id)


def marks_of(trade_id: UUID, *, lock: bool = False) -> Selected:
    """How far each side has read."""
    statement = select(*MARKS).where(Chat.trade_id == trade_id)
    return statement.with_for_update() if lock else statement


def mark_read(trade_id: UUID, side: Side, number: int) -> Update:
    """Move a side's mark on."""
    column = Chat.buyer_read if side is Side.BUYER else Chat.seller_read
    return (
        update(Chat)
        .where(Chat.trade_id == trade_id, column < number, Chat.number >= number)
        .values({f"{side.value}_read": number})
    )


def chats_after(after: UUID | None, limit: int) -> Selected:
    """Chats in the order of their trades, for who walks them all."""
    statement = select(Chat.trade_id, Chat.number, Chat.hash).order_by(Chat.trade_id).limit(limit)
    return statement if after is None else statement.where(Chat.trade_id > after)


def chats_by_id(trade_ids: list[UUID]) -> Selected:
    """Some chats."""
    return select(Chat.trade_id, Chat.number, Chat.hash).where(Chat.trade_id.in_(trade_ids))


def messages_of_chats(trade_ids: list[UUID]) -> Selected:
    """All messages of some chats, ascending."""
    return (
        select(*MESSAGE)
        .where(ChatMessage.trade_id.in_(trade_ids))
        .order_by(ChatMessage.trade_id, ChatMessage.number)
    )


def first_numbers_since(since: UUID) -> Selected:
    """Chats that have messages newer than an identifier, with the first of those."""
    return (
        select(ChatMessage.trade_id, func.min(ChatMessage.number).label("first"))
        .where(ChatMessage.id > since)
        .group_by(ChatMessage.trade_id)
    )


def messages_from(trade_id: UUID, first: int) -> Selected:
    """The messages of a chat from a number on, ascending, whatever the chat knows of."""
    return (
        select(*MESSAGE)
        .where(ChatMessage.trade_id == trade_id, ChatMessage.number >= first)
        .order_by(ChatMessage.number)
    )


def without_chat(after: UUID | None, limit: int) -> Selected:
    """Messages that belong to no chat."""
    statement = (
        select(ChatMessage.trade_id, ChatMessage.number)
        .outerjoin(Chat, Chat.trade_id == ChatMessage.trade_id)
        .where(Chat.trade_id.is_(None))
        .limit(limit)
    )
    return statement if after is None else statement.where(ChatMessage.id > after)
