"""Showing that one reads one's mailbox and holds one's telephone; both together are level 1."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from models.codes import CodePurpose
from models.messages import Channel
from server.core.refusals import Invalid, Unavailable
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.identity import code_queries, queries, rules
from server.identity.codes import Address, send_code, use_code
from server.identity.context import Identity
from server.identity.countries import check_country_of
from server.identity.factor_changes import lock_account
from server.identity.notices import tell_owner
from server.identity.refusals import AlreadyVerified, CodeRefused, IdentityTaken
from server.identity.standing import StandingRow, set_level
from server.messages.toll import check_country

VERIFIED_LEVEL = 1
"""The KYC level of who has shown mailbox and telephone."""
EMAIL, PHONE = "email", "phone"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verified:
    """What is verified after a code was accepted."""

    email: bool
    phone: bool
    kyc_level: int


def show_verified(done: Verified) -> dict[str, Any]:
    """What is verified, as the API tells it."""
    return {
        "email_verified": done.email,
        "phone_verified": done.phone,
        "kyc_level": done.kyc_level,
    }


async def ask_code(identity: Identity, user_id: UUID, channel: str, phone: str | None) -> datetime:
    """Send a code to the caller's mailbox or telephone; when it ends.

    `phone` sets or replaces a number that is not verified. Refuses `AlreadyVerified`,
    `CodesLimited`, `Invalid` (no number, its country), `CountryBlocked`, `Unavailable` (nothing
    sends messages).
    """
    number = None if phone is None else rules.read_phone(phone)
    if channel == PHONE and not identity.sends_sms:
        raise Unavailable("Codes by text message are not available here.", retry_after_s=3600)

    async def work(unit: Unit) -> datetime:
        await lock_account(unit, user_id)
        known = (await unit.execute(code_queries.addresses_of(user_id))).one()
        if channel == EMAIL:
            if known.email_verified_at is not None:
                raise AlreadyVerified
            address = Address(Channel.MAIL, known.email)
            purpose = CodePurpose.VERIFY_EMAIL
        else:
            if known.phone_key is not None:
                raise AlreadyVerified
            to = number or known.phone
            if to is None:
                raise Invalid(errors={"phone": ["Give your telephone number."]})
            check_country(identity.sms_limits, to)
            check_country_of(identity, to)
            if to != known.phone:
                changes = {"phone": to, "updated_at": unit.now}
                await unit.execute_guarded(queries.update_profile(user_id, changes))
            address, purpose = Address(Channel.SMS, to), CodePurpose.VERIFY_PHONE
        return await send_code(identity, unit, user_id, purpose, address, known.language)

    return await transact_first_code(identity, work, name="ask_code")


async def transact_first_code(
    identity: Identity, work: Callable[[Unit], Awaitable[T]], *, name: str
) -> T:
    """Run a unit that sends a code; again when it met another first code to its country."""
    try:
        return await identity.database.transact(work, name=name)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        return await identity.database.transact(work, name=name)


async def confirm_code(identity: Identity, user_id: UUID, channel: str, given: str) -> Verified:
    """Take a code back: the address is verified, and both together raise level 0 to 1.

    Refuses `CodeRefused` (wrong, old, used, too many errors), `IdentityTaken` (somebody else has
    verified the number).
    """

    async def work(unit: Unit) -> Verified | None:
        standing = await lock_account(unit, user_id)
        known = (await unit.execute(code_queries.addresses_of(user_id))).one()
        changes: dict[str, Any]
        if channel == EMAIL:
            purpose, address = CodePurpose.VERIFY_EMAIL, Address(Channel.MAIL, known.email)
            changes = {"email_verified_at": unit.now}
        else:
            if known.phone is None:
                return None
            purpose, address = CodePurpose.VERIFY_PHONE, Address(Channel.SMS, known.phone)
            changes = {"phone_key": known.phone}
        if not await use_code(identity, unit, user_id, purpose, address, given):
            return None
        if channel == PHONE:
            await tell_owner(unit, identity.hooks, user_id, "phone_confirmed")
        return await note_verified(identity, unit, standing, known, changes)

    # The count of errors is committed although the caller is refused.
    try:
        done = await identity.database.transact(work, name="confirm_code")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise IdentityTaken("Another account has this telephone number.") from None
    if done is None:
        raise CodeRefused
    return done


async def note_verified(
    identity: Identity,
    unit: Unit,
    standing: StandingRow,
    known: Any,
    changes: Mapping[str, Any],
) -> Verified:
    """Write a contact that its holder has shown, with what follows from it.

    `known` is what was known of the user's contacts before, `standing` his locked row.
    """
    user_id = standing.user_id
    await unit.execute_guarded(queries.update_profile(user_id, {**changes, "updated_at": unit.now}))
    email = "email_verified_at" in changes or known.email_verified_at is not None
    phone = "phone_key" in changes or known.phone_key is not None
    what = EMAIL if "email_verified_at" in changes else PHONE
    await record_audit(unit, Action.ADDRESS_VERIFIED, "user", user_id, after={"verified": what})
    level = standing.kyc_level
    if email and phone and level < VERIFIED_LEVEL:
        before, level = {"kyc_level": level}, VERIFIED_LEVEL
        await set_level(unit, identity.hooks, user_id, level)
        await record_audit(
            unit, Action.LEVEL_SET, "user", user_id, before=before, after={"kyc_level": level}
        )
    return Verified(email, phone, level)
