"""`make bench`: every figure of docs/performance.md, measured anew.

Starts a MariaDB of its own with the default flush at each commit and SQLite files beside it, runs
all sides in turns, checks everything that was acknowledged, prints a table and writes
`bench/results/latest.json`. `--quick` is the same in small and says nothing about speed; `--record`
measures the million too, keeps the figures in docs/performance.json and draws the table of
docs/performance.md from them.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import book, chat, fanout, http, lane, pages
from bench.bars import BARS, record, write_value
from bench.market import RAISED_LIMITS
from bench.stage import open_stages
from server.log import configure_logs

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results" / "latest.json"
QUICK_FANOUT = dict.fromkeys(fanout.KINDS, 1_000)


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
        console.print("The chat ...")
        figures |= chat.measure(stages[0], chat.QUICK if quick else chat.ChatSize())
        console.print("A rebuild ...")
        counts = [1_000] if quick else [100_000, *([1_000_000] if million else [])]
        figures |= book.measure_rebuild(stages[0], tuple(counts))
        console.print("Pages with few and with many trades behind them ...")
        figures |= pages.measure(stages[0], quick=quick)
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
        table.add_row(key, write_value(value))
    console.print(table)
    bars = Table(title="Bars", show_edge=False)
    for name in ("bar", "measured", "bound", ""):
        bars.add_column(name, justify="left" if name in ("bar", "") else "right")
    for bar in BARS:
        if bar.key not in figures:
            continue
        side = "at most" if bar.at_most else "at least"
        bars.add_row(
            bar.sentence, write_value(bar.value(figures)), f"{side} {bar.bound:g}",
            "met" if bar.is_met(figures) else "missed",
        )  # fmt: skip
    console.print(bars)


def main() -> int:
    """Run, print, write; a difference in any check ends it with an error."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--quick", action="store_true", help="everything once and small")
    parser.add_argument("--million", action="store_true", help="also rebuild a million orders")
    parser.add_argument("--record", action="store_true", help="keep the figures in docs/")
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    if chosen.quick and chosen.record:
        parser.error("the quick form says nothing about speed and is not recorded")
    configure_logs("warning", "console")
    console = Console()
    console.print("Only these limits are raised:")
    for name, value in RAISED_LIMITS.items():
        console.print(f"  {name}={value}", highlight=False)
    figures = run(quick=chosen.quick, million=chosen.million or chosen.record, console=console)
    print_figures(figures, console)
    machine = describe_machine()
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()))
    chosen.results.parent.mkdir(parents=True, exist_ok=True)
    chosen.results.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    if chosen.record:
        record(figures, machine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
