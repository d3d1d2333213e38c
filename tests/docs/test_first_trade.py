"""The README's first trade, run as it is written, against the real program on a seeded database."""

import asyncio
import os
import re

from tests.programs import run_iqx
from tests.server_process import run_server
from tests.services import ROOT

README = ROOT / "README.md"
RUN_MAX_S = 240


def read_block():
    """The shell block under "A first trade"."""
    section = README.read_text(encoding="utf-8").split("## A first trade", 1)[1]
    return re.search(r"```sh\n(.*?)```", section, flags=re.DOTALL)[1]


async def run(*command, **environment):
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await asyncio.wait_for(process.communicate(), RUN_MAX_S)
    assert process.returncode == 0, (said, complaint)
    return said.decode()


async def test_first_trade_of_the_readme_works_as_written(sqlite_url):
    seeded = run_iqx(sqlite_url, "seed")
    assert seeded.returncode == 0, seeded.stderr
    async with run_server(sqlite_url) as server:
        said = await run("bash", "-euo", "pipefail", "-c", read_block(), API=server.base)

    assert said.splitlines()[-1] == "completed"


def test_first_trade_is_short():
    assert len(read_block().splitlines()) <= 13
