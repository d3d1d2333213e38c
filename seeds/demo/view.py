"""The live picture in the terminal, or plain lines where there is none."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from seeds.demo.tally import Tally

FRAME_S = 0.5
LINE_S = 5.0
PANEL_COLUMNS = 33
PANEL_LINES = 11 + 2
COLUMNS = 3 * PANEL_COLUMNS + 2
PICTURE_COLUMNS = COLUMNS + 2
SHOWN_MAX = 11
REFUSED_MAX = 2
STATUSES = (
    "awaiting_payment",
    "grace",
    "paid",
    "disputed",
    "completed",
    "cancelled",
    "expired",
    "refunded",
)
COLOURS = {
    "awaiting_payment": "cyan",
    "grace": "yellow",
    "paid": "blue",
    "disputed": "magenta",
    "completed": "green",
    "cancelled": "white",
    "expired": "red",
    "refunded": "white",
}
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")

ReadPart = Callable[[], float]
"""How much of the demo is over, from 0 to 1."""


def draw(tally: Tally, part: float) -> RenderableType:
    """The whole picture."""
    head = Table.grid(padding=(0, 1))
    head.add_row(Text("IQX live demo", style="bold green"), Text(tally.note, style="dim"))
    bar = Table.grid()
    bar.add_row(ProgressBar(total=1, completed=part, width=COLUMNS))
    figures = Table.grid(padding=(0, 1))
    figures.add_row(
        Panel(_draw_market(tally), title="market", width=PANEL_COLUMNS, height=PANEL_LINES),
        Panel(_draw_trades(tally), title="trades", width=PANEL_COLUMNS, height=PANEL_LINES),
        Panel(_draw_acts(tally), title="done in trades", width=PANEL_COLUMNS, height=PANEL_LINES),
    )
    return Group(
        head,
        bar,
        figures,
        Panel(_draw_promises(tally), title="promises", width=COLUMNS),
    )


def _two_columns() -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", ratio=1)
    return table


def _draw_market(tally: Tally) -> Table:
    table = _two_columns()
    table.add_row("people", str(tally.people))
    table.add_row("open sockets", str(tally.sockets))
    table.add_row("orders accepted", str(tally.orders))
    for currency, amount in sorted(tally.sum_volume().items()):
        table.add_row(f"USDT for {currency}", f"{amount:,.2f}")
    table.add_row("requests", f"{tally.requests:,}")
    table.add_row("events received", f"{tally.events:,}")
    table.add_row("order p50", _write_ms(tally.read_latency_ms(50)))
    table.add_row("order p99", _write_ms(tally.read_latency_ms(99)))
    return table


def _write_ms(latency_ms: int | None) -> str:
    return "-" if latency_ms is None else f"{latency_ms} ms"


def _draw_trades(tally: Tally) -> Table:
    table = _two_columns()
    counts = tally.count_statuses()
    for status in STATUSES:
        shown = Text(status.replace("_", " "), style=COLOURS[status])
        table.add_row(shown, str(counts[status]))
    return table


def _draw_acts(tally: Tally) -> Table:
    table = _two_columns()
    for name, count in tally.acts.most_common(SHOWN_MAX):
        table.add_row(name, str(count))
    return table


def _draw_promises(tally: Tally) -> Table:
    table = _two_columns()
    held = _write_held(held=tally.faults.count == 0)
    table.add_row("each client hears every event once, in order", held)
    table.add_row("connections lost and taken up again", str(tally.returns))
    table.add_row("invariants of the ledger and the trades", tally.invariants)
    table.add_row("the server", tally.health)
    frequent = tally.refused.most_common(REFUSED_MAX)
    refused = ", ".join(f"{code} {count}" for code, count in frequent)
    table.add_row("refused, as the rules say", refused or "-")
    for sentence in tally.faults.sentences[:SHOWN_MAX]:
        table.add_row(Text(sentence, style="bold red", overflow="fold"), "")
    return table


def _write_held(*, held: bool) -> Text:
    return Text("held", style="green") if held else Text("BROKEN", style="bold red")


def write_line(tally: Tally, part: float) -> str:
    """The figures on one line."""
    counts = tally.count_statuses()
    trades = " ".join(f"{status}={counts[status]}" for status in STATUSES if counts[status])
    volume = " ".join(f"{total:.2f}/{code}" for code, total in sorted(tally.sum_volume().items()))
    return (
        f"{part:4.0%} people={tally.people} sockets={tally.sockets} orders={tally.orders}"
        f" events={tally.events} p50={_write_ms(tally.read_latency_ms(50))}"
        f" p99={_write_ms(tally.read_latency_ms(99))} faults={tally.faults.count}"
        f" usdt={volume or 0} trades: {trades or 0}"
    )


async def show(tally: Tally, console: Console, read_part: ReadPart) -> None:
    """Show the figures until cancelled: twice a second, or as lines where there is no terminal."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(LINE_S)
            console.print(write_line(tally, read_part()), soft_wrap=True, highlight=False)
    with Live(console=console, auto_refresh=False, transient=False) as live:
        with suppress(asyncio.CancelledError):
            while True:
                live.update(draw(tally, read_part()), refresh=True)
                await asyncio.sleep(FRAME_S)
        live.update(draw(tally, read_part()), refresh=True)


def write_picture(tally: Tally, part: float, path: Path) -> None:
    """Write what the terminal shows now as an SVG that loads nothing from elsewhere."""
    console = Console(
        record=True,
        width=PICTURE_COLUMNS,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    console.print(draw(tally, part))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(remove_fonts(console.export_svg(title="iqx demo")), encoding="utf-8")


def remove_fonts(svg: str) -> str:
    """Without the rules that would fetch a font: the reader's own monospace is used."""
    return _FONT_FACE.sub("", svg)
