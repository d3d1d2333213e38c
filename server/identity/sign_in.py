"""Signing in: with a password, with a second factor after it, or with a passkey alone.

Who has a second factor gets no session for his password but a token of five minutes that is good
for one thing: to show the second factor. It is 32 random bytes that only this call knows of, so it
can never pass for an access token.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from models.factors import ChallengePurpose as Purpose
from models.sign_ins import SignInKind as Kind
from models.sign_ins import SignInOutcome as Outcome
from server.core.refusals import Refusal
from server.db import Unit
from server.identity import factor_queries, queries, rules
from server.identity.context import Identity
from server.identity.countries import check_country_of
from server.identity.device_queries import is_known
from server.identity.devices import digest_device
from server.identity.factor_checks import Method, Offer, Verdict, check_offer, note_shown
from server.identity.passkeys import ANYBODY, ask_answer, bind, check_passkey, find_owner
from server.identity.refusals import (
    AccountIsClosed,
    CountryBlocked,
    SecondFactorRefused,
    SignInsLimited,
    WrongCredentials,
)
from server.identity.sessions import Credentials, open_session
from server.identity.sign_in_history import Visitor, note_refused, note_sign_in
from server.identity.sign_in_limits import Attempt

PENDING_LIFE = timedelta(minutes=5)
SECRET_BYTES = 32
TOKEN_CHARS_MAX = 100
PURGE_CHUNK = 1000
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session was opened."""

    profile: Any
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Waiting:
    """The password was right; the second factor is asked for."""

    token: str
    methods: list[str]


async def sign_in(
    identity: Identity, name: str, password: str, visitor: Visitor
) -> SignedIn | Waiting:
    """Open a session with a name and its password, or ask for the second factor.

    The name is the e-mail address, or a telephone number that was verified. Refuses
    `WrongCredentials` alike, and after the same work, for a wrong password and for a name that
    nobody has; refuses `SignInsLimited`, `AccountIsClosed` and `CountryBlocked`.
    """
    statement, account = _find_by(name)
    attempt = await _count(identity, statement, account, visitor)
    async with identity.database.read() as connection:
        known = (await connection.execute(statement)).first()
    password_hash = known.password_hash if known is not None else None
    person = await _count_person(identity, statement, account, known, visitor)
    right = await identity.hasher.verify_password(password, password_hash)
    if not right or known is None or person is None:
        user_id = known.user_id if known is not None else None
        await note_refused(identity, user_id, Kind.PASSWORD, visitor)
        raise WrongCredentials
    await identity.limits.forgive(attempt + person)

    async def work(unit: Unit) -> SignedIn | Waiting | Refusal:
        # The password or a factor may have changed while the password was checked.
        now = (await unit.execute(queries.password_of(known.user_id))).one()
        if now.password_hash != password_hash:
            raise WrongCredentials
        if now.second_factor:
            await note_sign_in(unit, known.user_id, Kind.PASSWORD, Outcome.FACTOR_ASKED, visitor)
            return await _wait(identity, unit, known.user_id)
        return await _open(identity, unit, known.user_id, Kind.PASSWORD, visitor)

    done = await identity.database.transact(work, name="sign_in")
    # What a refusal wrote is committed before it is raised.
    if isinstance(done, Refusal):
        raise done
    return done


def _find_by(name: str) -> tuple[Any, str]:
    """The statement that finds whose name this is, and what attempts on it are counted under."""
    if "@" in name:
        key = rules.key_of_email(name)
        statement = queries.credentials_by_email(key or "")
    else:
        key = rules.key_of_phone(name)
        statement = queries.credentials_by_phone(key or "")
    return statement, key or f"malformed:{name[: rules.EMAIL_CHARS_MAX]}"


async def _count(identity: Identity, statement: Any, account: str, visitor: Visitor) -> Attempt:
    try:
        return await identity.limits.take(account, visitor.ip)
    except SignInsLimited:
        token = visitor.device_token
        if token is None or not await _is_known_device(identity, statement, token):
            raise
        # Who guesses elsewhere does not lock the owner out of his own device.
        return await identity.limits.take_on_device(account, token)


async def _count_person(
    identity: Identity, statement: Any, account: str, known: Any, visitor: Visitor
) -> Attempt | None:
    """Count guesses by mail address and by telephone together; None when there were too many, and
    the password is then wrong whatever it is. A device that the account knows goes on."""
    person = str(known.user_id) if known is not None else f"nobody:{account}"
    counted = await identity.limits.take_person(person)
    token = visitor.device_token
    if counted is not None or token is None or known is None:
        return counted
    if not await _is_known_device(identity, statement, token):
        return None
    return await identity.limits.take_on_device(person, token)


async def _is_known_device(identity: Identity, statement: Any, token: str) -> bool:
    async with identity.database.read() as connection:
        owner = (await connection.execute(statement)).first()
        user_id = NOBODY if owner is None else owner.user_id
        found = is_known(user_id, digest_device(token), identity.clock.now())
        return (await connection.execute(found)).first() is not None


async def _open(
    identity: Identity, unit: Unit, user_id: UUID, kind: Kind, visitor: Visitor
) -> SignedIn | Refusal:
    profile = (await unit.execute(queries.profile_of(user_id))).one()
    refusal = await _find_refusal(identity, unit, profile)
    outcome = Outcome.SIGNED_IN if refusal is None else Outcome.REFUSED
    await note_sign_in(unit, user_id, kind, outcome, visitor)
    if refusal is not None:
        return refusal
    credentials = await open_session(
        identity, unit, user_id, profile.role,
        ip=visitor.ip, device=visitor.device, kept=visitor.device_token,
    )  # fmt: skip
    return SignedIn(profile, credentials)


