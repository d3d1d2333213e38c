"""Step-up: a fresh proof that it is really the user, for acts that move money or change a sign-in.

A proof is asked for with what it shall allow: up to 20 of (object, amount, version) for one kind of
act, or one whole request (method, path, body) for acts that are requests. It travels in the
`Step-Up` header, lives two minutes, belongs to the session that asked, and allows each listed act
once. It is used up in the unit of work of the act.

A proof is given for a code of the authenticator app or for a passkey. A recovery code proves
changes of second factors and nothing else. The password proves changes of one's own sign-in and
payment accounts for who has no second factor yet; where the settings say so (development only), it
proves any act.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.factors import ChallengePurpose as Purpose
from server.core.refusals import StepUpRequired
from server.db import Unit
from server.http.endpoint import Actor, Call
from server.identity import queries
from server.identity.context import Identity
from server.identity.factor_checks import Offer, Verdict, check_offer, note_shown
from server.identity.passkeys import ask_answer, bind
from server.identity.refusals import StepUpRefused

LIFETIME = timedelta(minutes=2)
ACTS_MAX = 20
SECRET_BYTES = 32
PROOF_CHARS_MAX = 100
PURGE_CHUNK = 1000
ACTIONS = ("release", "split", "concede")
"""Acts of an amount on a version: release the escrow, agree to a split, concede a dispute."""
OWN_ACTIONS = (
    "factor", "password", "email", "phone", "payment_account", "account", "anti_phishing",
)  # fmt: skip
"""Requests about one's own account."""
STAFF = "staff"
"""An act of the staff over money or roles; the request of an approval holds the proposal's hash."""
REQUEST_ACTIONS = (*OWN_ACTIONS, "withdrawal", "transfer", "address", "api_key", STAFF)
"""Acts that are one whole request."""
NO_REQUEST = bytes(32)


@dataclass(frozen=True, slots=True)
class Act:
    """What exactly is done: to which object, in which version, about how much; or which request."""

    action: str
    subject_id: UUID
    amount_micro: int
    version: int
    request_hash: bytes = NO_REQUEST


def act_of_request(action: str, user_id: UUID, request_hash: bytes) -> Act:
    """The act that is a whole request of a user, by the hash of its method, path and body."""
    return Act(action, user_id, 0, 0, request_hash)


def _bind_acts(actor: Actor, acts: Sequence[Act]) -> bytes:
    told = (
        f"{act.action} {act.subject_id} {act.amount_micro} {act.version} ".encode()
        + act.request_hash
        for act in acts
    )
    return bind(actor.session_id.bytes, *told)


async def ask_step_up(identity: Identity, actor: Actor, acts: Sequence[Act]) -> dict[str, Any]:
    """What a browser needs to prove these acts, and no others, with a passkey."""

    async def work(unit: Unit) -> dict[str, Any]:
        bound = _bind_acts(actor, acts)
        return await ask_answer(identity, unit, Purpose.STEP_UP, bound, actor.user_id)

    return await identity.database.transact(work, name="ask_step_up")


async def prove_by_factor(
    identity: Identity, actor: Actor, offer: Offer, acts: Sequence[Act]
) -> tuple[str, datetime]:
    """A proof for the acts and when it ends.

    Refuses `StepUpRefused` (wrong, used, or no proof for such acts), `SecondFactorLocked`.
    """
    assert 1 <= len(acts) <= ACTS_MAX, "the schema bounds the list"
    if offer.recovery_code is not None and any(act.action != "factor" for act in acts):
        raise StepUpRefused("A recovery code proves changes of second factors only.")
    secret = identity.database.random.token(SECRET_BYTES)

    async def work(unit: Unit) -> datetime | Verdict:
        bound = _bind_acts(actor, acts)
        verdict = await check_offer(identity, unit, actor.user_id, offer, Purpose.STEP_UP, bound)
        if not verdict.right:
            return verdict
        await note_shown(identity, unit, actor.user_id)
        return await _store(unit, actor, secret, acts)

    # The count of wrong codes is committed although the caller is refused.
    done = await identity.database.transact(work, name="prove_step_up")
    if isinstance(done, Verdict):
        done.refuse_locked(identity.clock.now())
        raise StepUpRefused(done.sentence)
    return _write(secret), done


