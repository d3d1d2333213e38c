"""What was committed is told once: to whom it concerns, through crashes, and never otherwise."""

import asyncio
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from models.compliance import AccountHold
from models.notifications import Notification, NotificationMark, NotificationSetting
from models.operations import Outbox
from models.trades import TradeStatus
from server.core.events import Event, room_of_user
from server.jobs.purge import purge
from server.notifications import dispatcher
from server.notifications.channels import RESTS_FOR
from server.notifications.dispatcher import tell_of_events
from server.notifications.inbox import KEPT
from server.notifications.reminders import REMIND_BEFORE, remind, tell_of_outages
from server.trades.outages import announce_outage
from tests.trade_world import ACTIONS
from tests.unit.notifications.conftest import CHANNELS

S = TradeStatus


async def test_steps_of_a_trade_are_told_to_the_side_that_did_not_take_them(told):
    world = told.world
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    await world.do("mark_paid", trade_id)
    await world.do("request_cancel", trade_id)
    await world.do("extend", trade_id, world.buyer)
    await world.do("propose_split", trade_id, world.buyer)
    await world.do("release", trade_id)
    assert await told.tell() == 7
    assert await told.list_of(world.buyer) == ["trade_to_pay", "cancel_requested", "trade_released"]
    expected = ["trade_opened", "trade_paid", "trade_extended", "split_proposed"]
    assert await told.list_of(world.seller) == expected
    row = (await told.rows_of(world.seller))[1]
    assert (row.subject, row.subject_id, row.read_at) == ("trade", trade_id, None)
    params = orjson.loads(row.params)
    assert params["counterparty"] == "buyer"
    assert params["amount"] == "100.000000"
    assert params["deadline"]
    events = await world.fetch(select(Outbox.room).where(Outbox.name == "notification_created"))
    assert sorted(event.room for event in events) == sorted(
        [room_of_user(world.buyer)] * 3 + [room_of_user(world.seller)] * 4
    )


@pytest.mark.parametrize(
    ("status", "buyer", "seller"),
    [
        (S.EXPIRED, ["trade_in_grace", "trade_expired"], ["trade_expired"]),
        (S.CANCELLED, [], ["trade_cancelled"]),
        (S.REFUNDED, ["trade_disputed"], ["trade_paid", "trade_disputed", "trade_refunded"]),
    ],
)
async def test_ends_of_a_trade_are_told(told, status, buyer, seller):
    await told.world.open_trade(status)
    await told.tell()
    assert await told.list_of(told.world.buyer) == ["trade_to_pay", *buyer]
    assert await told.list_of(told.world.seller) == ["trade_opened", *seller]


async def test_nothing_is_told_twice_and_nothing_of_what_was_rolled_back(told):
    world = told.world
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)

    async def fail(unit):
        caller = await world.caller(world.buyer, "mark_paid", trade_id)
        await ACTIONS["mark_paid"](unit, world.desk, caller, trade_id)
        raise LookupError

    with pytest.raises(LookupError):
        await world.run(fail)
    assert await told.tell() == 2
    await world.do("mark_paid", trade_id)
    assert await told.tell() == 1
    assert await told.tell() == 0
    assert await told.list_of(world.seller) == ["trade_opened", "trade_paid"]


async def test_two_dispatchers_at_once_and_one_that_breaks_off_tell_once(told, monkeypatch):
    world = told.world
    trades = [await world.open_trade(buyer_id=await world.add_user(f"b{n}")) for n in range(3)]
    for trade_id in trades:
        await world.do("cancel", trade_id)
    await told.number()

    class BreaksOffError(Exception):
        pass

    def break_off(name, _detail=None):
        if name == "notifications.before_mark":
            raise BreaksOffError

    with monkeypatch.context() as broken:
        broken.setattr(dispatcher.fault, "point", break_off)
        with pytest.raises(BreaksOffError):
            await tell_of_events(world.database, CHANNELS)
    assert await told.list_of(world.seller) == []
    counts = await asyncio.gather(
        tell_of_events(world.database, CHANNELS), tell_of_events(world.database, CHANNELS)
    )
    assert sum(counts) == 9
    assert sorted(await told.list_of(world.seller)) == [
        *["trade_cancelled"] * 3, *["trade_opened"] * 3
    ]  # fmt: skip


async def test_more_than_one_transaction_of_events_is_told_to_the_last(told, monkeypatch):
    world = told.world
    monkeypatch.setattr(dispatcher, "BATCHES_MAX", 1)
    for number in range(3):
        trade_id = await world.open_trade(buyer_id=await world.add_user(f"b{number}"))
        await world.do("cancel", trade_id)
        await told.number()
    assert await tell_of_events(world.database, CHANNELS) == 9


async def tell_of_order(told, status, name="order_updated", reason=None, in_force="gtc"):
    body = {
        "id": "01890000-0000-7000-8000-00000000000a", "market": "USDT-VND", "status": status,
        "status_reason": reason, "amount": "10.000000", "remaining": "4.000000",
        "time_in_force": in_force,
    }  # fmt: skip

    async def work(unit):
        unit.emit(Event(room_of_user(told.world.seller), name, body))

    await told.world.run(work)
    await told.tell()


