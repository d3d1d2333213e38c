"""Draws the lifecycle as a page of documentation: a table and a diagram.

`python -m server.trades.drawing > docs/lifecycle.md` writes the page; a test compares the two.
"""

import sys

from models.trades import TradeStatus
from server.trades.facts import Actor
from server.trades.lifecycle import OUTAGE_CREDITED, ROWS
from server.trades.row import FINAL, Row

HEAD = """# The lifecycle of a trade

This page is drawn from the table in `server/trades/lifecycle.py`; change the table, not the page
(`python -m server.trades.drawing > docs/lifecycle.md`).

A row applies to a locked trade and writes everything together: the trade, its history, the
ledger, the records of both people and the events. Rows marked "note" only leave a note beside
the trade; its status and version stay. Before anything else, an action applies the clock's rows
that are due.
"""
SENTENCES = {
    TradeStatus.AWAITING_PAYMENT: "the USDT is locked; the buyer pays",
    TradeStatus.GRACE: "the window is over; the buyer may still say that he paid, with proof",
    TradeStatus.PAID: "the buyer says that he paid; the seller checks and releases",
    TradeStatus.DISPUTED: "a case is open; no clock decides",
    TradeStatus.COMPLETED: "the USDT went to the buyer, or was split",
    TradeStatus.CANCELLED: "ended by the people, unpaid",
    TradeStatus.EXPIRED: "ended by the clock, unpaid",
    TradeStatus.REFUNDED: "a case ended for the seller",
}


COLUMNS = (
    *("from", "event", "who", "condition", "to", "clock"),
    *("escrow", "fault", "once", "confirms", "told as"),
)


def draw_lifecycle() -> str:
    """The whole page, as docs/lifecycle.md holds it."""
    rows = (*ROWS, OUTAGE_CREDITED)
    parts = [HEAD, "## Statuses\n", "| status | meaning | ends the trade |\n|---|---|---|"]
    parts += [
        f"| `{status}` | {sentence} | {'yes' if status in FINAL else 'no'} |"
        for status, sentence in SENTENCES.items()
    ]
    parts += [
        "\n## Diagram\n",
        "```mermaid",
        "stateDiagram-v2",
        *_draw_arrows(rows),
        "```",
        "\n## Table\n",
        f"| {' | '.join(COLUMNS)} |",
        "|" + "---|" * len(COLUMNS),
    ]
    parts += [_draw_row(row) for row in rows]
    return "\n".join(parts) + "\n"


def _draw_arrows(rows: tuple[Row, ...]) -> list[str]:
    arrows: list[str] = []
    for row in filter(lambda row: row.versioned, rows):
        arrows += [
            f"    {status or '[*]'} --> {row.to or status}: {row.event}"
            for status in row.statuses or (None,)
        ]
    return arrows + [f"    {status} --> [*]" for status in TradeStatus if status in FINAL]


def _draw_row(row: Row) -> str:
    to = f"`{row.to}`" if row.to else "same" if row.versioned else "same, note"
    cells = (
        ", ".join(f"`{status}`" for status in row.statuses) or "-",
        f"`{row.event}`" + (f" by `{row.action}`" if row.action else ""),
        ", ".join(row.actors),
        _say(row.guard.__doc__),
        to,
        _say(row.clock.__doc__),
        row.escrow,
        row.fault,
        f"`{row.flag}`" if row.flag else "-",
        ", ".join(actor for actor in Actor if actor in row.step_up) or "-",
        f"`{row.published}`",
    )
    return "| " + " | ".join(cells) + " |"


def _say(docstring: str | None) -> str:
    assert docstring, "guards and clocks say what they are"
    return docstring.splitlines()[0].rstrip(".")


if __name__ == "__main__":
    sys.stdout.write(draw_lifecycle())
