"""The endpoints of payment methods and of one's payment accounts."""

from typing import Any

import orjson

from models.identity import Speed
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import Conflict, Invalid, NotFound
from server.db import Unit
from server.db.idempotency import StoredReply, store_reply
from server.http.endpoint import Access, Call, Reply, Routes
from server.http.pages import PageQuery, read_cursor, write_cursor
from server.identity import account_queries as queries
from server.identity import accounts, rails, schemas
from server.identity.context import IDENTITY
from server.identity.names import check_name, find_holder, find_legal_name
from server.identity.refusals import (
    HolderDiffers,
    PaymentAccountExists,
    PaymentAccountInUse,
    PaymentAccountTaken,
    TooManyPaymentAccounts,
)
from server.identity.step_up import use_request_proof
from server.identity.views import page_of, read_id_cursor

ROUTES = Routes("Payment accounts")
PROVEN = "payment_account"
"""The action for which a change of payment accounts is proven."""
WINDOW_S = {Speed.INSTANT.value: 900, Speed.DOMESTIC.value: 1800, Speed.OTHER.value: 3600}
"""The default payment window of each kind of rail, in seconds."""


def show_account(
    account: accounts.AccountRow,
    masked: dict[str, str],
    rail_fields: Any,
    legal_name: str | None,
) -> dict[str, Any]:
    """An account as its owner's list shows it; names are not masked."""
    return {
        "id": str(account.id),
        "payment_method_id": account.method_id,
        "payment_method_name": account.method_name,
        "currency": account.currency,
        "details": masked,
        "holder_check": check_name(legal_name, find_holder(rail_fields, masked)).value,
        "created_at": format_instant(account.created_at),
    }


def _show_method(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "currency": row.currency,
        "region": row.region,
        "reversibility": row.reversibility,
        "speed": row.speed,
        "payment_window_s": WINDOW_S[row.speed],
        "fields": [
            {name: value for name, value in each.items() if name != "identifies"}
            for each in orjson.loads(row.fields)
        ],
    }


@ROUTES.read(
    "GET",
    "/api/v1/payment-methods",
    summary="The rails on which fiat is paid.",
    access=Access.PUBLIC,
    query=schemas.PaymentMethodQuery(),
    response=schemas.PAYMENT_METHOD_PAGE,
)
async def list_payment_methods(call: Call) -> Reply:
    """A page of payment methods, by identifier."""
    limit, cursor = call.query["limit"], call.query["cursor"]
    try:
        after = None if cursor is None else read_cursor(cursor).decode("ascii")
    except UnicodeDecodeError:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]}) from None
    async with call.database.read() as connection:
        statement = queries.list_methods(call.query.get("currency"), after, limit + 1)
        rows = (await connection.execute(statement)).all()
    last = write_cursor(rows[limit - 1].id.encode()) if len(rows) > limit else None
    return Reply({"items": [_show_method(row) for row in rows[:limit]], "next_cursor": last})


@ROUTES.read(
    "GET",
    "/api/v1/me/payment-accounts",
    summary="One's accounts on rails, newest first; numbers are masked.",
    query=PageQuery(),
    response=schemas.PAYMENT_ACCOUNT_PAGE,
)
async def list_payment_accounts(call: Call) -> Reply:
    """A page of one's payment accounts."""
    limit, before = call.query["limit"], read_id_cursor(call.query["cursor"])
    sealer = call.app[IDENTITY].sealer
    async with call.database.read() as connection:
        rows = await accounts.list_accounts(connection, call.user.user_id, before, limit + 1)
        fields = await accounts.read_rail_fields(connection, {row.method_id for row in rows})
        legal_name = await find_legal_name(connection, sealer, call.user.user_id)
    items = []
    for row in rows[:limit]:
        rail_fields = fields[row.method_id]
        masked = rails.mask_details(rail_fields, accounts.open_details(sealer, row))
        items.append(show_account(row, masked, rail_fields, legal_name))
    return page_of(items, rows, limit)


@ROUTES.own(
    "POST",
    "/api/v1/me/payment-accounts",
    summary="Add an account on a rail.",
    body=schemas.NewPaymentAccountSchema(),
    response=schemas.PaymentAccountSchema(),
    status=201,
    refusals=(PaymentAccountExists, PaymentAccountTaken, HolderDiffers, TooManyPaymentAccounts),
    step_up=True,
)
async def create_payment_account(call: Call) -> Reply:
    """A new payment account; when it is another user's, compliance is told although it fails."""
    identity, user_id, key = call.app[IDENTITY], call.user.user_id, call.key
    assert key is not None, "the endpoint is keyed"

    async def work(unit: Unit) -> Reply:
        await use_request_proof(unit, call, PROVEN)
        account, masked = await accounts.add_account(
            identity, unit, user_id, call.body["payment_method_id"], call.body["details"]
        )
        fields = await accounts.read_rail_fields(unit, {account.method_id})
        legal_name = await find_legal_name(unit, identity.sealer, user_id)
        shown = show_account(account, masked, fields[account.method_id], legal_name)
        body = orjson.dumps(shown)
        await store_reply(unit, user_id, key.text, key.request_hash, StoredReply(201, body))
        return Reply(body, 201)

    try:
        return await call.database.transact(work, name="create_payment_account")
    except PaymentAccountTaken as taken:
        await accounts.tell_of_taken(identity, user_id, taken)
        raise


@ROUTES.write(
    "DELETE",
    "/api/v1/me/payment-accounts/{id}",
    summary="Remove an account that nothing uses; ended trades keep their copy.",
    response=None,
    status=204,
    refusals=(NotFound, PaymentAccountInUse),
    step_up=True,
)
async def delete_payment_account(call: Call, unit: Unit) -> Reply:
    """The end of a payment account."""
    account = await accounts.get_own_account(unit, call.user.user_id, call.path_id())
    await use_request_proof(unit, call, PROVEN)
    await accounts.remove_account(call.app[IDENTITY], unit, account)
    return Reply(None, 204)


def _show_flag(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "payment_method_id": row.method_id,
        "username": row.username,
        "owner_username": row.owner_username,
        "created_at": format_instant(row.created_at),
        "closed_at": None if row.closed_at is None else format_instant(row.closed_at),
        "note": row.note,
    }


@ROUTES.read(
    "GET",
    "/api/admin/payment-account-flags",
    summary="Attempts to add another user's account, newest first.",
    access=Permission.REVIEW_KYC,
    query=schemas.FlagQuery(),
    response=schemas.FLAG_PAGE,
)
async def list_payment_account_flags(call: Call) -> Reply:
    """A page of flags."""
    limit, before = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        rows = (
            await connection.execute(
                queries.flags(is_open=call.query["open"], before=before, limit=limit + 1)
            )
        ).all()
    items = [_show_flag(row) for row in rows[:limit]]
    return page_of(items, rows, limit)


@ROUTES.write(
    "POST",
    "/api/admin/payment-account-flags/{id}/close",
    summary="Write down what was found about an attempt, which ends it.",
    access=Permission.REVIEW_KYC,
    body=schemas.FlagNoteSchema(),
    response=schemas.FlagSchema(),
    refusals=(NotFound, Conflict),
)
async def close_payment_account_flag(call: Call, unit: Unit) -> Reply:
    """The end of a flag."""
    row = await accounts.close_flag(unit, call.user.user_id, call.path_id(), call.body["note"])
    return Reply(_show_flag(row))