async def test_orders_are_told_when_something_else_than_their_owner_changed_them(told):
    await tell_of_order(told, "paused")
    await tell_of_order(told, "paused", reason="schedule")
    await tell_of_order(told, "open")
    await tell_of_order(told, "cancelled", "order_cancelled")
    await tell_of_order(told, "filled", "order_filled", in_force="ioc")
    assert await told.list_of(told.world.seller) == []
    await tell_of_order(told, "paused", reason="guard")
    await tell_of_order(told, "suspended", reason="frozen")
    await tell_of_order(told, "expired", "order_cancelled")
    await tell_of_order(told, "filled", "order_filled")
    expected = ["order_paused", "order_suspended", "order_expired", "order_filled"]
    assert await told.list_of(told.world.seller) == expected


async def test_state_of_an_order_that_comes_and_goes_is_told_once_an_hour(told):
    for _ in range(3):
        await tell_of_order(told, "paused", reason="guard")
        await tell_of_order(told, "open")
    assert await told.list_of(told.world.seller) == ["order_paused"]
    told.world.clock.advance(seconds=RESTS_FOR.total_seconds() + 1)
    await tell_of_order(told, "paused", reason="guard")
    assert await told.list_of(told.world.seller) == ["order_paused"] * 2


async def test_kind_that_was_switched_off_is_not_told(told):
    world = told.world
    await world.insert(
        NotificationSetting, user_id=world.seller, kind="trade_cancelled", channel="in_app",
        enabled=False, updated_at=world.clock.now(),
    )  # fmt: skip
    await world.open_trade(S.CANCELLED)
    assert await told.tell() == 2
    assert await told.list_of(world.seller) == ["trade_opened"]


async def test_turn_that_ends_soon_is_remembered_once_for_each_deadline(told):
    world = told.world
    trade_id = await world.open_trade()
    window_s = (await world.trade(trade_id)).window_s
    before_s = REMIND_BEFORE.total_seconds()
    world.clock.advance(seconds=window_s - before_s - 1)
    assert await remind(world.database, CHANNELS) == 0
    world.clock.advance(seconds=1)
    assert await remind(world.database, CHANNELS) == 1
    assert await remind(world.database, CHANNELS) == 0
    assert await told.list_of(world.buyer) == ["pay_reminder"]
    await world.do("extend", trade_id, world.seller)
    assert await remind(world.database, CHANNELS) == 0
    world.clock.advance(seconds=window_s - before_s)
    assert await remind(world.database, CHANNELS) == 1
    await world.do("declare_payer", trade_id)
    await world.do("mark_paid", trade_id)
    world.clock.advance(minutes=26)
    assert await remind(world.database, CHANNELS) == 1
    assert await told.list_of(world.buyer) == ["pay_reminder"] * 2
    assert await told.list_of(world.seller) == ["release_reminder"]
    world.clock.advance(minutes=4)
    assert await remind(world.database, CHANNELS) == 0


async def test_announced_outage_is_told_to_the_parties_of_running_trades_once(told):
    world = told.world
    await world.open_trade()
    await world.open_trade(S.CANCELLED, buyer_id=await world.add_user("other"))
    await world.run(lambda unit: announce_outage(unit, "new disks"))
    assert await tell_of_outages(world.database, CHANNELS) == 2
    assert await tell_of_outages(world.database, CHANNELS) == 0
    assert await told.list_of(world.buyer) == ["outage_announced"]
    assert await told.list_of(world.seller) == ["outage_announced"]


async def test_events_that_were_not_told_are_not_forgotten(told):
    world = told.world
    await world.open_trade(S.CANCELLED)
    await told.tell()
    await world.open_trade(S.CANCELLED, buyer_id=await world.add_user("other"))
    await told.number()
    world.clock.advance(hours=25)
    await purge(world.desk)
    assert await tell_of_events(world.database, CHANNELS) == 3
    assert await told.list_of(world.seller) == ["trade_opened", "trade_cancelled"] * 2
    marks = await world.fetch(select(NotificationMark.relay_batch))
    assert len(marks) == 1


async def test_notifications_are_forgotten_after_90_days_but_for_legal_holds(told):
    world = told.world
    await world.open_trade(S.EXPIRED)
    assert await told.tell() == 5
    await world.insert(
        AccountHold, id=world.database.ids.new_id(), user_id=world.buyer, kind="legal",
        reason="A court asks.", placed_at=world.clock.now(),
    )  # fmt: skip
    world.clock.advance(seconds=KEPT.total_seconds())
    await purge(world.desk)
    assert (await world.fetch(select(func.count()).select_from(Notification)))[0][0] == 5
    world.clock.advance(seconds=timedelta(minutes=1).total_seconds())
    await purge(world.desk)
    assert await told.list_of(world.seller) == []
    assert len(await told.list_of(world.buyer)) == 3


async def test_same_cause_cannot_be_told_twice_by_any_road(told):
    world = told.world
    await world.open_trade(S.CANCELLED)
    await told.tell()
    row = (await told.rows_of(world.seller))[0]
    values = {**row._mapping, "id": world.database.ids.new_id()}
    with pytest.raises(IntegrityError):
        await world.run(lambda unit: unit.execute(insert(Notification).values(values)))
