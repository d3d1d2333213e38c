"""The demo as a command, shortened: its own server, real HTTP, real sockets."""

import random
import re
import socket
import sqlite3

from seeds.demo.own_server import OwnServer, run_own_server
from server.cli import DEMO_WORKSHOP
from tests.programs import run_command

LONGEST_S = 120
FREE_PORTS_END = 32_768


def run_demo(*options):
    return run_command({}, "demo", "--users", "12", "--seed", "7", *options, wait_s=LONGEST_S)


def is_answering(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_short_demo_ends_green_and_leaves_nothing_behind(tmp_path):
    picture = tmp_path / "demo.svg"
    done = run_demo("--minutes", "0.15", "--speed", "60", "--picture", str(picture))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Green" in done.stdout
    assert "Invariants: all hold" in done.stdout
    assert int(re.findall(r"completed=(\d+)", done.stdout)[-1]) > 0
    svg = picture.read_text(encoding="utf-8")
    assert "@font-face" not in svg
    port = int(re.search(r"127\.0\.0\.1:(\d+)", svg)[1])
    assert port < FREE_PORTS_END
    assert not is_answering(port)


async def test_demo_joins_a_running_server_and_leaves_it_running(tmp_path):
    async with run_own_server(1, DEMO_WORKSHOP, random.Random().randrange) as server:
        done = run_demo("--minutes", "0.1", "--url", server.url)

        assert done.returncode == 0, done.stdout + done.stderr
        assert "Green" in done.stdout
        assert is_answering(int(server.url.rpartition(":")[2]))


def test_demo_of_a_server_that_is_not_there_is_red():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = run_demo("--minutes", "0.1", "--url", f"http://127.0.0.1:{taken.getsockname()[1]}")

    assert done.returncode == 1
    assert "Red" in done.stdout


async def test_broken_ledger_is_found_at_the_end(tmp_path):
    server = OwnServer(tmp_path, 0, 60, DEMO_WORKSHOP)
    await server.prepare()
    assert await server.verify() == []

    with sqlite3.connect(tmp_path / "iqx.db") as database:
        database.execute(
            "INSERT INTO platform_postings (account, transfer_id, asset, amount)"
            " VALUES ('fees', zeroblob(16), 'USDT', 1)"
        )
    breaches = await server.verify()
    assert any("is broken" in breach for breach in breaches)
