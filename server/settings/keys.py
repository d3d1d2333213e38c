"""Keys that are written as text."""

import base64
import hashlib


def derive_key(secret: str) -> bytes:
    """32 bytes of a secret written as text: base64 of 32 bytes as they are, else by SHA-256."""

    try:
        decoded = base64.b64decode(secret, validate=True)
    except ValueError:
        decoded = b""
    return decoded if len(decoded) == 32 else hashlib.sha256(secret.encode()).digest()
