"""The endpoints that change one's e-mail address and telephone number."""

from marshmallow import Schema, fields, validate

from models.codes import ContactKind
from server.core.clock import format_instant
from server.core.refusals import Unavailable
from server.http.endpoint import Call, Reply, Routes
from server.identity.contact_change import ask_change, confirm_change, read_contact
from server.identity.context import IDENTITY
from server.identity.refusals import (
    AccountIsFrozen,
    CodeRefused,
    ContactIsSame,
    CountryBlocked,
    IdentityTaken,
)
from server.identity.verification import show_verified
from server.identity.verification_routes import CodeSentSchema, VerifiedSchema
from server.messages.toll import CodesLimited

ROUTES = Routes("Identity")


class NewEmailSchema(Schema):
    """The address that one wants to have."""

    email = fields.String(required=True, validate=validate.Length(1, 320))


class NewPhoneSchema(Schema):
    """The number that one wants to have."""

    phone = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"description": "With + and the country code."},
    )


class ContactCodeSchema(Schema):
    """The code that the new address or number got."""

    code = fields.String(required=True, validate=validate.Regexp(r"[0-9]{6}\Z"))


async def _ask(call: Call, kind: ContactKind) -> Reply:
    contact = read_contact(kind, call.body[kind.value])
    expires_at = await ask_change(call.app[IDENTITY], call, contact)
    return Reply({"expires_at": format_instant(expires_at)})


async def _confirm(call: Call, kind: ContactKind) -> Reply:
    done = await confirm_change(call.app[IDENTITY], call, kind, call.body["code"])
    return Reply(show_verified(done))


@ROUTES.own(
    "POST",
    "/api/v1/me/email",
    summary="Have a code sent to a new e-mail address; nothing changes before it comes back.",
    body=NewEmailSchema(),
    response=CodeSentSchema(),
    refusals=(ContactIsSame, CodesLimited, AccountIsFrozen),
    step_up=True,
)
async def change_email(call: Call) -> Reply:
    """When the code ends; the same whether or not somebody has the address."""
    return await _ask(call, ContactKind.EMAIL)


@ROUTES.own(
    "POST",
    "/api/v1/me/email/confirm",
    summary="Give the code back: the new address counts, and the old one is told.",
    body=ContactCodeSchema(),
    response=VerifiedSchema(),
    refusals=(CodeRefused, IdentityTaken, AccountIsFrozen),
)
async def confirm_email(call: Call) -> Reply:
    """What is verified now."""
    return await _confirm(call, ContactKind.EMAIL)


@ROUTES.own(
    "POST",
    "/api/v1/me/phone",
    summary="Have a code sent to a new number; nothing changes before it comes back.",
    body=NewPhoneSchema(),
    response=CodeSentSchema(),
    refusals=(ContactIsSame, CodesLimited, CountryBlocked, Unavailable, AccountIsFrozen),
    step_up=True,
)
async def change_phone(call: Call) -> Reply:
    """When the code ends; the same whether or not somebody has the number."""
    return await _ask(call, ContactKind.PHONE)


@ROUTES.own(
    "POST",
    "/api/v1/me/phone/confirm",
    summary="Give the code back: the new number counts, and the old one is told.",
    body=ContactCodeSchema(),
    response=VerifiedSchema(),
    refusals=(CodeRefused, IdentityTaken, AccountIsFrozen),
)
async def confirm_phone(call: Call) -> Reply:
    """What is verified now."""
    return await _confirm(call, ContactKind.PHONE)
