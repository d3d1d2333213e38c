"""Draws the lifecycles of cases, claims and freezes as a page of documentation.

`python -m server.disputes.drawing > docs/lifecycle-cases.md` writes the page; a test compares the
two.
"""

import sys
from typing import Any

from server.disputes.claim_lifecycle import CLAIMS
from server.disputes.freeze_lifecycle import FREEZES
from server.disputes.lifecycle import CASES
from server.disputes.table import Row, Table
from server.trades.facts import Actor

HEAD = """# The lifecycles of cases, claims and freezes

This page is drawn from the tables in `server/disputes`; change the tables, not the page
(`python -m server.disputes.drawing > docs/lifecycle-cases.md`). What a case does to its trade's
escrow stands in the [trade's own table](lifecycle.md).

A row applies to a locked trade and its locked case, claim or freeze, and writes everything
together. Before anything else, an action applies the clock's rows that are due.
"""
COLUMNS = ("from", "event", "who", "condition", "to", "clock", "money", "confirms")
TABLES: tuple[Table[Any], ...] = (CASES, CLAIMS, FREEZES)


def draw_lifecycles() -> str:
    """The whole page, as docs/lifecycle-cases.md holds it."""
    return HEAD + "".join(_draw_table(table) for table in TABLES)


def _draw_table(table: Table[Any]) -> str:
    parts = [f"\n## A {table.subject}\n", "```mermaid", "stateDiagram-v2"]
    for row in table.rows:
        parts += [
            f"    {status or '[*]'} --> {row.to or status}: {row.event}"
            for status in row.statuses or (None,)
        ]
    parts += [f"    {status} --> [*]" for status in table.statuses if status in table.final]
    parts += ["```", "", f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    parts += [_draw_row(row) for row in table.rows]
    return "\n".join(parts) + "\n"


def _draw_row(row: Row[Any]) -> str:
    cells = (
        ", ".join(f"`{status}`" for status in row.statuses) or "-",
        f"`{row.event}`" + (f" by `{row.action}`" if row.action else ""),
        ", ".join(row.actors),
        _say(row.guard.__doc__),
        f"`{row.to}`" if row.to else "same",
        _say(row.clock.__doc__),
        row.money,
        ", ".join(actor for actor in Actor if actor in row.step_up) or "-",
    )
    return "| " + " | ".join(cells) + " |"


def _say(docstring: str | None) -> str:
    assert docstring, "guards and clocks say what they are"
    return docstring.splitlines()[0].rstrip(".")


if __name__ == "__main__":
    sys.stdout.write(draw_lifecycles())
