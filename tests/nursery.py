"""Server processes that start quickly: forked from a process that has only imported the code.

`python -m tests.nursery` reads one JSON line for each server to start: its environment and the file
that takes its output. It answers with the process number. It has no loop, thread, pool or
connection of its own, so a child is as fresh as a new process.

A child that gets SIGUSR1 arms the kill points in the file beside its log and removes the file.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def run_child(order):
    """What a forked child does: become the server."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    for number, file in ((0, null), (1, output), (2, output)):
        os.dup2(file, number)
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
    main(["run"])


def serve():
    """Fork a child for each line; end when nobody writes any more."""
    import server.cli  # the imports are what takes time

    assert server.cli
    # Ended children vanish at once, as those of an init process do.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                run_child(order)
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    serve()
