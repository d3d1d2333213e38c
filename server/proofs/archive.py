"""The passport as an archive: its parts, a manifest of their digests, and a signature over that.

Nothing is packed and every date is the same, so the same parts make the same bytes: who checks an
archive makes it anew and compares, and no byte of it can differ.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from server.proofs.signing import (
    MANIFEST,
    PASSPORT,
    ProofBroken,
    Signer,
    check_signature,
    write_canonical,
)

JSON_PART, PDF_PART = "passport.json", "passport.pdf"
MANIFEST_PART, SIGNATURE_PART = "manifest.json", "manifest.sig"
PARTS = (JSON_PART, PDF_PART, MANIFEST_PART, SIGNATURE_PART)
DATE = (1980, 1, 1, 0, 0, 0)
UNREADABLE = (
    *(KeyError, TypeError, ValueError, IndexError, RuntimeError, OSError, EOFError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
"""What the libraries raise for what is no passport."""
CONTENT_PLACE = 11
"""Where in what a message's hash is over the digest of its words stands."""


def pack_parts(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these parts, in the order of `PARTS`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in PARTS:
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system = 3
            archive.writestr(entry, parts[name])
    return out.getvalue()


def pack_passport(signer: Signer, passport: Mapping[str, Any], paper: bytes) -> bytes:
    """The signed archive of a passport, as JSON and as PDF."""
    parts = {JSON_PART: write_canonical(passport), PDF_PART: paper}
    manifest = write_canonical(
        {
            "kind": "trade_passport_manifest",
            "format": 1,
            "trade_id": passport["trade"]["trade_id"],
            "key_id": signer.key_id,
            "parts": [
                {"name": name, "size": len(part), "sha256": hashlib.sha256(part).hexdigest()}
                for name, part in parts.items()
            ],
        }
    )
    signature = signer.sign_bytes(MANIFEST, manifest).encode()
    return pack_parts({**parts, MANIFEST_PART: manifest, SIGNATURE_PART: signature})


def check_passport(content: bytes, published: Mapping[str, Any]) -> dict[str, Any]:
    """The passport in an archive, or in an answer as JSON. Raises `ProofBroken`."""
    try:
        if content.startswith(b"PK"):
            passport = _check_archive(content, published)
        else:
            passport = _check_answer(orjson.loads(content), published)
        _check_chat(passport["chat"])
    except UNREADABLE as error:
        raise ProofBroken("This is no passport.") from error
    return passport


def _check_answer(shown: Any, published: Mapping[str, Any]) -> dict[str, Any]:
    passport: dict[str, Any] = shown["passport"]
    key_id = shown["key_id"]
    if set(shown) != {"passport", "key_id", "signature"} or passport["key_id"] != key_id:
        raise ProofBroken("This is no passport.")
    signature = shown["signature"]
    check_signature(published, key_id, signature, PASSPORT, write_canonical(passport))
    return passport


def _check_archive(content: bytes, published: Mapping[str, Any]) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if tuple(archive.namelist()) != PARTS:
            raise ProofBroken("The archive has other parts than a passport.")
        parts = {name: archive.read(name) for name in PARTS}
    if pack_parts(parts) != content:
        raise ProofBroken("The archive was changed.")
    manifest = orjson.loads(parts[MANIFEST_PART])
    signature = parts[SIGNATURE_PART].decode()
    check_signature(published, manifest["key_id"], signature, MANIFEST, parts[MANIFEST_PART])
    told = {part["name"]: part["sha256"] for part in manifest["parts"]}
    for name in (JSON_PART, PDF_PART):
        if hashlib.sha256(parts[name]).hexdigest() != told[name]:
            raise ProofBroken(f"{name} is not the one that was signed.")
    passport: dict[str, Any] = orjson.loads(parts[JSON_PART])
    return passport


def _check_chat(chat: Mapping[str, Any]) -> None:
    """Each message's hash is over the one before it, and its words are those of its digest."""
    before = bytes.fromhex(chat["genesis"])
    for message in chat["messages"]:
        chained, shown = message["chained"], message["shown"]
        before = hashlib.sha256(before + orjson.dumps(chained)).digest()
        if before.hex() != message["hash"]:
            raise ProofBroken("The chain of the chat does not hold.")
        if shown is not None:
            digest = hashlib.sha256(shown.encode()).hexdigest()
            if digest != chained[CONTENT_PLACE]:
                raise ProofBroken("Words of the chat are not those that were written.")
    if before.hex() != chat["hash"] or len(chat["messages"]) != chat["number"]:
        raise ProofBroken("The chat has another end.")
