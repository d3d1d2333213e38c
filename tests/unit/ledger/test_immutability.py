"""Transfers and postings are written once; the database keeps balances above zero."""

import re
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from models.ledger import Account, Posting
from server.orders.lane.statements import STATEMENTS

ROOT = Path(__file__).parents[3]
CHANGES = re.compile(
    r"(?:update|delete)\(\s*(?:ledger\.)?(?:Transfer|Posting|PlatformPosting)\b"
    r"|(?:UPDATE|DELETE FROM|REPLACE INTO)\s+(?:transfers|postings|platform_postings)\b"
)


def list_sources():
    folders = ("server", "sockets", "seeds")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_no_code_changes_or_deletes_a_ledger_row():
    sources = list_sources()

    assert len(sources) > 50
    assert [path for path in sources if CHANGES.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "code",
    [
        "update(Posting).where(x)",
        "delete(\n    Transfer\n)",
        'text("DELETE FROM transfers")',
        "UPDATE  postings SET",
    ],
)
def test_the_search_for_changes_finds_one(code):
    assert CHANGES.search(code)


@pytest.mark.parametrize("table", ["transfers", "postings"])
def test_a_batch_of_the_lane_only_adds_ledger_rows(table):
    assert STATEMENTS[table].updates == ()


async def test_database_refuses_an_account_below_zero(world):
    user_id = await world.add_user()

    async def work(unit):
        await unit.execute(update(Account).where(Account.user_id == user_id).values(balance=-1))

    with pytest.raises(DBAPIError, match="balance_not_negative"):
        await world.database.transact(work, name="test")


async def test_database_refuses_two_postings_with_one_number(world):
    user_id = await world.add_user(available=1)

    async def work(unit):
        await unit.execute(
            insert(Posting).values(
                user_id=user_id,
                asset="USDT",
                kind="available",
                account_seq=1,
                transfer_id=unit.ids.new_id(),
                amount=1,
                balance_after=1,
            )
        )

    with pytest.raises(DBAPIError, match=r"(?i)unique|duplicate"):
        await world.database.transact(work, name="test")
