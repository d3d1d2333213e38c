"""`make bench`: every figure of docs/performance.md, measured anew.

Starts a MariaDB of its own with the default flush at each commit and SQLite files beside it, runs
all sides in turns, checks everything that was acknowledged, prints a table and writes
`bench/results/latest.json`. `--quick` is the same in small and says nothing about speed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import book, fanout, http, lane
from bench.market import RAISED_LIMITS
from bench.stage import open_stages
from server.log import configure_logs

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results" / "latest.json"
QUICK_FANOUT = dict.fromkeys(fanout.KINDS, 1_000)


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


C64 = f"c{http.PEAK}.orders_per_s"
BARS = (
    Bar("lane / raw, MariaDB", "lane.mariadb.orders_per_s", 0.35, "raw.mariadb.orders_per_s"),
    Bar("lane / naive, MariaDB", "lane.mariadb.orders_per_s", 20, "naive.mariadb.orders_per_s"),
    Bar("HTTP / naive HTTP", f"http.lane.mariadb.{C64}", 10, f"http.naive.mariadb.{C64}"),
    Bar("p99 to the answer at half of peak, ms", "http.lane.mariadb.half_peak.p99_ms", 50,
        at_most=True),
    Bar("p99 to the socket at half of peak, ms", "socket.lane.mariadb.half_peak.p99_ms", 80,
        at_most=True),
    Bar("command at 100k / at 1k", "book.command_us.100k", 1.5, "book.command_us.1k",
        at_most=True),
    Bar("30 % unfit at 100k / at 1k", "book.unfit_us.100k", 3, "book.command_us.1k",
        at_most=True),
    Bar("rebuild of 100k, s", "rebuild.100k.s", 2, at_most=True),
    Bar("rebuild of 1m, s", "rebuild.1m.s", 10, at_most=True),
    Bar("CPU an order / empty POST", "cpu.order_us", 3, "cpu.empty_post_us", at_most=True),
    Bar("fan-out / stock, 1,000", "fanout.ours.1000.events_per_s", 8,
        "fanout.stock.1000.events_per_s"),
    Bar("fan-out / stock, 5,000", "fanout.ours.5000.events_per_s", 4,
        "fanout.stock.5000.events_per_s"),
)  # fmt: skip


def run(*, quick: bool, million: bool, console: Console) -> dict[str, float]:
    """Everything; returns flat keys, each a median."""
    figures: dict[str, float] = {}
    lane_size = lane.QUICK if quick else lane.Size()
    http_size = http.QUICK if quick else http.HttpSize()
    console.print("The book ...")
    figures |= book.measure_book(commands=50, rounds=1) if quick else book.measure_book()
    with open_stages(lane_size.users, lane_size.resting, reuses=quick) as stages:
        for stage in stages:
            console.print(f"The lane on {stage.kind}, raw and naive in turns ...")
            figures |= lane.keys_of(stage.kind, lane.measure(stage, lane_size))
        console.print("The service over HTTP, naive and empty in turns ...")
        figures |= http.measure(stages[0], http_size)
        console.print("A rebuild ...")
        counts = [1_000] if quick else [100_000, *([1_000_000] if million else [])]
        figures |= book.measure_rebuild(stages[0], tuple(counts))
    console.print("The fan-out ...")
    if quick:
        return figures | fanout.run((20,), rounds=1, deliveries=QUICK_FANOUT)
    return figures | fanout.run()


def describe_machine() -> dict[str, str]:
    """What it ran on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "machine": platform.machine(),
        "python": platform.python_version(),
        "commit": commit or "unknown",
    }


def print_figures(figures: dict[str, float], console: Console) -> None:
    """The table of all figures, and that of the bars."""
    table = Table(title="Medians", show_edge=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in sorted(figures.items()):
        table.add_row(key, f"{value:,.2f}" if value < 1_000 else f"{value:,.0f}")
    console.print(table)
    bars = Table(title="Bars", show_edge=False)
    for name in ("bar", "measured", "bound", ""):
        bars.add_column(name, justify="left" if name in ("bar", "") else "right")
    for bar in BARS:
        if bar.key not in figures:
            continue
        side = "at most" if bar.at_most else "at least"
        bars.add_row(
            bar.sentence, f"{bar.value(figures):,.2f}", f"{side} {bar.bound:g}",
            "met" if bar.is_met(figures) else "missed",
        )  # fmt: skip
    console.print(bars)


def main() -> int:
    """Run, print, write; a difference in any check ends it with an error."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--quick", action="store_true", help="everything once and small")
    parser.add_argument("--million", action="store_true", help="also rebuild a million orders")
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    configure_logs("warning", "console")
    console = Console()
    console.print("Only these limits are raised:")
    for name, value in RAISED_LIMITS.items():
        console.print(f"  {name}={value}", highlight=False)
    figures = run(quick=chosen.quick, million=chosen.million, console=console)
    print_figures(figures, console)
    machine = describe_machine()
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()))
    chosen.results.parent.mkdir(parents=True, exist_ok=True)
    chosen.results.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
