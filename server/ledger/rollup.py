"""Keeps the sums of platform accounts, which have no running balance to fight over."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.ids import first_id_at
from server.db import Database, Unit
from server.ledger import queries

TRAIL = timedelta(seconds=60)
"""A roll-up stays this far behind: longer than any transaction may live, because one that is
still open may commit an identifier below those already there."""
CHUNK = 20_000
CHUNKS_MAX = 50
ACCOUNTS_MAX = 1_000
NOTHING = UUID(int=0)


async def roll_up_platform_accounts(database: Database) -> int:
    """Bring every roll-up to `TRAIL` before now. Returns how many postings were counted.

    Each chunk is a unit of its own; what is left over when the bounds are reached follows at the
    next run. One process runs it at a time; a second one would fail at the guard.
    """
    counted = 0
    for account in await _list_accounts(database):
        for asset in queries.ASSETS:
            for _ in range(CHUNKS_MAX):
                count = await _roll_up_chunk(database, account, asset)
                counted += count
                if count < CHUNK:
                    break
    return counted


async def _roll_up_chunk(database: Database, account: str, asset: str) -> int:
    async def work(unit: Unit) -> int:
        through = first_id_at(unit.now - TRAIL)
        known = (await unit.execute(queries.find_rollup(account, asset))).first()
        after = NOTHING if known is None else known.through_transfer_id
        chunk = (
            await unit.execute(
                queries.sum_platform_postings(
                    account, asset, after=after, through=through, limit=CHUNK
                )
            )
        ).one()
        if not chunk.number:
            return 0
        amount, last = int(chunk.amount), chunk.last
        if known is None:
            await unit.execute(queries.insert_rollup(account, asset, balance=amount, through=last))
        else:
            await unit.execute_guarded(
                queries.update_rollup(
                    account,
                    asset,
                    was_through=after,
                    balance=known.balance + amount,
                    through=last,
                )
            )
        return int(chunk.number)

    return await database.transact(work, name="roll_up_platform_accounts")


async def _list_accounts(database: Database) -> list[str]:
    accounts: list[str] = []
    name: str | None = ""
    async with database.read() as connection:
        for _ in range(ACCOUNTS_MAX):
            assert name is not None
            found = await connection.execute(queries.find_next_platform_account(name))
            name = found.scalar_one()
            if name is None:
                return accounts
            accounts.append(name)
    raise AssertionError(f"more than {ACCOUNTS_MAX} platform accounts")


async def read_platform_balance(connection: AsyncConnection, account: str, asset: str) -> int:
    """Micro-units on a platform account now: its roll-up and what was booked since."""
    known = (await connection.execute(queries.find_rollup(account, asset))).first()
    after = NOTHING if known is None else known.through_transfer_id
    tail = (
        await connection.execute(
            queries.sum_platform_postings(
                account, asset, after=after, through=UUID(int=2**128 - 1), limit=10**9
            )
        )
    ).one()
    return int(tail.amount) + (0 if known is None else int(known.balance))
