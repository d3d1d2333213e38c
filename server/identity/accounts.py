"""Payment accounts: added, listed masked, removed; their details are encrypted at rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.events import Event, room_of_staff
from server.core.refusals import Conflict, Invalid, NotFound
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.identity import account_queries as queries
from server.identity import rails
from server.identity.context import Identity
from server.identity.factor_changes import lock_account, lock_money
from server.identity.hooks import Seen
from server.identity.names import NameCheck, check_name, find_holder, find_legal_name
from server.identity.refusals import (
    HolderDiffers,
    PaymentAccountExists,
    PaymentAccountTaken,
    TooManyPaymentAccounts,
)
from server.identity.sealing import Sealer
from server.identity.standing import change_standing

VERIFIED_LEVEL = 2
"""From this KYC level on the holder of an account must be the user."""
ACCOUNTS_MAX = 20
"""Payment accounts that one user may have at a time."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A payment account with what matters of its rail; the details stay sealed."""

    id: UUID
    user_id: UUID
    method_id: str
    method_name: str
    schema_version: int
    fields: list[dict[str, Any]]
    """What the details were written by, however the rail changed since."""
    currency: str
    reversibility: str
    speed: str
    sealed: bytes
    created_at: datetime
    removed_at: datetime | None


def _read_row(row: Any) -> AccountRow:
    return AccountRow(
        id=row.id, user_id=row.user_id, method_id=row.method_id, method_name=row.method_name,
        schema_version=row.schema_version, fields=orjson.loads(row.fields),
        currency=row.currency, reversibility=row.reversibility, speed=row.speed,
        sealed=bytes(row.sealed), created_at=row.created_at, removed_at=row.removed_at,
    )  # fmt: skip


def context_of(account_id: UUID) -> str:
    """What an account's details are bound to."""
    return f"payment_account:{account_id}"


def open_details(sealer: Sealer, account: AccountRow) -> dict[str, str]:
    """The details of an account, for its owner or for the buyer of a trade."""
    details: dict[str, str] = orjson.loads(
        sealer.open_sealed(account.sealed, context_of(account.id))
    )
    return details


async def read_accounts(
    connection: AsyncConnection | Unit, account_ids: Sequence[UUID]
) -> dict[UUID, AccountRow]:
    """Accounts by identifier, of anybody, removed ones too; unknown ones are left out."""
    rows = await connection.execute(queries.accounts_by_id(account_ids))
    return {row.id: _read_row(row) for row in rows}


async def list_accounts(
    connection: AsyncConnection, user_id: UUID, before: UUID | None, limit: int
) -> list[AccountRow]:
    """A user's accounts that were not removed, newest first, older than `before`."""
    rows = await connection.execute(queries.live_accounts(user_id, before, limit))
    return [_read_row(row) for row in rows]


async def check_holder(
    reader: AsyncConnection | Unit, sealer: Sealer, account: AccountRow, details: Mapping[str, str]
) -> NameCheck:
    """Whether the holder of an account is who its owner was found to be."""
    holder = find_holder(account.fields, details)
    return check_name(await find_legal_name(reader, sealer, account.user_id), holder)


