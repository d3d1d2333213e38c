"""The server dies while a message is written: what was answered is there once, in its place."""

import asyncio
import contextlib

from tests.kills.points import CHAT, READ, ends_of, is_late
from tests.kills.site import GONE, open_deal

WRITE = (*CHAT, "unit.before_commit@write_messages", "unit.after_commit@write_messages")
WRITE_LATE = "http.before_reply@write_message"


async def read(person, trade_id):
    page = await person.must("GET", f"/trades/{trade_id}/messages?limit=100")
    assert page["next_cursor"] is None
    messages = page["items"][::-1]
    assert [one["number"] for one in messages] == list(range(1, page["last_number"] + 1))
    return messages, page["read"]


async def test_no_message_is_lost_or_doubled_wherever_its_writing_is_killed(site, rounds):
    deal = await open_deal(site, 0)
    path, said = f"/trades/{deal.id}/messages", []
    for number, point in enumerate((*WRITE, WRITE_LATE) * rounds):
        body = {"client_id": f"c{number}", "text": f"Message {number}"}

        def call(body=body):
            return site.call(deal.buyer, "POST", path, body, key="unused")

        await site.server.arm(point)
        with contextlib.suppress(*GONE):
            raise AssertionError(f"{point} was not reached: {await call()}")
        await site.restart()
        status, answer, replayed = await call()
        assert (status, replayed) == (201, is_late(point)), (point, answer)
        said.append(answer)
        assert await call() == (201, answer, True), point
    messages, _ = await read(deal.seller, deal.id)
    assert [one for one in messages if one["kind"] == "text"] == said


async def test_step_of_a_trade_and_its_message_are_one_wherever_it_is_killed(site, rounds):
    for number, point in enumerate((*CHAT, *ends_of("declare_payer")) * rounds):
        deal = await open_deal(site, number)
        call = deal.call_of(deal.buyer, "payer", {"payer_name": "TRAN VAN B"})
        await site.kill_at(point, call)
        messages, _ = await read(deal.buyer, deal.id)
        assert [one["event"] for one in messages] == await deal.read_history()


async def test_read_mark_is_moved_once_wherever_it_is_killed(site, rounds):
    deal = await open_deal(site, 0)
    path = f"/trades/{deal.id}/messages"
    points = (*READ, *ends_of("mark_messages_read")) * rounds
    for number, point in enumerate(points, 2):
        await deal.buyer.must("POST", path, {"client_id": f"c{number}", "text": "Hello"})

        def call(number=number):
            return site.call(
                deal.seller, "POST", f"{path}/read", {"number": number}, key=f"read-{number}"
            )

        await site.kill_at(point, call)
        assert (await read(deal.buyer, deal.id))[1] == {"buyer": 0, "seller": number}
    told = await site.world.read("SELECT COUNT(*) FROM outbox WHERE name = 'message_read'")
    assert told[0][0] == len(points)


async def test_messages_of_one_batch_are_there_once_wherever_it_is_killed(site, rounds):
    """Many write at once; what was answered before the kill, and what is sent again, is one."""
    deals = [await open_deal(site, number) for number in range(3)]
    said = {deal.id: {} for deal in deals}
    for number, point in enumerate(WRITE * rounds):
        calls = [
            (deal, side, f"p{number}-{side}{place}")
            for place in range(3)
            for deal in deals
            for side in ("buyer", "seller")
        ]

        def call(deal, side, name):
            path, body = f"/trades/{deal.id}/messages", {"client_id": name, "text": f"Text {name}"}
            return site.call(getattr(deal, side), "POST", path, body, key="unused")

        await site.server.arm(point)
        before = await asyncio.gather(*(call(*one) for one in calls), return_exceptions=True)
        assert any(isinstance(one, GONE) for one in before), point
        await site.restart()
        after = await asyncio.gather(*(call(*one) for one in calls))
        for (deal, _, name), first, (status, answer, replayed) in zip(
            calls, before, after, strict=True
        ):
            assert status == 201, (point, answer)
            if not isinstance(first, BaseException):
                assert first[0] == 201
                assert (answer, replayed) == (first[1], True), point
            said[deal.id][name] = answer
    for deal in deals:
        messages, _ = await read(deal.buyer, deal.id)
        texts = {one["client_id"]: one for one in messages if one["kind"] == "text"}
        assert texts == said[deal.id]
