"""Registering, profiles, and what the operator's commands do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.identity import Role
from models.sign_ins import SignInKind, SignInOutcome
from server.core.refusals import NotFound
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.identity import factor_queries, queries, rules
from server.identity.context import Identity
from server.identity.countries import check_country_of
from server.identity.hooks import Hooks
from server.identity.notices import warn_owner
from server.identity.refusals import (
    IdentityTaken,
    TermsChanged,
)
from server.identity.sessions import Credentials, end_sessions, open_session
from server.identity.sign_in_history import Visitor, note_sign_in
from server.identity.standing import StandingRow, change_standing, lock_standing, set_level
from server.staff.service import make_first_administrator

Reader = AsyncConnection | Unit
"""A read connection or a unit of work."""
LANGUAGE_DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class NewUser:
    """A registration whose parts were read and found acceptable."""

    email: str
    email_key: str
    username: str
    username_key: str
    password_hash: str
    phone: str | None
    referral_code: str | None
    language: str
    role: str


async def _prepare_user(
    identity: Identity, *, email: str, username: str, password: str, role: Role,
    phone: str | None = None, referral_code: str | None = None, language: str = LANGUAGE_DEFAULT,
    ip: str | None = None,
) -> NewUser:  # fmt: skip
    address, address_key = rules.read_email(email)
    name, name_key = rules.read_username(username, reserved_allowed=role is not Role.USER)
    number = rules.read_phone(phone) if phone is not None else None
    check_country_of(identity, number)
    rules.check_password(password, own_words=(name, address.partition("@")[0]))
    # Looked up before hashing, which is dear; the UNIQUE constraints decide in the end.
    await _refuse_taken(identity, name_key, address_key, ip)
    password_hash = await identity.hasher.hash_password(password)
    return NewUser(
        email=address, email_key=address_key, username=name, username_key=name_key,
        password_hash=password_hash, phone=number, referral_code=referral_code,
        language=language, role=role.value,
    )  # fmt: skip


async def _refuse_taken(
    identity: Identity, username_key: str, email_key: str, ip: str | None
) -> None:
    """Refuse `IdentityTaken` for a name or an address that somebody has.

    Who asks from `ip` about addresses too often gets `RegistrationsLimited` for any address, and
    the owner of one is told. The operator's commands come from nowhere and are not counted.
    """
    async with identity.database.read() as connection:
        statement = queries.taken_names(username_key, email_key)
        rows = (await connection.execute(statement)).all()
    owner_id = next((row.user_id for row in rows if row.email_key == email_key), None)
    if ip is not None and owner_id is not None:
        await identity.limits.take_taken(email_key, ip)
        await warn_owner(identity, owner_id)
    elif ip is not None:
        await identity.limits.check_taken(ip)
    if rows:
        raise IdentityTaken


async def _insert_user(identity: Identity, unit: Unit, user: NewUser) -> UUID:
    user_id, now = unit.ids.new_id(), unit.now
    await unit.execute(queries.insert_user(user_id, now))
    await unit.execute(
        queries.insert_profile(
            {
                "user_id": user_id,
                "username": user.username,
                "username_key": user.username_key,
                "email": user.email,
                "email_key": user.email_key,
                "phone": user.phone,
                "language": user.language,
                "referral_code": user.referral_code,
                "role": user.role,
                "password_hash": user.password_hash,
                "updated_at": now,
            }
        )
    )
    terms = identity.policy.terms_version
    await unit.execute(queries.insert_standing(user_id, identity.policy.new_account_level, terms))
    if terms:
        # Who opens an account accepts the terms that it is offered under.
        await unit.execute(queries.insert_terms_acceptance(user_id, terms, now))
    await unit.execute(factor_queries.insert_security(user_id))
    for hook in identity.hooks.on_registered:
        await hook(unit, user_id)
    return user_id


async def register_user(
    identity: Identity, fields: Mapping[str, Any], visitor: Visitor
) -> tuple[Any, Credentials]:
    """A new user with profile, standing and accounts, signed in.

    Refuses `IdentityTaken`, `RegistrationsLimited`, `PasswordRefused`, `CountryBlocked`.
    """
    user = await _prepare_user(identity, **fields, role=Role.USER, ip=visitor.ip)

    async def work(unit: Unit) -> tuple[Any, Credentials]:
        user_id = await _insert_user(identity, unit, user)
        credentials = await open_session(
            identity, unit, user_id, user.role, ip=visitor.ip, device=visitor.device, first=True
        )
        await note_sign_in(
            unit, user_id, SignInKind.REGISTRATION, SignInOutcome.SIGNED_IN, visitor
        )  # fmt: skip
        profile = (await unit.execute(queries.profile_of(user_id))).one()
        return profile, credentials

    try:
        return await identity.database.transact(work, name="register_user")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
    # Somebody else was faster: he is found now.
    await _refuse_taken(identity, user.username_key, user.email_key, visitor.ip)
    raise AssertionError("a UNIQUE constraint was broken by a name that nobody has")


async def create_admin(identity: Identity, *, email: str, username: str, password: str) -> UUID:
    """A new administrator; the first one can come from nowhere else."""
    user = await _prepare_user(
        identity, email=email, username=username, password=password, role=Role.ADMIN
    )

    async def work(unit: Unit) -> UUID:
        user_id = await _insert_user(identity, unit, user)
        await make_first_administrator(unit, user_id, None)
        await record_audit(unit, Action.ADMINISTRATOR_CREATED, "user", user_id)
        return user_id

    return await identity.database.transact(work, name="create_admin")


async def accept_terms(identity: Identity, unit: Unit, user_id: UUID, version: int) -> int:
    """Accept the terms that count now; repeating it changes nothing. The version accepted.

    Refuses `TermsChanged` for another version than the one that counts.
    """
    if version != identity.policy.terms_version:
        raise TermsChanged(current=str(identity.policy.terms_version))
    standing = await lock_standing(unit, user_id)

    if standing.terms_version < version:
        await unit.execute(queries.insert_terms_acceptance(user_id, version, unit.now))
        await change_standing(unit, identity.hooks, standing, terms_version=version)
        await record_audit(
            unit, Action.TERMS_ACCEPTED, "user", user_id, after={"version": version}
        )  # fmt: skip
    return version


async def get_profile(identity: Identity, user_id: UUID) -> Any:
    """A user with profile and standing."""
    async with identity.database.read() as connection:
        return (await connection.execute(queries.profile_of(user_id))).one()


async def get_profile_by_username(identity: Identity, username: str) -> Any:
    """The user of a name, in any letter case. Refuses `NotFound`."""
    async with identity.database.read() as connection:
        row = (
            await connection.execute(queries.profile_by_username(rules.key_of_username(username)))
        ).first()
    if row is None or not rules.is_same_username(row.username, username):
        raise NotFound
    return row


async def change_profile(unit: Unit, user_id: UUID, changes: Mapping[str, Any]) -> Any:
    """Change what a user may change of the profile without further proof; the profile after it."""
    if changes:
        await unit.execute_guarded(
            queries.update_profile(user_id, {**changes, "updated_at": unit.now})
        )
    return (await unit.execute(queries.profile_of(user_id))).one()


async def set_role(identity: Identity, unit: Unit, user_id: UUID, role: Role) -> None:
    """Give a user another role; his sessions end, so that the old one is worth nothing."""
    await unit.execute_guarded(
        queries.update_profile(user_id, {"role": role.value, "updated_at": unit.now})
    )
    await end_sessions(identity, unit, user_id, "role_changed")


async def change_level(
    unit: Unit, hooks: Hooks, user_id: UUID, old_level: int, kyc_level: int
) -> StandingRow:
    """Set a user's KYC level and audit it: the one way in which a level changes."""
    await record_audit(
        unit, Action.LEVEL_SET, "user", user_id,
        before={"kyc_level": old_level}, after={"kyc_level": kyc_level},
    )  # fmt: skip
    return await set_level(unit, hooks, user_id, kyc_level)


async def set_level_of(identity: Identity, name: str, kyc_level: int) -> StandingRow:
    """Set the KYC level of the user with this username or e-mail. Refuses `NotFound`."""

    async def work(unit: Unit) -> StandingRow:
        if "@" in name:
            statement = queries.profile_by_email(rules.key_of_email(name) or "")
        else:
            statement = queries.profile_by_username(rules.key_of_username(name))
        row = (await unit.execute(statement)).first()
        if row is None or ("@" not in name and not rules.is_same_username(row.username, name)):
            raise NotFound("There is no such user.")
        return await change_level(unit, identity.hooks, row.user_id, row.kyc_level, kyc_level)

    return await identity.database.transact(work, name="set_level")


async def find_user_id(reader: Reader, username: str) -> UUID:
    """The user of a name, in any letter case. Refuses `NotFound`."""
    statement = queries.profile_by_username(rules.key_of_username(username))
    row = (await reader.execute(statement)).first()
    if row is None or not rules.is_same_username(row.username, username):
        raise NotFound
    user_id: UUID = row.user_id
    return user_id
