"""Programs of ours that start quickly: forked from a process that has only imported the code.

`python -m tests.nursery` reads one JSON line for each program to start: its arguments and its
environment, and the files that it reads from and writes to. It answers with the process number,
and writes the exit code beside the log when the program has ended. It has no loop, thread, pool or
connection of its own, so a child is as fresh as a new process.

A child that gets SIGUSR1 arms the kill points in the file beside its log and removes the file.
"""

import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def open_files(order):
    """Standard input, output and error as the order says."""
    reads = os.open(order["typed"], os.O_RDONLY)
    os.dup2(reads, 0)
    for number, name in ((1, order["log"]), (2, order["errors"])):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.stdin = os.fdopen(0, closefd=False)


def run_program(order):
    """What a forked child does: become `iqx` with the arguments; its exit code."""
    die_with_parent()
    open_files(order)
    for name in [name for name in os.environ if name.startswith("IQX_")]:
        del os.environ[name]
    os.environ.update(order["environment"])
    from server.cli import main
    from server.core import fault

    def arm(*_):
        asked = Path(order["log"] + ".arm")
        fault.disarm()
        fault.arm_from(asked.read_text())
        asked.unlink()

    signal.signal(signal.SIGUSR1, arm)
    try:
        main(order["arguments"], prog_name="iqx")
    except SystemExit as end:
        return end.code or 0
    return 0


def keep_program(order):
    """Start the program in a child, tell its number, and write down how it ended."""
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = run_program(order)
        finally:
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(pid, flush=True)
    _, status = os.waitpid(pid, 0)
    written = Path(order["log"] + ".code.new")
    written.write_text(str(os.waitstatus_to_exitcode(status)))
    written.rename(order["log"] + ".code")


def serve():
    """Fork a keeper for each line; end when nobody writes any more."""
    import server.cli  # the imports are what takes time

    assert server.cli
    # Ended keepers vanish at once, as children of an init process do.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            try:
                keep_program(json.loads(line))
            finally:
                os._exit(0)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    serve()
