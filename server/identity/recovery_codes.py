"""Recovery codes: ten, each used once, for who has lost his second factor.

A code has 120 random bits, so a plain digest of it can be stored (ASVS 6.5.2 asks for 112).
"""

import hashlib
from uuid import UUID

from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.endpoint import Actor
from server.identity import factor_queries as queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.refusals import NoSecondFactor
from server.identity.standing import lock_standing

CODES = 10
CODE_BYTES = 15
GROUP = 6
CODE_CHARS_MAX = 40
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: without i, l, o and u, which are misread."""
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


async def make_codes(identity: Identity, unit: Unit, user_id: UUID) -> list[str]:
    """Ten new codes; the old ones are worth nothing any more."""
    codes = [_write(identity.database.random.token(CODE_BYTES)) for _ in range(CODES)]
    await unit.execute(queries.delete_recovery_codes(user_id))
    statement, rows = queries.insert_recovery_codes(
        [{"user_id": user_id, "digest": digest_code(code)} for code in codes]
    )
    await unit.execute(statement, rows)
    return codes


async def renew_codes(identity: Identity, unit: Unit, actor: Actor) -> list[str]:
    """Ten new codes for who has a second factor. Refuses `NoSecondFactor`."""
    standing = await lock_standing(unit, actor.user_id)
    if not standing.second_factor:
        raise NoSecondFactor
    codes = await make_codes(identity, unit, actor.user_id)
    await record_audit(
        unit, Action.FACTOR_CHANGED, "user", actor.user_id, reason="recovery_codes_made"
    )
    await tell_owner(unit, identity.hooks, actor.user_id, "recovery_codes_made")
    return codes


def digest_code(code: str) -> bytes:
    """The digest of a code, however its owner typed it."""
    plain = "".join(code.lower().split()).replace("-", "").translate(_MISREAD)
    return hashlib.sha256(plain.encode()).digest()


def _write(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    letters = "".join(_LETTERS[number >> shift & 31] for shift in range(8 * CODE_BYTES - 5, -1, -5))
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
