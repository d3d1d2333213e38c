"""A payment account that was removed is named by no order any more."""

import asyncio
import contextlib
from uuid import UUID

import pytest

from server.core.refusals import Invalid
from server.orders.accounts import AccountBook
from server.orders.refusals import LaneElsewhere


def sale(person, account_id):
    return {
        "market": "USDT-VND",
        "side": "sell",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": "20",
        "payment_account_ids": [account_id],
        "always_on": True,
    }


async def test_removed_account_is_refused_for_a_new_order(world):
    seller = await world.join("seller", usdt="1000")
    account_id = await seller.add_account()
    order = await seller.must("POST", "/orders", sale(seller, account_id))
    await seller.must("DELETE", f"/orders/{order['id']}")
    await seller.remove_account(account_id)
    await world.wait_for_inbox()

    status, problem = await seller.ask("POST", "/orders", sale(seller, account_id))

    assert (status, list(problem["errors"])) == (422, ["payment_account_ids"])


async def test_removed_account_is_refused_for_an_order_that_waits_for_the_lane(world):
    seller = await world.join("seller", usdt="1000")
    account_id = await seller.add_account()
    async with world.lane.between_batches:
        placing = asyncio.create_task(seller.ask("POST", "/orders", sale(seller, account_id)))
        while not len(world.lane.queue):
            await asyncio.sleep(0.005)
        await seller.remove_account(account_id)
        world.lane.nudge()

    status, problem = await placing

    assert (status, list(problem["errors"])) == (422, ["payment_account_ids"])
    assert await world.read("SELECT id FROM orders") == []


async def test_removed_accounts_are_remembered_only_while_a_call_may_name_them(world):
    seller = await world.join("seller", usdt="1000")
    accounts = [await seller.add_account("vn-one"), await seller.add_account("vn-two")]
    for account_id in accounts:
        order = await seller.must("POST", "/orders", sale(seller, account_id))
        await seller.must("DELETE", f"/orders/{order['id']}")
    book = world.lane.accounts
    with book.call():
        await seller.remove_account(accounts[0])
        await world.wait_for_inbox()
        assert len(book) == 1
        with book.call():
            await seller.remove_account(accounts[1])
            await world.wait_for_inbox()
        assert len(book) == 2
    assert len(book) == 0
    for account_id in accounts:
        status, problem = await seller.ask("POST", "/orders", sale(seller, account_id))
        assert (status, list(problem["errors"])) == (422, ["payment_account_ids"])


class SlowRead:
    """A read of a user's accounts that ends after something else has happened."""

    def __init__(self, database, meanwhile):
        self.database = database
        self.meanwhile = meanwhile

    @contextlib.asynccontextmanager
    async def read(self):
        async with self.database.read() as connection:
            yield SlowConnection(connection, self.meanwhile)


class SlowConnection:
    def __init__(self, connection, meanwhile):
        self.connection = connection
        self.meanwhile = meanwhile

    async def execute(self, statement):
        rows = (await self.connection.execute(statement)).all()
        self.meanwhile()
        return Rows(rows)


class Rows:
    def __init__(self, rows):
        self.rows = rows

    def all(self):
        return self.rows


async def test_account_that_was_read_before_its_removal_is_not_learned_after_it(world):
    seller = await world.join("seller", usdt="1000")
    account_id = UUID(await seller.add_account())
    book, speeds = AccountBook(), {"vn-one": "instant"}
    asked = (UUID(seller.id), [account_id], speeds)

    heard = SlowRead(world.database, lambda: book.hear_removed([account_id]))
    with book.call() as call, pytest.raises(Invalid):
        await book.resolve(heard, call, *asked)
    assert len(book) == 0

    anew = SlowRead(world.database, book.begin_anew)
    with book.call() as call, pytest.raises(LaneElsewhere):
        await book.resolve(anew, call, *asked)

    await seller.remove_account(str(account_id))
    with book.call() as call, pytest.raises(Invalid):
        await book.resolve(world.database, call, *asked)


def test_calls_of_before_are_refused_once_the_lane_has_begun_anew():
    book = AccountBook()
    with book.call() as before:
        book.begin_anew()
        with book.call() as after:
            after.require_current()
            with pytest.raises(LaneElsewhere):
                before.require_current()