async def add_account(
    identity: Identity, unit: Unit, user_id: UUID, method_id: str, given: Mapping[str, Any]
) -> tuple[AccountRow, dict[str, str]]:
    """A new account on a rail, and its details masked.

    Refuses `Invalid` (rail or details), `PaymentAccountExists`, `TooManyPaymentAccounts`,
    `HolderDiffers` when the holder is not who the user was found to be, and
    `PaymentAccountTaken` for another user's account, of which `flag_account` tells compliance.
    Money is locked afterwards as long as the policy says: a thief adds an account first. It is not
    for the first account of somebody who never traded, so that newcomers can begin.
    """
    method = (await unit.execute(queries.method(method_id))).first()
    if method is None:
        raise Invalid(errors={"payment_method_id": ["There is no such payment method."]})
    rail_fields = orjson.loads(method.fields)
    details = rails.read_details(rail_fields, given)
    digests = await _list_fingerprints(identity, unit, method_id, details)
    digest = digests[0]
    # The user's standing is locked so that two requests cannot pass the checks together.
    standing = await lock_account(unit, user_id)
    mine = (await unit.execute(queries.live_accounts(user_id, None, ACCOUNTS_MAX))).all()
    if any(bytes(row.fingerprint) in digests and row.method_id == method_id for row in mine):
        raise PaymentAccountExists
    if len(mine) >= ACCOUNTS_MAX:
        raise TooManyPaymentAccounts
    owners = await _check_owners(unit, user_id, method_id, digests)
    holder = find_holder(rail_fields, details)
    legal_name = await find_legal_name(unit, identity.sealer, user_id)
    if standing.kyc_level >= VERIFIED_LEVEL and check_name(legal_name, holder) is NameCheck.DIFFERS:
        raise HolderDiffers(errors={"details": {"holder": ["Add an account in your own name."]}})
    is_first = (await unit.execute(queries.has_account(user_id))).first() is None

    if digest not in owners:
        await _claim_fingerprint(unit, user_id, method_id, digest)
    account_id = await _insert_account(identity, unit, user_id, method, details, digest)
    locked = standing
    if standing.trades_completed or not is_first:
        locked = await lock_money(identity, unit, standing)
    if locked.version == standing.version:
        # Matching must know who else has this account, whether or not money is locked.
        await change_standing(unit, identity.hooks, locked)
    account = (await read_accounts(unit, [account_id]))[account_id]
    masked = rails.mask_details(rail_fields, details)
    await record_audit(
        unit, Action.PAYMENT_ACCOUNT_ADDED, "payment_account", account_id,
        after={
            "payment_method": method_id, "details": rails.mask_for_audit(rail_fields, details),
        },
    )  # fmt: skip
    return account, masked


async def _insert_account(
    identity: Identity,
    unit: Unit,
    user_id: UUID,
    method: Any,
    details: Mapping[str, str],
    digest: bytes,
) -> UUID:
    account_id = unit.ids.new_id()
    sealed = identity.sealer.seal(orjson.dumps(details), context_of(account_id))
    await unit.execute(
        queries.insert_account(
            {
                "id": account_id,
                "user_id": user_id,
                "method_id": method.id,
                "schema_version": method.schema_version,
                "sealed": sealed,
                "fingerprint": digest,
                "created_at": unit.now,
            }
        )
    )
    await unit.execute(queries.insert_account_state(account_id))
    return account_id


async def _list_fingerprints(
    identity: Identity, unit: Unit, method_id: str, details: Mapping[str, str]
) -> list[bytes]:
    """The account's fingerprint by each version of the rail's fields, the newest first."""
    schemas = await unit.execute(queries.schemas_of(method_id, rails.VERSIONS_MAX))
    versions = [orjson.loads(schema.fields) for schema in schemas]
    return rails.list_fingerprints(identity.fingerprint_secret, method_id, versions, details)


async def _check_owners(
    unit: Unit, user_id: UUID, method_id: str, digests: Sequence[bytes]
) -> set[bytes]:
    """The fingerprints that are the user's already; refuses `PaymentAccountTaken` another's."""
    rows = (await unit.execute(queries.owners_of(digests))).all()
    for row in rows:
        if row.user_id != user_id:
            raise PaymentAccountTaken(method_id, bytes(row.fingerprint))
    return {bytes(row.fingerprint) for row in rows}


async def get_own_account(unit: Unit, user_id: UUID, account_id: UUID) -> AccountRow:
    """One of a user's accounts. Refuses `NotFound`: unknown, removed before, somebody else's."""
    account = (await read_accounts(unit, [account_id])).get(account_id)
    if account is None or account.user_id != user_id or account.removed_at is not None:
        raise NotFound
    return account


