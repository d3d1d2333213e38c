"""Asking to be let in without second factors: by who knows the password and reads the mailbox.

Who asks has signed in as far as the password goes and has no session. He follows his case with a
secret of 32 random bytes, kept by its digest; asking again while the case is open makes a new one.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.codes import CodePurpose
from models.kyc import DocumentKind
from models.messages import Channel
from models.recovery import RecoveryProof, RecoveryStatus
from server.core.clock import format_instant
from server.core.refusals import Invalid
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import code_queries, factor_queries
from server.identity import queries as identity_queries
from server.identity.codes import Address, send_code, use_code
from server.identity.context import Identity
from server.identity.factor_changes import lock_account
from server.identity.notices import tell_owner
from server.identity.refusals import AccountIsClosed, CodeRefused, SecondFactorRefused
from server.identity.sign_in import digest_token, find_waiting
from server.identity.verification import EMAIL, transact_first_code
from server.kyc.context import Kyc
from server.kyc.documents import keep_picture
from server.recovery import queries
from server.recovery.cases import Case, change, expire, find_open, lock_case, read_row, tell_queue
from server.recovery.refusals import (
    NoPicturesAsked,
    RecoveriesLimited,
    RecoveryClosed,
    RecoveryUnknown,
)

WAIT = timedelta(hours=72)
"""Nothing is approved before, so that the owner hears of it and can stop it."""
LIFE = timedelta(days=14)
TOLD_EVERY = timedelta(hours=24)
ASKED_MAX = 3
"""Recoveries of one user in a month; what is asked beyond is refused."""
ASKED_WINDOW = timedelta(days=30)
SECRET_BYTES = 32
SECRET_CHARS_MAX = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """A code was sent."""

    proof: str
    """What will be needed besides the mailbox."""
    expires_at: datetime


async def find_proof(identity: Identity, unit: Unit, user_id: UUID) -> RecoveryProof:
    """What a user must show: as much as is known of him."""
    if (await unit.execute(queries.proven_identity(user_id))).first() is not None:
        return RecoveryProof.IDENTITY
    known = (await unit.execute(code_queries.addresses_of(user_id))).one()
    has_phone = known.phone_key is not None and identity.sends_sms
    return RecoveryProof.PHONE if has_phone else RecoveryProof.MAIL


async def ask_code(identity: Identity, token: str, channel: str) -> Sent:
    """Send a code to the mailbox, or to the verified telephone, of a sign-in that waits.

    Refuses `SecondFactorRefused` (the sign-in has expired), `CodesLimited`, `Invalid` where no
    code by telephone is asked for.
    """

    async def work(unit: Unit) -> Sent:
        user_id = await find_waiting(unit, digest_token(token))
        await lock_account(unit, user_id)
        proof = await find_proof(identity, unit, user_id)
        known = (await unit.execute(code_queries.addresses_of(user_id))).one()
        if channel == EMAIL:
            purpose, address = CodePurpose.RECOVER_EMAIL, Address(Channel.MAIL, known.email)
        elif proof is RecoveryProof.PHONE:
            purpose, address = CodePurpose.RECOVER_PHONE, Address(Channel.SMS, known.phone_key)
        else:
            raise Invalid(errors={"channel": ["No code by telephone is needed."]})
        sent = await send_code(identity, unit, user_id, purpose, address, known.language)
        return Sent(proof.value, sent)

    return await transact_first_code(identity, work, name="ask_recovery_code")


async def ask_recovery(
    identity: Identity, token: str, email_code: str, phone_code: str | None
) -> tuple[Case, str]:
    """Open a recovery, or take up the open one; the case and the secret to follow it with.

    Refuses `SecondFactorRefused` (the sign-in has expired), `CodeRefused`, `AccountIsClosed`,
    `RecoveriesLimited`.
    """
    secret = base64.urlsafe_b64encode(identity.database.random.token(SECRET_BYTES)).decode()
    secret = secret.rstrip("=")

    async def work(unit: Unit) -> Case | None:
        waiting = digest_token(token)
        user_id = await find_waiting(unit, waiting)
        await lock_account(unit, user_id)
        if (await unit.execute(identity_queries.closure_of(user_id))).first() is not None:
            raise AccountIsClosed
        proof = await find_proof(identity, unit, user_id)
        if not await _use_codes(identity, unit, user_id, proof, email_code, phone_code):
            return None
        ended = await unit.execute(factor_queries.delete_pending(waiting))
        if ended.rowcount != 1:
            raise SecondFactorRefused
        found = await find_open(unit, user_id)
        if found is not None:
            case = await lock_case(unit, found.id)
            if case.is_open_at(unit.now):
                return await change(unit, case, token_digest=_digest(secret))
            await expire(identity, unit, case)
        return await _open(identity, unit, user_id, proof, secret)

    # The count of wrong codes is committed although the caller is refused.
    case = await identity.database.transact(work, name="ask_recovery")
    if case is None:
        raise CodeRefused
    return case, secret


async def _use_codes(
    identity: Identity, unit: Unit, user_id: UUID, proof: RecoveryProof, email_code: str,
    phone_code: str | None,
) -> bool:  # fmt: skip
    known = (await unit.execute(code_queries.addresses_of(user_id))).one()
    asked = [(CodePurpose.RECOVER_EMAIL, Address(Channel.MAIL, known.email), email_code)]
    if proof is RecoveryProof.PHONE:
        address = Address(Channel.SMS, known.phone_key)
        asked.append((CodePurpose.RECOVER_PHONE, address, phone_code or ""))
    right = [await use_code(identity, unit, user_id, *each) for each in asked]
    return all(right)


async def _open(
    identity: Identity, unit: Unit, user_id: UUID, proof: RecoveryProof, secret: str
) -> Case:
    since = unit.now - ASKED_WINDOW
    before = (await unit.execute(queries.asked_since(user_id, since))).all()
    if len(before) >= ASKED_MAX:
        wait = before[0].asked_at + ASKED_WINDOW - unit.now
        raise RecoveriesLimited(retry_after_s=max(1, int(wait.total_seconds())))

    recovery_id, now = unit.ids.new_id(), unit.now
    await unit.execute(
        queries.insert_recovery(
            {
                "id": recovery_id,
                "user_id": user_id,
                "open_user_id": user_id,
                "status": RecoveryStatus.OPEN.value,
                "version": 1,
                "proof": proof.value,
                "pictures": 0,
                "token_digest": _digest(secret),
                "asked_at": now,
                "ready_at": now + WAIT,
                "expires_at": now + LIFE,
                "tell_at": now + TOLD_EVERY,
            }
        )
    )
    case = read_row((await unit.execute(queries.recovery(recovery_id))).one())
    tell_queue(unit, case)
    await record_audit(
        unit, Action.RECOVERY_ASKED, "recovery", recovery_id,
        after={"user": str(user_id), "proven_by": proof.value},
    )  # fmt: skip
    ready = format_instant(case.ready_at)
    await tell_owner(unit, identity.hooks, user_id, "recovery_asked", ready_at=ready)
    return case


async def find_case(identity: Identity, secret: str) -> Case:
    """The recovery of a secret, also when it is over. Refuses `RecoveryUnknown`."""
    async with identity.database.read() as connection:
        row = (await connection.execute(queries.by_token(_digest(secret)))).first()
    if row is None:
        raise RecoveryUnknown
    return read_row(row)


async def add_picture(
    kyc: Kyc, secret: str, kind: DocumentKind, content: bytes, media_type: str
) -> None:
    """A picture that shows who asks; a newer one replaces an older one of its kind.

    Refuses `RecoveryUnknown`, `RecoveryClosed`, `NoPicturesAsked`, `TooManyDocuments`,
    `PictureRefused`.
    """
    found = await find_case(kyc.identity, secret)

    async def lock(unit: Unit) -> Case:
        case = await lock_case(unit, found.id)
        if case.token_digest != _digest(secret):
            raise RecoveryUnknown
        if not case.is_open_at(unit.now):
            raise RecoveryClosed
        if case.proof != RecoveryProof.IDENTITY:
            raise NoPicturesAsked
        return case

    async def find_place(unit: Unit) -> UUID:
        return (await lock(unit)).id

    async def after(unit: Unit, recovery_id: UUID, document_id: UUID) -> None:
        case = await lock(unit)
        await change(unit, case, pictures=case.pictures + 1)
        await record_audit(
            unit, Action.RECOVERY_PROVEN, "recovery", recovery_id,
            after={"document": str(document_id), "kind": kind.value},
        )  # fmt: skip

    await keep_picture(
        kyc, found.user_id, kind, content, media_type, find_place=find_place, after=after
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
