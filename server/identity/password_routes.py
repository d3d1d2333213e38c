"""The endpoints of passwords that are chosen and of those that were forgotten."""

from server.http.endpoint import Access, Call, Reply, Routes
from server.identity import schemas
from server.identity.context import IDENTITY
from server.identity.password_reset import ask_reset, reset_password
from server.identity.refusals import PasswordRefused, ResetRefused, SignInsLimited
from server.identity.strength import measure_password

ROUTES = Routes("Identity")


@ROUTES.own(
    "POST",
    "/api/v1/auth/password-strength",
    summary="How hard a password is to guess; nothing of it is kept.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.PasswordQuestionSchema(),
    response=schemas.PasswordStrengthSchema(),
)
async def measure_strength(call: Call) -> Reply:
    """The judgement."""
    strength = measure_password(call.body["password"], tuple(call.body["own_words"]))
    return Reply(
        {"score": strength.score, "accepted": strength.enough, "warning": strength.warning}
    )


@ROUTES.own(
    "POST",
    "/api/v1/auth/forgot-password",
    summary="Have a link mailed that sets a new password; the answer is the same for everybody.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.ForgottenSchema(),
    response=None,
    status=204,
    refusals=(SignInsLimited,),
)
async def forgot_password(call: Call) -> Reply:
    """Nothing."""
    await ask_reset(call.app[IDENTITY], call.body["email"], ip=call.ip)
    return Reply(None, 204)


@ROUTES.own(
    "POST",
    "/api/v1/auth/reset-password",
    summary="Set a new password by the token of the mail; the second factor stays.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.ResetSchema(),
    response=None,
    status=204,
    refusals=(ResetRefused, PasswordRefused, SignInsLimited),
)
async def reset_my_password(call: Call) -> Reply:
    """Nothing; one signs in with the new password."""
    await reset_password(call.app[IDENTITY], call.body["token"], call.body["password"])
    return Reply(None, 204)
