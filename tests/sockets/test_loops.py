"""A test that fails and leaves a connection open ends all the same."""

import subprocess
import sys

from tests.services import ROOT

LEAVE_OPEN = """
import asyncio
from tests.sockets.loops import ClosingLoop

kept = []

async def leave_open():
    server = await asyncio.start_server(lambda reader, writer: kept.append(writer), "127.0.0.1", 0)
    kept.append(await asyncio.open_connection(*server.sockets[0].getsockname()))

with asyncio.Runner(loop_factory=ClosingLoop) as runner:
    runner.run(leave_open())
"""


def test_loop_with_connections_left_open_closes_and_says_so():
    # Warnings are errors here as they are in every test; a loop that hangs runs out of time.
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", LEAVE_OPEN],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert ended.returncode == 1
    assert "ResourceWarning: unclosed resource" in ended.stderr
