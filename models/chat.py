"""The chat of a trade: its messages, numbered and chained, and how far each side has read."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, LONG_TEXT, Base, Digest, Id, Instant, one_of, text, word

AUTO_REPLY_CHARS_MAX = 500
CLIENT_ID_CHARS_MAX = 64


class MessageKind(enum.StrEnum):
    """What a message is."""

    TEXT = "text"
    """What somebody wrote."""
    AUTO_REPLY = "auto_reply"
    """What the maker's order says to everybody, as it stood at the match."""
    ATTACHMENT = "attachment"
    """A file that somebody added."""
    SYSTEM = "system"
    """Something that happened to the trade, told by the service."""


class Author(enum.StrEnum):
    """Whose message it is; the server alone says so."""

    BUYER = "buyer"
    SELLER = "seller"
    STAFF = "staff"
    SYSTEM = "system"


class Chat(Base):
    """The chat of one trade; who adds to it holds this row's lock."""

    __tablename__ = "chats"
    __table_args__ = (
        CheckConstraint(
            "buyer_read >= 0 AND buyer_read <= number AND seller_read >= 0"
            " AND seller_read <= number",
            name="read_what_is_there",
        ),
        CheckConstraint("(number = 0) = (hash IS NULL)", name="hash_of_the_last"),
    )

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, server_default="0")
    """Of the last message; 0 until somebody looks into the chat or something happens."""
    hash: Mapped[bytes | None] = mapped_column(Digest(32))
    """Of the last message."""
    greeting: Mapped[str] = mapped_column(text(AUTO_REPLY_CHARS_MAX), server_default="")
    """The maker's automatic reply as it stood at the match, until it is a message."""
    buyer_read: Mapped[int] = mapped_column(Integer, server_default="0")
    """The last message that the buyer has read."""
    seller_read: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime] = mapped_column(Instant)
    """When the trade was matched."""


class ChatMessage(Base):
    """One message. Never changed, but for what a forgotten person wrote, which goes."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        one_of("kind", MessageKind),
        one_of("author", Author),
        CheckConstraint("number >= 1", name="number_positive"),
        CheckConstraint("(kind = 'system') = (author = 'system')", name="system_speaks_for_itself"),
        CheckConstraint("(kind = 'system') = (event IS NOT NULL)", name="system_names_its_event"),
        CheckConstraint(
            "(kind = 'attachment') = (attachment_id IS NOT NULL)", name="attachment_names_its_file"
        ),
        UniqueConstraint("id"),
        UniqueConstraint("trade_id", "author_id", "client_id"),
        Index("ix_chat_messages_author_id_id", "author_id", "id"),
    )

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """From 1, without a gap."""
    id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(word(12))
    author: Mapped[str] = mapped_column(word(8))
    author_id: Mapped[UUID | None] = mapped_column(Id)
    client_id: Mapped[str | None] = mapped_column(word(CLIENT_ID_CHARS_MAX))
    """The name that the author's program gave it: the same twice is one message."""
    event: Mapped[str | None] = mapped_column(word(40))
    """What happened, of a message of the system."""
    params: Mapped[str | None] = mapped_column(LONG_TEXT)
    """JSON of what belongs to the event or the file; codes, amounts and times, no words."""
    sealed: Mapped[bytes | None] = mapped_column(BLOB)
    """What was written, encrypted; none for the system, and when it was forgotten."""
    digest: Mapped[bytes | None] = mapped_column(Digest(32))
    """Of what was written, salted: it stays in the chain when the words go."""
    attachment_id: Mapped[UUID | None] = mapped_column(Id)
    banners: Mapped[str] = mapped_column(word(120))
    """Codes of warnings with a comma between."""
    hash: Mapped[bytes] = mapped_column(Digest(32))
    """SHA-256 over the hash before it and everything above but the words themselves."""
    created_at: Mapped[datetime] = mapped_column(Instant)
