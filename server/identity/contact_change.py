"""Changing the e-mail address or the telephone number.

A proof of exactly this request is asked for, and a code goes to the new contact; nothing changes
before the code comes back, to the session that asked. Then the new contact is verified, other
sessions and reset links end, money is locked, and the old contact is told.

An address that somebody else has is answered like a free one: the same rows are written, and its
code is sent to nobody. Who gives the right code all the same, because two people were sent one
for the same address, meets the UNIQUE constraint.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError

from models.codes import CodePurpose, ContactKind
from models.messages import Channel
from server.core.clock import format_instant
from server.core.ids import first_id_at
from server.core.refusals import StepUpRequired, Unavailable
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.db.idempotency import StoredReply, store_reply
from server.http.endpoint import Actor, Call
from server.identity import code_queries, rules
from server.identity import contact_queries as queries
from server.identity.codes import LIFE, Address, send_code, use_code
from server.identity.context import Identity
from server.identity.countries import check_country_of
from server.identity.factor_changes import end_others, lock_account, lock_money
from server.identity.notices import FORMER_TOLD, note_tried, tell_owner
from server.identity.password_reset import end_resets_of
from server.identity.refusals import AccountIsFrozen, CodeRefused, ContactIsSame, IdentityTaken
from server.identity.step_up import use_request_proof
from server.identity.verification import (
    Verified,
    note_verified,
    show_verified,
    transact_first_code,
)
from server.messages.toll import check_country

NOBODY = UUID(int=0)
PURGE_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Contact:
    """A new contact as it was given."""

    kind: ContactKind
    to: str
    """As it is written to."""
    key: str
    """What makes it unique."""

    @property
    def address(self) -> Address:
        """Where its code goes."""
        return Address(CHANNELS[self.kind], self.to)


CHANNELS = {ContactKind.EMAIL: Channel.MAIL, ContactKind.PHONE: Channel.SMS}
PURPOSES = {
    ContactKind.EMAIL: CodePurpose.CHANGE_EMAIL,
    ContactKind.PHONE: CodePurpose.CHANGE_PHONE,
}


def read_contact(kind: ContactKind, given: str) -> Contact:
    """What a person wrote. Refuses `Invalid`."""
    if kind is ContactKind.EMAIL:
        return Contact(kind, *rules.read_email(given))
    number = rules.read_phone(given)
    return Contact(kind, number, number)


async def ask_change(identity: Identity, call: Call, contact: Contact) -> datetime:
    """Send a code to a new contact of the caller, and keep the reply under his key; when it ends.

    Refuses `StepUpRequired`, `AccountIsFrozen`, `ContactIsSame`, `CodesLimited`,
    `CountryBlocked`, `Invalid` (a country that no codes go to), `Unavailable` (nothing sends text
    messages).
    """
    user_id, key = call.user.user_id, call.key
    assert key is not None, "the endpoint takes a key"
    if not call.step_up:
        raise StepUpRequired
    if contact.kind is ContactKind.PHONE:
        if not identity.sends_sms:
            raise Unavailable("Codes by text message are not available here.", retry_after_s=3600)
        check_country(identity.sms_limits, contact.to)
        check_country_of(identity, contact.to)

    async def work(unit: Unit) -> datetime:
        await use_request_proof(unit, call, contact.kind.value)
        standing = await lock_account(unit, user_id)
        if standing.frozen_at is not None:
            # Who froze it may reach its owner where he was; a thief does not move him meanwhile.
            raise AccountIsFrozen
        known = (await unit.execute(code_queries.addresses_of(user_id))).one()
        if contact.key == _key_of(known, contact.kind):
            raise ContactIsSame
        owner_id = await _find_owner(unit, contact)
        expires_at = await send_code(
            identity, unit, user_id, PURPOSES[contact.kind], contact.address, known.language,
            to_nobody=owner_id is not None,
        )  # fmt: skip
        await _insert_change(unit, call.user, contact)
        # The same statement for an address that is free: it then touches nobody.
        await note_tried(unit, identity.hooks, owner_id or NOBODY)
        reply = StoredReply(200, orjson.dumps({"expires_at": format_instant(expires_at)}))
        await store_reply(unit, user_id, key.text, key.request_hash, reply)
        return expires_at

    return await transact_first_code(identity, work, name="ask_contact_change")


def _key_of(known: Any, kind: ContactKind) -> str | None:
    if kind is ContactKind.PHONE:
        phone_key: str | None = known.phone_key
        return phone_key
    return rules.key_of_email(known.email)


async def _find_owner(unit: Unit, contact: Contact) -> UUID | None:
    find = queries.owner_of_email if contact.kind is ContactKind.EMAIL else queries.owner_of_phone
    row = (await unit.execute(find(contact.key))).first()
    return None if row is None else row.user_id


async def _insert_change(unit: Unit, actor: Actor, contact: Contact) -> None:
    await unit.execute(
        queries.insert_change(
            {
                "id": unit.ids.new_id(),
                "user_id": actor.user_id,
                "session_id": actor.session_id,
                "kind": contact.kind.value,
                "contact": contact.to,
                "expires_at": unit.now + LIFE,
            }
        )
    )


async def confirm_change(identity: Identity, call: Call, kind: ContactKind, given: str) -> Verified:
    """Take the code back: the new contact is in use and verified; the reply is kept under the key.

    Refuses `CodeRefused` (wrong, old, used, another session's), `IdentityTaken` (somebody else
    was faster), `AccountIsFrozen`.
    """

    actor, key = call.user, call.key
    assert key is not None, "the endpoint takes a key"

    async def work(unit: Unit) -> Verified | None:
        standing = await lock_account(unit, actor.user_id)
        if standing.frozen_at is not None:
            raise AccountIsFrozen
        waiting = queries.waiting_change(actor.user_id, actor.session_id, kind, unit.now)
        change = (await unit.execute(waiting)).first()
        if change is None:
            return None
        contact = read_contact(kind, change.contact)
        purpose, address = PURPOSES[kind], contact.address
        if not await use_code(identity, unit, actor.user_id, purpose, address, given):
            return None
        known = (await unit.execute(code_queries.addresses_of(actor.user_id))).one()
        # Before anything changes, so that it goes to the old contact.
        await tell_owner(unit, identity.hooks, actor.user_id, f"{kind.value}_changed")
        former = known.email if kind is ContactKind.EMAIL else known.phone_key
        await unit.execute_guarded(queries.finish_change(change.id, former, unit.now))
        await end_resets_of(identity, unit, actor.user_id, known.email)
        standing = await lock_money(identity, unit, standing)
        await end_others(identity, unit, actor, f"{kind.value}_changed")
        await record_audit(
            unit, Action.SIGN_IN_CHANGED, "user", actor.user_id, reason=f"{kind.value}_changed"
        )
        changes = _write_contact(contact, unit.now)
        done = await note_verified(identity, unit, standing, known, changes)
        reply = StoredReply(200, orjson.dumps(show_verified(done)))
        await store_reply(unit, actor.user_id, key.text, key.request_hash, reply)
        return done

    # The count of errors is committed although the caller is refused.
    try:
        done = await identity.database.transact(work, name="confirm_contact_change")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise IdentityTaken("Another account has it now.") from None
    if done is None:
        raise CodeRefused
    return done


def _write_contact(contact: Contact, now: datetime) -> dict[str, Any]:
    if contact.kind is ContactKind.PHONE:
        return {"phone": contact.to, "phone_key": contact.key}
    return {"email": contact.to, "email_key": contact.key, "email_verified_at": now}


async def purge_contact_changes(unit: Unit) -> int:
    """Forget one chunk of changes whose former contacts are told no more; how many."""
    before = first_id_at(unit.now - FORMER_TOLD - LIFE)
    rows = (await unit.execute(queries.old_changes(before, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(queries.delete_changes([row.id for row in rows]))
    return len(rows)
