"""The endpoints of payment methods and of one's payment accounts."""

from datetime import datetime
from typing import Any

import orjson

from models.identity import Speed
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import Conflict, NotFound
from server.db import Unit
from server.db.idempotency import StoredReply, store_reply
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import PageQuery
from server.http.scopes import Scope
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
from server.identity.views import page_of, read_id_cursor, read_page, read_word_cursor
from server.markets.bank_hours import read_bank_state
from server.markets.currencies import find_locale

ROUTES = Routes("Payment accounts")
PROVEN = "payment_account"
"""The action for which a change of payment accounts is proven."""
WINDOW_S = {Speed.INSTANT.value: 900, Speed.DOMESTIC.value: 1800, Speed.OTHER.value: 3600}
"""The default payment window of each kind of rail, in seconds."""
METHOD_CHARS_MAX = 40
SHOWN_PARTS = (
    "name", "kind", "required", "length_min", "length_max", "pattern", "mask", "countries",
    "mobile", "prefix",
)  # fmt: skip
"""What a form needs of a field, besides its texts."""


def show_account(
    account: accounts.AccountRow,
    masked: dict[str, str],
    legal_name: str | None,
) -> dict[str, Any]:
    """An account as its owner's list shows it; names are not masked."""
    return {
        "id": str(account.id),
        "payment_method_id": account.method_id,
        "payment_method_name": account.method_name,
        "currency": account.currency,
        "schema_version": account.schema_version,
        "details": masked,
        "holder_check": check_name(legal_name, find_holder(account.fields, masked)).value,
        "created_at": format_instant(account.created_at),
    }


def _show_label(label: dict[str, str], language: str) -> str:
    return label.get(language) or label["en"]


def _show_field(field: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        **{name: field[name] for name in SHOWN_PARTS},
        "label": _show_label(field["label"], language),
        "options": [
            {"value": option["value"], "label": _show_label(option["label"], language)}
            for option in field["options"]
        ],
    }


def _show_method(row: Any, language: str, now: datetime) -> dict[str, Any]:
    hours = None if row.hours is None else orjson.loads(row.hours)
    state = None if hours is None else read_bank_state(hours, now)
    return {
        "id": row.id,
        "name": row.name,
        "currency": row.currency,
        "region": row.region,
        "reversibility": row.reversibility,
        "speed": row.speed,
        "payment_window_s": WINDOW_S[row.speed],
        "hours": hours,
        "banks_open": state is None or state.is_open,
        "banks_change_at": None if state is None else format_instant(state.changes_at),
        "schema_version": row.schema_version,
        "fields": [_show_field(each, language) for each in orjson.loads(row.fields)],
    }


def _language_of(call: Call) -> str:
    return find_locale(call.query["language"])


@ROUTES.read(
    "GET",
    "/api/v1/payment-methods",
    summary="The rails on which fiat is paid, with the fields of a form for an account on each.",
    access=Access.PUBLIC,
    query=schemas.PaymentMethodQuery(),
    response=schemas.PAYMENT_METHOD_PAGE,
)
async def list_payment_methods(call: Call) -> Reply:
    """A page of payment methods, by identifier."""
    limit, after = call.query["limit"], read_word_cursor(call.query["cursor"])
    currency, region = call.query.get("currency"), call.query.get("region")
    async with call.database.read() as connection:
        statement = queries.list_methods(currency, region, after, limit + 1)
        rows = (await connection.execute(statement)).all()
    language, now = _language_of(call), call.database.clock.now()
    return page_of([_show_method(row, language, now) for row in rows[:limit]], rows, limit)


@ROUTES.read(
    "GET",
    "/api/v1/payment-methods/{method}",
    subject=Subject.PUBLIC,
    summary="One rail, with its fields as they are or as an older account has them.",
    access=Access.PUBLIC,
    query=schemas.PaymentMethodVersionQuery(),
    response=schemas.PaymentMethodSchema(),
    refusals=(NotFound,),
)
async def get_payment_method(call: Call) -> Reply:
    """A payment method with the newest or an older version of its fields."""
    method_id, version = call.path["method"], call.query.get("schema_version")
    if not method_id.isascii() or len(method_id) > METHOD_CHARS_MAX:
        raise NotFound
    async with call.database.read() as connection:
        row = (await connection.execute(queries.method(method_id))).first()
        if row is None:
            raise NotFound
        shown = _show_method(row, _language_of(call), call.database.clock.now())
        if version is not None:
            fields = (await connection.execute(queries.schema_of(row.id, version))).scalar()
            if fields is None:
                raise NotFound
            shown["schema_version"] = version
            shown["fields"] = [
                _show_field(each, _language_of(call)) for each in orjson.loads(fields)
            ]
    return Reply(shown)


@ROUTES.read(
    "GET",
    "/api/v1/me/payment-accounts",
    scope=Scope.READ,
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
        legal_name = await find_legal_name(connection, sealer, call.user.user_id)
    items = []
    for row in rows[:limit]:
        masked = rails.mask_details(row.fields, accounts.open_details(sealer, row))
        items.append(show_account(row, masked, legal_name))
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
        legal_name = await find_legal_name(unit, identity.sealer, user_id)
        shown = show_account(account, masked, legal_name)
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
    is_open = call.query["open"]
    return await read_page(
        call,
        lambda before, limit: queries.flags(is_open=is_open, before=before, limit=limit),
        _show_flag,
    )


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
