"""Short-lived links to files, which need no session and read no cookie.

`expires.disposition.id.signature`, each as hexadecimal digits; the signature covers the rest.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.core.clock import from_micros, to_micros
from server.core.refusals import NotFound
from server.files.context import Files
from server.identity.sealing import fingerprint

LIFE = timedelta(minutes=5)
PATH = "/api/v1/files/"
PURPOSE = "attachment_link"
_LENGTHS = (16, 1, 32, 64)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens."""

    attachment_id: UUID
    inline: bool
    expires_at: datetime


def _sign(files: Files, *parts: str) -> str:
    return fingerprint(files.link_secret, PURPOSE, *parts).hex()


def make_link(
    files: Files, attachment_id: UUID, now: datetime, *, inline: bool
) -> tuple[str, datetime]:
    """Where a file can be fetched, and until when."""
    expires_at = now + LIFE
    parts = (f"{to_micros(expires_at):016x}", "1" if inline else "0", attachment_id.hex)
    return f"{files.origin}{PATH}{'.'.join((*parts, _sign(files, *parts)))}", expires_at


def open_link(files: Files, link: str, now: datetime) -> Link:
    """What a link opens now. Refuses `NotFound` for a forged or an old one."""
    parts = link.split(".")
    if tuple(map(len, parts)) != _LENGTHS:
        raise NotFound
    *said, signature = parts
    if not hmac.compare_digest(_sign(files, *said), signature):
        raise NotFound
    expires_at = from_micros(int(said[0], 16))
    if expires_at <= now:
        raise NotFound
    return Link(UUID(said[2]), said[1] == "1", expires_at)
