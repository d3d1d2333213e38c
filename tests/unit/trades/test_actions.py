"""Every action in every status by everyone: what is listed is accepted, and nothing else."""

from itertools import product

import pytest

from models.trades import TradeStatus
from server.core.refusals import NotFound, Refusal
from server.trades.views import view_for
from tests.trade_world import ACTIONS

STATUSES = list(TradeStatus)
SAME_CALL = {"cancel", "did_not_pay"}
"""Two actions of one call: which one it is follows from the status."""


class EnoughError(Exception):
    """The attempt got through; nothing of it is kept."""


async def attempt(world, action, trade_id, user_id):
    """Whether an action is accepted; the attempt is rolled back."""

    caller = await world.caller(user_id, action, trade_id)

    async def work(unit):
        await ACTIONS[action](unit, world.desk, caller, trade_id)
        raise EnoughError

    try:
        await world.run(work)
    except EnoughError:
        return True
    except Refusal:
        return False
    return False


@pytest.mark.parametrize("status", STATUSES)
async def test_an_action_is_accepted_exactly_when_it_is_listed(world, status):
    trade_id = await world.open_trade(status)
    trade = await world.trade(trade_id)
    for user_id in (world.buyer, world.seller):
        actor = trade.actor_of(user_id)
        listed = set(view_for(trade, actor, world.clock.now())["allowed_actions"])
        for name in set(ACTIONS) - {"open_case"}:
            accepted = await attempt(world, name, trade_id, user_id)
            if name == "did_not_pay":
                assert accepted == bool(listed & SAME_CALL)
            else:
                assert accepted == (name in listed), f"{actor} {name}"


@pytest.mark.parametrize("status", STATUSES)
async def test_strangers_and_staff_find_no_trade(world, status):
    trade_id = await world.open_trade(status)
    for user_id, action in product((world.stranger, world.staff), ACTIONS):
        if action == "open_case":
            continue
        caller = await world.caller(user_id, action, trade_id)

        async def work(unit, action=action, caller=caller):
            await ACTIONS[action](unit, world.desk, caller, trade_id)

        if action == "concede" and (await world.trade(trade_id)).dispute_id is None:
            continue
        with pytest.raises(NotFound):
            await world.run(work)


@pytest.mark.parametrize("status", STATUSES)
async def test_staff_open_a_case_on_an_open_trade_only(world, status):
    trade_id = await world.open_trade(status)
    expected = status in ("awaiting_payment", "grace", "paid")
    assert await attempt(world, "open_case", trade_id, world.staff) == expected


async def test_a_party_cannot_open_a_case_as_staff(world):
    trade_id = await world.open_trade()
    assert not await attempt(world, "open_case", trade_id, world.buyer)
