"""`make bench` runs from end to end, in small, and has every figure it promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.bars import PAGES
from bench.load import Generator, Plan, write_request
from bench.servers import ORDERS_PATH, run_empty, start_apart

ROOT = Path(__file__).resolve().parents[2]
PROMISED = (
    *(f"{side}.{kind}.orders_per_s" for side in ("lane", "raw", "naive")
      for kind in ("mariadb", "sqlite")),
    "http.lane.mariadb.c64.orders_per_s", "http.naive.mariadb.c64.orders_per_s",
    "chat.mariadb.messages_per_s", "chat.mariadb.socket.p99_ms",
    "http.lane.mariadb.half_peak.p99_ms", "socket.lane.mariadb.half_peak.p99_ms",
    "book.command_us.1k", "book.command_us.100k", "book.unfit_us.100k",
    *(f"pages.{page}.{size}_ms" for page in PAGES for size in ("small", "large")),
    "cpu.order_us", "cpu.empty_post_us", "socket.memory_kb",
)  # fmt: skip


def test_quick_form_runs_all_sides_and_writes_every_figure(tmp_path):
    results = tmp_path / "latest.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--results", str(results)],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    figures = json.loads(results.read_text())
    assert [key for key in PROMISED if not figures.get(key, 0) > 0] == []
    assert "IQX_OPEN_UNPAID_MAX" in done.stdout


def test_generator_refuses_a_run_with_failed_requests():
    generator = Generator()
    try:
        with start_apart(run_empty) as served:
            good = write_request(ORDERS_PATH, b"{}", "t", "k")
            load = generator.run(Plan(served.port, [good] * 5, clients=2))
            assert load.bodies == [b'{"id": "0"}'] * 5
            assert 0 < load.idle_share <= 1
            with pytest.raises(AssertionError, match="not 2xx"):
                generator.run(
                    Plan(served.port, [write_request("/none", b"{}", "t", "k")], clients=1)
                )
    finally:
        generator.close()
