"""Codes of authenticator apps (RFC 6238): 6 digits, 30 seconds, only the present step, used once.

No earlier and no later step is accepted: an app whose clock is off by more than a moment has to be
set right, and a code that was seen over a shoulder is worth nothing half a minute later.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
import segno

from server.core.clock import to_micros
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Actor
from server.identity import factor_queries as queries
from server.identity.context import Identity
from server.identity.factor_changes import keep_factors, lock_account
from server.identity.refusals import CodeWrong, TotpExists

ISSUER = "IQX"
STEP_S = 30
SECRET_BYTES = 20


@dataclass(frozen=True, slots=True)
class NewTotp:
    """What an app needs; shown once."""

    secret: str
    uri: str
    qr_svg: str
    """A data URI."""


def step_at(now: datetime) -> int:
    """The 30-second step of an instant."""
    return to_micros(now) // (STEP_S * 1_000_000)


def code_at(secret: bytes, step: int) -> str:
    """The code of a step."""
    return pyotp.HOTP(base64.b32encode(secret).decode()).at(step)


def is_code(secret: bytes, step: int, code: str) -> bool:
    """Whether `code` is the code of a step, in a time that tells nothing."""
    return hmac.compare_digest(code_at(secret, step).encode(), code.encode())


def context_of(user_id: UUID) -> str:
    """What the secret of a user's app is bound to."""
    return f"totp:{user_id}"


def open_secret(identity: Identity, user_id: UUID, factor: Any) -> bytes:
    """The secret of a user's app."""
    return identity.sealer.open_sealed(bytes(factor.sealed), context_of(user_id))


async def start_totp(identity: Identity, unit: Unit, actor: Actor) -> NewTotp:
    """A secret for a new app, which proves nothing until it is confirmed.

    Starting again forgets a secret that was not confirmed. Refuses `TotpExists`.
    """
    await lock_account(unit, actor.user_id)
    known = (await unit.execute(queries.totp_of(actor.user_id))).first()
    if known is not None and known.confirmed_at is not None:
        raise TotpExists

    secret = identity.database.random.token(SECRET_BYTES)
    sealed = identity.sealer.seal(secret, context_of(actor.user_id))
    await unit.execute(queries.delete_totp(actor.user_id))
    await unit.execute(queries.insert_totp(actor.user_id, sealed, unit.now))
    contact = (await unit.execute(queries.contact_of(actor.user_id))).one()
    text = base64.b32encode(secret).decode()
    uri = pyotp.TOTP(text).provisioning_uri(name=contact.username, issuer_name=ISSUER)
    return NewTotp(text, uri, segno.make(uri, error="m").svg_data_uri(scale=4))


async def confirm_totp(identity: Identity, unit: Unit, actor: Actor, code: str) -> list[str]:
    """Take the new app into use; the recovery codes when it is the first second factor.

    Refuses `NotFound` (none was started), `TotpExists`, `CodeWrong`.
    """
    standing = await lock_account(unit, actor.user_id)
    factor = (await unit.execute(queries.totp_of(actor.user_id))).first()
    if factor is None:
        raise NotFound("No app is being added.")
    if factor.confirmed_at is not None:
        raise TotpExists
    step = step_at(unit.now)
    if not is_code(open_secret(identity, actor.user_id, factor), step, code):
        raise CodeWrong(errors={"code": ["This is not the code of now."]})

    await unit.execute_guarded(queries.confirm_totp(actor.user_id, unit.now, step))
    return await keep_factors(identity, unit, actor, standing, "totp_added")


async def remove_totp(identity: Identity, unit: Unit, actor: Actor) -> None:
    """Take the app away. Refuses `NotFound` when there is none."""
    standing = await lock_account(unit, actor.user_id)
    factor = (await unit.execute(queries.totp_of(actor.user_id))).first()
    if factor is None or factor.confirmed_at is None:
        raise NotFound
    await unit.execute_guarded(queries.delete_totp(actor.user_id))
    await keep_factors(identity, unit, actor, standing, "totp_removed")
