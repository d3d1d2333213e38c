"""The domain is a function of its clock, its randomness and its input: a run can be repeated."""

from sqlalchemy import select

from models.base import Base
from models.trades import TradeStatus
from server.core.clock import ManualClock
from server.core.ids import SeededRandom
from server.db import Database
from server.db.engine import open_engine
from server.jobs.recheck_standings import recheck_standings
from server.jobs.release_lots import release_lots
from server.jobs.run_clocks import run_clocks
from tests.trade_world import TradeWorld


async def run_story(database, clock):
    """People, and trades that end in every way, with time passing between the steps."""
    world = await TradeWorld(database, clock).build()
    for status in TradeStatus:
        clock.advance(seconds=7)
        await world.open_trade(status)
    novice = await world.add_user("novice", trades_completed=3)
    await world.open_trade(TradeStatus.COMPLETED, buyer_id=novice)
    split = await world.open_trade(TradeStatus.PAID)
    await world.do("propose_split", split, world.buyer)
    offer = (await world.trade(split)).split_offer_id
    await world.do("accept_split", split, world.seller, offer_id=offer)
    for _ in range(3):
        clock.advance(hours=9)
        await run_clocks(world.desk)
        await release_lots(world.desk)
        await recheck_standings(world.desk)


async def read_everything(database):
    """Every row of every table."""
    rows = {}
    async with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            found = (await connection.execute(select(table))).all()
            rows[table.name] = sorted(map(repr, found))
    return rows


async def run_once(url, seed):
    clock = ManualClock()
    database = Database(open_engine(url), clock=clock, random=SeededRandom(seed))
    try:
        await run_story(database, clock)
        return await read_everything(database)
    finally:
        await database.close()


async def test_same_clock_randomness_and_input_write_the_same_rows(
    sqlite_template, tmp_path, mariadb_url
):
    first = await run_once(sqlite_template.copy_to(tmp_path, "first.db"), "one")
    again = await run_once(sqlite_template.copy_to(tmp_path, "again.db"), "one")
    elsewhere = await run_once(mariadb_url, "one")
    other = await run_once(sqlite_template.copy_to(tmp_path, "other.db"), "two")

    written = {name for name, rows in first.items() if rows}
    assert {"trades", "postings", "outbox", "lots", "disputes", "standings"} <= written
    for name in sorted(first):
        assert again[name] == first[name], name
        assert elsewhere[name] == first[name], name
    assert other["trades"] != first["trades"]
