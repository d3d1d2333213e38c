"""No fault point is forgotten."""

import ast

from tests.kills import points
from tests.services import ROOT


def list_points():
    """The names that the code gives to `fault.point`."""
    found = set()
    for folder in ("server", "sockets"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "fault.point":
                    found.add(node.args[0].value)
    return found


def test_every_fault_point_is_killed():
    killed = {*points.PLACE, *points.ACTION, *points.LEDGER, *points.RELAY, *points.START}
    killed |= {*points.NOTIFYING}
    killed |= {*points.EVIDENCE, *points.ACCEPT, *points.CLAIM}
    killed |= {*points.RULING, *points.OBJECTION, *points.CARRYING_OUT}
    killed |= {*points.CHAIN, *points.APPROVAL, *points.CHAT, *points.READ, *points.FILE}
    killed |= {*points.RETURN, *points.ends_of("mark_paid")}

    assert {point.partition("@")[0] for point in killed} == list_points()
