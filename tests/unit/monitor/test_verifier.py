"""What the verifier does besides looking: watermark, second reading, switches, the command."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from models.ledger import Account
from models.operations import Breach, Switch, VerifierMark
from models.trades import Trade
from server.core.ids import first_id_at
from server.monitor.invariants import CHECKS, check_balances
from server.monitor.reader import open_reader
from server.monitor.verifier import TRAIL, run_verify, verify

pytestmark = pytest.mark.breaks_the_ledger


async def fetch(deals, statement):
    async with deals.database.read() as connection:
        return (await connection.execute(statement)).all()


async def read_mark(deals):
    rows = await fetch(deals, select(VerifierMark.through_id))
    return UUID(bytes=bytes(rows[0].through_id)) if rows else None


async def read_switches(deals):
    return {row.name: row.active for row in await fetch(deals, select(Switch.name, Switch.active))}


async def break_balance(deals, balance=5):
    where = (Account.user_id == deals.buyer) & (Account.kind == "available")
    await deals.corrupt(
        update(Account).where(where, Account.asset == "USDT").values(balance=balance)
    )


async def test_healthy_run_moves_the_watermark_to_a_minute_ago(deals):
    assert await verify(deals.database, full=False) == []

    assert await read_mark(deals) == first_id_at(deals.clock.now() - TRAIL)
    assert await read_switches(deals) == {}


async def test_watermark_never_moves_back(deals):
    await verify(deals.database, full=False)
    before = await read_mark(deals)

    await verify(deals.database, full=True, trail=timedelta(hours=1))

    assert await read_mark(deals) == before


async def test_first_run_looks_at_everything(deals):
    deals.pass_time(seconds=300)
    await break_balance(deals)

    breaches = await verify(deals.database, full=False)

    assert [breach.invariant for breach in breaches] == ["I2"]


async def test_run_over_what_is_new_leaves_the_old_to_the_night(deals):
    deals.pass_time(minutes=5)
    await verify(deals.database, full=False)
    await break_balance(deals)

    assert await verify(deals.database, full=False) == []
    assert [breach.invariant for breach in await verify(deals.database, full=True)] == ["I2"]


async def test_what_came_after_the_watermark_is_checked(deals):
    deals.pass_time(minutes=5)
    await verify(deals.database, full=False)
    await deals.open_trade()
    where = (Account.user_id == deals.seller) & (Account.kind == "escrow")
    await deals.corrupt(update(Account).where(where, Account.asset == "USDT").values(balance=5))

    found = {breach.invariant for breach in await verify(deals.database, full=False)}

    assert found == {"I2", "I29"}


async def test_breach_keeps_the_watermark_where_it_was(deals):
    await verify(deals.database, full=False)
    before = await read_mark(deals)
    deals.pass_time(minutes=1)
    await break_balance(deals)

    await verify(deals.database, full=True)

    assert await read_mark(deals) == before


async def test_breach_of_money_stops_releases_and_withdrawals(deals):
    await break_balance(deals)

    await verify(deals.database, full=True)

    assert await read_switches(deals) == {"releases_stopped": True, "withdrawals_stopped": True}


async def test_switch_that_was_off_is_set_again(deals):
    await break_balance(deals)
    await verify(deals.database, full=True)
    await deals.corrupt(update(Switch).values(active=False))

    await verify(deals.database, full=True)

    assert await read_switches(deals) == {"releases_stopped": True, "withdrawals_stopped": True}


async def test_other_breach_is_noted_and_stops_nothing(deals):
    deals.pass_time(minutes=20)

    await verify(deals.database, full=True)

    rows = await fetch(deals, select(Breach.invariant, Breach.subject))
    assert [tuple(row) for row in rows] == [("I25", f"trade:{deals.open.id}")]
    assert await read_switches(deals) == {}


async def test_same_breach_is_noted_once_until_it_is_settled(deals):
    await break_balance(deals)
    await verify(deals.database, full=True)
    await verify(deals.database, full=True)
    assert len(await fetch(deals, select(Breach.id))) == 1

    await deals.corrupt(update(Breach).values(settled_at=deals.clock.now()))
    await verify(deals.database, full=True)

    assert len(await fetch(deals, select(Breach.id))) == 2


async def test_breach_that_is_gone_at_the_second_reading_stops_nothing(deals):
    await break_balance(deals)
    readings = []

    async def find_then_repair(reader):
        found = await check_balances(reader)
        readings.append(len(found))
        if len(readings) == 1:
            await break_balance(deals, balance=0)
        return found

    assert await verify(deals.database, full=True, checks={"I2": find_then_repair}) == []
    assert readings == [1, 0]
    assert await read_switches(deals) == {}


async def test_reader_sees_one_moment(deals):
    statement = select(func.count()).select_from(Trade)
    async with open_reader(deals.database, since=None, trail=TRAIL) as reader:
        before = (await reader.connection.execute(statement)).scalar_one()
        await deals.open_trade()
        after = (await reader.connection.execute(statement)).scalar_one()

    assert (before, after) == (3, 3)
    assert await fetch(deals, statement) == [(4,)]


async def test_command_names_every_invariant_and_ends_well(deals, capsys):
    assert await run_verify(deals.database) == 0

    printed = capsys.readouterr().out
    assert all(f"{name} " in printed for name in CHECKS)
    assert f"All {len(CHECKS)} invariants hold." in printed


async def test_command_shows_the_breach_and_fails(deals, capsys):
    await break_balance(deals)

    assert await run_verify(deals.database) == 1

    printed = capsys.readouterr().out
    assert "I2   BROKEN" in printed
    assert f"account:{deals.buyer}/USDT/available" in printed
