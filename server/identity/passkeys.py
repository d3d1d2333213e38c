"""Passkeys (WebAuthn): registering them, and checking what one signed.

A challenge is answered once: it is used up by the first answer, right or wrong. The user is always
verified by his authenticator (a finger, a face, a PIN), so that one rule serves signing in without
a password and proofs for money alike.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from models.factors import ChallengePurpose as Purpose
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Actor
from server.identity import factor_queries as queries
from server.identity.context import Identity
from server.identity.factor_changes import keep_factors, lock_account
from server.identity.notices import tell_owner
from server.identity.refusals import PasskeyRefused, TooManyPasskeys

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
PASSKEYS_MAX = 10
CREDENTIAL_BYTES_MAX = 1023
RP_NAME = "IQX"
ANYBODY = bytes(32)
"""What a challenge for signing in without a password is bound to."""
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)
MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError)
"""What the library raises for answers that it does not accept or cannot read."""


def bind(*parts: bytes) -> bytes:
    """The digest of what an answer to a challenge is good for."""
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


async def _open_challenge(identity: Identity, unit: Unit, purpose: Purpose, bound: bytes) -> bytes:
    challenge = identity.database.random.token(CHALLENGE_BYTES)
    await unit.execute(
        queries.insert_challenge(
            {
                "digest": hashlib.sha256(challenge).digest(),
                "purpose": purpose.value,
                "bound": bound,
                "expires_at": unit.now + CHALLENGE_LIFE,
            }
        )
    )
    return challenge


async def ask_registration(identity: Identity, unit: Unit, actor: Actor) -> dict[str, Any]:
    """The options with which a browser makes a passkey. Refuses `TooManyPasskeys`."""
    known = await list_passkeys(unit, actor.user_id)
    if len(known) >= PASSKEYS_MAX:
        raise TooManyPasskeys
    contact = (await unit.execute(queries.contact_of(actor.user_id))).one()
    challenge = await _open_challenge(
        identity, unit, Purpose.REGISTER, bind(actor.session_id.bytes)
    )
    options = webauthn.generate_registration_options(
        rp_id=identity.passkeys.domain,
        rp_name=RP_NAME,
        user_name=contact.username,
        user_id=actor.user_id.bytes,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_describe(known),
    )
    return options_to_json_dict(options)


async def add_passkey(
    identity: Identity, unit: Unit, actor: Actor, name: str, credential: Mapping[str, Any]
) -> tuple[Any, list[str]] | None:
    """The new passkey, and the recovery codes when it is the first second factor.

    None when the answer is not accepted: its challenge is used up all the same, which the caller
    commits before he refuses. Refuses `TooManyPasskeys`.
    """
    challenge = await _use_challenge(
        unit, credential, Purpose.REGISTER, bind(actor.session_id.bytes)
    )
    if challenge is None:
        return None
    standing = await lock_account(unit, actor.user_id)
    if len(await list_passkeys(unit, actor.user_id)) >= PASSKEYS_MAX:
        raise TooManyPasskeys
    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=identity.passkeys.domain,
            expected_origin=list(identity.passkeys.origins),
            require_user_verification=True,
        )
    except MALFORMED:
        return None
    digest = hashlib.sha256(made.credential_id).digest()
    taken = (await unit.execute(queries.lock_passkey(digest))).first() is not None
    if taken or len(made.credential_id) > CREDENTIAL_BYTES_MAX:
        return None
    passkey_id = unit.ids.new_id()
    await unit.execute(
        queries.insert_passkey(
            {
                "id": passkey_id,
                "user_id": actor.user_id,
                "name": name,
                "credential_digest": digest,
                "credential_id": made.credential_id,
                "public_key": made.credential_public_key,
                "transports": _read_transports(credential),
                "sign_count": made.sign_count,
                "backed_up": made.credential_backed_up,
                "created_at": unit.now,
            }
        )
    )
    codes = await keep_factors(identity, unit, actor, standing, "passkey_added", name=name)
    row = (await unit.execute(queries.passkey_of(actor.user_id, passkey_id))).one()
    return row, codes


def refuse_passkey() -> PasskeyRefused:
    """The refusal of an answer that makes no passkey."""
    return PasskeyRefused(errors={"credential": ["Begin anew and use this site's own page."]})


async def list_passkeys(unit: Unit, user_id: UUID) -> list[Any]:
    """The passkeys of a user, oldest first."""
    return list((await unit.execute(queries.passkeys_of(user_id, PASSKEYS_MAX))).all())


async def rename_passkey(unit: Unit, user_id: UUID, passkey_id: UUID, name: str) -> Any:
    """Call a passkey otherwise. Refuses `NotFound`."""
    await get_passkey(unit, user_id, passkey_id)
    renamed = await unit.execute(queries.update_passkey(passkey_id, {"name": name}))
    if renamed.rowcount != 1:
        raise NotFound
    return await get_passkey(unit, user_id, passkey_id)


async def get_passkey(unit: Unit, user_id: UUID, passkey_id: UUID) -> Any:
    """One passkey of the user. Refuses `NotFound`."""
    row = (await unit.execute(queries.passkey_of(user_id, passkey_id))).first()
    if row is None:
        raise NotFound
    return row


async def remove_passkey(identity: Identity, unit: Unit, actor: Actor, passkey_id: UUID) -> None:
    """Take a passkey away. Refuses `NotFound`."""
    standing = await lock_account(unit, actor.user_id)
    row = await get_passkey(unit, actor.user_id, passkey_id)
    await unit.execute_guarded(queries.delete_passkey(actor.user_id, passkey_id))
    await keep_factors(identity, unit, actor, standing, "passkey_removed", name=row.name)


async def ask_answer(
    identity: Identity, unit: Unit, purpose: Purpose, bound: bytes, user_id: UUID | None
) -> dict[str, Any]:
    """The options with which a browser answers; without a user, any passkey of this site may."""
    known = [] if user_id is None else await list_passkeys(unit, user_id)
    challenge = await _open_challenge(identity, unit, purpose, bound)
    options = webauthn.generate_authentication_options(
        rp_id=identity.passkeys.domain,
        challenge=challenge,
        allow_credentials=_describe(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


async def check_passkey(
    identity: Identity, unit: Unit, credential: Mapping[str, Any], purpose: Purpose, bound: bytes
) -> UUID | None:
    """Whose passkey answered a challenge of this purpose, bound to these bytes; None for a no.

    An answer whose count did not grow comes from a copy, or from what was copied: it is refused
    and the owner is told.
    """
    challenge = await _use_challenge(unit, credential, purpose, bound)
    if challenge is None:
        return None
    try:
        digest = hashlib.sha256(base64url_to_bytes(credential["id"])).digest()
        row = (await unit.execute(queries.lock_passkey(digest))).first()
        if row is None:
            return None
        answer = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=identity.passkeys.domain,
            expected_origin=list(identity.passkeys.origins),
            credential_public_key=bytes(row.public_key),
            # Compared below, where the owner can be told.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        handle = credential["response"].get("userHandle")
        if handle is not None and base64url_to_bytes(handle) != row.user_id.bytes:
            return None
    except (*MALFORMED, AttributeError):
        return None
    user_id: UUID = row.user_id
    count = answer.new_sign_count
    if (count or row.sign_count) and count <= row.sign_count:
        await tell_owner(unit, identity.hooks, user_id, "passkey_copied", name=row.name)
        return None
    used = await unit.execute(
        queries.update_passkey(
            row.id,
            {
                "sign_count": count,
                "used_at": unit.now,
                "backed_up": answer.credential_backed_up,
            },
        )
    )
    # Somebody may have removed it meanwhile.
    return user_id if used.rowcount == 1 else None


async def find_owner(unit: Unit, credential: Mapping[str, Any]) -> UUID | None:
    """Whose passkey an answer names, right or wrong; None for nobody's."""
    try:
        digest = hashlib.sha256(base64url_to_bytes(credential["id"])).digest()
    except MALFORMED:
        return None
    row = (await unit.execute(queries.lock_passkey(digest))).first()
    return None if row is None else row.user_id


async def _use_challenge(
    unit: Unit, credential: Mapping[str, Any], purpose: Purpose, bound: bytes
) -> bytes | None:
    """The challenge that was answered, used up; None when it was none of ours."""
    try:
        told = orjson.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = base64.urlsafe_b64decode(told["challenge"] + "==")
    except (ValueError, TypeError, KeyError):
        return None
    digest = hashlib.sha256(challenge).digest()
    used = await unit.execute(queries.use_challenge(digest, purpose.value, bound, unit.now))
    return challenge if used.rowcount == 1 else None


def _describe(passkeys: list[Any]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(row.credential_id),
            transports=[AuthenticatorTransport(name) for name in row.transports.split()],
        )
        for row in passkeys
    ]


def _read_transports(credential: Mapping[str, Any]) -> str:
    told = credential["response"].get("transports")
    return " ".join(sorted(TRANSPORTS.intersection(told))) if isinstance(told, list) else ""
