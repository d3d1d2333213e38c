"""Accounts, holds and lots on both databases; every test ends with a ledger that sums to zero."""

import asyncio

import orjson
import pytest
from sqlalchemy import select, text, update

from models.ledger import Account, Hold, Lot, Posting, Resolution
from models.operations import Outbox
from server.core.refusals import InsufficientFunds
from server.ledger import queries
from server.ledger.service import (
    freeze_lot,
    lock_sheet,
    open_hold,
    release_due_lots,
    resolve_hold,
    unfreeze_lot,
    write_sheet,
)
from server.ledger.sheet import AccountKey
from tests.unit.ledger.conftest import make_trade

HOLD = 1_000_500


def key(user_id, kind="available", asset="USDT"):
    return AccountKey(user_id, asset, kind)


async def open_trade(world, **options):
    """A seller with 5 USDT whose trade of 1 USDT is locked; returns the trade."""
    seller, buyer = await world.add_user(available=5_000_000), await world.add_user()
    trade = make_trade(seller, buyer, trade_id=world.database.ids.new_id(), **options)

    async def work(unit):
        sheet = await lock_sheet(unit, [key(seller)])
        sheet.move(
            asset="USDT",
            amount=HOLD,
            debit=key(seller),
            credit=key(seller, "reserved"),
            reason="order_reserved",
            subject_id=None,
        )
        await open_hold(unit, sheet, trade=trade)
        await write_sheet(unit, sheet)

    await world.database.transact(work, name="test")
    return trade


async def end_trade(world, trade, resolution, **options):
    async def work(unit):
        sheet = await lock_sheet(unit, [key(trade.seller_id), key(trade.buyer_id)])
        parts = await resolve_hold(unit, sheet, trade=trade, resolution=resolution, **options)
        await write_sheet(unit, sheet)
        return parts

    return await world.database.transact(work, name="test")


async def test_new_user_has_every_account_at_zero(world):
    user_id = await world.add_user()

    rows = await world.fetch(queries.list_balances(user_id))

    assert {(row.asset, row.kind) for row in rows} == {
        (asset, kind)
        for asset in ("USDT", "USDT_TEST")
        for kind in ("available", "reserved", "escrow", "held", "withdrawal", "bond")
    }
    assert {(row.balance, row.seq) for row in rows} == {(0, 0)}


async def test_moves_are_written_with_running_balances(world):
    user_id = await world.add_user(available=10)
    await world.move(4, key(user_id), key(user_id, "reserved"))

    rows = await world.fetch(
        select(Posting.kind, Posting.account_seq, Posting.amount, Posting.balance_after)
        .where(Posting.user_id == user_id)
        .order_by(Posting.kind, Posting.account_seq)
    )

    assert [tuple(row) for row in rows] == [
        ("available", 1, 10, 10),
        ("available", 2, -4, 6),
        ("reserved", 1, 4, 4),
    ]
    assert await world.balances(user_id) == {"available": 6, "reserved": 4}


async def test_balance_updated_carries_every_bucket(world):
    user_id = await world.add_user(available=10)
    await world.move(4, key(user_id), key(user_id, "bond"))

    rows = await world.fetch(
        select(Outbox.room, Outbox.body).where(Outbox.name == "balance_updated").order_by(Outbox.id)
    )

    assert [row.room for row in rows] == [f"user:{user_id}"] * 2
    assert orjson.loads(rows[1].body) == {
        "asset": "USDT",
        "available": "0.000006",
        "reserved": "0.000000",
        "escrow": "0.000000",
        "held": "0.000000",
        "withdrawal": "0.000000",
        "bond": "0.000004",
        "locked": "0.000004",
        "version": 3,
    }


async def test_refused_move_writes_nothing(world):
    user_id = await world.add_user(available=10)

    with pytest.raises(InsufficientFunds):
        await world.move_all(
            [key(user_id)],
            [(4, key(user_id), key(user_id, "bond")), (7, key(user_id), "fees")],
        )

    assert await world.balances(user_id) == {"available": 10}


