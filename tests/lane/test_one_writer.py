"""Orders are written by the lane and by nobody else."""

import re

import pytest

from tests.services import ROOT

CHANGES = re.compile(
    r"(?:insert|update|delete)\(\s*(?:orders\.)?Order\b"
    r"|(?:INSERT(?: IGNORE)? INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+orders\b"
    r"|[\"']orders[\"'],\s*ORDER_COLUMNS"
)
STATEMENTS = ROOT / "server" / "orders" / "lane" / "statements.py"


def test_only_the_lane_has_statements_that_write_orders():
    sources = [path for folder in ("server", "sockets", "seeds")
               for path in (ROOT / folder).rglob("*.py")]  # fmt: skip

    assert [path for path in sources if CHANGES.search(path.read_text())] == [STATEMENTS]


@pytest.mark.parametrize(
    "code",
    [
        "update(Order).where(x)",
        "insert(\n    Order\n)",
        'text("UPDATE orders SET")',
        'f"DELETE FROM orders"',
    ],
)
def test_the_search_for_writers_finds_one(code):
    assert CHANGES.search(code)
