"""Checks the passport of a trade without us.

Usage: python verify_passport.py PASSPORT KEYS.json

PASSPORT is the answer of GET /api/v1/trades/{id}/passport, the archive or its JSON form;
KEYS.json is that of GET /api/v1/proofs/keys. Needs Python 3.11 and the library cryptography, and
nothing of ours. Any changed byte of the archive is found.
"""

import base64
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PARTS = ("passport.json", "passport.pdf", "manifest.json", "manifest.sig")
UNREADABLE = (
    *(KeyError, TypeError, ValueError, IndexError, RuntimeError, OSError, EOFError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
MANIFEST, PASSPORT = b"iqx passport manifest 1\n", b"iqx trade passport 1\n"


class Broken(Exception):  # noqa: N818 - says what was found
    """The passport cannot be believed."""


def write_canonical(value: object) -> bytes:
    """JSON in its one spelling."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_signature(published: dict, key_id: str, signature: str, signed: bytes) -> None:
    """Whether the named key signed these bytes."""
    keys = {key["kid"]: key["public_key"] for key in published["keys"]}
    if key_id not in keys:
        raise Broken(f"It was signed with the key {key_id}, which is not among those given.")
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[key_id]))
    try:
        key.verify(base64.b64decode(signature, validate=True), signed)
    except InvalidSignature:
        raise Broken("The signature is not of this content.") from None


def pack_parts(parts: dict[str, bytes]) -> bytes:
    """The archive as we make it: the same parts are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in PARTS:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            archive.writestr(entry, parts[name])
    return out.getvalue()


def check_archive(content: bytes, published: dict) -> dict:
    """The passport of an archive whose every part is the one that was signed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if tuple(archive.namelist()) != PARTS:
            raise Broken("The archive has other parts than a passport.")
        parts = {name: archive.read(name) for name in PARTS}
    if pack_parts(parts) != content:
        raise Broken("The archive was changed.")
    manifest, signature = parts["manifest.json"], parts["manifest.sig"].decode()
    told = json.loads(manifest)
    check_signature(published, told["key_id"], signature, MANIFEST + manifest)
    digests = {part["name"]: part["sha256"] for part in told["parts"]}
    for name in PARTS[:2]:
        if hashlib.sha256(parts[name]).hexdigest() != digests[name]:
            raise Broken(f"{name} is not the one that was signed.")
    return json.loads(parts["passport.json"])


def check_answer(content: bytes, published: dict) -> dict:
    """The passport of a signed answer in JSON."""
    shown = json.loads(content)
    passport, key_id = shown["passport"], shown["key_id"]
    if set(shown) != {"passport", "key_id", "signature"} or passport["key_id"] != key_id:
        raise Broken("This is no passport.")
    signed = PASSPORT + write_canonical(passport)
    check_signature(published, key_id, shown["signature"], signed)
    return passport


def check_chat(chat: dict) -> None:
    """Whether the chain over the messages holds, and the words are those of their digests."""
    before = bytes.fromhex(chat["genesis"])
    for message in chat["messages"]:
        chained = json.dumps(message["chained"], separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(before + chained.encode()).digest()
        shown = message["shown"]
        words = None if shown is None else hashlib.sha256(shown.encode()).hexdigest()
        if before.hex() != message["hash"] or words not in (None, message["chained"][11]):
            raise Broken("The chain of the chat does not hold.")
    if before.hex() != chat["hash"] or len(chat["messages"]) != chat["number"]:
        raise Broken("The chat has another end.")


def main() -> int:
    """Say what the passport says, or why it cannot be believed."""
    content, keys = (Path(name).read_bytes() for name in sys.argv[1:3])
    try:
        published = json.loads(keys)
        check = check_archive if content.startswith(b"PK") else check_answer
        passport = check(content, published)
        check_chat(passport["chat"])
    except Broken as error:
        print(error)
        return 1
    except UNREADABLE:
        print("This is no passport.")
        return 1
    trade, escrow = passport["trade"], passport["escrow"]
    print(f"The passport is ours, of {passport['issued_at']}, by the key {passport['key_id']}.")
    print(f"Trade {trade['trade_id']}: {trade['amount']} {trade['asset']} for")
    print(f"{trade['fiat']} {trade['currency']}, {trade['seller']} to {trade['buyer']}.")
    print(f"It is {passport['status']}; escrow {escrow['state']}.")
    print(f"{passport['chat']['number']} messages, {len(passport['evidence'])} files.")
    case = passport["case"]
    if case is not None:
        print(f"A case, {case['status']}, {len(case['rulings'])} rulings.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
