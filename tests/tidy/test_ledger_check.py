"""Every test that uses a database is followed by the question whether the ledger sums to zero."""

import os
import subprocess
import sys

import pytest

from tests.services import ROOT

CONFTEST = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
pytest_plugins = ["tests.plugins.databases"]
"""
SUITE = """
import asyncio, pytest
from sqlalchemy import insert, text
from models.ledger import PlatformPosting
from server.db.engine import open_engine

async def make_money(url):
    engine = open_engine(url)
    async with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            await connection.execute(text("SET foreign_key_checks = 0"))
        else:
            cursor = await (await connection.get_raw_connection()).driver_connection.cursor()
            await cursor.execute("PRAGMA foreign_keys=OFF")
        await connection.execute(insert(PlatformPosting).values(
            account="fees", transfer_id=__import__("uuid").UUID(int=1), asset="USDT", amount=AMOUNT
        ))
        await connection.commit()
    await engine.dispose()

MARK
def test_it(FIXTURE):
    asyncio.run(make_money(FIXTURE))
"""


@pytest.fixture
def run_test(tmp_path):
    """Runs one test that books an amount from nowhere: (exit code, output)."""

    def run(fixture, amount, mark=""):
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        suite = SUITE.replace("AMOUNT", str(amount)).replace("FIXTURE", fixture)
        (tmp_path / "test_it.py").write_text(suite.replace("MARK", mark))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("fixture", ["database_url", "mariadb_url", "sqlite_url"])
def test_money_from_nowhere_fails_the_test_that_made_it(run_test, fixture):
    code, output = run_test(fixture, 7)
    errors = 2 if fixture == "database_url" else 1

    assert code == 1, output
    assert output.count("\nERROR test_it.py") == errors, output
    assert "the ledger does not sum to zero after the test: {'USDT': 7}" in output


def test_test_that_breaks_the_ledger_on_purpose_says_so(run_test):
    code, output = run_test("sqlite_url", 7, "@pytest.mark.breaks_the_ledger")
    assert code == 0, output
