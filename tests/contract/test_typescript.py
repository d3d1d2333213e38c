"""The TypeScript package: generated from the committed document, typed, tested, and used."""

import asyncio
import os
import re
import subprocess

from tests.programs import run_iqx
from tests.server_process import run_server
from tests.services import ROOT

PACKAGE = ROOT / "contract" / "ts"
BIN = ROOT / "node_modules" / ".bin"
RUN_MAX_S = 240
DOCUMENT = ROOT / "docs" / "integrators" / "typescript.md"
FIRST_TRADE = PACKAGE / "live" / "first-trade.test.ts"


def run_tool(name, *given, folder=PACKAGE):
    command = [BIN / name, *given]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=RUN_MAX_S, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


async def run_apart(*command, folder=PACKAGE, **environment):
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), RUN_MAX_S)
    assert process.returncode == 0, said.decode()[-4000:]
    return said.decode()


def test_types_are_generated_from_the_committed_document(tmp_path):
    written = tmp_path / "generated.ts"
    given = ("../openapi.json", "--default-non-nullable=false", "-o", str(written))
    run_tool("openapi-typescript", *given)
    assert written.read_text() == (PACKAGE / "src" / "generated.ts").read_text()


def test_typescript_is_in_house_style():
    """ESLint with types, and Prettier."""
    run_tool("eslint", ".", folder=ROOT)
    run_tool("prettier", "--check", ".", folder=ROOT)


def test_package_is_typed():
    run_tool("tsc", "--noEmit")


def test_package_passes_its_own_tests():
    said = run_tool("vitest", "run", "--reporter=dot")
    assert re.search(r"Tests\s+\d{2,} passed \(\d+\)", strip_colours(said)), said


def strip_colours(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


async def test_first_trade_works_as_it_is_written(sqlite_url):
    seeded = run_iqx(sqlite_url, "seed")
    assert seeded.returncode == 0, seeded.stderr
    async with run_server(sqlite_url) as server:
        said = await run_apart(
            str(BIN / "vitest"), "run", "--config", "vitest.live.config.ts", IQX_URL=server.base
        )
    assert re.search(r"Tests\s+\d+ passed", strip_colours(said)), said


def test_document_shows_the_first_trade_that_runs():
    body = FIRST_TRADE.read_text().split("// begin\n")[1].split("// end\n")[0]
    shown = re.search(r"```ts\n(async function firstTrade.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert shown is not None
    assert shown[1] == body
    assert len(body.splitlines()) <= 12
