"""Checking what a person offers as second factor, and the lock after wrong codes.

A check runs inside the unit of work of what it allows, and never raises for a wrong answer: the
count of errors has to be committed although the caller is refused. Who calls it raises afterwards.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.factors import ChallengePurpose as Purpose
from server.core.clock import format_instant
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import factor_queries as queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.passkeys import check_passkey
from server.identity.recovery_codes import digest_code
from server.identity.refusals import SecondFactorLocked
from server.identity.totp import is_code, open_secret, step_at

ERRORS_MAX = 5
LOCK = timedelta(minutes=15)
DAY_ERRORS_MAX = 20
DAY = timedelta(hours=24)


class Method(enum.StrEnum):
    """A way to prove a second factor."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person offers: exactly one of these."""

    code: str | None = None
    recovery_code: str | None = None
    passkey: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found."""

    right: bool = False
    sentence: str | None = None
    """Says more about a no."""
    locked_until: datetime | None = None

    def refuse_locked(self, now: datetime) -> None:
        """Refuse `SecondFactorLocked` when codes are locked; every other no is the caller's."""
        if self.locked_until is not None:
            wait_s = int((self.locked_until - now).total_seconds())
            raise SecondFactorLocked(retry_after_s=max(1, wait_s))


RIGHT = Verdict(right=True)
USED = Verdict(sentence="This code was used already. Wait for the next one.")
WRONG = Verdict(sentence="The code is wrong.")
NO_PASSKEY = Verdict(sentence="The passkey was not accepted.")


async def check_offer(
    identity: Identity, unit: Unit, user_id: UUID, offer: Offer, purpose: Purpose, bound: bytes
) -> Verdict:
    """Whether the offer proves a second factor of the user; a right one is used up.

    A passkey must answer a challenge of this purpose that is bound to the same bytes.
    """
    if offer.passkey is not None:
        # A passkey is not guessed, so the lock of codes does not keep its owner out.
        found = await check_passkey(identity, unit, offer.passkey, purpose, bound)
        return RIGHT if found == user_id else NO_PASSKEY
    security = (await unit.execute(queries.lock_security(user_id))).first()
    if security is None:
        return WRONG
    if security.codes_locked_until is not None and security.codes_locked_until > unit.now:
        return Verdict(locked_until=security.codes_locked_until)
    if offer.code is not None:
        verdict = await _check_totp(identity, unit, user_id, offer.code)
    else:
        verdict = await _check_recovery(identity, unit, user_id, offer.recovery_code or "")
    if verdict.right and security.errors:
        await unit.execute_guarded(queries.update_security(user_id, {"errors": 0}))
    elif verdict is WRONG:
        await _count_error(identity, unit, security)
    return verdict


async def note_shown(identity: Identity, unit: Unit, user_id: UUID) -> None:
    """A second factor was right, so it is not lost."""
    for hook in identity.hooks.on_factor_shown:
        await hook(unit, user_id)


async def _check_totp(identity: Identity, unit: Unit, user_id: UUID, code: str) -> Verdict:
    factor = (await unit.execute(queries.totp_of(user_id))).first()
    if factor is None or factor.confirmed_at is None:
        return WRONG
    step = step_at(unit.now)
    if not is_code(open_secret(identity, user_id, factor), step, code):
        return WRONG
    used = await unit.execute(queries.use_totp_step(user_id, step))
    return RIGHT if used.rowcount == 1 else USED


async def _check_recovery(identity: Identity, unit: Unit, user_id: UUID, code: str) -> Verdict:
    used = await unit.execute(queries.use_recovery_code(user_id, digest_code(code)))
    if used.rowcount != 1:
        return WRONG
    await record_audit(unit, Action.FACTOR_CHANGED, "user", user_id, reason="recovery_code_used")
    left = (await unit.execute(queries.factors_of(user_id))).one().recovery_codes
    await tell_owner(unit, identity.hooks, user_id, "recovery_code_used", left=str(left))
    return RIGHT


async def _count_error(identity: Identity, unit: Unit, security: Any) -> None:
    now = unit.now
    same_day = security.day_began_at is not None and now < security.day_began_at + DAY
    changes: dict[str, Any] = {
        "errors": security.errors + 1,
        "day_errors": security.day_errors + 1 if same_day else 1,
        "day_began_at": security.day_began_at if same_day else now,
    }
    lock = None
    if changes["day_errors"] >= DAY_ERRORS_MAX:
        lock = DAY
        changes |= {"errors": 0, "day_errors": 0, "day_began_at": None}
    elif changes["errors"] >= ERRORS_MAX:
        lock = LOCK
        changes |= {"errors": 0}
    if lock is not None:
        changes["codes_locked_until"] = now + lock
        until = format_instant(now + lock)
        await tell_owner(
            unit, identity.hooks, security.user_id, "second_factor_locked", until=until
        )
    await unit.execute_guarded(queries.update_security(security.user_id, changes))
