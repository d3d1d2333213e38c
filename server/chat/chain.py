"""The chain over a chat's messages. Pure: no database, no keys.

Each message's hash is over the hash before it and everything that the message says. Of the words
only a salted digest is in it, so the chain still holds when a person's words were forgotten.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from server.core.clock import to_micros

GENESIS = bytes(32)
"""The hash before the first message."""
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Content:
    """What was written, as readers see it, and as it was where a part is masked."""

    salt: str
    text: str
    """As it is shown."""
    original: str | None = None
    """As it was written, where that differs."""


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """A place at which a chain is broken."""

    number: int
    sentence: str


def write_shown(content: Content) -> bytes:
    """The canonical JSON of what readers see; of the original it has the salted digest alone."""
    original = None
    if content.original is not None:
        original = hashlib.sha256((content.salt + content.original).encode()).hexdigest()
    shown = {"original": original, "salt": content.salt, "text": content.text}
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)


def digest_content(content: Content) -> bytes:
    """What stands in the chain for the words."""
    return hashlib.sha256(write_shown(content)).digest()


def list_chained(message: Any) -> list[Any]:
    """What of a message is under its hash, JSON-ready, in order.

    `message` has the columns of `models.chat.ChatMessage`.
    """
    return [
        message.trade_id.hex,
        message.number,
        message.id.hex,
        message.kind,
        message.author,
        None if message.author_id is None else message.author_id.hex,
        message.client_id,
        message.event,
        message.params,
        None if message.attachment_id is None else message.attachment_id.hex,
        message.banners,
        None if message.digest is None else bytes(message.digest).hex(),
        to_micros(message.created_at),
    ]


def hash_message(before: bytes, chained: Sequence[Any]) -> bytes:
    """The hash of what `list_chained` gives, after the hash `before`."""
    return hashlib.sha256(before + orjson.dumps(chained)).digest()


def find_breaks(
    messages: Iterable[Any], *, before: bytes | None, first: int, last: int, head: bytes | None
) -> list[Break]:
    """Walk the messages `first` to `last`, ascending, after the hash `before`; none is good.

    Finds messages that were changed, deleted, moved or added. `head` is the hash that the last
    one must have; without `before` the first one is believed and only what follows is compared.
    """
    breaks: list[Break] = []
    expected = first
    for message in messages:
        if message.number > last:
            breaks.append(Break(message.number, "The chat does not know this message."))
            break
        if message.number != expected:
            breaks.append(Break(expected, "There is no message with this number."))
            before = None
        if before is not None and hash_message(before, list_chained(message)) != message.hash:
            breaks.append(Break(message.number, "The message is not the one that was written."))
        before, expected = bytes(message.hash), message.number + 1
    if expected <= last:
        breaks.append(Break(expected, "There is no message with this number."))
    elif not breaks and last >= first and before != head:
        breaks.append(Break(last, "The last message is not the one that the chat knows."))
    return breaks
