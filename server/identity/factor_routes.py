"""The endpoints of one's second factors: authenticator app, recovery codes, passkeys."""

from typing import Any

from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.identity import factor_queries as queries
from server.identity import factor_schemas as schemas
from server.identity import passkeys, recovery_codes, totp
from server.identity.context import IDENTITY
from server.identity.refusals import (
    CodeWrong,
    NoSecondFactor,
    PasskeyRefused,
    TooManyPasskeys,
    TotpExists,
)
from server.identity.step_up import use_request_proof
from server.identity.views import show_instant

ROUTES = Routes("Second factors")
PROVEN = "factor"
"""The action for which a change of second factors is proven."""


@ROUTES.read(
    "GET",
    "/api/v1/me/totp",
    summary="Whether one has an authenticator app.",
    response=schemas.TotpSchema(),
)
async def get_totp(call: Call) -> Reply:
    """When the app was taken into use."""
    async with call.database.read() as connection:
        row = (await connection.execute(queries.totp_of(call.user.user_id))).first()
    return Reply({"confirmed_at": show_instant(row.confirmed_at) if row is not None else None})


# Replies that carry secrets are never kept, so these calls commit by themselves: who repeats one
# gets a new secret, or is asked for a new proof.
@ROUTES.own(
    "POST",
    "/api/v1/me/totp",
    summary="Begin to add an authenticator app; it counts once it is confirmed.",
    response=schemas.NewTotpSchema(),
    status=201,
    refusals=(TotpExists,),
    step_up=True,
)
async def add_totp(call: Call) -> Reply:
    """The secret, as text, as URI and as a QR code."""

    async def work(unit: Unit) -> totp.NewTotp:
        await use_request_proof(unit, call, PROVEN)
        return await totp.start_totp(call.app[IDENTITY], unit, call.user)

    new = await call.database.transact(work, name="add_totp")
    return Reply({"secret": new.secret, "uri": new.uri, "qr_svg": new.qr_svg}, 201)


@ROUTES.own(
    "POST",
    "/api/v1/me/totp/confirm",
    summary="Take the new app into use by the code that it shows.",
    body=schemas.CodeSchema(),
    response=schemas.RecoveryCodesSchema(),
    refusals=(NotFound, TotpExists, CodeWrong),
)
async def confirm_totp(call: Call) -> Reply:
    """Recovery codes, if this is the first second factor."""

    async def work(unit: Unit) -> list[str]:
        return await totp.confirm_totp(call.app[IDENTITY], unit, call.user, call.body["code"])

    return Reply({"recovery_codes": await call.database.transact(work, name="confirm_totp")})


@ROUTES.write(
    "DELETE",
    "/api/v1/me/totp",
    summary="Take the authenticator app away.",
    response=None,
    status=204,
    refusals=(NotFound,),
    step_up=True,
)
async def remove_totp(call: Call, unit: Unit) -> Reply:
    """The end of the app."""
    await use_request_proof(unit, call, PROVEN)
    await totp.remove_totp(call.app[IDENTITY], unit, call.user)
    return Reply(None, 204)


@ROUTES.read(
    "GET",
    "/api/v1/me/recovery-codes",
    summary="How many recovery codes are left.",
    response=schemas.RecoveryCodesLeftSchema(),
)
async def get_recovery_codes(call: Call) -> Reply:
    """A number."""
    async with call.database.read() as connection:
        row = (await connection.execute(queries.factors_of(call.user.user_id))).one()
    return Reply({"left": row.recovery_codes})


@ROUTES.own(
    "POST",
    "/api/v1/me/recovery-codes",
    summary="Ten new recovery codes; the old ones are worth nothing any more.",
    response=schemas.RecoveryCodesSchema(),
    status=201,
    refusals=(NoSecondFactor,),
    step_up=True,
)
async def renew_recovery_codes(call: Call) -> Reply:
    """The codes, shown once."""

    async def work(unit: Unit) -> list[str]:
        await use_request_proof(unit, call, PROVEN)
        return await recovery_codes.renew_codes(call.app[IDENTITY], unit, call.user)

    codes = await call.database.transact(work, name="renew_recovery_codes")
    return Reply({"recovery_codes": codes}, 201)


def _show_passkey(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "backed_up": row.backed_up,
        "created_at": format_instant(row.created_at),
        "used_at": show_instant(row.used_at),
    }


@ROUTES.read(
    "GET",
    "/api/v1/me/passkeys",
    summary="One's passkeys, oldest first.",
    response=schemas.PasskeysSchema(),
)
async def list_passkeys(call: Call) -> Reply:
    """All passkeys."""
    async with call.database.read() as connection:
        statement = queries.passkeys_of(call.user.user_id, passkeys.PASSKEYS_MAX)
        rows = (await connection.execute(statement)).all()
    return Reply({"items": [_show_passkey(row) for row in rows]})


@ROUTES.own(
    "POST",
    "/api/v1/me/passkeys/options",
    summary="What a browser needs to make a passkey.",
    response=schemas.OptionsSchema(),
    refusals=(TooManyPasskeys,),
    step_up=True,
)
async def ask_new_passkey(call: Call) -> Reply:
    """Options for navigator.credentials.create()."""

    async def work(unit: Unit) -> dict[str, Any]:
        await use_request_proof(unit, call, PROVEN)
        return await passkeys.ask_registration(call.app[IDENTITY], unit, call.user)

    return Reply({"options": await call.database.transact(work, name="ask_new_passkey")})


@ROUTES.own(
    "POST",
    "/api/v1/me/passkeys",
    summary="Add the passkey that the browser has made.",
    body=schemas.NewPasskeySchema(),
    response=schemas.AddedPasskeySchema(),
    status=201,
    refusals=(PasskeyRefused, TooManyPasskeys),
)
async def add_passkey(call: Call) -> Reply:
    """The passkey, and recovery codes if it is the first second factor."""

    async def work(unit: Unit) -> tuple[Any, list[str]] | None:
        return await passkeys.add_passkey(
            call.app[IDENTITY], unit, call.user, call.body["name"], call.body["credential"]
        )

    made = await call.database.transact(work, name="add_passkey")
    if made is None:
        raise passkeys.refuse_passkey()
    row, codes = made
    return Reply({**_show_passkey(row), "recovery_codes": codes}, 201)


@ROUTES.write(
    "PATCH",
    "/api/v1/me/passkeys/{id}",
    summary="Call a passkey otherwise.",
    body=schemas.PasskeyNameSchema(),
    response=schemas.PasskeySchema(),
    refusals=(NotFound,),
)
async def rename_passkey(call: Call, unit: Unit) -> Reply:
    """The passkey after the change."""
    row = await passkeys.rename_passkey(unit, call.user.user_id, call.path_id(), call.body["name"])
    return Reply(_show_passkey(row))


@ROUTES.write(
    "DELETE",
    "/api/v1/me/passkeys/{id}",
    summary="Take a passkey away.",
    response=None,
    status=204,
    refusals=(NotFound,),
    step_up=True,
)
async def remove_passkey(call: Call, unit: Unit) -> Reply:
    """The end of a passkey."""
    passkey_id = call.path_id()
    await passkeys.get_passkey(unit, call.user.user_id, passkey_id)
    await use_request_proof(unit, call, PROVEN)
    await passkeys.remove_passkey(call.app[IDENTITY], unit, call.user, passkey_id)
    return Reply(None, 204)