async def _find_refusal(identity: Identity, unit: Unit, profile: Any) -> Refusal | None:
    if (await unit.execute(queries.closure_of(profile.user_id))).first() is not None:
        return AccountIsClosed()
    try:
        check_country_of(identity, profile.phone)
    except CountryBlocked as refusal:
        return refusal
    return None


async def _wait(identity: Identity, unit: Unit, user_id: UUID) -> Waiting:
    secret = identity.database.random.token(SECRET_BYTES)
    token = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    await unit.execute(
        factor_queries.insert_pending(digest_token(token), user_id, unit.now + PENDING_LIFE)
    )
    return Waiting(token, await list_methods(unit, user_id))


async def list_methods(unit: Unit, user_id: UUID) -> list[str]:
    """The ways in which a user can show a second factor."""
    factors = (await unit.execute(factor_queries.factors_of(user_id))).one()
    found = {
        Method.TOTP: factors.totp_confirmed_at is not None,
        Method.PASSKEY: factors.passkeys > 0,
        Method.RECOVERY_CODE: factors.recovery_codes > 0,
    }
    return [method.value for method, offered in found.items() if offered]


async def finish_sign_in(
    identity: Identity, token: str, offer: Offer, visitor: Visitor
) -> SignedIn:
    """Open the session that waits for the second factor.

    Refuses `SecondFactorRefused` (wrong, used, or the token has expired), `SecondFactorLocked`,
    `AccountIsClosed` and `CountryBlocked`.
    """
    digest = digest_token(token)
    kind = _kind_of(offer)

    async def work(unit: Unit) -> SignedIn | Refusal | Verdict:
        user_id = await find_waiting(unit, digest)
        purpose, bound = Purpose.SECOND_FACTOR, bind(digest)
        verdict = await check_offer(identity, unit, user_id, offer, purpose, bound)
        if not verdict.right:
            if verdict.locked_until is None:
                await note_sign_in(unit, user_id, kind, Outcome.REFUSED, visitor)
            return verdict
        ended = await unit.execute(factor_queries.delete_pending(digest))
        if ended.rowcount != 1:
            raise SecondFactorRefused
        await note_shown(identity, unit, user_id)
        return await _open(identity, unit, user_id, kind, visitor)

    # The count of wrong codes is committed although the caller is refused.
    done = await identity.database.transact(work, name="finish_sign_in")
    if isinstance(done, Refusal):
        raise done
    if isinstance(done, Verdict):
        done.refuse_locked(identity.clock.now())
        raise SecondFactorRefused(done.sentence)
    return done


def _kind_of(offer: Offer) -> Kind:
    if offer.passkey is not None:
        return Kind.PASSKEY
    return Kind.TOTP if offer.code is not None else Kind.RECOVERY_CODE


async def find_waiting(unit: Unit, digest: bytes) -> UUID:
    """Whose sign-in waits for its second factor. Refuses `SecondFactorRefused`."""
    row = (await unit.execute(factor_queries.pending(digest, unit.now))).first()
    if row is None:
        raise SecondFactorRefused("Sign in with your password again.")
    user_id: UUID = row.user_id
    return user_id


async def ask_passkey(identity: Identity, token: str | None) -> dict[str, Any]:
    """What a browser needs to answer with a passkey: of the waiting user, or of anybody.

    Refuses `SecondFactorRefused` for a token that has expired.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        if token is None:
            return await ask_answer(identity, unit, Purpose.SIGN_IN, ANYBODY, None)
        digest = digest_token(token)
        user_id = await find_waiting(unit, digest)
        return await ask_answer(identity, unit, Purpose.SECOND_FACTOR, bind(digest), user_id)

    return await identity.database.transact(work, name="ask_passkey")


async def sign_in_by_passkey(
    identity: Identity, credential: Mapping[str, Any], visitor: Visitor
) -> SignedIn:
    """Open a session for who answers with a passkey; no password is asked.

    Refuses `SecondFactorRefused`, `SignInsLimited`, `AccountIsClosed` and `CountryBlocked`.
    """
    attempt = await identity.limits.take_passkey(visitor.ip)

    async def work(unit: Unit) -> SignedIn | Refusal | None:
        user_id = await check_passkey(identity, unit, credential, Purpose.SIGN_IN, ANYBODY)
        if user_id is None:
            owner_id = await find_owner(unit, credential)
            await note_sign_in(unit, owner_id, Kind.PASSKEY, Outcome.REFUSED, visitor)
            return None
        await note_shown(identity, unit, user_id)
        return await _open(identity, unit, user_id, Kind.PASSKEY, visitor)

    done = await identity.database.transact(work, name="sign_in_by_passkey")
    if isinstance(done, Refusal):
        raise done
    if done is None:
        raise SecondFactorRefused("The passkey was not accepted.")
    await identity.limits.forgive(attempt)
    return done


async def purge_pending(unit: Unit) -> int:
    """Forget one chunk of sign-ins that waited too long; how many."""
    rows = (await unit.execute(factor_queries.old_pending(unit.now, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(factor_queries.delete_old_pending([row.digest for row in rows]))
    return len(rows)


async def purge_challenges(unit: Unit) -> int:
    """Forget one chunk of challenges that nobody answered; how many."""
    rows = (await unit.execute(factor_queries.old_challenges(unit.now, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(factor_queries.delete_challenges([row.digest for row in rows]))
    return len(rows)


def digest_token(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
