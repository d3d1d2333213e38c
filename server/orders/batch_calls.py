"""`POST /orders/batch`: each command with a key of its own, derived from the batch's."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema, ValidationError, fields

from server.core.refusals import Invalid, KeyReused, Refusal, Unavailable
from server.db.idempotency import find_reply, refuse_reused
from server.http.endpoint import Key, Reply
from server.orders.requests import BATCH_MAX, EditSchema, PlaceSchema
from server.orders.service import OrderDesk

_PLACE = PlaceSchema()
_EDIT = EditSchema()
_BY_ID: Schema = Schema.from_dict({"order_id": fields.UUID(required=True)})()


def count_commands(body: Any) -> int:
    """How many changes a body asks for, whether or not it is well-formed."""
    commands = body.get("commands") if isinstance(body, dict) else None
    return min(max(1, len(commands)), BATCH_MAX) if isinstance(commands, list) else 1


async def run_batch(
    desk: OrderDesk, user_id: UUID, commands: list[Mapping[str, Any]], key: Key
) -> Reply:
    """Give all commands to their lanes in order and wait for all answers.

    A repetition of the batch replays what was done and tries again what was refused. Refuses
    `KeyReused` for another batch, before any of it is done.
    """
    keys = [_derive_key(key, number) for number in range(BATCH_MAX)]
    async with desk.database.read() as connection:
        used = [key.text, *(one.text for one in keys)]
        await refuse_reused(connection, user_id, used, key.request_hash)
    tasks = [
        asyncio.create_task(_run_one(desk, user_id, dict(command), one))
        for command, one in zip(commands, keys, strict=False)
    ]
    return Reply({"items": await asyncio.gather(*tasks)})


def _derive_key(key: Key, number: int) -> Key:
    text = hashlib.sha256(f"{key.text}\n{number}".encode()).hexdigest()
    return Key(f"batch:{text}", key.request_hash)


async def _run_one(
    desk: OrderDesk, user_id: UUID, command: dict[str, Any], key: Key
) -> dict[str, Any]:
    try:
        reply = await _dispatch(desk, user_id, command, key)
    except KeyReused as refusal:
        return {"status": refusal.status, "body": _view_refusal(refusal)}
    except Refusal as refusal:
        try:
            stored = await _find_stored(desk, user_id, key)
        except Unavailable:
            # The database cannot tell, and the first answer knows more than that.
            stored = None
        if stored is None:
            return {"status": refusal.status, "body": _view_refusal(refusal)}
        reply = stored
    return {"status": reply.status, "body": orjson.loads(reply.body)}


async def _find_stored(desk: OrderDesk, user_id: UUID, key: Key) -> Reply | None:
    async with desk.database.read() as connection:
        stored = await find_reply(connection, user_id, key.text, key.request_hash)
    return None if stored is None else Reply(stored.body, stored.status)


def _view_refusal(refusal: Refusal) -> dict[str, Any]:
    body: dict[str, Any] = {"code": refusal.code, "title": refusal.title}
    if refusal.detail:
        body["detail"] = refusal.detail
    if refusal.errors:
        body["errors"] = refusal.errors
    return body


async def _dispatch(desk: OrderDesk, user_id: UUID, command: dict[str, Any], key: Key) -> Reply:
    operation = command.pop("op", None)
    try:
        if operation == "place":
            return await desk.place_order(user_id, _PLACE.load(command), key)
        if operation == "edit":
            order_id = _read_id(command.pop("order_id", None))
            return await desk.edit_order(user_id, order_id, _EDIT.load(command), key)
        calls = {
            "cancel": desk.cancel_order,
            "pause": desk.pause_order,
            "resume": desk.resume_order,
        }
        if operation not in calls:
            raise Invalid(errors={"op": ["Use place, edit, cancel, pause or resume."]})
        order_id = _BY_ID.load(command)["order_id"]
        return await calls[operation](user_id, order_id, key)
    except ValidationError as error:
        raise Invalid(errors=error.messages_dict) from None


def _read_id(value: Any) -> UUID:
    order_id: UUID = _BY_ID.load({"order_id": value})["order_id"]
    return order_id