async def prove_by_password(
    identity: Identity, actor: Actor, password: str, acts: Sequence[Act], *, ip: str
) -> tuple[str, datetime]:
    """A proof for the acts and when it ends. Refuses `StepUpRefused` for a wrong password."""
    assert 1 <= len(acts) <= ACTS_MAX, "the schema bounds the list"
    async with identity.database.read() as connection:
        known = (await connection.execute(queries.password_of(actor.user_id))).one()
    own = not known.second_factor and all(act.action in OWN_ACTIONS for act in acts)
    if not (own or identity.policy.step_up_by_password):
        raise StepUpRefused("A password is no proof of this.")

    await check_password(identity, actor.user_id, known.password_hash, password, ip=ip)
    secret = identity.database.random.token(SECRET_BYTES)

    async def work(unit: Unit) -> datetime:
        return await _store(unit, actor, secret, acts)

    expires_at = await identity.database.transact(work, name="prove_step_up")
    return _write(secret), expires_at


async def check_password(
    identity: Identity, user_id: UUID, password_hash: str, password: str, *, ip: str
) -> None:
    """Whether it is the user's password. Refuses `StepUpRefused`, `SignInsLimited`."""
    account = f"step-up:{user_id}"
    attempt = await identity.limits.take(account, ip)
    if not await identity.hasher.verify_password(password, password_hash):
        raise StepUpRefused("The password is wrong.")
    await identity.limits.forgive(attempt)


async def use_request_proof(unit: Unit, call: Call, action: str) -> None:
    """Use up the proof of this whole request. Refuses `StepUpRequired`."""
    assert call.key is not None, "requests that need a proof take a key"
    act = act_of_request(action, call.user.user_id, call.key.request_hash)
    await use_proof(unit, call.user, call.step_up, act)


def _write(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


async def _store(unit: Unit, actor: Actor, secret: bytes, acts: Sequence[Act]) -> datetime:
    expires_at = unit.now + LIFETIME
    statement, rows = queries.insert_proofs(
        [
            {
                "digest": _digest(_write(secret)),
                "subject_id": act.subject_id,
                "user_id": actor.user_id,
                "session_id": actor.session_id,
                "action": act.action,
                "amount_micro": act.amount_micro,
                "version": act.version,
                "request_hash": act.request_hash,
                "expires_at": expires_at,
            }
            for act in acts
        ]
    )
    await unit.execute(statement, rows)
    return expires_at


async def use_proof(unit: Unit, actor: Actor, proof: str | None, act: Act) -> None:
    """Use up what a proof allows for this act. Refuses `StepUpRequired` when it does not."""
    if not proof or len(proof) > PROOF_CHARS_MAX or not proof.isascii():
        raise StepUpRequired
    used = await unit.execute(
        queries.use_proof(
            {
                "digest": _digest(proof),
                "subject_id": act.subject_id,
                "user_id": actor.user_id,
                "session_id": actor.session_id,
                "action": act.action,
                "amount_micro": act.amount_micro,
                "version": act.version,
                "request_hash": act.request_hash,
            },
            unit.now,
        )
    )
    if used.rowcount != 1:
        raise StepUpRequired


async def purge_proofs(unit: Unit) -> int:
    """Forget one chunk of proofs that have ended; how many acts that were."""
    rows = (await unit.execute(queries.old_proofs(unit.now - LIFETIME, PURGE_CHUNK))).all()
    for row in rows:
        await unit.execute(queries.delete_proof(row.digest, row.subject_id))
    return len(rows)


def _digest(proof: str) -> bytes:
    return hashlib.sha256(proof.encode()).digest()
