"""Platform accounts: the roll-up and the tail are the sum of the postings."""

from sqlalchemy import select

from models.ledger import PlatformRollup
from server.ledger.rollup import read_platform_balance, roll_up_platform_accounts
from server.ledger.sheet import AccountKey


async def read_balance(world, account, asset="USDT"):
    async with world.database.read() as connection:
        return await read_platform_balance(connection, account, asset)


async def pay_fee(world, user_id, amount, asset="USDT"):
    await world.move(amount, AccountKey(user_id, asset, "available"), "fees")


async def test_rollup_counts_what_is_older_than_any_transaction(world):
    user_id = await world.add_user(available=100)
    await pay_fee(world, user_id, 7)
    world.pass_time(seconds=120)
    await pay_fee(world, user_id, 5)

    counted = await roll_up_platform_accounts(world.database)

    rows = await world.fetch(
        select(PlatformRollup.account, PlatformRollup.balance).order_by(PlatformRollup.account)
    )
    assert counted == 2
    assert [tuple(row) for row in rows] == [("fees", 7), ("suspense", -100)]
    assert await read_balance(world, "fees") == 12


async def test_rollup_goes_on_where_it_ended(world):
    user_id = await world.add_user(available=100)
    for _ in range(3):
        await pay_fee(world, user_id, 2)
        world.pass_time(seconds=120)
        await roll_up_platform_accounts(world.database)

    assert await roll_up_platform_accounts(world.database) == 0
    assert await read_balance(world, "fees") == 6


async def test_assets_are_rolled_up_apart(world):
    user_id = await world.add_user(available=100)
    await world.move(50, "suspense", AccountKey(user_id, "USDT_TEST", "available"))
    await pay_fee(world, user_id, 3)
    await pay_fee(world, user_id, 4, asset="USDT_TEST")
    world.pass_time(seconds=120)

    await roll_up_platform_accounts(world.database)

    assert await read_balance(world, "fees") == 3
    assert await read_balance(world, "fees", "USDT_TEST") == 4
    assert await read_balance(world, "suspense", "USDT_TEST") == -50


async def test_unused_platform_account_is_empty(world):
    assert await read_balance(world, "referrals") == 0
