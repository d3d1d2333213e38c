"""`make run` in a fresh copy of the project, as a newcomer types it."""

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing, contextmanager

import aiohttp
import pytest

from tests.services import ROOT, find_free_port

READY = "IQX answers on"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Every tracked file, and nothing that was made from them."""
    folder = tmp_path_factory.mktemp("newcomer") / "iqx"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    for name in filter(None, tracked.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    lend_packages(folder)
    return folder


def lend_packages(folder):
    """What `npm ci` makes of the lock: the checks have it already, and it takes half a minute."""
    for place in ("node_modules", "webapp/node_modules"):
        (folder / place).mkdir(parents=True)
        for entry in (ROOT / place).iterdir() if (ROOT / place).exists() else ():
            if entry.name != ".stamp":
                (folder / place / entry.name).symlink_to(entry)
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    (folder / "node_modules" / ".stamp").write_text(lock + "\n")


@contextmanager
def make_run(folder, port):
    """`make run` until it serves: what it wrote until then. It is ended by Ctrl-C."""
    kept = ("PATH", "HOME", "LANG", "UV_CACHE_DIR", "PIP_INDEX_URL", "UV_INDEX_URL")
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        cwd=folder,
        env={name: os.environ[name] for name in kept if name in os.environ} | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if READY in line:
                break
        else:
            raise AssertionError("make run ended:\n" + "".join(said))
        yield "".join(said)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)


async def fetch(url):
    """Where the address leads to, and the status there."""
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        return str(reply.url), reply.status


def count_rows(folder):
    """How many rows each table holds that the seed fills."""
    with closing(sqlite3.connect(folder / ".run" / "iqx.db")) as database:
        return {
            table: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            for table in ("users", "orders", "trades", "payment_accounts", "markets")
        }


async def test_make_run_prepares_seeds_and_serves_and_the_second_time_repeats_nothing(project):
    port = find_free_port()
    with make_run(project, port) as first:
        for step in ("1/4", "2/4", "3/4", "4/4", "Building the web app", "The web app is built",
                     "Bringing the database", "Seeding", "Starting"):  # fmt: skip
            assert step in first, first
        assert f"open http://localhost:{port}" in first
        url, status = await fetch(f"http://127.0.0.1:{port}/")
        assert (url, status) == (f"http://127.0.0.1:{port}/", 200)
        assert (await fetch(f"http://127.0.0.1:{port}/markets/USDT-VND"))[1] == 200
    seeded = count_rows(project)
    assert min(seeded.values()) > 0, seeded

    port = find_free_port()
    with make_run(project, port) as second:
        assert "nothing to install" in second
        assert "nothing to build" in second
        assert not re.search("[1-4]/4", second), second
        assert "The demo world is complete, there is nothing to do." in second
        assert (await fetch(f"http://127.0.0.1:{port}/api/health"))[1] == 200
    assert count_rows(project) == seeded
