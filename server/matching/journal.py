"""What was changed, so that a batch can be undone exactly."""

from collections.abc import Callable
from typing import Any


class Journal:
    """A list of inverse calls, undone last in, first out."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: list[tuple[Any, ...]] = []

    def record(self, undo: Callable[..., object], *args: object) -> None:
        """Remember the call that takes back the change just made."""
        self._entries.append((undo, *args))

    def mark(self) -> int:
        """The point to which `undo` may return; invalid after `forget`."""
        return len(self._entries)

    def undo(self, mark: int) -> None:
        """Take back everything recorded since `mark`."""
        entries = self._entries
        while len(entries) > mark:
            entry = entries.pop()
            entry[0](*entry[1:])

    def forget(self) -> None:
        """Drop the record: what was done is committed."""
        self._entries.clear()
