"""Finds the replies of commands whose idempotency keys were used before."""

from server.core.refusals import KeyReused
from server.db import Database
from server.db.idempotency import find_reply
from server.http.endpoint import Reply
from server.orders.lane.commands import Command


async def find_replays(
    database: Database, commands: list[Command]
) -> dict[Command, Reply | KeyReused]:
    """The stored reply of each command that has one, or the refusal of a key used otherwise."""
    found: dict[Command, Reply | KeyReused] = {}
    async with database.read() as connection:
        for command in commands:
            if command.key is None or command.user_id is None:
                continue
            key = command.key
            try:
                stored = await find_reply(connection, command.user_id, key.text, key.request_hash)
            except KeyReused as refusal:
                found[command] = refusal
                continue
            if stored is not None:
                headers = {"Idempotency-Replayed": "true"}
                found[command] = Reply(stored.body, stored.status, headers)
    return found
