"""The chat of a trade as a document that can be checked without us: messages with their chain."""

from typing import Any
from uuid import UUID

from server.chat import queries
from server.chat.chain import GENESIS, find_breaks, list_chained, write_shown
from server.chat.service import Reader
from server.chat.views import open_content
from server.core.refusals import NotFound
from server.identity.sealing import Sealer


class ChatBroken(Exception):  # noqa: N818 - says what happened, is never an answer to a user
    """The chain does not hold; nothing that it says may be signed."""


async def export_chat(reader: Reader, sealer: Sealer, trade_id: UUID) -> dict[str, Any]:
    """The whole chat of a trade, JSON-ready. Refuses `NotFound`; raises `ChatBroken`.

    `genesis`, `number` and `hash` are hex and the end of the chain. Each message has `chained`,
    the list under its hash; `hash`, hex, SHA-256 over the hash before it (bytes) and the compact
    JSON of `chained` in UTF-8; and `shown`, the text whose SHA-256 is the twelfth entry of
    `chained`: JSON with the salt, the text as the parties see it, and the salted digest of the
    original where a part is masked. `shown` is none for the system, files and forgotten words.
    """
    chat = (await reader.execute(queries.read_chat(trade_id))).first()
    if chat is None:
        raise NotFound
    rows = (await reader.execute(queries.messages_from(trade_id, 1))).all()
    breaks = find_breaks(
        rows, before=GENESIS, first=1, last=chat.number, head=chat.hash and bytes(chat.hash)
    )
    if breaks:
        raise ChatBroken(f"{trade_id}: {breaks[0].number}: {breaks[0].sentence}")
    messages = []
    for row in rows:
        content = open_content(sealer, row)
        messages.append(
            {
                "chained": list_chained(row),
                "hash": bytes(row.hash).hex(),
                "shown": None if content is None else write_shown(content).decode(),
            }
        )
    return {
        "trade_id": str(trade_id),
        "genesis": GENESIS.hex(),
        "number": chat.number,
        "hash": GENESIS.hex() if chat.hash is None else bytes(chat.hash).hex(),
        "messages": messages,
    }
