"""Identifiers: UUID version 7 (RFC 9562) from an injected clock and random source."""

import hashlib
import os
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.core.clock import Clock, from_micros, to_micros


class Random(Protocol):
    """Where unpredictable bytes come from."""

    def token(self, length: int) -> bytes:
        """`length` random bytes, fit for secrets."""
        ...


class SystemRandom:
    """The operating system's random source."""

    def token(self, length: int) -> bytes:
        """`length` random bytes, fit for secrets."""
        return os.urandom(length)


class SeededRandom:
    """Bytes that follow from a seed: the same ones each time. Never for secrets."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def token(self, length: int) -> bytes:
        """The next `length` bytes of the sequence."""
        self._drawn += 1
        return hashlib.shake_256(b"%b:%d" % (self._seed, self._drawn)).digest(length)


class Ids:
    """Makes identifiers that sort by the time of their making.

    Within one millisecond a 12-bit counter keeps the order (RFC 9562, method 1); when the counter
    is used up the millisecond is borrowed from the future.
    """

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._last_ms = 0
        self._counter = 0

    def new_id(self) -> UUID:
        """A fresh identifier, greater than every one this maker gave before."""
        return UUID(bytes=self.new_bytes())

    def new_bytes(self) -> bytes:
        """A fresh identifier as its 16 bytes."""
        now_ms = to_micros(self._clock.now()) // 1000
        if now_ms > self._last_ms:
            self._last_ms, self._counter = now_ms, 0
        else:
            self._counter += 1
            if self._counter > 0xFFF:
                self._last_ms, self._counter = self._last_ms + 1, 0
        tail = int.from_bytes(self._random.token(8), "big") & 0x3FFFFFFFFFFFFFFF
        value = (self._last_ms << 80) | (0x7 << 76) | (self._counter << 64) | (0b10 << 62) | tail
        return value.to_bytes(16, "big")


def first_id_at(instant: datetime) -> UUID:
    """The smallest identifier that can have been made at `instant` (to the millisecond)."""
    return UUID(int=(to_micros(instant) // 1000) << 80)


def instant_of_id(identifier: UUID) -> datetime:
    """When an identifier was made, to the millisecond."""
    return from_micros((identifier.int >> 80) * 1000)
