"""`iqx` as its operators run it, forked from a nursery: a start takes no imports."""

import asyncio
import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.services import ROOT

COMMAND_MAX_S = 60


class Program:
    """One process of the nursery."""

    def __init__(self, pid, log):
        self.pid = pid
        self.log = log

    @property
    def alive(self):
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    @property
    def code(self):
        """How it ended, negative by a signal; None while it runs."""
        written = self.log.with_name(self.log.name + ".code")
        return int(written.read_text()) if written.exists() else None

    def tell(self, number):
        os.kill(self.pid, number)

    async def wait(self, wait_s):
        """Its exit code, within `wait_s`."""
        async with asyncio.timeout(wait_s):
            while self.code is None:
                await asyncio.sleep(0.01)
        return self.code


class Nursery:
    """The process from which programs are forked."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="iqx-programs-"))
        self.count = 0
        environment = {k: v for k, v in os.environ.items() if not k.startswith("IQX_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def fork(self, environment, arguments=("run",), *, typed=None, errors=None):
        """Start `iqx` with arguments: it reads `typed`, and writes errors into the log or apart."""
        self.count += 1
        log = self.folder / f"program-{self.count}.log"
        order = {
            "arguments": list(arguments),
            "environment": environment,
            "log": str(log),
            "errors": str(errors or log),
            "typed": os.devnull if typed is None else str(typed),
        }
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        return Program(int(self.process.stdout.readline()), log)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def obtain_nursery():
    """The nursery of this process; it lives until the tests end."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


def run_iqx(database_url, *arguments, typed=None, **settings):
    """Run a command on a database to its end; `settings` are variables of the environment."""
    environment = {"IQX_DATABASE_URL": database_url, "IQX_BCRYPT_ROUNDS": "4", **settings}
    return run_command(environment, *arguments, typed=typed)


def run_command(environment, *arguments, typed=None, wait_s=COMMAND_MAX_S):
    """Run a command to its end; like `subprocess.run`, with output and errors as text."""
    nursery = obtain_nursery()
    errors = nursery.folder / f"errors-{nursery.count}"
    read = None
    if typed is not None:
        read = nursery.folder / f"typed-{nursery.count}"
        read.write_text(typed)
    program = nursery.fork(environment, arguments, typed=read, errors=errors)
    deadline = time.monotonic() + wait_s
    while (code := program.code) is None:
        assert time.monotonic() < deadline, "the command does not end"
        time.sleep(0.005)
    return subprocess.CompletedProcess(arguments, code, program.log.read_text(), errors.read_text())
