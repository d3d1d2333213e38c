"""The endpoints with which a user shows who he is, and that of the provider's messages."""

from typing import Any

from models.kyc import DocumentKind, KycStatus
from server.core.clock import format_instant
from server.core.refusals import NotFound, Unauthenticated, Unavailable
from server.db import Unit
from server.http.endpoint import Access, Call, Reply, Routes
from server.identity.standing import read_standings
from server.identity.views import show_instant
from server.kyc import applications, documents, images, messages, queries, refusals, schemas
from server.kyc.applications import SHOWN_MAX, Application, list_missing, read_row
from server.kyc.context import KYC, Kyc
from server.kyc.sumsub import digest_of

ROUTES = Routes("Identity check")


def show_document(row: Any) -> dict[str, Any]:
    """A picture without the picture."""
    return {
        "id": str(row.id), "kind": row.kind, "created_at": format_instant(row.created_at)
    }  # fmt: skip


async def _show(reader: Any, kyc: Kyc, row: Application) -> dict[str, Any]:
    found: list[Any] = []
    missing: list[str] = []
    if row.open_user_id is not None:
        found, missing = await list_missing(reader, kyc, row)
    return {
        "id": str(row.id),
        "level": row.level,
        "status": row.status,
        "reason": row.reason,
        "documents": [show_document(each) for each in found],
        "missing": missing if row.status == KycStatus.COLLECTING.value else [],
        "created_at": format_instant(row.created_at),
        "submitted_at": show_instant(row.submitted_at),
        "decided_at": show_instant(row.decided_at),
        "expires_at": show_instant(row.expires_at),
    }


@ROUTES.read(
    "GET",
    "/api/v1/me/kyc",
    summary="One's level and applications, newest first.",
    response=schemas.OwnKycSchema(),
)
async def get_own_kyc(call: Call) -> Reply:
    """The level and the applications."""
    user_id = call.user.user_id
    async with call.database.read() as connection:
        standing = (await read_standings(connection, [user_id]))[user_id]
        rows = (await connection.execute(queries.latest_of(user_id, SHOWN_MAX))).all()
        shown = [await _show(connection, call.app[KYC], read_row(row)) for row in rows]
    return Reply({"level": standing.kyc_level, "applications": shown})


@ROUTES.write(
    "POST",
    "/api/v1/me/kyc",
    summary="Apply for level 2 (identity) or 3 (address).",
    body=schemas.NewApplicationSchema(),
    response=schemas.OwnApplicationSchema(),
    status=201,
    refusals=(refusals.ApplicationOpen, refusals.LevelTooLow),
)
async def create_kyc_application(call: Call, unit: Unit) -> Reply:
    """A new application."""
    kyc = call.app[KYC]
    row = await applications.apply(kyc, unit, call.user.user_id, call.body)
    return Reply(await _show(unit, kyc, row), 201)


@ROUTES.own(
    "POST",
    "/api/v1/me/kyc/documents/{kind}",
    summary="Send a picture: the body is the file itself; a newer one replaces an older one.",
    response=None,
    status=204,
    takes=tuple(images.FORMATS),
    body_bytes_max=images.UPLOAD_BYTES_MAX,
    refusals=(refusals.NoOpenApplication, refusals.TooManyDocuments, refusals.PictureRefused),
)
async def add_kyc_document(call: Call) -> Reply:
    """A picture of the open application."""
    try:
        kind = DocumentKind(call.path["kind"])
    except ValueError:
        raise NotFound from None
    assert call.key is not None, "the endpoint is keyed"
    media_type = images.read_media_type(call.headers)
    await documents.add_document(
        call.app[KYC], call.user.user_id, kind, call.body, media_type, call.key
    )
    return Reply(None, 204)


@ROUTES.write(
    "POST",
    "/api/v1/me/kyc/submit",
    summary="Hand the open application in.",
    response=schemas.OwnApplicationSchema(),
    refusals=(refusals.NoOpenApplication, refusals.DocumentsMissing, refusals.ApplicationChanged),
)
async def submit_kyc_application(call: Call, unit: Unit) -> Reply:
    """The application waits for staff."""
    kyc = call.app[KYC]
    return Reply(await _show(unit, kyc, await applications.submit(kyc, unit, call.user.user_id)))


@ROUTES.write(
    "DELETE",
    "/api/v1/me/kyc",
    summary="Take the open application back.",
    response=None,
    status=204,
    refusals=(refusals.NoOpenApplication, refusals.ApplicationChanged),
)
async def withdraw_kyc_application(call: Call, unit: Unit) -> Reply:
    """The end of an application."""
    await applications.withdraw(unit, call.user.user_id)
    return Reply(None, 204)


@ROUTES.own(
    "POST",
    "/api/v1/me/kyc/provider-token",
    summary="What a device needs to show its owner to the provider that checks identities.",
    response=schemas.ProviderTokenSchema(),
    keyed=False,
    refusals=(refusals.NoProvider, refusals.NoOpenApplication, Unavailable),
)
async def create_kyc_provider_token(call: Call) -> Reply:
    """A token for the provider."""
    return Reply(await messages.make_token(call.app[KYC], call.user.user_id))


@ROUTES.own(
    "POST",
    "/api/v1/kyc/provider-messages",
    summary="For the provider: what it found out, signed.",
    access=Access.PUBLIC,
    keyed=False,
    response=None,
    status=204,
    takes=("application/json",),
    refusals=(
        refusals.NoProvider, refusals.MessageRefused, refusals.MessageStale, Unavailable,
        Unauthenticated,
    ),
)  # fmt: skip
async def hear_kyc_provider(call: Call) -> Reply:
    """A message, heard once; a repetition is answered the same."""
    kyc = call.app[KYC]
    provider = messages.get_provider(kyc)
    message = provider.read_message(call.body, call.headers)
    await messages.hear_message(kyc, provider, message, digest_of(call.body))
    return Reply(None, 204)
