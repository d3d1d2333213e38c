"""Notes what accounts could be known by, as keyed digests, in the unit in which it was seen."""

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from models.links import SignalKind
from server.db import Unit
from server.identity.names import split_name
from server.identity.sealing import fingerprint
from server.trust import link_queries as queries

SIGNALS_KEPT = timedelta(days=180)
"""Since it was last seen."""
PURGE_CHUNK = 1000
Given = tuple[SignalKind, str]
"""A kind and its value in plain text."""


def list_place_signals(ip: str | None, device_digests: Sequence[bytes]) -> list[Given]:
    """What a sign-in says: its address, its network, the device before and after.

    An address that is not of the internet says nothing: it is a proxy's or this machine's.
    """
    given = [(SignalKind.DEVICE, digest.hex()) for digest in dict.fromkeys(device_digests)]
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return given
    if not address.is_global:
        return given
    bits = 24 if address.version == 4 else 48
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    return [
        *given, (SignalKind.ADDRESS, address.exploded), (SignalKind.NETWORK, network.exploded)
    ]  # fmt: skip


def spell_payer(name: str) -> str:
    """A payer's name as it is compared: its words in plain letters, whatever their order."""
    return " ".join(sorted(split_name(name))) or name.strip().casefold()


def digest_signal(secret: bytes, given: Given) -> queries.Signal:
    """A signal as it is kept."""
    kind, value = given
    return kind.value, fingerprint(secret, f"link_{kind}", value)


async def note_signals(unit: Unit, secret: bytes, user_id: UUID, given: Sequence[Given]) -> None:
    """Remember what a user was seen with; new ones wait to be compared by `find_links`."""
    if not given:
        return
    await unit.execute(
        queries.see_signals(unit.dialect),
        [
            {
                "kind": kind, "digest": digest, "user_id": user_id,
                "first_at": unit.now, "seen_at": unit.now,
            }
            for kind, digest in sorted({digest_signal(secret, one) for one in given})
        ],
    )  # fmt: skip


async def purge_signals(unit: Unit) -> int:
    """Forget one chunk of signals that were not seen for long; how many."""
    old = queries.old_signals(unit.now - SIGNALS_KEPT, PURGE_CHUNK)
    rows = (await unit.execute(old)).all()
    for row in rows:
        await unit.execute(queries.delete_signal(row.user_id, (row.kind, bytes(row.digest))))
    return len(rows)
