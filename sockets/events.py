"""The events of the service: names, rooms and bodies, as clients may rely on them."""

import functools
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from models.moderation import ReportKind, ReportReason, ReportStatus
from models.rulings import CaseKind
from server.chat.schemas import MessageReadSchema, MessageSchema, TypingSchema
from server.files.schemas import AttachmentFlagSchema, AttachmentSchema
from server.http.openapi import EventDocument
from server.markets.schemas import TapeSchema, TickerSchema
from server.orders.schemas import (
    DepthLevelSchema,
    OrderSchema,
    PublicOrderSchema,
    TradeMadeSchema,
)
from server.trades.schemas import PARTIES, TradeSchema
from server.wallets.schemas import BalancesSchema

MARKET = ("market:{market}", "market_updates")
USER = ("user:{id}",)
TRADE = ("trade:{id}",)
KYC_QUEUE = ("staff:kyc",)
APPROVALS = ("staff:approvals",)
DISPUTES = ("staff:disputes",)
REPORTS = ("staff:reports",)
KYC_KINDS = ("application", "payment_account_flag", "recovery", "screening_hit")
OF_THE_READER = frozenset({"role", "fee", "total", "allowed_actions"})
"""What of a trade differs by reader, and so is never in the trade's room."""


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
    data = fields.Dict(  # allowed: empty-name, the word of the wire format
        keys=fields.String(), required=True
    )


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


class IndexChangeSchema(Schema):
    """A new index, or a change of whether floating orders match."""

    market = fields.String(required=True)
    index = fields.String(required=True)
    floating_on = fields.Boolean(required=True)
    read_at = fields.String(required=True, metadata={"format": "date-time"})


class SwitchChangeSchema(Schema):
    """Something was stopped, or goes on; `GET /status` lists what is stopped.

    Each market tells of what concerns it: a switch of the whole service comes from every market.
    """

    market = fields.String(required=True)
    switch = fields.String(required=True, metadata={"example": "rail:vn-vietcombank"})
    active = fields.Boolean(required=True, metadata={"description": "It is stopped."})
    changed_at = fields.String(required=True, metadata={"format": "date-time"})


class TradeOpenedSchema(TradeMadeSchema):
    """A trade that has just been made, to one of its parties."""

    role = fields.String(required=True, validate=validate.OneOf(PARTIES))


class CaseSchema(Schema):
    """The case about a trade, or a claim about an ended one."""

    id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    status = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    deadline = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    version = fields.Integer(required=True)


