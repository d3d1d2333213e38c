"""What sends mails and text messages, and how it can fail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

RunApart = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs a function outside the event loop and gives its result."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it leaves."""

    id: UUID
    """Stays the same when it is sent again, so that servers can tell."""
    to: str
    """An e-mail address, or a telephone number in E.164."""
    subject: str
    """Empty for text messages."""
    body: str


class UndeliverableError(Exception):
    """The server will never take this message; trying again is of no use."""


class NotSentError(Exception):
    """The server is away or busy: try again later. `reason` holds no address and no text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sender(Protocol):
    """Hands messages to a server that takes them on."""

    async def send(self, letter: Letter) -> None:
        """Return when the server has taken it. Raises `UndeliverableError` or `NotSentError`."""
        ...
