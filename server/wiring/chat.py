"""The chats of trades, put together as the settings want."""

from collections.abc import Sequence

from aiohttp import web

from server.chat.batch import Outcome, Sent, write_batch
from server.chat.desk import CHAT, ChatDesk
from server.chat.writer import GroupWriter
from server.identity.context import Identity
from server.wiring.kernel import Kernel
from server.wiring.people import open_counts


def add_chat(app: web.Application, kernel: Kernel, identity: Identity) -> None:
    """Chats here; messages are counted with all processes where they share a Redis."""
    counts = open_counts(kernel.settings, kernel.clock)

    async def write(asked: Sequence[Sent]) -> list[Outcome]:
        return await kernel.database.transact(
            lambda unit: write_batch(unit, identity.sealer, asked), name="write_messages"
        )

    writer = GroupWriter(write)
    app[CHAT] = ChatDesk(kernel.database, identity.sealer, counts, writer)

    async def close_desk(_app: web.Application) -> None:
        await writer.close()
        await counts.close()

    app.on_cleanup.append(close_desk)
