"""The endpoints that verify one's mailbox and telephone."""

from marshmallow import Schema, fields, validate

from server.core.clock import format_instant
from server.core.refusals import Unavailable
from server.http.endpoint import Call, Reply, Routes
from server.identity.context import IDENTITY
from server.identity.refusals import AlreadyVerified, CodeRefused, CountryBlocked, IdentityTaken
from server.identity.verification import EMAIL, PHONE, ask_code, confirm_code, show_verified
from server.messages.toll import CodesLimited

ROUTES = Routes("Identity")


class AskCodeSchema(Schema):
    """Where to send a code."""

    channel = fields.String(required=True, validate=validate.OneOf((EMAIL, PHONE)))
    phone = fields.String(
        validate=validate.Length(1, 40),
        metadata={"description": "With + and the country code; a number that is not verified yet."},
    )


class CodeSentSchema(Schema):
    """A code is on its way."""

    expires_at = fields.String(required=True)


class ConfirmCodeSchema(Schema):
    """A code that arrived."""

    channel = fields.String(required=True, validate=validate.OneOf((EMAIL, PHONE)))
    code = fields.String(required=True, validate=validate.Regexp(r"[0-9]{6}\Z"))


class VerifiedSchema(Schema):
    """What is verified now."""

    email_verified = fields.Boolean(required=True)
    phone_verified = fields.Boolean(required=True)
    kyc_level = fields.Integer(required=True)


@ROUTES.own(
    "POST",
    "/api/v1/auth/verify/request",
    summary="Have a code sent to one's own mailbox or telephone.",
    keyed=False,
    body=AskCodeSchema(),
    response=CodeSentSchema(),
    refusals=(AlreadyVerified, CodesLimited, CountryBlocked, Unavailable),
)
async def request_verification(call: Call) -> Reply:
    """When the code ends."""
    identity, body = call.app[IDENTITY], call.body
    expires_at = await ask_code(identity, call.user.user_id, body["channel"], body.get("phone"))
    return Reply({"expires_at": format_instant(expires_at)})


@ROUTES.own(
    "POST",
    "/api/v1/auth/verify/confirm",
    summary="Give the code back; mailbox and telephone together are level 1.",
    keyed=False,
    body=ConfirmCodeSchema(),
    response=VerifiedSchema(),
    refusals=(CodeRefused, IdentityTaken),
)
async def confirm_verification(call: Call) -> Reply:
    """What is verified now."""
    identity, body = call.app[IDENTITY], call.body
    done = await confirm_code(identity, call.user.user_id, body["channel"], body["code"])
    return Reply(show_verified(done))
