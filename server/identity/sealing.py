"""Encryption at rest: AES-256-GCM under a key of its own for each value, wrapped by a named key.

A sealed value is `version (1) | length of key id (1) | key id | nonce (12) | wrapped key (48) |
nonce (12) | ciphertext and tag`. Both layers are bound to the caller's context, such as
`payment_account:<id>`, so a value moved to another row does not open.
"""

import hmac
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.core.ids import Random

VERSION = 1
_NONCE = 12
_KEY = 32
_TAG = 16
_WRAPPED = _KEY + _TAG


class SealBroken(Exception):  # noqa: N818 - says what happened, is never an answer to a user
    """The value was changed, moved, or sealed by a key that is not configured."""


class Sealer:
    """Seals and opens values; the first of `keys` seals, all of them open."""

    def __init__(self, keys: Mapping[str, bytes], random: Random) -> None:
        assert keys, "sealing needs a key"
        assert all(len(key) == _KEY for key in keys.values()), "a sealing key has 32 bytes"
        self._keys = dict(keys)
        self._active = next(iter(self._keys))
        self._random = random

    @property
    def active(self) -> str:
        """The name of the key that seals."""
        return self._active

    def make_salt(self, length: int) -> bytes:
        """Random bytes, for digests of what is sealed."""
        return self._random.token(length)

    def seal(self, plain: bytes, context: str) -> bytes:
        """`plain` encrypted, bound to `context`."""
        bound, name = context.encode(), self._active.encode()
        value_key = self._random.token(_KEY)
        outer, inner = self._random.token(_NONCE), self._random.token(_NONCE)
        wrapped = AESGCM(self._keys[self._active]).encrypt(outer, value_key, bound)
        head = bytes((VERSION, len(name))) + name
        return head + outer + wrapped + inner + AESGCM(value_key).encrypt(inner, plain, bound)

    def open_sealed(self, sealed: bytes, context: str) -> bytes:
        """What was sealed under `context`; raises `SealBroken` for anything else."""
        if sealed[:1] != bytes((VERSION,)):
            raise SealBroken(context)
        try:
            name = sealed[2 : 2 + sealed[1]].decode()
            rest = sealed[2 + sealed[1] :]
            key = self._keys[name]
            bound = context.encode()
            outer, wrapped = rest[:_NONCE], rest[_NONCE : _NONCE + _WRAPPED]
            inner, body = rest[_NONCE + _WRAPPED :][:_NONCE], rest[2 * _NONCE + _WRAPPED :]
            return AESGCM(AESGCM(key).decrypt(outer, wrapped, bound)).decrypt(inner, body, bound)
        except (InvalidTag, KeyError, IndexError, UnicodeDecodeError, ValueError) as error:
            raise SealBroken(context) from error

    def key_of(self, sealed: bytes) -> str:
        """The name of the key that a value was sealed with, for re-sealing after a rotation."""
        return sealed[2 : 2 + sealed[1]].decode()


def fingerprint(secret: bytes, *parts: str) -> bytes:
    """A keyed digest of some texts: equal for equal texts, and nothing else can be read from it."""
    framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.digest(secret, framed, "sha256")
