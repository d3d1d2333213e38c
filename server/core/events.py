"""The base of everything that is told to clients: an event of one room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as every member of `room` may see it.

    `name` is past tense and part of the API. `body` is JSON-ready (strings, integers, booleans,
    None, lists, dicts). `subject_id` is the object it speaks of; events with a `seq` of their own
    (market rooms, numbered by their lane) carry it, all others are numbered by the relay.
    """

    room: str
    name: str
    body: Mapping[str, Any]
    subject_id: UUID | None = None
    seq: int | None = None


def room_of_user(user_id: UUID) -> str:
    """The room in which one user hears what concerns only him."""
    return f"user:{user_id}"


def room_of_trade(trade_id: UUID) -> str:
    """The room of one trade: its parties and the staff assigned to it."""
    return f"trade:{trade_id}"


def room_of_market(market: str) -> str:
    """The public room of one market."""
    return f"market:{market}"


def room_of_staff(queue: str) -> str:
    """The room of a queue of the staff, such as `kyc`."""
    return f"staff:{queue}"
