"""Messages as JSON, and the opening of what is sealed in them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from models.chat import Author
from server.chat.chain import Content, digest_content
from server.chat.phrases import MASK
from server.core.clock import format_instant
from server.identity.sealing import SealBroken, Sealer


def context_of(message_id: UUID) -> str:
    """What the words of a message are bound to."""
    return f"chat_message:{message_id}"


def open_content(sealer: Sealer, row: Any) -> Content | None:
    """What was written; None for the system, a file, and words that were forgotten.

    Raises `SealBroken` for words that are not those of the message.
    """
    if row.sealed is None:
        return None
    context = context_of(row.id)
    written = orjson.loads(sealer.open_sealed(row.sealed, context))
    content = Content(written["salt"], written["text"], written["original"])
    if row.digest is None or digest_content(content) != bytes(row.digest):
        raise SealBroken(context)
    return content


def view_message(message: Any, content: Content | None) -> dict[str, Any]:
    """A message as every member of its room sees it."""
    return {
        "id": str(message.id),
        "trade_id": str(message.trade_id),
        "number": message.number,
        "kind": message.kind,
        "author": message.author,
        "staff": message.author == Author.STAFF.value,
        "client_id": message.client_id,
        "text": None if content is None else content.text,
        "masked": content is not None and content.original is not None,
        "forgotten": content is None and message.digest is not None,
        "event": message.event,
        "params": None if message.params is None else orjson.loads(message.params),
        "attachment_id": None if message.attachment_id is None else str(message.attachment_id),
        "banners": message.banners.split(",") if message.banners else [],
        "created_at": format_instant(message.created_at),
    }


def withhold_words(shown: Mapping[str, Any]) -> dict[str, Any]:
    """A message as it waits to be told: what people wrote stays where it is sealed."""
    if shown["text"] is None:
        return dict(shown)
    return {name: value for name, value in shown.items() if name != "text"}


def view_for_reader(message: Any, content: Content | None) -> dict[str, Any]:
    """A message as one party reads it: what he has reported is hidden from him meanwhile."""
    shown = view_message(message, content)
    if message.reported and content is not None:
        shown |= {"text": MASK, "masked": True}
    return shown


def view_for_staff(message: Any, content: Content | None) -> dict[str, Any]:
    """A message with what of it is masked for the parties, and with who wrote it."""
    original = None if content is None else content.original
    return {
        **view_message(message, content),
        "original": original,
        "author_id": None if message.author_id is None else str(message.author_id),
    }
