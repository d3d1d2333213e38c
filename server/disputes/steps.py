"""What an action brings to its row of a case or a claim, and how that is kept and told."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from server.core.clock import format_instant
from server.core.events import Event, room_of_trade, room_of_user
from server.db import Unit
from server.disputes.table import Row
from server.trades.facts import Actor

STAFF_ROOM = "staff:disputes"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """What an action brings to its row."""

    actor: Actor
    actor_id: UUID | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """Columns that the action itself fills."""
    detail: dict[str, Any] = field(default_factory=dict)
    """What the history keeps for both parties to see."""
    credit_until: datetime | None = None
    """The new deadline of a credited outage."""


class Subject(Protocol):
    """A case or a claim, as those who follow it hear of it."""

    @property
    def id(self) -> UUID:
        """Its identifier."""
        ...

    @property
    def trade_id(self) -> UUID:
        """The trade that it is about."""
        ...

    @property
    def status(self) -> enum.StrEnum:
        """Where it stands."""
        ...

    @property
    def outcome(self) -> str | None:
        """How it ended; none while it is open."""
        ...

    @property
    def deadline_at(self) -> datetime | None:
        """When the clock of the present status strikes."""
        ...

    @property
    def version(self) -> int:
        """How many rows were applied to it."""
        ...

    @property
    def parties(self) -> tuple[UUID, UUID]:
        """The two people whom it is about."""
        ...


def write_step(
    row: Row[Any],
    step: CaseStep,
    *,
    version: int,
    status_from: str | None,
    status_to: str,
    now: datetime,
) -> dict[str, Any]:
    """A row of a history: that a row of the lifecycle was applied."""
    return {
        "version": version,
        "event": row.event,
        "actor": step.actor.value,
        "actor_id": step.actor_id,
        "status_from": status_from,
        "status_to": status_to,
        "detail": orjson.dumps(step.detail).decode(),
        "created_at": now,
    }


def tell(unit: Unit, event: str, subject: Subject) -> None:
    """Tell the trade's room, both parties and the desk where a case or a claim stands."""
    until = subject.deadline_at
    body = {
        "id": str(subject.id),
        "trade_id": str(subject.trade_id),
        "status": subject.status.value,
        "outcome": subject.outcome,
        "deadline": None if until is None else format_instant(until),
        "version": subject.version,
    }
    for room in _rooms_of(subject):
        unit.emit(Event(room, event, body, subject.id))


def _rooms_of(subject: Subject) -> Iterable[str]:
    return room_of_trade(subject.trade_id), *map(room_of_user, subject.parties), STAFF_ROOM
