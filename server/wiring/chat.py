"""The chats of trades, put together as the settings want."""

from aiohttp import web

from server.chat.desk import CHAT, ChatDesk
from server.identity.context import Identity
from server.wiring.kernel import Kernel
from server.wiring.people import open_counts


def add_chat(app: web.Application, kernel: Kernel, identity: Identity) -> None:
    """Chats here; messages are counted with all processes where they share a Redis."""
    counts = open_counts(kernel.settings, kernel.clock)
    app[CHAT] = ChatDesk(kernel.database, identity.sealer, counts)

    async def close_counts(_app: web.Application) -> None:
        await counts.close()

    app.on_cleanup.append(close_counts)