async def test_account_changed_under_the_sheet_is_not_overwritten(world):
    user_id = await world.add_user(available=10)

    async def work(unit):
        sheet = await lock_sheet(unit, [key(user_id)])
        await unit.execute(
            update(Account)
            .where(Account.user_id == user_id, Account.kind == "available")
            .where(Account.asset == "USDT")
            .values(seq=7)
        )
        sheet.move(
            asset="USDT",
            amount=1,
            debit=key(user_id),
            credit="fees",
            reason="test",
            subject_id=None,
        )
        await write_sheet(unit, sheet)

    with pytest.raises(AssertionError, match="although it was locked"):
        await world.database.transact(work, name="test")

    assert await world.balances(user_id) == {"available": 10}


async def test_unknown_account_cannot_be_locked(world):
    async def work(unit):
        await lock_sheet(unit, [key(unit.ids.new_id())])

    with pytest.raises(AssertionError, match="do not exist"):
        await world.database.transact(work, name="test")


async def test_one_balance_is_never_spent_twice(world):
    """32 tasks each want 3 of 50: sixteen get it, the others are refused."""
    user_id = await world.add_user(available=50)

    async def spend():
        try:
            await world.move(3, key(user_id), "fees")
        except InsufficientFunds:
            return False
        return True

    outcomes = await asyncio.gather(*(spend() for _ in range(32)))

    assert outcomes.count(True) == 16
    assert await world.balances(user_id) == {"available": 2}


async def test_transfers_both_ways_do_not_deadlock(world):
    one, other = await world.add_user(available=100), await world.add_user(available=100)

    await asyncio.gather(
        *(
            world.move_all([key(debit), key(credit)], [(1, key(debit), key(credit))])
            for debit, credit in [(one, other), (other, one)] * 8
        )
    )

    assert await world.balances(one) == {"available": 100}
    assert await world.balances(other) == {"available": 100}


async def test_only_the_named_wallets_are_read_under_lock(world):
    """The plan must be a range of the primary key: a scan would lock uninvolved people."""
    users = sorted([await world.add_user() for _ in range(3)])
    statement = queries.lock_accounts([(user_id, "USDT") for user_id in users[:2]])
    compiled = statement.compile(
        dialect=world.database.engine.dialect, compile_kwargs={"literal_binds": False}
    )
    if world.database.dialect == "sqlite":
        assert "FOR UPDATE" not in str(compiled)
        return
    async with world.database.read() as connection:
        literal = str(compiled) % tuple(
            f"x'{value.hex}'" if hasattr(value, "hex") else f"'{value}'"
            for value in (compiled.params[name] for name in compiled.positiontup)
        )
        plan = (await connection.execute(text(f"EXPLAIN {literal}"))).one()
    assert (plan.type, plan.key, int(plan.rows)) == ("range", "PRIMARY", 12)
    assert literal.endswith("FOR UPDATE")


async def test_release_pays_the_buyer_less_his_fee_and_books_both_fees(world):
    trade = await open_trade(world)

    parts = await end_trade(world, trade, Resolution.RELEASED)

    assert parts == (999_500, 1_000, 0)
    assert await world.balances(trade.buyer_id) == {"available": 999_500}
    assert await world.balances(trade.seller_id) == {"available": 5_000_000 - HOLD}


async def test_refund_goes_to_the_sellers_reserved_account(world):
    trade = await open_trade(world)

    parts = await end_trade(world, trade, Resolution.REFUNDED)

    assert parts == (0, 0, HOLD)
    assert await world.balances(trade.seller_id) == {
        "available": 5_000_000 - HOLD,
        "reserved": HOLD,
    }
    assert await world.balances(trade.buyer_id) == {}


async def test_split_takes_fees_on_the_buyers_part_only(world):
    trade = await open_trade(world)

    parts = await end_trade(world, trade, Resolution.SPLIT, buyer_part=400_000)

    assert parts == (399_800, 400, 600_300)
    assert await world.balances(trade.buyer_id) == {"available": 399_800}
    assert (await world.balances(trade.seller_id))["reserved"] == 600_300


