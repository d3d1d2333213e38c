"""What an action brings to the row of the lifecycle that it applies."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from server.trades.facts import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an action brings to its row."""

    actor: Actor
    actor_id: UUID | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """Columns of the trade that the action itself fills."""
    detail: dict[str, Any] = field(default_factory=dict)
    """What the history keeps for both parties to see."""
    buyer_part: int | None = None
    """Of a split, in micro-USDT."""
    reason: str | None = None
    """Why an unpaid end came."""
    reason_fault: Actor | None = None
    """Whose fault that reason names."""
    credit_until: datetime | None = None
    """The new deadline of a credited outage."""