class NotificationSchema(Schema):
    """Something that a user should know."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    params = fields.Dict(keys=fields.String(), required=True)


class KycQueueSchema(Schema):
    """Something that waits for compliance, or waits no more."""

    kind = fields.String(required=True, validate=validate.OneOf(KYC_KINDS))
    id = fields.UUID(required=True)
    status = fields.String(required=True)


class DisputeQueueSchema(Schema):
    """A case of the desk that was opened, given to somebody, ruled or closed."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([one.value for one in CaseKind]))
    open = fields.Boolean(required=True)
    round = fields.Integer(required=True)
    priority = fields.Integer(required=True)
    due_at = fields.String(required=True)
    assignee_id = fields.UUID(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ReportQueueSchema(Schema):
    """A report of a user that was made or decided."""

    id = fields.UUID(required=True)
    kind = fields.String(
        required=True, validate=validate.OneOf([each.value for each in ReportKind])
    )
    reason = fields.String(
        required=True, validate=validate.OneOf([each.value for each in ReportReason])
    )
    status = fields.String(
        required=True, validate=validate.OneOf([each.value for each in ReportStatus])
    )


class ProposalChangeSchema(Schema):
    """A proposal of the staff that was made, decided or closed."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    object_kind = fields.String(required=True)
    object_id = fields.String(required=True)
    requester_id = fields.UUID(required=True)
    status = fields.String(required=True)
    approvals = fields.Integer(required=True)
    approvals_needed = fields.Integer(required=True)
    expires_at = fields.String(required=True, metadata={"format": "date-time"})


def _optional(field: Any) -> Any:
    copied = deepcopy(field)
    copied.required = False
    return copied


SharedTradeSchema = Schema.from_dict(
    {
        name: deepcopy(field)
        for name, field in TradeSchema().fields.items()
        if name not in OF_THE_READER
    },
    name="SharedTradeSchema",
)
"""A trade as both parties see it."""
EndedOrderSchema = Schema.from_dict(
    {
        name: deepcopy(field) if name in ("id", "market") else _optional(field)
        for name, field in PublicOrderSchema().fields.items()
    },
    name="EndedOrderSchema",
)
"""An order that the public sees no more; one that became unlisted has its id and market alone."""


@dataclass(frozen=True, slots=True)
class SocketEvent:
    """One kind of event in one kind of room."""

    name: str
    rooms: tuple[str, ...]
    summary: str
    body: type[Schema]
    numbered: bool = True


_ORDERS = {
    "order_created": "An order was placed, or has become public.",
    "order_updated": "An order changed: remaining amount, terms or status.",
    "order_filled": "An order was filled.",
    "order_cancelled": "An order has ended before it was filled, or is public no more.",
}
_TRADES = {
    "trade_updated": "A trade changed without reaching another of the states below.",
    "trade_paid": "The buyer says that he paid.",
    "trade_released": "The escrow went to the buyer, wholly or in part.",
    "trade_cancelled": "A trade was cancelled.",
    "trade_expired": "A trade expired unpaid.",
    "trade_disputed": "A case was opened about a trade.",
    "trade_refunded": "A case ended for the seller.",
}

EVENTS: tuple[SocketEvent, ...] = (
    *(
        SocketEvent(
            name,
            MARKET,
            summary,
            EndedOrderSchema if name == "order_cancelled" else PublicOrderSchema,
        )
        for name, summary in _ORDERS.items()
    ),
    *(SocketEvent(name, USER, summary, OrderSchema) for name, summary in _ORDERS.items()),
    SocketEvent(
        "book_updated",
        MARKET,
        "Levels of a book changed; at most ten times a second.",
        BookChangeSchema,
        numbered=False,
    ),
    SocketEvent(
        "ticker_updated",
        MARKET,
        "The figures of 24 hours changed; at most once a second.",
        TickerSchema,
        numbered=False,
    ),
    SocketEvent("index_updated", MARKET, "The index of a market changed.", IndexChangeSchema),
    SocketEvent("switch_updated", MARKET, "Something was stopped or goes on.", SwitchChangeSchema),
    SocketEvent("trade_completed", MARKET, "A trade was completed: the tape.", TapeSchema),
    *(SocketEvent(name, TRADE, summary, SharedTradeSchema) for name, summary in _TRADES.items()),
    SocketEvent("trade_created", USER, "A trade of the user was made.", TradeOpenedSchema),
    SocketEvent("trade_updated", USER, "A trade as the user sees it.", TradeSchema),
    *(
        SocketEvent("dispute_updated", rooms, "The case about a trade changed.", CaseSchema)
        for rooms in (TRADE, USER, DISPUTES)
    ),
    *(
        SocketEvent("claim_updated", rooms, "A claim about an ended trade changed.", CaseSchema)
        for rooms in (TRADE, USER, DISPUTES)
    ),
    SocketEvent("message_created", TRADE, "A message in the chat of a trade.", MessageSchema),
    SocketEvent("message_read", TRADE, "A side has read messages.", MessageReadSchema),
    SocketEvent(
        "typing",
        TRADE,
        "A party is writing: told when its client says so with `typing {room}`, and kept nowhere.",
        TypingSchema,
        numbered=False,
    ),
    SocketEvent("attachment_added", TRADE, "A file that both parties see.", AttachmentSchema),
    SocketEvent("attachment_flagged", DISPUTES, "Files that are alike.", AttachmentFlagSchema),
    SocketEvent("balance_updated", USER, "The user's buckets of one asset.", BalancesSchema),
    SocketEvent("proposal_updated", APPROVALS, "A proposal changed.", ProposalChangeSchema),
    SocketEvent("notification_created", USER, "Something to know.", NotificationSchema),
    SocketEvent("kyc_queue_changed", KYC_QUEUE, "The queue of compliance.", KycQueueSchema),
    SocketEvent("dispute_queue_changed", DISPUTES, "The queue of disputes.", DisputeQueueSchema),
    SocketEvent("report_queue_changed", REPORTS, "The queue of reports.", ReportQueueSchema),
)
"""Each kind of event in each kind of room."""


@functools.cache
def document_events() -> tuple[EventDocument, ...]:
    """The events for the OpenAPI document, each as the whole of what a reader gets."""
    documents = []
    for event in EVENTS:
        kind = event.rooms[0].partition(":")[0]
        words = "".join(word.capitalize() for word in [*event.name.split("_"), "in", kind])
        body = Schema.from_dict(
            {
                **EnvelopeSchema().fields,
                "event": fields.String(required=True, validate=validate.Equal(event.name)),
                "data": fields.Nested(event.body, required=True),
            },
            name=f"{words}Schema",
        )
        documents.append(
            EventDocument(f"{event.name}_in_{kind}", event.summary, event.rooms, body())
        )
    return tuple(documents)
