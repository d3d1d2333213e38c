"""Every kind of event: where it comes from, what it holds, and that it tells the whole story."""

import asyncio

import orjson
import pytest
from sqlalchemy import select

from models.operations import Outbox
from sockets.events import EVENTS, OF_THE_READER
from tests.market_world import MARKET
from tests.sockets.life import ROOM, Life
from tests.sockets.test_rooms import last_numbers, wait_for_relay
from tests.views import find_all_differences

UNNUMBERED = {"book_updated", "ticker_updated", "typing"}
SEALED = {"payer_name", "payment_details", "payer_check", "holder_check", "terms", "history"}
"""What is only fetched."""


def kind_of(room):
    return room.partition(":")[0]


KINDS = {(event.name, kind_of(event.rooms[0])): event for event in EVENTS}


@pytest.fixture
async def life(world, listen):
    """A day that has passed, and everything of it heard."""
    lived = Life(world, listen)
    await lived.begin()
    await lived.live()
    await world.wait_for_inbox()
    await wait_for_relay(world)
    numbers = await last_numbers(world)
    for person in (lived.seller, lived.buyer):
        listener = lived.listeners[person.name]
        rooms = (f"user:{person.id}", ROOM, *(f"trade:{trade}" for trade in lived.trades))
        await listener.wait_until(
            lambda of=listener.view.last, rooms=rooms: all(
                of.get(room, 0) == numbers.get(room, 0) for room in rooms
            )
        )
    return lived


def list_heard(life):
    """Every envelope that came, of all listeners."""
    for listener in (*life.listeners.values(), life.office):
        for _, envelope in listener.heard:
            yield envelope


async def test_view_that_applied_every_kind_of_event_once_equals_a_fresh_fetch(life):
    told = {(one["event"], kind_of(one["room"])) for one in list_heard(life)}
    # A new kind of event belongs into this test; one that nobody documents must not be sent.
    assert told == set(KINDS)
    for person in (life.seller, life.buyer):
        view = life.listeners[person.name].view

        async def get(path, person=person):
            return await person.must("GET", path)

        loop = asyncio.get_running_loop()
        until = loop.time() + 60
        while found := await find_all_differences(view, get, MARKET, f"user:{person.id}"):
            # The book follows within a tenth of a second, the ticker within one.
            assert all(text.startswith(("book ", "tickers ")) for text in found), found
            assert loop.time() < until, found
            await asyncio.sleep(0.05)
        assert (view.gaps, view.stale_books) == ([], set())
        assert view.trades.keys() == set(life.trades)


async def test_difference_in_any_part_of_a_view_is_found(life):
    """The comparison is one that can fail."""
    view = life.listeners["buyer"].view

    async def get(path):
        return await life.buyer.must("GET", path)

    for name in (
        "orders", "public_orders", "trades", "shared_trades", "cases", "balances", "tickers",
        "indexes",
    ):  # fmt: skip
        part = getattr(view, name)
        key, body = next(iter(part.items()))
        told = {"status", "available", "trades_24h", "index"} & body.keys()
        part[key] = {**body, **dict.fromkeys(told, "another")}
        found = await find_all_differences(view, get, MARKET, f"user:{life.buyer.id}")
        assert any(text.startswith(f"{name} ") for text in found), name
        part[key] = body
    (talked,) = [key for key, marks in view.read_marks.items() if marks]
    view.messages[talked][2] = {**view.messages[talked][2], "text": "another"}
    view.read_marks[talked] = {"buyer": 1}
    view.tape.append(view.tape[0])
    view.notifications.append({})
    found = await find_all_differences(view, get, MARKET, f"user:{life.buyer.id}")
    assert {"tape", "notifications", f"messages {talked}", f"read_marks {talked}"} <= {
        text.partition(":")[0] for text in found
    }


async def test_every_event_but_book_ticker_and_typing_is_a_row_of_the_outbox(life):
    assert {event.name for event in EVENTS if not event.numbered} == UNNUMBERED
    stored = {
        (row.room, row.seq): (row.name, orjson.loads(row.body))
        for row in await life.world.read(select(Outbox.room, Outbox.seq, Outbox.name, Outbox.body))
    }
    for one in list_heard(life):
        if one["event"] in UNNUMBERED:
            assert one["seq"] is None
        else:
            name, body = stored[one["room"], one["seq"]]
            # The words of a message are not there; they are put in when it is told.
            words = {} if "text" in body or name != "message_created" else {"text"}
            told = {key: value for key, value in one["data"].items() if key not in words}
            assert (name, body) == (one["event"], told)
    assert UNNUMBERED.isdisjoint(name for name, _ in stored.values())


async def test_every_event_holds_what_its_schema_says_and_nothing_more(life):
    for one in list_heard(life):
        schema = KINDS[one["event"], kind_of(one["room"])].body()
        assert schema.validate(one["data"]) == {}, one


async def test_event_of_a_shared_room_is_the_same_for_every_member(life):
    by_person = [
        {
            (one["room"], one["seq"]): one
            for _, one in listener.heard
            if kind_of(one["room"]) in ("trade", "market") and one["seq"] is not None
        }
        for listener in life.listeners.values()
    ]
    assert by_person[0] == by_person[1]
    shared = [one for one in by_person[0].values() if kind_of(one["room"]) == "trade"]
    assert {one["room"] for one in shared} == {f"trade:{trade}" for trade in life.trades}
    for one in shared:
        assert (OF_THE_READER | SEALED).isdisjoint(one["data"]), one
    own = {
        "reserved", "payment_account_ids", "auto_reply", "maker_fee_ppm", "takes_made", "schedule",
        "price_guard", "allowed_actions",
    }  # fmt: skip
    for (room, _), one in by_person[0].items():
        if room == ROOM:
            assert own.isdisjoint(one["data"]), one
