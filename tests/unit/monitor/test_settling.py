"""How an operator closes breaches: only when everything holds again."""

import pytest
from sqlalchemy import insert, select, update

from models.audit import AuditEntry
from models.ledger import Account
from models.operations import Breach, Switch
from server.monitor.settling import StillBroken, settle_breaches
from server.monitor.verifier import STOPPED, count_open_breaches, verify

REASON = "A row was changed by hand; it is what it was."


async def set_balance(deals, balance):
    where = (Account.user_id == deals.buyer) & (Account.kind == "available")
    await deals.corrupt(
        update(Account).where(where, Account.asset == "USDT").values(balance=balance)
    )


async def read_balance(deals):
    async with deals.database.read() as connection:
        where = (Account.user_id == deals.buyer) & (Account.kind == "available")
        asked = select(Account.balance).where(where, Account.asset == "USDT")
        return (await connection.execute(asked)).scalar_one()


async def read_switches(deals):
    async with deals.database.read() as connection:
        rows = (await connection.execute(select(Switch.name, Switch.active))).all()
    return {row.name: row.active for row in rows}


async def test_breach_that_is_corrected_is_settled_and_releases_go_on(deals):
    balance = await read_balance(deals)
    await set_balance(deals, balance + 5)
    await verify(deals.database, full=True)
    assert await read_switches(deals) == dict.fromkeys(STOPPED, True)
    await set_balance(deals, balance)
    deals.pass_time(seconds=1)

    assert await settle_breaches(deals.database, REASON) > 0

    assert await count_open_breaches(deals.database) == 0
    assert await read_switches(deals) == dict.fromkeys(STOPPED, False)
    async with deals.database.read() as connection:
        noted = (await connection.execute(select(AuditEntry.action, AuditEntry.reason))).all()
    assert ("breach_settled", REASON) in [tuple(row) for row in noted]


@pytest.mark.breaks_the_ledger
async def test_breach_that_still_shows_is_not_settled(deals):
    await set_balance(deals, await read_balance(deals) + 5)
    await verify(deals.database, full=True)
    deals.pass_time(seconds=1)

    with pytest.raises(StillBroken, match="is broken"):
        await settle_breaches(deals.database, REASON)

    assert await count_open_breaches(deals.database) > 0
    assert await read_switches(deals) == dict.fromkeys(STOPPED, True)


async def test_breach_that_was_found_meanwhile_stops_the_settling(deals):
    async def note(unit):
        row = {"id": unit.ids.new_id(), "invariant": "I1", "subject": "x", "detail": "y"}
        await unit.execute(insert(Breach).values(**row, found_at=unit.now))

    await deals.database.transact(note, name="test")
    with pytest.raises(StillBroken, match="meanwhile"):
        await settle_breaches(deals.database, REASON)


async def test_nothing_to_settle_is_no_error(deals):
    assert await settle_breaches(deals.database, REASON) == 0
    assert await read_switches(deals) == {}
