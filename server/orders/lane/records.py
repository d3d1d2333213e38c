"""What the lane keeps of orders, users and the market beside the book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from server.core.money import PriceScale
from server.ledger.rules import compute_reservation


@dataclass(frozen=True, slots=True)
class MarketCard:
    """The unchanging facts of a market."""

    id: str
    asset: str
    currency: str
    minor_digits: int
    price_digits: int
    scale: PriceScale


@dataclass(slots=True)
class OrderRecord:
    """The part of an order that matching does not read."""

    time_in_force: str
    expires_at: datetime | None
    maker_fee_ppm: int
    taker_fee_ppm: int
    rules: str
    """JSON: requirements, price guard, schedule; empty for none."""
    terms: str
    auto_reply: str
    created_at: datetime
    updated_at: datetime
    worst_price_ticks: int | None = None
    reserved: int = 0
    """What is left of a sell order's reservation, or a buy order's bond, micro-USDT."""
    announced: bool = False
    """Whether the market's room has heard of it."""

    def reserve_for(self, amount_micro: int) -> int:
        """What a sell order sets aside for an amount: the amount and the higher of its fees."""
        return compute_reservation(amount_micro, self.maker_fee_ppm, self.taker_fee_ppm)


def change_rules(rules: str, changes: Mapping[str, Any]) -> str:
    """The column `rules` of an order with some of its keys changed; None takes one away."""
    content = {**(orjson.loads(rules) if rules else {}), **changes}
    kept = {key: value for key, value in content.items() if value is not None}
    return orjson.dumps(kept).decode() if kept else ""


@dataclass(slots=True)
class MemberCard:
    """What the lane knows of a user beside his standing in the book."""

    username: str
    version: int
    """Of the standing row that the book's standing was made from."""
    created_at: datetime
    kyc_level: int
    room: str
    """Where he hears what concerns only him."""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A row of `standings` as read under lock."""

    user_id: UUID
    version: int
    kyc_level: int
    verified: bool
    trades_completed: int
    trades_ended: int
    open_unpaid_as_buyer: int
    limit_used_micro: int
    taking_blocked_until: datetime | None
    selling_blocked_until: datetime | None
    frozen_at: datetime | None
    present: bool
    second_factor: bool
    terms_version: int
    taking_barred: bool
    resting_barred: bool
    limits_lowered: bool
    trust_step: int
    recheck_at: datetime | None


@dataclass(slots=True)
class Rows:
    """The end state of a batch, by statement; each row in the order of its statement's columns."""

    by_statement: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)

    def add(self, statement: str, row: tuple[object, ...]) -> None:
        """One more row for a statement."""
        rows = self.by_statement.get(statement)
        if rows is None:
            self.by_statement[statement] = [row]
        else:
            rows.append(row)