async def test_hold_row_tells_how_it_was_resolved(world):
    trade = await open_trade(world)
    await end_trade(world, trade, Resolution.SPLIT, buyer_part=400_000)

    row = (await world.fetch(select(Hold.__table__).where(Hold.trade_id == trade.id)))[0]

    assert (row.amount, row.resolution) == (HOLD, "split")
    assert (row.paid_out, row.fees, row.given_back) == (399_800, 400, 600_300)
    assert row.resolved_at == world.clock.now()


@pytest.mark.parametrize("second", [Resolution.RELEASED, Resolution.REFUNDED])
async def test_hold_is_resolved_only_once(world, second):
    trade = await open_trade(world)
    await end_trade(world, trade, Resolution.REFUNDED)

    with pytest.raises(AssertionError, match="touched 0 rows"):
        await end_trade(world, trade, second)

    assert await world.balances(trade.buyer_id) == {}


async def test_only_one_of_many_resolutions_at_once_takes_effect(world):
    trade = await open_trade(world)

    outcomes = await asyncio.gather(
        *(
            end_trade(world, trade, resolution)
            for resolution in (Resolution.RELEASED, Resolution.REFUNDED) * 4
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, AssertionError) for outcome in outcomes) == 7


@pytest.mark.parametrize("part", [0, 1_000_000, 1_000_001, None])
async def test_split_that_is_none_is_a_fault(world, part):
    trade = await open_trade(world)

    with pytest.raises(AssertionError):
        await end_trade(world, trade, Resolution.SPLIT, buyer_part=part)


async def test_second_hold_of_a_trade_is_impossible(world):
    trade = await open_trade(world)

    async def work(unit):
        await unit.execute(
            queries.insert_hold(
                trade_id=trade.id, seller_id=trade.seller_id, asset="USDT", amount=1
            )
        )

    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        await world.database.transact(work, name="test")


async def test_lot_is_released_when_its_time_has_come(world):
    trade = await open_trade(world)
    release_at = world.clock.now().replace(hour=12)
    await end_trade(world, trade, Resolution.RELEASED, release_at=release_at)
    assert await world.balances(trade.buyer_id) == {"held": 999_500}
    assert await world.database.transact(release_due_lots, name="test") == 0

    world.pass_time(hours=12)

    assert await world.database.transact(release_due_lots, name="test") == 1
    assert await world.balances(trade.buyer_id) == {"available": 999_500}
    assert await world.database.transact(release_due_lots, name="test") == 0


async def test_lot_is_released_once_by_many_at_once(world):
    trade = await open_trade(world)
    await end_trade(world, trade, Resolution.RELEASED, release_at=world.clock.now())

    counts = await asyncio.gather(
        *(world.database.transact(release_due_lots, name="test") for _ in range(8))
    )

    assert sum(counts) == 1
    assert await world.balances(trade.buyer_id) == {"available": 999_500}


async def test_frozen_lot_stays_held_until_it_is_unfrozen(world):
    trade = await open_trade(world)
    await end_trade(world, trade, Resolution.RELEASED, release_at=world.clock.now())

    async def freeze(unit):
        return await freeze_lot(unit, trade.id)

    async def unfreeze(unit):
        return await unfreeze_lot(unit, trade.id)

    assert await world.database.transact(freeze, name="test")
    assert await world.database.transact(release_due_lots, name="test") == 0
    assert await world.database.transact(unfreeze, name="test")
    assert await world.database.transact(release_due_lots, name="test") == 1


async def test_released_lot_cannot_be_frozen(world):
    trade = await open_trade(world)
    await end_trade(world, trade, Resolution.RELEASED, release_at=world.clock.now())
    await world.database.transact(release_due_lots, name="test")

    async def freeze(unit):
        return await freeze_lot(unit, trade.id)

    assert not await world.database.transact(freeze, name="test")
    rows = await world.fetch(select(Lot.frozen_at).where(Lot.trade_id == trade.id))
    assert rows[0].frozen_at is None
