"""What the measured figures must reach, and how docs/performance.md says whether they do."""

import json
from dataclasses import dataclass
from pathlib import Path

from bench import http

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "docs" / "performance.json"
DOCUMENT = ROOT / "docs" / "performance.md"
FIRST_LINE = "<!-- bars: written by make bench ARGS=--record -->"
LAST_LINE = "<!-- end of bars -->"


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must reach: `key` divided by `base`, at least or at most `bound`."""

    sentence: str
    key: str
    bound: float
    base: str | None = None
    at_most: bool = False

    def value(self, figures: dict[str, float]) -> float:
        """The figure, or its ratio."""
        return figures[self.key] / (figures[self.base] if self.base else 1)

    def is_met(self, figures: dict[str, float]) -> bool:
        """Whether it is reached."""
        value = self.value(figures)
        return value <= self.bound if self.at_most else value >= self.bound


PAGES = {
    "tape": "the tape",
    "tape_middle": "the tape, from its middle",
    "trades": "one's trades",
    "trades_middle": "one's trades, from their middle",
    "history": "one's transactions",
    "history_middle": "one's transactions, from their middle",
    "profile": "a person",
    "cases": "one's cases",
    "cases_middle": "one's cases, from their middle",
    "desk": "the desk's cases",
    "desk_middle": "the desk's cases, from their middle",
    "precedents": "precedents by a word and an outcome",
    "precedents_middle": "precedents by a word and an outcome, from their middle",
}
C64 = f"c{http.PEAK}.orders_per_s"
BARS = (
    Bar("lane / raw, MariaDB", "lane.mariadb.orders_per_s", 0.35, "raw.mariadb.orders_per_s"),
    Bar("lane / naive, MariaDB", "lane.mariadb.orders_per_s", 20, "naive.mariadb.orders_per_s"),
    Bar("HTTP / naive HTTP", f"http.lane.mariadb.{C64}", 10, f"http.naive.mariadb.{C64}"),
    Bar("p99 to the answer at half of peak, ms", "http.lane.mariadb.half_peak.p99_ms", 50,
        at_most=True),
    Bar("p99 to the socket event at half of peak, ms", "socket.lane.mariadb.half_peak.p99_ms", 80,
        at_most=True),
    Bar("command at 100,000 orders / at 1,000", "book.command_us.100k", 1.5,
        "book.command_us.1k", at_most=True),
    Bar("30 % unfit at 100,000 / command at 1,000", "book.unfit_us.100k", 3,
        "book.command_us.1k", at_most=True),
    Bar("rebuild of 100,000 orders, s", "rebuild.100k.s", 2, at_most=True),
    Bar("rebuild of 1,000,000 orders, s", "rebuild.1m.s", 10, at_most=True),
    Bar("CPU an order / empty aiohttp POST", "cpu.order_us", 3, "cpu.empty_post_us",
        at_most=True),
    Bar("fan-out / stock manager, 1,000 sockets", "fanout.ours.1000.events_per_s", 8,
        "fanout.stock.1000.events_per_s"),
    Bar("fan-out / stock manager, 5,000 sockets", "fanout.ours.5000.events_per_s", 4,
        "fanout.stock.5000.events_per_s"),
    Bar("chat over 100 rooms, messages a second", "chat.mariadb.messages_per_s", 150),
    Bar("chat: p99 to both sockets, ms", "chat.mariadb.socket.p99_ms", 250, at_most=True),
    *(
        Bar(f"page of {page}, a million / ten thousand trades", f"pages.{key}.large_ms", 1.5,
            f"pages.{key}.small_ms", at_most=True)
        for key, page in PAGES.items()
    ),
)  # fmt: skip


def write_value(value: float) -> str:
    """Three digits that count, thousands with commas: `0.44`, `15.7`, `2,175`."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def draw_bars(figures: dict[str, float]) -> list[str]:
    """The table of docs/performance.md, line by line, for the figures of one run."""
    lines = ["| bar | measured | asked | |", "| --- | --- | --- | --- |"]
    for bar in BARS:
        measured = write_value(bar.value(figures))
        if bar.base is not None:
            parts = f"{write_value(figures[bar.key])} to {write_value(figures[bar.base])}"
            measured = f"{measured} ({parts})"
        side = "at most" if bar.at_most else "at least"
        state = "met" if bar.is_met(figures) else "missed"
        lines.append(f"| {bar.sentence} | {measured} | {side} {bar.bound:g} | {state} |")
    return lines


def record(figures: dict[str, float], machine: dict[str, str] | None = None) -> None:
    """Keep figures in docs/ and draw the table of the bars from them.

    Those of a whole run come with the machine that it ran on and replace everything; those of a
    part replace only their own.
    """
    if machine is None:
        before = json.loads(RECORD.read_text())
        machine, figures = before["machine"], before["figures"] | figures
    kept = {"machine": machine, "figures": {k: round(v, 3) for k, v in sorted(figures.items())}}
    RECORD.write_text(json.dumps(kept, indent=1) + "\n")
    head, rest = DOCUMENT.read_text().split(FIRST_LINE)
    after = rest.split(LAST_LINE)[1]
    table = "\n".join(draw_bars(kept["figures"]))
    DOCUMENT.write_text(f"{head}{FIRST_LINE}\n{table}\n{LAST_LINE}{after}")
