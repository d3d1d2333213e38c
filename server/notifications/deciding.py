"""Which event tells whom what. Pure: events and what belongs to them in, wishes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.trades import TradeStatus
from server.notifications.wanted import Wanted, cause_of_step

BUYER, SELLER = "buyer", "seller"
BOTH = (BUYER, SELLER)
STEPS: Mapping[str, Mapping[str, str]] = {
    "opened": {},
    "payer_declared": {},
    "marked_paid": {SELLER: "trade_paid"},
    "marked_paid_late": {SELLER: "trade_paid_late"},
    "paid_undone": {SELLER: "trade_payment_undone"},
    "cancelled": dict.fromkeys(BOTH, "trade_cancelled"),
    "payment_denied": dict.fromkeys(BOTH, "trade_cancelled"),
    "cancel_agreed": dict.fromkeys(BOTH, "trade_cancelled"),
    "window_over": {BUYER: "trade_in_grace"},
    "grace_over": dict.fromkeys(BOTH, "trade_expired"),
    "window_extended": {BUYER: "trade_extended"},
    "release_time_extended": {SELLER: "trade_extended"},
    "released": {BUYER: "trade_released"},
    "split_agreed": dict.fromkeys(BOTH, "trade_split"),
    "disputed": dict.fromkeys(BOTH, "trade_disputed"),
    "release_time_over": dict.fromkeys(BOTH, "trade_disputed"),
    "case_opened": dict.fromkeys(BOTH, "trade_disputed"),
    "conceded": dict.fromkeys(BOTH, "trade_refunded"),
    "agreed_split": dict.fromkeys(BOTH, "trade_divided"),
    "ruled_split": dict.fromkeys(BOTH, "trade_divided"),
    "outage_credited": dict.fromkeys(BOTH, "trade_outage_credited"),
}
"""By the row of the lifecycle, whom it tells what; never the one who did it."""
ENDS: Mapping[str, str] = {
    TradeStatus.DISPUTED: "trade_disputed",
    TradeStatus.COMPLETED: "trade_released",
    TradeStatus.REFUNDED: "trade_refunded",
    TradeStatus.CANCELLED: "trade_cancelled",
    TradeStatus.EXPIRED: "trade_expired",
}
"""What both sides are told of a row that `STEPS` does not name, when the status changes to this."""
OPENED = {BUYER: "trade_to_pay", SELLER: "trade_opened"}
TOLD_PAUSES = frozenset({"guard", "unpaid"})
"""Why an order pauses without its owner's doing; his own pause and schedule are no news."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose a trade is."""

    buyer_id: UUID
    seller_id: UUID

    def user_of(self, role: str) -> UUID:
        """The user in a role."""
        return self.buyer_id if role == BUYER else self.seller_id


@dataclass(frozen=True, slots=True)
class TradeStep:
    """A row of the lifecycle as the history of a trade, a case or a claim keeps it."""

    event: str
    actor: str
    status_from: str | None
    status_to: str
    detail: str = "{}"
    """JSON."""


Body = Mapping[str, Any]


def tell_whom(step: TradeStep) -> Mapping[str, str]:
    """Kinds by role for a step of a trade, without the one who did it."""
    told = STEPS.get(step.event)
    if told is None:
        kind = ENDS.get(step.status_to)
        changed = step.status_from != step.status_to
        told = dict.fromkeys(BOTH, kind) if kind is not None and changed else {}
    return {role: kind for role, kind in told.items() if role != step.actor}


def params_of_trade(body: Body, role: str) -> dict[str, str]:
    """What texts about a trade may name, for the party in `role`; `body` is its shared view."""
    params = {
        "market": body["market"],
        "amount": body["amount"],
        "fiat": body["fiat"],
        "currency": str(body["market"]).rpartition("-")[2],
        "counterparty": body["seller"] if role == BUYER else body["buyer"],
        "deadline": body.get("deadline"),
    }
    split = body.get("split_offer")
    if split is not None:
        params["buyer_amount"] = split["buyer_amount"]
    return {name: value for name, value in params.items() if value is not None}


def _about_trade(
    user_id: UUID, kind: str, cause_id: UUID, trade_id: UUID, params: Mapping[str, str]
) -> Wanted:
    return Wanted(
        user_id=user_id, kind=kind, cause_id=cause_id, subject="trade", subject_id=trade_id,
        params=params,
    )  # fmt: skip


def decide_opened(user_id: UUID, body: Body) -> Iterator[Wanted]:
    """A trade was made; `body` is what one party hears of it."""
    trade_id, role = UUID(body["id"]), body["role"]
    cause = cause_of_step(trade_id, 1)
    yield _about_trade(user_id, OPENED[role], cause, trade_id, params_of_trade(body, role))


def decide_step(body: Body, parties: Parties, step: TradeStep | None) -> Iterator[Wanted]:
    """A trade changed; `body` is its shared view, `step` the row that gave it its version."""
    trade_id = UUID(body["id"])
    if step is not None:
        cause = cause_of_step(trade_id, body["version"])
        for role, kind in tell_whom(step).items():
            params = params_of_trade(body, role)
            yield _about_trade(parties.user_of(role), kind, cause, trade_id, params)
    asked, offered = body.get("cancel_request"), body.get("split_offer")
    if asked is not None:
        cause = UUID(asked["id"])
        params = params_of_trade(body, BUYER)
        yield _about_trade(parties.buyer_id, "cancel_requested", cause, trade_id, params)
    if offered is not None:
        role = SELLER if offered["proposed_by"] == BUYER else BUYER
        cause = UUID(offered["id"])
        params = params_of_trade(body, role)
        yield _about_trade(parties.user_of(role), "split_proposed", cause, trade_id, params)


def decide_order(user_id: UUID, name: str, body: Body, event_id: UUID) -> Iterator[Wanted]:
    """An order changed; `body` is what its owner sees. Immediate orders are told as trades."""
    if body["time_in_force"] == "ioc":
        return
    kind = None
    if name == "order_filled":
        kind = "order_filled"
    elif name == "order_cancelled" and body["status"] == "expired":
        kind = "order_expired"
    elif body["status"] == "suspended":
        kind = "order_suspended"
    elif body["status"] == "paused" and body["status_reason"] in TOLD_PAUSES:
        kind = "order_paused"
    if kind is None:
        return
    params = {
        "market": body["market"],
        "amount": body["amount"],
        "remaining": body["remaining"],
        "reason": body["status_reason"] or "",
    }
    yield Wanted(
        user_id=user_id, kind=kind, cause_id=event_id, subject="order",
        subject_id=UUID(body["id"]), params=params, rests=True,
    )  # fmt: skip
