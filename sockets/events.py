"""The events of the service: names, rooms and bodies, as clients may rely on them."""

from dataclasses import dataclass

from marshmallow import Schema, fields

from server.orders.schemas import DepthLevelSchema, OrderSchema, PublicOrderSchema
from server.wallets.schemas import BalancesSchema

MARKET = ("market:{market}", "market_updates")
USER = ("user:{id}",)
TRADE = ("trade:{id}",)


class EnvelopeSchema(Schema):
    """What every event carries, on a socket as its only argument and in `GET /events`.

    A reader keeps the last `seq` of each room. An event with the next number is applied; one with
    a number that he has already is ignored; one beyond the next shows that some are missing: he
    asks with `subscribe {room, after}`. In `market_updates` room and number are the market's.
    """

    room = fields.String(required=True)
    seq = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number in the room; none for what is not numbered."},
    )
    event = fields.String(required=True, metadata={"description": "The event's name."})
    data = fields.Dict(keys=fields.String(), required=True)


class BookChangeSchema(Schema):
    """What changed in a market's book between two of its numbers.

    A reader who holds the book of number n ignores it when `to` <= n, applies it when `from` <= n,
    and fetches the book when `from` > n. Levels are whole: an amount of zero removes one.
    """

    market = fields.String(required=True)
    from_ = fields.Integer(required=True, data_key="from")
    to = fields.Integer(required=True)
    bids = fields.List(fields.Nested(DepthLevelSchema), required=True)
    asks = fields.List(fields.Nested(DepthLevelSchema), required=True)


class NotificationSchema(Schema):
    """Something that a user should know."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    params = fields.Dict(keys=fields.String(), required=True)


@dataclass(frozen=True, slots=True)
class SocketEvent:
    """One kind of event in one kind of room."""

    name: str
    rooms: tuple[str, ...]
    summary: str
    body: Schema
    numbered: bool = True


_ORDERS = {
    "order_created": "An order was placed, or has become public.",
    "order_updated": "An order changed: remaining amount, terms or status.",
    "order_filled": "An order was filled.",
    "order_cancelled": "An order has ended before it was filled, or is public no more.",
}

EVENTS: tuple[SocketEvent, ...] = (
    *(
        # An order that has become unlisted ends for the public with its id and market alone.
        SocketEvent(name, MARKET, summary, PublicOrderSchema(partial=name == "order_cancelled"))
        for name, summary in _ORDERS.items()
    ),
    *(SocketEvent(name, USER, summary, OrderSchema()) for name, summary in _ORDERS.items()),
    SocketEvent(
        "book_updated",
        MARKET,
        "Levels of a book changed; at most ten times a second.",
        BookChangeSchema(),
        numbered=False,
    ),
    SocketEvent("balance_updated", USER, "The user's buckets of one asset.", BalancesSchema()),
    SocketEvent("notification_created", USER, "Something to know.", NotificationSchema()),
)
"""Each kind of event in each kind of room."""
