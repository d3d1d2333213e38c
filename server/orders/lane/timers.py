"""What time does to orders: they expire, and their schedules turn them on and off."""

import heapq
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from server.orders.lane.commands import Command, Expire, Reschedule
from server.orders.lane.records import OrderRecord

DUE_MAX = 512
SPARE_MAX = 1_024
"""Entries of orders that have left which are not worth a clean-up."""
WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)

Span = tuple[int, int]
"""Minutes from Monday 00:00 UTC: from, to."""


def read_schedule(rules: str) -> tuple[Span, ...]:
    """The weekly hours in the column `rules` of an order; empty for always."""
    if '"schedule"' not in rules:
        return ()
    spans = orjson.loads(rules).get("schedule") or ()
    return tuple((span["from_minute"], span["to_minute"]) for span in spans)


def is_scheduled_on(spans: tuple[Span, ...], now: datetime) -> bool:
    """Whether the hours include this minute."""
    minute = (now - _week_start(now)) // MINUTE
    return not spans or any(start <= minute < end for start, end in spans)


def find_next_switch(spans: tuple[Span, ...], now: datetime) -> datetime:
    """The next beginning or end of a span after now."""
    start = _week_start(now)
    bounds = sorted({bound for span in spans for bound in span})
    for week in (start, start + WEEK):
        for bound in bounds:
            at = week + bound * MINUTE
            if at > now:
                return at
    raise AssertionError("a week has every bound once")


def _week_start(now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=now.weekday())


class Timers:
    """When which orders of a lane need a command because of time."""

    def __init__(self) -> None:
        self._expiries: list[tuple[datetime, UUID]] = []
        self._switches: list[tuple[datetime, UUID]] = []
        self._expires_at: dict[UUID, datetime] = {}
        self._spans: dict[UUID, tuple[Span, ...]] = {}

    def load_orders(self, records: Mapping[UUID, OrderRecord], now: datetime) -> None:
        """Every order of a lane that starts: as noting each, but all at once."""
        assert not self._expires_at, "a lane starts with no timers"
        self._expires_at = {
            order_id: record.expires_at
            for order_id, record in records.items()
            if record.expires_at is not None
        }
        self._expiries = [(at, order_id) for order_id, at in self._expires_at.items()]
        # In the order of time a list is a heap.
        self._expiries.sort(key=lambda expiry: expiry[0])
        for order_id, record in records.items():
            if record.rules:
                self.note_order(order_id, record, now)

    def note_order(self, order_id: UUID, record: OrderRecord, now: datetime) -> None:
        """An order was placed, edited or loaded."""
        if record.expires_at is not None and self._expires_at.get(order_id) != record.expires_at:
            self._expires_at[order_id] = record.expires_at
            heapq.heappush(self._expiries, (record.expires_at, order_id))
        spans = read_schedule(record.rules)
        if spans != self._spans.get(order_id, ()):
            self._spans[order_id] = spans
            # Due at once: the schedule may already want the order off, or on again.
            heapq.heappush(self._switches, (now, order_id))

    def drop_order(self, order_id: UUID) -> None:
        """An order has left the lane. Its entries leave once they are more than the living ones:
        otherwise a busy market would remember a month of orders."""
        self._spans.pop(order_id, None)
        if self._expires_at.pop(order_id, None) is None:
            return
        if len(self._expiries) > 2 * len(self._expires_at) + SPARE_MAX:
            self._expiries = [(at, living) for living, at in self._expires_at.items()]
            heapq.heapify(self._expiries)

    def next_at(self) -> datetime | None:
        """When something is due next."""
        heads = [heap[0][0] for heap in (self._expiries, self._switches) if heap]
        return min(heads) if heads else None

    def take_due(self, records: Mapping[UUID, OrderRecord], now: datetime) -> list[Command]:
        """The commands that are due, a bounded number at a time; ended orders are forgotten."""
        return self._take_expired(records, now) + self._take_switched(records, now)

    def _take_expired(self, records: Mapping[UUID, OrderRecord], now: datetime) -> list[Command]:
        due: list[Command] = []
        while self._expiries and self._expiries[0][0] <= now and len(due) < DUE_MAX:
            at, order_id = heapq.heappop(self._expiries)
            # An edit may have moved the end; the new one has an entry of its own.
            if self._expires_at.get(order_id) != at:
                continue
            del self._expires_at[order_id]
            if order_id in records:
                due.append(Expire(order_id=order_id))
        return due

    def _take_switched(self, records: Mapping[UUID, OrderRecord], now: datetime) -> list[Command]:
        due: list[Command] = []
        while self._switches and self._switches[0][0] <= now and len(due) < DUE_MAX:
            _, order_id = heapq.heappop(self._switches)
            if order_id not in records:
                self._spans.pop(order_id, None)
                continue
            spans = self._spans.get(order_id, ())
            due.append(Reschedule(order_id=order_id, on=is_scheduled_on(spans, now)))
            if spans:
                heapq.heappush(self._switches, (find_next_switch(spans, now), order_id))
        return due
