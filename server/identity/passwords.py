"""Passwords: bcrypt over base64(sha256(password)), one at a time, off the event loop.

One busy hashing thread halves the order throughput of a small machine, so the wiring hands in one
thread and never a second; who finds too long a queue before it is told to come back.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import bcrypt

from server.identity.refusals import SignInsLimited

WAITING_MAX = 64
"""Hashings that may wait for the thread; 64 at 0.25 s are 16 s."""

T = TypeVar("T")
RunApart = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs a function outside the event loop and gives its result."""


class PasswordHasher(Protocol):
    """Makes and checks password hashes without holding up the loop."""

    async def hash_password(self, password: str) -> str:
        """The hash to store."""
        ...

    async def verify_password(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash; without one it takes as long and says no."""
        ...

    async def warm_up(self) -> None:
        """Prepare what the first check of an unknown account would otherwise wait for."""
        ...


def _prepare(password: str) -> bytes:
    # bcrypt reads 72 bytes at most; the digest lets every character of a long password count.
    return base64.b64encode(hashlib.sha256(password.encode()).digest())


class BcryptHasher:
    """The hasher of the service."""

    def __init__(self, rounds: int, run_apart: RunApart, *, waiting_max: int = WAITING_MAX) -> None:
        self._rounds = rounds
        self._run_apart = run_apart
        self._waiting_max = waiting_max
        self._waiting = 0
        self._nobody: bytes | None = None

    async def hash_password(self, password: str) -> str:
        """The bcrypt hash of a password. Refuses `SignInsLimited` when the queue is full."""
        prepared = _prepare(password)
        hashed = await self._run(lambda: bcrypt.hashpw(prepared, bcrypt.gensalt(self._rounds)))
        return hashed.decode()

    async def verify_password(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right; for an unknown account the same work, and no."""
        prepared = _prepare(password)

        def verify() -> bool:
            stored = password_hash.encode() if password_hash else self._hash_of_nobody()
            return bcrypt.checkpw(prepared, stored) and password_hash is not None

        return await self._run(verify)

    async def warm_up(self) -> None:
        """Make the hash that unknown accounts are checked against, before anybody measures."""
        await self._run(self._hash_of_nobody)

    def _hash_of_nobody(self) -> bytes:
        if self._nobody is None:
            self._nobody = bcrypt.hashpw(b"nobody", bcrypt.gensalt(self._rounds))
        return self._nobody

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._waiting_max:
            raise SignInsLimited(retry_after_s=5)
        self._waiting += 1
        try:
            result: T = await self._run_apart(work)
            return result
        finally:
            self._waiting -= 1
