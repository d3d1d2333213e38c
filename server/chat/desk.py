"""What chats need from others; the wiring fills it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from aiohttp import web

from server.chat.batch import Posted, Sent
from server.chat.writer import GroupWriter
from server.core.refusals import RateLimited
from server.db import Database
from server.http.counts import Bound, Counts
from server.identity.sealing import Sealer

MESSAGES_MAX = 60
"""Messages of one user in a window, in all his chats."""
MESSAGES_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ChatDesk:
    """The chats' surroundings."""

    database: Database
    sealer: Sealer
    counts: Counts
    writer: GroupWriter[Sent, Posted]
    """Writes the parties' messages of this process."""
    messages_max: int = MESSAGES_MAX

    async def count_message(self, user_id: UUID) -> None:
        """Count a message of a user. Refuses `RateLimited`."""
        bound = Bound(f"chat:{user_id}", self.messages_max, MESSAGES_WINDOW)
        wait_s = await self.counts.take([bound])
        if wait_s:
            window_s = int(MESSAGES_WINDOW.total_seconds())
            raise RateLimited(retry_after_s=wait_s, calls=self.messages_max, window_s=window_s)


CHAT = web.AppKey("chat", ChatDesk)
