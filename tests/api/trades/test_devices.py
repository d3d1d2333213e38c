"""A session on a device that is new to its account lets no money go, and the buyer hears of it."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from models.devices import DeviceHold
from models.operations import Outbox
from models.trades import TradeStatus
from server.core.money import MICRO
from tests.api.trades.conftest import SEEN

HOLD_S = 600
"""What is left of the day; a longer wait would open a case."""


@pytest.fixture
async def trade_id(api):
    """A paid trade whose seller is on a device that he first signed in on just now."""
    trade_id = await api.world.open_trade(TradeStatus.PAID)
    until = api.world.clock.now() + timedelta(seconds=HOLD_S)
    await api.world.insert(DeviceHold, session_id=api.world.seller, until=until)
    return trade_id


async def release(api, trade_id):
    proof = await api.prove(trade_id)
    return await api.post(f"/trades/{trade_id}/release", SEEN, "seller", proof=proof)


async def count_told(api):
    told = await api.world.fetch(
        select(Outbox.body, Outbox.room).where(Outbox.name == "notification_created")
    )
    rooms = [row.room for row in told if orjson.loads(row.body)["kind"].startswith("release_wai")]
    assert set(rooms) <= {f"user:{api.world.buyer}"}
    return len(rooms)


async def test_unknown_device_releases_nothing_and_the_buyer_is_told_once(api, trade_id):
    before = await api.world.balances(api.world.buyer)

    first, second = await release(api, trade_id), await release(api, trade_id)

    assert (first.status, second.status) == (403, 403)
    assert (await first.json())["code"] == "device_unknown"
    assert first.headers["Retry-After"] == str(HOLD_S)
    assert await api.world.balances(api.world.buyer) == before
    assert await count_told(api) == 1


@pytest.mark.parametrize(("age_s", "status"), [(HOLD_S - 1, 403), (HOLD_S, 200)])
async def test_device_releases_when_its_hold_has_ended(api, trade_id, age_s, status):
    api.world.clock.advance(seconds=age_s)

    assert (await release(api, trade_id)).status == status


async def test_without_a_proof_the_buyer_is_not_troubled(api, trade_id):
    reply = await api.post(f"/trades/{trade_id}/release", SEEN, "seller")

    assert (await reply.json())["code"] == "step_up_required"
    assert await count_told(api) == 0


async def test_unknown_device_agrees_to_no_split(api, trade_id):
    await api.world.do("propose_split", trade_id, api.world.buyer)
    proof = await api.prove(trade_id, action="split", amount=50 * MICRO)

    reply = await api.post(f"/trades/{trade_id}/split/accept", None, "seller", proof=proof)

    assert (await reply.json())["code"] == "device_unknown"
    assert (await api.world.trade(trade_id)).status == TradeStatus.PAID
