"""The SQL of chats."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Executable,
    Insert,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

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


class Move(NamedTuple):
    """The end of a chat moves on."""

    trade_id: UUID
    before: int
    number: int
    digest: bytes


def rooms_of(trade_ids: Collection[UUID]) -> Selected:
    """What decides who may do what in chats: the trades, the parties, blocks, open cases."""
    blocked = exists().where(
        or_(
            and_(Block.user_id == Trade.buyer_id, Block.blocked_id == Trade.seller_id),
            and_(Block.user_id == Trade.seller_id, Block.blocked_id == Trade.buyer_id),
        )
    )
    buyer, seller = aliased(Standing), aliased(Standing)
    return (
        select(
            Trade.id,
            Trade.status,
            Trade.ended_at,
            Trade.buyer_id,
            Trade.seller_id,
            buyer.frozen_at.label("buyer_frozen_at"),
            seller.frozen_at.label("seller_frozen_at"),
            blocked.label("blocked"),
            has_case(Trade.id).label("has_case"),
        )
        .outerjoin(buyer, buyer.user_id == Trade.buyer_id)
        .outerjoin(seller, seller.user_id == Trade.seller_id)
        .where(Trade.id.in_(list(trade_ids)))
    )


def has_case(trade_id: Any) -> Any:
    """Whether a case about the trade is open."""
    return exists().where(
        Dispute.trade_id == trade_id, Dispute.status != DisputeStatus.CLOSED.value
    )


def people_of(trade_ids: Collection[UUID]) -> Selected:
    """Buyer, seller, and the maker's side of some trades."""
    return select(Trade.id, Trade.buyer_id, Trade.seller_id, Trade.maker_side).where(
        Trade.id.in_(list(trade_ids))
    )


def lock_chats(trade_ids: Collection[UUID]) -> Selected:
    """The chats of some trades, for who adds to them; locked in the order of the trades."""
    return (
        select(*CHAT)
        .where(Chat.trade_id.in_(sorted(trade_ids)))
        .order_by(Chat.trade_id)
        .with_for_update()
    )


def read_chat(trade_id: UUID) -> Selected:
    """The chat of a trade as it stands."""
    return select(*CHAT, Chat.buyer_read, Chat.seller_read).where(Chat.trade_id == trade_id)


def insert_messages(rows: list[dict[str, Any]]) -> tuple[Insert, list[dict[str, Any]]]:
    """Add messages."""
    return insert(ChatMessage), rows


def move_chats(
    dialect: str, moves: Sequence[Move]
) -> tuple[Executable, list[dict[str, Any]] | None]:
    """Move the ends of locked chats on. A greeting is a message from the first move on."""
    if dialect == "sqlite":
        moved = (
            update(Chat)
            .where(Chat.trade_id == bindparam("of_trade"), Chat.number == bindparam("before"))
            .values(number=bindparam("to_number"), hash=bindparam("to_hash"), greeting="")
        )
        return moved, [
            {
                "of_trade": move.trade_id,
                "before": move.before,
                "to_number": move.number,
                "to_hash": move.digest,
            }
            for move in moves
        ]
    # One statement for all; it consists of integers and of the digits of identifiers and hashes.
    given = " UNION ALL SELECT ".join(
        f"X'{move.trade_id.hex}' AS id,{move.before} AS number,{move.number} AS to_number,"
        f"X'{move.digest.hex()}' AS to_hash"
        for move in moves
    )
    return text(
        f"UPDATE chats JOIN (SELECT {given}) AS given"  # noqa: S608 - see above
        " ON chats.trade_id = given.id AND chats.number = given.number"
        " SET chats.number = given.to_number, chats.hash = given.to_hash, chats.greeting = ''"
    ), None


def find_by_client_ids(keys: Collection[tuple[UUID, UUID, str]]) -> Selected:
    """The messages to which their authors' programs gave these names: trade, author, name."""
    named = tuple_(ChatMessage.trade_id, ChatMessage.author_id, ChatMessage.client_id)
    return select(*MESSAGE).where(named.in_(sorted(keys)))


def words_of(message_ids: Collection[UUID]) -> Selected:
    """What is sealed of some messages."""
    return select(ChatMessage.id, ChatMessage.sealed, ChatMessage.digest).where(
        ChatMessage.id.in_(list(message_ids))
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
