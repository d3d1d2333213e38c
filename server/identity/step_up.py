"""Step-up: a fresh proof that it is really the user, for acts that move money.

A proof is asked for with the acts that it shall allow: up to 20 of (object, amount, version) for
one kind of act. It travels in the `Step-Up` header, lives two minutes, belongs to the session that
asked, and allows each listed act once. It is used up in the unit of work of the act.

In development the proof is given for the password again; production offers no such way.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.core.refusals import StepUpRequired
from server.db import Unit
from server.http.endpoint import Actor
from server.identity import queries
from server.identity.context import Identity
from server.identity.refusals import StepUpRefused

LIFETIME = timedelta(minutes=2)
ACTS_MAX = 20
SECRET_BYTES = 32
PROOF_CHARS_MAX = 100
PURGE_CHUNK = 1000
ACTIONS = ("release", "split", "concede")
"""What a proof may be asked for: release the escrow, agree to a split, concede a dispute."""


@dataclass(frozen=True, slots=True)
class Act:
    """What exactly is done: to which object, in which version, about how much."""

    action: str
    subject_id: UUID
    amount_micro: int
    version: int


async def prove_by_password(
    identity: Identity, actor: Actor, password: str, acts: Sequence[Act], *, ip: str
) -> tuple[str, datetime]:
    """A proof for the acts and when it ends. Refuses `StepUpRefused` for a wrong password."""
    assert 1 <= len(acts) <= ACTS_MAX, "the schema bounds the list"
    if not identity.policy.step_up_by_password:
        raise StepUpRefused("A password is no proof here.")

    account = f"step-up:{actor.user_id}"
    identity.limits.take(account, ip)
    async with identity.database.read() as connection:
        stored = (await connection.execute(queries.password_of(actor.user_id))).scalar_one()
    if not await identity.hasher.verify_password(password, stored):
        raise StepUpRefused
    identity.limits.forgive(account, ip)
    secret = identity.database.random.token(SECRET_BYTES)

    async def work(unit: Unit) -> datetime:
        return await _store(unit, actor, secret, acts)

    expires_at = await identity.database.transact(work, name="prove_step_up")
    return base64.urlsafe_b64encode(secret).decode().rstrip("="), expires_at


async def _store(unit: Unit, actor: Actor, secret: bytes, acts: Sequence[Act]) -> datetime:
    proof = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    expires_at = unit.now + LIFETIME
    statement, rows = queries.insert_proofs(
        [
            {
                "digest": _digest(proof),
                "subject_id": act.subject_id,
                "user_id": actor.user_id,
                "session_id": actor.session_id,
                "action": act.action,
                "amount_micro": act.amount_micro,
                "version": act.version,
                "expires_at": expires_at,
            }
            for act in acts
        ]
    )
    await unit.execute(statement, rows)
    return expires_at


async def use_proof(unit: Unit, actor: Actor, proof: str | None, act: Act) -> None:
    """Use up what a proof allows for this act. Refuses `StepUpRequired` when it does not."""
    if not proof or len(proof) > PROOF_CHARS_MAX:
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
