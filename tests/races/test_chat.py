"""Two servers on one database: many write in one chat at once."""

import pytest

from tests.processes import call_of, call_together
from tests.races.test_trades import open_trades

CALLERS = 16


@pytest.fixture
async def servers(farm):
    first, _ = await farm.start_ready()
    second = await farm.start()
    return first, second


def say(server, person, trade_id, client_id, text):
    body = {"client_id": client_id, "text": text}
    path = f"/trades/{trade_id}/messages"
    return call_of(server, person, "POST", path, body, key="unused")


async def test_messages_at_once_have_an_order_and_each_client_id_is_one_message(
    farm, servers, rounds
):
    world = farm.world(servers[0])
    seller, buyer, trades = await open_trades(world, rounds)
    for trade in trades:
        different = [
            say(
                servers[number % 2],
                (seller, buyer)[number // 2 % 2],
                trade["id"],
                f"c{number}",
                "Hi",
            )
            for number in range(CALLERS)
        ]
        same = [
            say(servers[number % 2], buyer, trade["id"], "same", "One of us wins")
            for number in range(CALLERS)
        ]
        other = [
            say(servers[number % 2], seller, trade["id"], "either", f"Text {number % 2}")
            for number in range(CALLERS)
        ]

        answers = await call_together([*different, *same, *other])

        written = answers[:CALLERS]
        assert {status for status, _ in written} == {201}
        assert len({body["number"] for _, body in written}) == CALLERS
        assert {status for status, _ in answers[CALLERS : 2 * CALLERS]} == {201}
        assert len({body["id"] for _, body in answers[CALLERS : 2 * CALLERS]}) == 1
        either = answers[2 * CALLERS :]
        assert sorted(status for status, _ in either) == [201] * (CALLERS // 2) + [422] * (
            CALLERS // 2
        )
        page = await buyer.must("GET", f"/trades/{trade['id']}/messages?limit=100")
        assert [one["number"] for one in page["items"]] == list(range(CALLERS + 3, 0, -1))
