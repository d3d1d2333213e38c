"""Orders are written by the lane and by nobody else."""

import re

import pytest

from models.orders import OrderStatus
from server.compliance.forget_queries import ENDED
from server.orders.lane.loading import LIVING
from tests.services import ROOT

CHANGES = re.compile(
    r"(?:insert|update|delete)\(\s*(?:orders\.)?Order\b"
    r"|(?:INSERT(?: IGNORE)? INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+orders\b"
    r"|[\"']orders[\"'],\s*ORDER_COLUMNS"
)
STATEMENTS = ROOT / "server" / "orders" / "lane" / "statements.py"
FORGETTING = ROOT / "server" / "compliance" / "forget_queries.py"
"""Empties what owners of closed accounts wrote in orders that have ended."""
FORGETS = re.compile(
    r"update\(Order\)\s*\.where\(Order\.user_id == user_id, Order\.status\.in_\(ENDED\)\)"
    r"\s*\.values\(terms=\"\", auto_reply=\"\"\)"
)


def test_only_the_lane_has_statements_that_write_orders():
    sources = [path for folder in ("server", "sockets", "seeds")
               for path in (ROOT / folder).rglob("*.py")]  # fmt: skip

    writers = {path for path in sources if CHANGES.search(path.read_text())}
    assert writers == {STATEMENTS, FORGETTING}


def test_forgetting_touches_no_order_that_a_lane_holds():
    code = FORGETTING.read_text()
    assert len(CHANGES.findall(code)) == len(FORGETS.findall(code)) == 1
    assert {OrderStatus(status) for status in ENDED} == set(OrderStatus) - {
        OrderStatus(status) for status in LIVING
    }


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
