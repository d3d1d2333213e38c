"""Identifiers: UUID version 7 (RFC 9562) from an injected clock and random source."""

import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID, SafeUUID

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


_POOL_BYTES = 240
_TAIL_BYTES = 8
_TAIL_MASK = 0x3FFFFFFFFFFFFFFF
_COUNTER_MAX = 0xFFF
_new_uuid = UUID.__new__
_set_int = UUID.__dict__["int"].__set__
_set_is_safe = UUID.__dict__["is_safe"].__set__
_UNKNOWN = SafeUUID.unknown


def make_uuid(value: int) -> UUID:
    """The UUID of an integer that is known to fit; several times as fast as its constructor."""
    made = _new_uuid(UUID)
    _set_int(made, value)
    _set_is_safe(made, _UNKNOWN)
    return made


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
        self._pool = b""
        self._used = 0

    def new_id(self) -> UUID:
        """A fresh identifier, greater than every one this maker gave before."""
        return make_uuid(self._make(self._read_ms()))

    def new_bytes(self) -> bytes:
        """A fresh identifier as its 16 bytes."""
        return self._make(self._read_ms()).to_bytes(16, "big")

    def open_series(self) -> Callable[[], UUID]:
        """What gives the identifiers of one batch: it reads the clock once, now."""
        now_ms = self._read_ms()
        make = self._make
        return lambda: make_uuid(make(now_ms))

    def _read_ms(self) -> int:
        return to_micros(self._clock.now()) // 1000

    def _make(self, now_ms: int) -> int:
        if now_ms > self._last_ms:
            self._last_ms, self._counter = now_ms, 0
        else:
            self._counter += 1
            if self._counter > _COUNTER_MAX:
                self._last_ms, self._counter = self._last_ms + 1, 0
        if self._used >= len(self._pool):
            # One question to the operating system for many identifiers.
            self._pool, self._used = self._random.token(_POOL_BYTES), 0
        self._used = end = self._used + _TAIL_BYTES
        tail = int.from_bytes(self._pool[end - _TAIL_BYTES : end], "big") & _TAIL_MASK
        return (self._last_ms << 80) | (0x7 << 76) | (self._counter << 64) | (0b10 << 62) | tail


def first_id_at(instant: datetime) -> UUID:
    """The smallest identifier that can have been made at `instant` (to the millisecond)."""
    return UUID(int=(to_micros(instant) // 1000) << 80)


def instant_of_id(identifier: UUID) -> datetime:
    """When an identifier was made, to the millisecond."""
    return from_micros((identifier.int >> 80) * 1000)