async def _claim_fingerprint(unit: Unit, user_id: UUID, method_id: str, digest: bytes) -> None:
    try:
        await unit.execute(queries.insert_fingerprint(digest, user_id, unit.now))
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        # Somebody else has added it since it was looked up.
        raise PaymentAccountTaken(method_id, digest) from None


async def flag_account(unit: Unit, user_id: UUID, taken: PaymentAccountTaken) -> None:
    """Tell compliance, once for a user and an account, that he tried to add another's."""
    known = (await unit.execute(queries.flag_of(user_id, taken.digest))).first()
    owner_id = (await unit.execute(queries.owner_of(taken.digest))).scalar()
    # The owner's own unit may have been rolled back after it was met.
    if known is not None or owner_id in (None, user_id):
        return

    flag_id = unit.ids.new_id()
    await unit.execute(
        queries.insert_flag(
            {
                "id": flag_id,
                "user_id": user_id,
                "owner_id": owner_id,
                "method_id": taken.method_id,
                "fingerprint": taken.digest,
                "created_at": unit.now,
            }
        )
    )
    queued = {"kind": "payment_account_flag", "id": str(flag_id), "status": "open"}
    unit.emit(Event(room_of_staff("kyc"), "kyc_queue_changed", queued, flag_id))
    await record_audit(
        unit, Action.PAYMENT_ACCOUNT_FLAGGED, "payment_account_flag", flag_id,
        after={"payment_method": taken.method_id, "owner_id": str(owner_id)},
    )  # fmt: skip


async def tell_of_taken(identity: Identity, user_id: UUID, taken: PaymentAccountTaken) -> None:
    """`flag_account` in a unit of its own: that of the refusal was rolled back."""

    async def work(unit: Unit) -> None:
        await flag_account(unit, user_id, taken)
        owner_id = (await unit.execute(queries.owner_of(taken.digest))).scalar()
        assert owner_id is not None, "what is taken has an owner"
        for person in (user_id, owner_id):
            for hook in identity.hooks.on_seen:
                await hook(unit, Seen(person, payment_account=taken.digest))

    try:
        await identity.database.transact(work, name="flag_account")
    except IntegrityError as error:
        # The same attempt of the same user, at the same instant, has been told of.
        if not is_unique_violation(error):
            raise


async def close_flag(unit: Unit, staff_id: UUID, flag_id: UUID, note: str) -> Any:
    """Write down what compliance found; the flag. Refuses `NotFound`, `Conflict` when closed."""
    if (await unit.execute(queries.flag(flag_id))).first() is None:
        raise NotFound
    closed = await unit.execute(queries.close_flag(flag_id, staff_id, note, unit.now))
    if closed.rowcount == 0:
        raise Conflict("The flag is closed already.")

    queued = {"kind": "payment_account_flag", "id": str(flag_id), "status": "closed"}
    unit.emit(Event(room_of_staff("kyc"), "kyc_queue_changed", queued, flag_id))
    await record_audit(
        unit, Action.PAYMENT_ACCOUNT_FLAG_CLOSED, "payment_account_flag", flag_id, reason=note
    )
    return (await unit.execute(queries.flag(flag_id))).one()


async def remove_account(identity: Identity, unit: Unit, account: AccountRow) -> None:
    """Take an account away that nothing uses; ended trades keep their copy.

    Refuses `PaymentAccountInUse`, and `NotFound` when somebody was faster. An order that names the
    account at the same instant loses it through its lane.
    """
    for refuse in identity.hooks.on_account_removing:
        await refuse(unit, account.user_id, account.id, account.currency)

    removed = await unit.execute(queries.remove_account(account.id, unit.now))
    if removed.rowcount == 0:
        raise NotFound
    await record_audit(
        unit, Action.PAYMENT_ACCOUNT_REMOVED, "payment_account", account.id,
        before={"payment_method": account.method_id},
    )  # fmt: skip
    for hook in identity.hooks.on_account_removed:
        await hook(unit, account.user_id, account.id, account.currency)
