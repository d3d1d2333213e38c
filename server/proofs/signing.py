"""Signatures over canonical JSON, with Ed25519 keys that are published and replaced.

What is signed is a purpose, a line feed, and the JSON in UTF-8 with sorted keys and no spaces, as
`json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` writes it. Values
are texts, whole numbers, booleans, null, lists and objects with ASCII keys.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM = "Ed25519"
RECEIPT = "iqx escrow receipt 1"
PASSPORT = "iqx trade passport 1"
MANIFEST = "iqx passport manifest 1"


class ProofBroken(Exception):  # noqa: N818 - says what was found, is never an answer to a user
    """What is shown is not what was signed, or by nobody whose key is known."""


class Signer:
    """Signs with the first of some named keys; publishes all of them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        assert keys, "signing needs a key"
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(key) for name, key in keys.items()}
        self.key_id = next(iter(self._keys))

    def sign(self, purpose: str, value: Any) -> str:
        """The signature over JSON, in base64."""
        return self.sign_bytes(purpose, write_canonical(value))

    def sign_bytes(self, purpose: str, content: bytes) -> str:
        """The signature over bytes, in base64."""
        signed = self._keys[self.key_id].sign(frame(purpose, content))
        return base64.b64encode(signed).decode()

    def publish(self) -> list[dict[str, str]]:
        """The public keys, newest first: `kid`, `algorithm`, `public_key` (32 bytes in base64)."""
        return [
            {"kid": name, "algorithm": ALGORITHM, "public_key": _write_public(key)}
            for name, key in self._keys.items()
        ]


def _write_public(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def write_canonical(value: Any) -> bytes:
    """JSON in its one spelling."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def frame(purpose: str, content: bytes) -> bytes:
    """What is signed: a signature for one purpose is none for another."""
    return purpose.encode() + b"\n" + content


def check_signature(
    published: Mapping[str, Any], key_id: Any, signature: Any, purpose: str, content: bytes
) -> None:
    """Raise `ProofBroken` unless one of the published keys, named `key_id`, signed the content."""
    try:
        found = [one for one in published["keys"] if one["kid"] == key_id]
        raw = base64.b64decode(found[0]["public_key"], validate=True)
        signed = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(signed, frame(purpose, content))
    except IndexError:
        raise ProofBroken("It was signed with a key that is not among those given.") from None
    except InvalidSignature:
        raise ProofBroken("The signature is not of this content.") from None
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ProofBroken("Something that a signature needs is missing.") from error


def check_receipt(shown: Any, published: Mapping[str, Any]) -> dict[str, Any]:
    """The receipt in an answer of ours that is kept in a file. Raises `ProofBroken`."""
    try:
        receipt, key_id, signature = shown["receipt"], shown["key_id"], shown["signature"]
        is_whole = set(shown) == {"receipt", "key_id", "signature"} and receipt["key_id"] == key_id
    except (KeyError, TypeError) as error:
        raise ProofBroken("This is no receipt.") from error
    if not is_whole:
        raise ProofBroken("This is no receipt.")
    check_signature(published, key_id, signature, RECEIPT, write_canonical(receipt))
    checked: dict[str, Any] = receipt
    return checked
