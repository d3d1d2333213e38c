"""The demo's picture and its verdict."""

import io
import random
from decimal import Decimal

from rich.console import Console
from structlog.processors import JSONRenderer

from seeds.demo.own_server import OwnServer
from seeds.demo.run import Demo, Options
from seeds.demo.tally import Tally
from seeds.demo.view import remove_fonts, write_line, write_picture
from server.cli import DEMO_WORKSHOP

OPTIONS = Options(users=3, minutes=1, speed=60, url="", picture=None, tag="")
TRADE = {"id": "t1", "market": "USDT-VND", "status": "completed", "amount": "12.500000"}


def test_split_counts_with_the_part_that_changed_hands():
    tally = Tally()
    tally.take_trade(TRADE)
    tally.take_trade({**TRADE, "id": "t2", "split_offer": {"buyer_amount": "2.5"}})
    assert tally.sum_volume() == {"VND": Decimal("15.0")}


def test_line_tells_the_figures():
    tally = Tally()
    tally.take_trade(TRADE)
    tally.latencies_s.extend([0.010] * 99 + [0.5])
    line = write_line(tally, 0.5)
    assert "50%" in line
    assert "p50=10 ms p99=500 ms" in line
    assert "completed=1" in line


def test_picture_loads_nothing_from_elsewhere(tmp_path):
    tally = Tally()
    tally.take_trade(TRADE)
    path = tmp_path / "images" / "demo.svg"
    write_picture(tally, 0.5, path)
    svg = path.read_text(encoding="utf-8")
    assert "IQX" in svg
    assert "@font-face" not in svg
    assert "url(http" not in svg.replace('url("http', "url(http")


def test_font_rules_are_removed_whole():
    svg = '<style>@font-face { src: url("https://x/y.woff2"); } .a { fill: red }</style>'
    assert remove_fonts(svg) == "<style>.a { fill: red }</style>"


def sum_up(*faults):
    demo = Demo(OPTIONS, random.Random(1), Console(file=io.StringIO()))
    for fault in faults:
        demo.tally.faults.add(fault)
    return demo.sum_up(), demo.console.file.getvalue()


def test_verdict_is_green_without_faults():
    code, said = sum_up()
    assert code == 0
    assert "Green" in said


def test_one_fault_makes_the_verdict_red():
    code, said = sum_up("ann got number 5 of user:1 again")
    assert code == 1
    assert "ann got number 5 of user:1 again" in said
    assert "Red: 1 faults." in said


def test_errors_of_the_server_are_found_in_its_log(tmp_path):
    server = OwnServer(tmp_path, 0, 60, DEMO_WORKSHOP)
    assert server.list_errors() == []
    write = JSONRenderer()
    lines = [write(None, "", {"event": "x", "level": level}) for level in ("warning", "error")]
    server.log_path.write_text("\n".join(["IQX answers", *lines]))
    assert server.list_errors() == [lines[1]]


def test_latest_orders_tell_whether_the_machine_is_busy():
    tally = Tally()
    assert not tally.is_slow()
    tally.latencies_s.extend([3.0] * 20)
    assert tally.is_slow()
    tally.latencies_s.extend([0.02] * 6)
    assert not tally.is_slow()
