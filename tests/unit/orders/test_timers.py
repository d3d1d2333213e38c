"""Time's effect on orders: ends and weekly hours."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson

from server.orders.lane.commands import Expire, Reschedule
from server.orders.lane.records import OrderRecord
from server.orders.lane.timers import Timers, find_next_switch, is_scheduled_on

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
OFFICE = ((9 * 60, 17 * 60),)


def build_record(*, expires_at=None, spans=()):
    rules = ""
    if spans:
        listed = [{"from_minute": start, "to_minute": end} for start, end in spans]
        rules = orjson.dumps({"schedule": listed}).decode()
    return OrderRecord("gtc", expires_at, 500, 1500, rules, "", "", MONDAY, MONDAY)


def test_hours_include_their_beginning_and_not_their_end():
    assert is_scheduled_on(OFFICE, MONDAY + timedelta(hours=9))
    assert not is_scheduled_on(OFFICE, MONDAY + timedelta(hours=17))


def test_next_switch_after_the_last_span_is_next_week():
    switch = find_next_switch(OFFICE, MONDAY + timedelta(hours=17))

    assert switch == MONDAY + timedelta(days=7, hours=9)


def test_order_expires_once_although_it_was_noted_twice():
    timers, order_id = Timers(), uuid4()
    record = build_record(expires_at=MONDAY)
    timers.note_order(order_id, record, MONDAY)
    timers.note_order(order_id, record, MONDAY)

    due = timers.take_due({order_id: record}, MONDAY)

    assert [type(command) for command in due] == [Expire]


def test_moved_end_replaces_the_old_one():
    timers, order_id = Timers(), uuid4()
    timers.note_order(order_id, build_record(expires_at=MONDAY), MONDAY)
    later = build_record(expires_at=MONDAY + timedelta(hours=1))
    timers.note_order(order_id, later, MONDAY)

    assert timers.take_due({order_id: later}, MONDAY) == []
    assert len(timers.take_due({order_id: later}, MONDAY + timedelta(hours=1))) == 1


def test_schedule_turns_an_order_off_at_once_and_on_with_its_hours():
    timers, order_id = Timers(), uuid4()
    record = build_record(spans=OFFICE)
    timers.note_order(order_id, record, MONDAY)

    (off,) = timers.take_due({order_id: record}, MONDAY)
    (on,) = timers.take_due({order_id: record}, MONDAY + timedelta(hours=9))

    assert isinstance(off, Reschedule)
    assert not off.on
    assert on.on


def test_ended_order_is_forgotten():
    timers, order_id = Timers(), uuid4()
    timers.note_order(order_id, build_record(expires_at=MONDAY, spans=OFFICE), MONDAY)

    assert timers.take_due({}, MONDAY) == []
    assert timers.next_at() is None


def test_orders_that_have_left_are_not_remembered_until_their_end():
    timers, living = Timers(), uuid4()
    month = build_record(expires_at=MONDAY + timedelta(days=30))
    timers.note_order(living, month, MONDAY)
    for _ in range(5_000):
        order_id = uuid4()
        timers.note_order(order_id, month, MONDAY)
        timers.drop_order(order_id)

    assert len(timers._expiries) < 1_100
    due = timers.take_due({living: month}, MONDAY + timedelta(days=30))
    assert [command.order_id for command in due] == [living]


def test_order_that_comes_back_expires_all_the_same():
    timers, order_id = Timers(), uuid4()
    record = build_record(expires_at=MONDAY)
    timers.note_order(order_id, record, MONDAY)
    timers.drop_order(order_id)
    timers.note_order(order_id, record, MONDAY)

    assert len(timers.take_due({order_id: record}, MONDAY)) == 1
