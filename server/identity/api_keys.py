"""Making API keys. A key is shown once, and is known afterwards by its keyed digest alone."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server.core.refusals import Invalid
from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.scopes import Scope
from server.identity import key_queries as queries
from server.identity.context import Identity
from server.identity.key_ends import KEYS_MAX
from server.identity.key_ring import SHOWN_CHARS, digest_key, make_key
from server.identity.notices import tell_owner
from server.identity.refusals import AccountIsFrozen, TooManyApiKeys
from server.identity.standing import lock_standing

KEPT = timedelta(days=90)
"""How long a key is remembered after its time."""
PURGE_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made."""

    id: UUID
    text: str
    """Never to be seen again."""
    created_at: datetime
    expires_at: datetime


def read_networks(given: Sequence[str]) -> list[str]:
    """Addresses and networks in their one spelling, each once. Refuses `Invalid`."""
    found: list[str] = []
    for text in given:
        try:
            network = str(ipaddress.ip_network(text))
        except ValueError:
            sentence = "Write addresses, or networks as 192.0.2.0/24 or 2001:db8::/32."
            raise Invalid(errors={"networks": [sentence]}) from None
        if network not in found:
            found.append(network)
    return found


async def make_api_key(
    identity: Identity, unit: Unit, user_id: UUID, asked: Mapping[str, Any]
) -> NewKey:
    """A key of a user with a name, scopes, networks and days to live; he is told of it.

    Refuses `TooManyApiKeys`, `AccountIsFrozen`, `Invalid`.
    """
    networks = read_networks(asked["networks"])
    scopes = sorted(set(asked["scopes"]), key=list(Scope).index)
    # Under this lock two keys are never the tenth.
    standing = await lock_standing(unit, user_id)
    if standing.frozen_at is not None:
        raise AccountIsFrozen
    if len((await unit.execute(queries.live_keys(user_id, unit.now, KEYS_MAX))).all()) >= KEYS_MAX:
        raise TooManyApiKeys

    text = make_key(identity.database.random)
    expires_at = unit.now + timedelta(days=asked["expires_in_days"])
    key = NewKey(unit.ids.new_id(), text, unit.now, expires_at)
    await unit.execute(
        queries.insert_key(
            {
                "id": key.id,
                "user_id": user_id,
                "digest": digest_key(identity.fingerprint_secret, text),
                "name": asked["name"],
                "begins": text[:SHOWN_CHARS],
                "scopes": " ".join(scopes),
                "networks": " ".join(networks),
                "created_at": unit.now,
                "expires_at": expires_at,
            }
        )
    )
    after = {"scopes": scopes, "networks": networks, "days": asked["expires_in_days"]}
    await record_audit(unit, Action.API_KEY_MADE, "api_key", key.id, after=after)
    await tell_owner(unit, identity.hooks, user_id, "api_key_made", name=asked["name"])
    return key


async def purge_api_keys(unit: Unit) -> int:
    """Forget one chunk of keys whose time was over long ago; how many."""
    rows = (await unit.execute(queries.old_keys(unit.now - KEPT, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(queries.delete_keys([row.id for row in rows]))
    return len(rows)
