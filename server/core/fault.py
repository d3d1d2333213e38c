"""Named points at which a test may kill the process or make a step fail.

In production nothing is armed and a point costs one comparison. Tests arm a point through
`arm`, or for a real process through the setting that the command line hands to `arm_from`.
A point that many pass also says for whom, and is then known as `name@whom` too.
"""

import os
import signal
from collections.abc import Callable

_armed: dict[str, tuple[int, Callable[[], None]]] = {}
_seen: dict[str, int] = {}


def point(name: str, whom: str = "") -> None:
    """Mark a step that a failure test may interrupt."""
    if _armed:
        _hit(name)
        _hit(f"{name}@{whom}")


def _hit(name: str) -> None:
    entry = _armed.get(name)
    if entry is None:
        return
    _seen[name] = _seen.get(name, 0) + 1
    nth, action = entry
    if _seen[name] == nth:
        action()


def kill_process() -> None:
    """End this process at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(name: str, action: Callable[[], None] = kill_process, *, nth: int = 1) -> None:
    """Run `action` when the point `name` is reached for the `nth` time from now."""
    _armed[name] = (nth, action)
    _seen[name] = 0


def arm_from(text: str) -> None:
    """Arm the kill points listed as `name:nth,name:nth`; an empty text arms none."""
    for item in filter(None, text.split(",")):
        name, _, nth = item.partition(":")
        arm(name, nth=int(nth or "1"))


def disarm() -> None:
    """Forget every armed point."""
    _armed.clear()
    _seen.clear()
