"""What other parts know of a case: its chat."""

from typing import Any
from uuid import UUID

from server.chat import queries as chat_queries
from server.chat.views import open_content, view_for_staff
from server.identity.sealing import Sealer
from server.trades.trade import Reader

MESSAGES_MAX = 200
"""The last messages of a chat; the older ones are read page by page."""


async def read_chat(reader: Reader, sealer: Sealer, trade_id: UUID) -> list[dict[str, Any]]:
    """The last messages of a trade's chat, oldest first, with what is hidden from the parties."""
    page = chat_queries.page_of(trade_id, below=None, above=0, limit=MESSAGES_MAX)
    rows = (await reader.execute(page)).all()
    return [view_for_staff(row, open_content(sealer, row)) for row in reversed(rows)]
