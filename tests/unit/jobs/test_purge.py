"""What has served its time is forgotten, in chunks, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from models.identity import RefreshToken, Session, SessionState
from models.operations import CommitMarker, IdempotencyKey, Outbox
from models.orders import FailedPair, LaneInbox, Order, OrderSkip
from server.jobs import purge as purging
from server.jobs.purge import purge

DAY = timedelta(days=1)


async def count(world, table):
    return (await world.fetch(select(func.count()).select_from(table)))[0][0]


async def add_event(world, *, numbered):
    async def work(unit):
        await unit.execute(
            insert(Outbox).values(
                id=unit.ids.new_id(),
                room="r",
                name="n",
                body="{}",
                created_at=unit.now,
                seq=None,
                relay_batch=1 if numbered else None,
            )
        )

    await world.run(work)


@pytest.fixture
async def quiet(world):
    """The world without the events of its making."""

    async def work(unit):
        await unit.execute(Outbox.__table__.delete())

    await world.run(work)
    return world


async def test_sent_events_are_kept_for_24_hours_and_unsent_ones_for_ever(quiet):
    await add_event(quiet, numbered=True)
    await add_event(quiet, numbered=False)
    quiet.clock.advance(hours=24)
    await add_event(quiet, numbered=True)
    await purge(quiet.desk)
    assert await count(quiet, Outbox) == 3
    quiet.clock.advance(seconds=1)
    await purge(quiet.desk)
    assert await count(quiet, Outbox) == 2


async def test_everything_due_is_forgotten_chunk_by_chunk(quiet, monkeypatch):
    for _ in range(7):
        await add_event(quiet, numbered=True)
    quiet.clock.advance(hours=25)
    monkeypatch.setattr(purging, "PURGE_CHUNK", 3)
    await purge(quiet.desk)
    assert await count(quiet, Outbox) == 0


async def test_commit_markers_go_after_an_hour(world):
    assert await count(world, CommitMarker) > 0
    world.clock.advance(hours=1, seconds=1)
    await purge(world.desk)
    before_purge = await world.fetch(
        select(CommitMarker.id).where(CommitMarker.created_at < world.clock.now())
    )
    assert before_purge == []


async def test_kept_replies_go_after_seven_days(world):
    await world.insert(
        IdempotencyKey, user_id=world.buyer, key=b"k", request_hash=b"h" * 32, status=200,
        body=b"{}", created_at=world.clock.now(),
    )  # fmt: skip
    world.clock.advance(hours=7 * 24)
    await purge(world.desk)
    assert await count(world, IdempotencyKey) == 1
    world.clock.advance(seconds=1)
    await purge(world.desk)
    assert await count(world, IdempotencyKey) == 0


async def test_skip_counts_go_seven_days_after_the_end_of_their_order(world):
    trade_id = await world.open_trade()
    order_id = (await world.trade(trade_id)).maker_order_id
    await world.insert(OrderSkip, order_id=order_id, reason="size", count=3)

    async def touch(unit):
        await unit.execute(
            update(Order).where(Order.id == order_id).values(updated_at=world.clock.now())
        )

    await world.run(touch)
    world.clock.advance(hours=7 * 24)
    await purge(world.desk)
    assert await count(world, OrderSkip) == 1
    world.clock.advance(seconds=1)
    await purge(world.desk)
    assert await count(world, OrderSkip) == 0


async def test_what_lanes_consumed_goes_after_seven_days_and_what_waits_stays(world):
    for number, batch in enumerate((None, 5)):
        await world.insert(
            LaneInbox, id=world.database.ids.new_id(), market="USDT-VND", kind="recheck",
            cause=f"cause:{number}", body="{}", created_at=world.clock.now(),
            consumed_batch=batch,
        )  # fmt: skip
    world.clock.advance(hours=7 * 24)
    await purge(world.desk)
    assert await count(world, LaneInbox) == 2
    world.clock.advance(seconds=1)
    await purge(world.desk)
    rows = await world.fetch(select(LaneInbox.consumed_batch))
    assert [row.consumed_batch for row in rows] == [None]


@pytest.mark.parametrize(
    ("status", "time_in_force", "kept"),
    [
        ("cancelled", "gtc", 0),
        ("expired", "gtc", 0),
        ("filled", "ioc", 0),
        ("filled", "gtc", 1),
        ("open", "gtc", 1),
    ],
)
@pytest.mark.parametrize("side", ["maker_order_id", "taker_order_id"])
async def test_failed_pairs_go_when_one_of_their_orders_is_gone_for_good(
    world, side, status, time_in_force, kept
):
    trade = await world.trade(await world.open_trade())
    one, other = sorted((trade.maker_order_id, trade.taker_order_id))
    await world.insert(FailedPair, order_id=one, other_order_id=other, market=trade.market)

    async def write(unit):
        now = world.clock.now()
        alive = {"updated_at": now, "status": "open", "time_in_force": "gtc"}
        await unit.execute(update(Order).values(**alive))
        ended = {"status": status, "time_in_force": time_in_force}
        await unit.execute(update(Order).where(Order.id == getattr(trade, side)).values(**ended))

    await world.run(write)
    world.clock.advance(hours=7 * 24)
    await purge(world.desk)
    assert await count(world, FailedPair) == 1
    world.clock.advance(seconds=1)
    await purge(world.desk)
    assert await count(world, FailedPair) == kept


async def test_sessions_go_with_their_tokens_after_60_days(world):
    async def work(unit):
        session_id = unit.ids.new_id()
        now = unit.now
        await unit.execute(
            insert(Session).values(
                id=session_id,
                user_id=world.buyer,
                device="d",
                ip="::1",
                created_at=now,
                expires_at=now + 30 * DAY,
            )
        )
        await unit.execute(
            insert(SessionState).values(session_id=session_id, used_at=now, idle_until=now)
        )
        await unit.execute(
            insert(RefreshToken).values(
                digest=b"d" * 32, session_id=session_id, generation=1, issued_at=now
            )
        )

    await world.run(work)
    world.clock.advance(hours=59 * 24)
    await purge(world.desk)
    assert await count(world, Session) == 1
    world.clock.advance(hours=25)
    await purge(world.desk)
    for table in (Session, SessionState, RefreshToken):
        assert await count(world, table) == 0
