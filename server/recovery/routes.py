"""The endpoints of recoveries: for who asks without a session, and for the owner who has one."""

from collections.abc import Mapping

from aiohttp import web

from models.kyc import DocumentKind
from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Access, Call, Reply, Routes
from server.identity.context import IDENTITY
from server.identity.refusals import AccountIsClosed, CodeRefused, SecondFactorRefused
from server.kyc import images
from server.kyc.context import KYC
from server.kyc.refusals import PictureRefused, TooManyDocuments
from server.messages.toll import CodesLimited
from server.recovery import asking, cases, refusals, schemas

ROUTES = Routes("Lost second factors")
TOKEN_HEADER = "Recovery-Token"  # noqa: S105 - the name of a header
PICTURES = (
    refusals.RecoveryUnknown,
    refusals.RecoveryClosed,
    refusals.NoPicturesAsked,
    TooManyDocuments,
    PictureRefused,
)


@ROUTES.own(
    "POST",
    "/api/v1/auth/recovery/code",
    summary="After the password: have a code sent with which lost factors are reported.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.AskRecoveryCodeSchema(),
    response=schemas.RecoveryCodeSentSchema(),
    refusals=(SecondFactorRefused, CodesLimited),
)
async def ask_recovery_code(call: Call) -> Reply:
    """What will be needed, and when the code ends."""
    sent = await asking.ask_code(call.app[IDENTITY], call.body["token"], call.body["channel"])
    return Reply({"proven_by": sent.proof, "expires_at": format_instant(sent.expires_at)})


@ROUTES.own(
    "POST",
    "/api/v1/auth/recovery",
    summary="Say that every second factor is lost; the owner has 72 hours to say no.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.NewRecoverySchema(),
    response=schemas.OpenedRecoverySchema(),
    status=201,
    refusals=(SecondFactorRefused, CodeRefused, AccountIsClosed, refusals.RecoveriesLimited),
)
async def ask_recovery(call: Call) -> Reply:
    """The recovery and its secret; asking again while it is open gives a new secret."""
    case, secret = await asking.ask_recovery(call.app[IDENTITY], **call.body)
    async with call.database.read() as connection:
        shown = await cases.show(connection, case)
    return Reply(shown | {"recovery_token": secret}, 201)


@ROUTES.own(
    "POST",
    "/api/v1/auth/recovery/status",
    summary="How a recovery stands, for who has its secret.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.RecoveryTokenSchema(),
    response=schemas.RecoverySchema(),
    refusals=(refusals.RecoveryUnknown,),
)
async def get_recovery_status(call: Call) -> Reply:
    """The recovery."""
    case = await asking.find_case(call.app[IDENTITY], call.body["recovery_token"])
    async with call.database.read() as connection:
        return Reply(await cases.show(connection, case))


def _read_secret(headers: Mapping[str, str]) -> str:
    secret = headers.get(TOKEN_HEADER, "")
    if not (0 < len(secret) <= asking.SECRET_CHARS_MAX and secret.isascii()):
        raise refusals.RecoveryUnknown
    return secret


async def _admit(app: web.Application, headers: Mapping[str, str]) -> None:
    await asking.find_case(app[IDENTITY], _read_secret(headers))


def _takes_picture(name: str, summary: str, kind: DocumentKind) -> None:
    async def handle(call: Call) -> Reply:
        secret, media_type = _read_secret(call.headers), images.read_media_type(call.headers)
        await asking.add_picture(call.app[KYC], secret, kind, call.body, media_type)
        return Reply(None, 204)

    handle.__name__ = f"add_recovery_{name}"
    handle.__doc__ = "Nothing."
    ROUTES.own(
        "POST",
        f"/api/v1/auth/recovery/{name}",
        summary=f"{summary}; the secret is in the header Recovery-Token.",
        access=Access.PUBLIC,
        keyed=False,
        response=None,
        status=204,
        takes=tuple(images.FORMATS),
        body_bytes_max=images.UPLOAD_BYTES_MAX,
        admit=_admit,
        refusals=PICTURES,
    )(handle)


_takes_picture("document", "Send a picture of the document", DocumentKind.FRONT)
_takes_picture("selfie", "Send a picture of oneself", DocumentKind.SELFIE)


@ROUTES.read(
    "GET",
    "/api/v1/me/recovery",
    summary="Whether somebody says that one's second factors are lost.",
    response=schemas.OwnRecoverySchema(),
)
async def get_own_recovery(call: Call) -> Reply:
    """The open recovery, or nothing."""
    now = call.app[IDENTITY].clock.now()
    async with call.database.read() as connection:
        case = await cases.find_open(connection, call.user.user_id)
        is_open = case is not None and case.is_open_at(now)
        shown = await cases.show(connection, case) if case is not None and is_open else None
    return Reply({"recovery": shown})


@ROUTES.write(
    "POST",
    "/api/v1/me/recovery/stop",
    summary="Say no: one's second factors are not lost.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def stop_recovery(call: Call, unit: Unit) -> Reply:
    """Nothing; the recovery has ended."""
    if not await cases.stop(call.app[IDENTITY], unit, call.user.user_id):
        raise NotFound
    return Reply(None, 204)
