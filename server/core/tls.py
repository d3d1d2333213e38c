"""Encrypted connections: which certificates are trusted, and what is spoken.

TLS 1.2 and 1.3 alone; a certificate must be signed by whom the settings name and carry the name
that was called. There is no way to switch the check off.
"""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

LEAST = ssl.TLSVersion.TLSv1_2
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secrecy and authenticated encryption only. Those of 1.3 all are such."""
ENCRYPTED_REDIS = "rediss"


def trust_certificates(ca_file: str) -> ssl.SSLContext:
    """Trusts servers whose certificates the ones in a file signed, by the name they were called."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = LEAST
    return context


def list_redis_options(url: str, ca_file: str) -> Mapping[str, Any]:
    """What a client of Redis is told besides the URL; nothing where the URL is a plain one.

    Without a file the certificates of the operating system are trusted.
    """
    if urlsplit(url).scheme != ENCRYPTED_REDIS:
        return {}
    return {
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
        "ssl_min_version": LEAST,
        "ssl_ca_certs": ca_file or None,
    }


def present_certificate(certificate_file: str, key_file: str) -> ssl.SSLContext:
    """Serves with a certificate and its key; raises `OSError` when they cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = LEAST
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(certificate_file, key_file)
    return context
