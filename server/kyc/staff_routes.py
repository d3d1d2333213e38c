"""The endpoints with which staff review identities."""

from functools import partial
from typing import Any
from uuid import UUID

from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.identity.views import read_page, show_claim, show_instant
from server.kyc import documents, images, queries, refusals, reviews, schemas
from server.kyc.applications import Application, open_person, read_row
from server.kyc.context import KYC, Kyc
from server.kyc.routes import show_document

ROUTES = Routes("Identity reviews")
DECIDED = (
    NotFound,
    refusals.OwnApplication,
    refusals.ApplicationClosed,
    refusals.NotClaimed,
    refusals.ApplicationChanged,
)


def _show(row: Application, username: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "username": username,
        "level": row.level,
        "status": row.status,
        "version": row.version,
        "submitted_at": show_instant(row.submitted_at),
        **show_claim(row),
        "first_approved": row.first_approver_id is not None,
        "provider_note": row.provider_note,
        "expires_at": show_instant(row.expires_at),
    }


async def _name_and_show(unit: Unit, row: Application) -> Reply:
    username = (await unit.execute(queries.username_of(row.user_id))).scalar_one()
    return Reply(_show(row, username))


async def answer_picture(kyc: Kyc, place_id: UUID, document_id: UUID, words: str) -> Reply:
    """A marked picture, to be kept nowhere."""
    marked = await documents.read_document(kyc, place_id, document_id, words)
    headers = {
        "Content-Disposition": f'attachment; filename="{document_id.hex}.jpg"',
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    return Reply(marked, 200, headers, images.KEPT_TYPE)


@ROUTES.read(
    "GET",
    "/api/admin/kyc",
    summary="Applications in a status, longest waiting first; names of accounts only.",
    access=Permission.REVIEW_KYC,
    query=schemas.QueueQuery(),
    response=schemas.QUEUE_PAGE,
)
async def list_kyc_applications(call: Call) -> Reply:
    """A page of the queue."""
    return await read_page(
        call,
        partial(queries.queue, call.query["status"]),
        lambda row: _show(read_row(row), row.username),
    )


@ROUTES.read(
    "GET",
    "/api/admin/kyc/{id}",
    summary="One application; who the applicant is only for who has claimed it, and audited.",
    access=Permission.REVIEW_KYC,
    response=schemas.ReviewSchema(),
    refusals=(NotFound, refusals.NotClaimed),
)
async def get_kyc_application(call: Call) -> Reply:
    """The application."""
    kyc, staff_id = call.app[KYC], call.user.user_id
    async with call.database.read() as connection:
        found = (await connection.execute(queries.application(call.path_id()))).first()
    if found is None:
        raise NotFound
    row = read_row(found)
    mine = row.sealed is not None and reviews.has_claim(row, staff_id, kyc.database.clock.now())
    if mine:
        row = await reviews.note_read(kyc, staff_id, row.id)
    owner_id: UUID | None = None
    async with call.database.read() as connection:
        username = (await connection.execute(queries.username_of(row.user_id))).scalar_one()
        pictures = (await connection.execute(queries.documents_of(row.id))).all()
        if row.fingerprint is not None:
            owner = await connection.execute(queries.owner_of_identity(row.fingerprint))
            owner_id = owner.scalar()
    person = None
    if mine:
        person = open_person(kyc.identity.sealer, row)
        person["document_expires_at"] = show_instant(row.document_expires_at)
        person["document_elsewhere"] = owner_id not in (None, row.user_id)
    shown = _show(row, username)
    return Reply(shown | {"documents": [show_document(one) for one in pictures], "person": person})


@ROUTES.read(
    "GET",
    "/api/admin/kyc/{id}/documents/{document_id}",
    summary="A picture with the reader's name all over it; every reading is audited.",
    access=Permission.REVIEW_KYC,
    response=None,
    media=(images.KEPT_TYPE,),
    refusals=(NotFound, refusals.NotClaimed, refusals.ReadsExhausted),
)
async def get_kyc_document(call: Call) -> Reply:
    """The picture, to be kept nowhere."""
    kyc, document_id = call.app[KYC], call.path_id("document_id")
    row, words = await reviews.note_document_read(
        kyc, call.user.user_id, call.path_id(), document_id
    )
    return await answer_picture(kyc, row.id, document_id, words)


@ROUTES.write(
    "POST",
    "/api/admin/kyc/{id}/claim",
    summary="Take an application for half an hour.",
    access=Permission.REVIEW_KYC,
    response=schemas.QueuedSchema(),
    refusals=(
        NotFound,
        refusals.OwnApplication,
        refusals.SecondPersonNeeded,
        refusals.ApplicationClosed,
        refusals.ClaimedByOther,
        refusals.ApplicationChanged,
    ),
)
async def claim_kyc_application(call: Call, unit: Unit) -> Reply:
    """The application, claimed."""
    return await _name_and_show(unit, await reviews.claim(unit, call.user.user_id, call.path_id()))


@ROUTES.write(
    "POST",
    "/api/admin/kyc/{id}/approve",
    summary="Find the identity true; level 3 takes a second person.",
    access=Permission.REVIEW_KYC,
    body=schemas.ApproveSchema(),
    response=schemas.QueuedSchema(),
    refusals=(
        *DECIDED,
        refusals.SecondPersonNeeded,
        refusals.IdentityInUse,
        refusals.ScreeningWaits,
        refusals.ScreeningUndecided,
        refusals.ScreeningMatched,
    ),
)
async def approve_kyc_application(call: Call, unit: Unit) -> Reply:
    """The application after the decision."""
    row = await reviews.approve(
        call.app[KYC],
        unit,
        call.user.user_id,
        call.path_id(),
        version=call.body["version"],
        document_expires_on=call.body["document_expires_on"],
    )
    return await _name_and_show(unit, row)


@ROUTES.write(
    "POST",
    "/api/admin/kyc/{id}/reject",
    summary="Refuse an application; its user is told why.",
    access=Permission.REVIEW_KYC,
    body=schemas.KycReasonSchema(),
    response=schemas.QueuedSchema(),
    refusals=DECIDED,
)
async def reject_kyc_application(call: Call, unit: Unit) -> Reply:
    """The application after the decision."""
    row = await reviews.reject(call.app[KYC], unit, call.user.user_id, call.path_id(), **call.body)
    return await _name_and_show(unit, row)


@ROUTES.write(
    "POST",
    "/api/admin/kyc/{id}/ask-more",
    summary="Give an application back for more or better pictures.",
    access=Permission.REVIEW_KYC,
    body=schemas.KycReasonSchema(),
    response=schemas.QueuedSchema(),
    refusals=DECIDED,
)
async def ask_more_of_kyc_application(call: Call, unit: Unit) -> Reply:
    """The application, with its user again."""
    row = await reviews.ask_more(
        call.app[KYC], unit, call.user.user_id, call.path_id(), **call.body
    )
    return await _name_and_show(unit, row)
