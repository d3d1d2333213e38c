"""Messages of many people written together: each gets its own answer, and nothing lies open."""

import asyncio
from uuid import UUID

import pytest

from server.chat.batch import Posted, Sent
from server.chat.desk import CHAT
from server.chat.phrases import inspect_text
from server.chat.refusals import ClientIdReused, WriterBlocked
from server.core.refusals import NotFound
from server.monitor.chat_check import check_chats
from server.monitor.verifier import find_breaches
from tests.api.trades.test_chat import must_say, read
from tests.market_world import start_world
from tests.sockets.live import Listener
from tests.sockets.test_rooms import open_trade


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


def message(person, trade_id, client_id, text="Hello"):
    return Sent(UUID(trade_id), UUID(person.id), client_id, text, inspect_text(text))


async def send_together(world, *messages):
    writer = world.client.server.app[CHAT].writer
    return await asyncio.gather(*map(writer.submit, messages), return_exceptions=True)


async def second_trade(seller, buyer):
    await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26000", time_in_force="ioc"))["trades"]
    return trade["id"]


async def test_each_message_of_a_batch_has_its_own_answer_and_place(world):
    seller, buyer, first = await open_trade(world)
    stranger = await world.join("stranger")
    second = await second_trade(seller, buyer)
    closed = await second_trade(seller, buyer)
    await must_say(buyer, closed, "Kept", "kept")
    await buyer.must("POST", f"/trades/{closed}/cancel", {"reason": "changed_mind"})
    await must_say(seller, first, "I was here before", "before")
    await seller.must("POST", "/me/blocks", {"username": "buyer"})
    committed = world.database.counts.committed

    got = await send_together(
        world,
        message(buyer, second, "a"),
        message(stranger, first, "b"),
        message(seller, second, "c", "add me on telegram @dealer_one"),
        message(buyer, second, "a"),
        message(buyer, second, "a", "Another text"),
        message(seller, first, "before", "I was here before"),
        message(seller, first, "before", "I was not"),
        message(buyer, closed, "kept", "Kept"),
        message(buyer, closed, "late"),
        message(buyer, "01890000-0000-7000-8000-000000000000", "d"),
        message(buyer, second, "e"),
    )

    assert isinstance(got[1], NotFound), got
    assert isinstance(got[4], ClientIdReused)
    assert isinstance(got[6], ClientIdReused)
    assert isinstance(got[8], WriterBlocked)
    assert isinstance(got[9], NotFound)
    posted = {place: one for place, one in enumerate(got) if isinstance(one, Posted)}
    assert [(place, one.replayed) for place, one in posted.items()] == [
        (0, False), (2, False), (3, True), (5, True), (7, True), (10, False),
    ]  # fmt: skip
    assert posted[0].message == posted[3].message
    assert [posted[place].message["number"] for place in (0, 2, 10)] == [2, 3, 4]
    assert posted[2].message["text"] == "add me on ••• •••"
    page = await read(buyer, second)
    assert [one["number"] for one in page["items"]] == [4, 3, 2, 1]
    assert page["items"][2] == posted[0].message
    assert (await read(buyer, closed))["last_number"] == 3
    # All that was asked is in one transaction, beside what the service does by itself.
    assert world.database.counts.committed - committed <= 6
    assert await find_breaches(world.database, since=None, checks={"I30": check_chats}) == []


async def test_message_that_breaks_does_not_fail_its_neighbours(world):
    seller, buyer, trade_id = await open_trade(world)
    first, broken, last = await send_together(
        world,
        message(buyer, trade_id, "a"),
        Sent(UUID(trade_id), UUID(seller.id), "b", "\ud800", inspect_text("")),
        message(seller, trade_id, "c"),
    )
    assert isinstance(broken, TypeError)
    assert [one.message["number"] for one in (first, last)] == [2, 3]
    assert await find_breaches(world.database, since=None, checks={"I30": check_chats}) == []


async def test_what_people_write_does_not_lie_open_in_the_outbox(world):
    secret = "Quokka Zebrafish"
    seller, buyer, trade_id = await open_trade(world)
    room, listener = f"trade:{trade_id}", Listener(str(world.client.make_url("")))
    try:
        assert await listener.connect(token=seller.token)
        assert (await listener.subscribe(room))["status"] == "ok"
        path = f"/trades/{trade_id}"
        said = await must_say(buyer, trade_id, f"{secret} said")
        await buyer.must("POST", f"{path}/payer", {"payer_name": "TRAN VAN B"})
        await buyer.must("POST", f"{path}/paid", {})
        world.clock.advance(minutes=11)
        claim = {"reason": "not_released", "statement": f"{secret} stated"}
        await buyer.must("POST", f"{path}/dispute", claim)
        (case,) = (await buyer.must("GET", "/disputes"))["items"]
        evidence = {"kind": "statement", "statement": f"{secret} proved"}
        await buyer.must("POST", f"/disputes/{case['id']}/evidence", evidence)
        await must_say(seller, trade_id, f"{secret} answered telegram @dealer_one")
        await listener.wait_until(
            lambda: [
                one["data"] for name, one in listener.heard
                if name == "message_created" and "answered" in (one["data"]["text"] or "")
            ]
        )  # fmt: skip

        rows = await world.read("SELECT name, body FROM outbox")
        assert len(rows) > 8
        for word in secret.split():
            assert [row.name for row in rows if word in row.body] == []
        told = [one["data"] for name, one in listener.heard if name == "message_created"]
        assert said in told
        events = await seller.must("GET", f"/events?room={room}&limit=100")
        again = [one["data"] for one in events["items"] if one["event"] == "message_created"]
        assert again == told == (await read(seller, trade_id))["items"][::-1]
    finally:
        await listener.close()
