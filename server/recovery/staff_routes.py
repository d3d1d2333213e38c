"""The endpoints with which staff look at recoveries; they are decided as proposals."""

from typing import Any

from models.kyc import DocumentKind
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.identity.views import page_of, read_id_cursor, show_claim
from server.kyc import images
from server.kyc import queries as kyc_queries
from server.kyc.applications import open_sealed_person
from server.kyc.context import KYC
from server.kyc.refusals import ReadsExhausted
from server.kyc.routes import show_document
from server.kyc.staff_routes import answer_picture
from server.recovery import cases, completion, queries, refusals, schemas
from server.recovery.cases import Case, read_row

ROUTES = Routes("Recoveries")
COMPARED = (DocumentKind.FRONT.value, DocumentKind.BACK.value, DocumentKind.SELFIE.value)


async def _show(reader: Any, case: Case, username: str) -> dict[str, Any]:
    return {
        **await cases.show(reader, case),
        "username": username,
        "version": case.version,
        **show_claim(case),
    }


async def _name_and_show(unit: Unit, case: Case) -> Reply:
    username = (await unit.execute(kyc_queries.username_of(case.user_id))).scalar_one()
    return Reply(await _show(unit, case, username))


@ROUTES.read(
    "GET",
    "/api/admin/recoveries",
    summary="Recoveries in a status, longest waiting first; names of accounts only.",
    access=Permission.WORK_RECOVERIES,
    query=schemas.RecoveryQuery(),
    response=schemas.RECOVERY_PAGE,
)
async def list_recoveries(call: Call) -> Reply:
    """A page of recoveries."""
    limit, after = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        page = queries.queue(call.query["status"], after, limit + 1)
        rows = (await connection.execute(page)).all()
        items = [await _show(connection, read_row(row), row.username) for row in rows[:limit]]
    return page_of(items, rows, limit)


@ROUTES.read(
    "GET",
    "/api/admin/recoveries/{id}",
    summary="One recovery; who the owner is only for who has claimed it, and audited.",
    access=Permission.WORK_RECOVERIES,
    response=schemas.RecoveryReviewSchema(),
    refusals=(NotFound, refusals.RecoveryNotClaimed),
)
async def get_recovery(call: Call) -> Reply:
    """The recovery."""
    kyc, staff_id = call.app[KYC], call.user.user_id
    async with call.database.read() as connection:
        found = (await connection.execute(queries.recovery(call.path_id()))).first()
    if found is None:
        raise NotFound
    case = read_row(found)
    mine = completion.has_claim(case, staff_id, kyc.database.clock.now())
    if mine:
        case = await completion.note_read(kyc, staff_id, case.id)
    person, earlier = None, []
    async with call.database.read() as connection:
        username = (await connection.execute(kyc_queries.username_of(case.user_id))).scalar_one()
        pictures = (await connection.execute(kyc_queries.documents_of(case.id))).all()
        proven = (await connection.execute(queries.proven_identity(case.user_id))).first()
        if mine and proven is not None and proven.sealed is not None:
            said = open_sealed_person(kyc.identity.sealer, bytes(proven.sealed), proven.id)
            person = {name: said[name] for name in schemas.KnownPersonSchema().fields}
            stored = (await connection.execute(kyc_queries.documents_of(proven.id))).all()
            earlier = [show_document(row) for row in stored if row.kind in COMPARED]
        shown = await _show(connection, case, username)
    more = {
        "pictures": [show_document(row) for row in pictures],
        "earlier_pictures": earlier,
        "person": person,
    }
    return Reply(shown | more)


@ROUTES.read(
    "GET",
    "/api/admin/recoveries/{id}/pictures/{document_id}",
    summary="A picture of now or of the verification, with the reader's name all over it.",
    access=Permission.WORK_RECOVERIES,
    response=None,
    media=(images.KEPT_TYPE,),
    refusals=(NotFound, refusals.RecoveryNotClaimed, ReadsExhausted),
)
async def get_recovery_picture(call: Call) -> Reply:
    """The picture, to be kept nowhere."""
    kyc, document_id = call.app[KYC], call.path_id("document_id")
    case, proven_id, words = await completion.note_picture_read(
        kyc, call.user.user_id, call.path_id(), document_id
    )
    async with call.database.read() as connection:
        own = {row.id for row in await connection.execute(kyc_queries.documents_of(case.id))}
    if document_id in own or proven_id is None:
        return await answer_picture(kyc, case.id, document_id, words)
    return await answer_picture(kyc, proven_id, document_id, words)


@ROUTES.write(
    "POST",
    "/api/admin/recoveries/{id}/claim",
    summary="Take a recovery for half an hour.",
    access=Permission.WORK_RECOVERIES,
    response=schemas.QueuedRecoverySchema(),
    refusals=(
        NotFound,
        refusals.OwnRecovery,
        refusals.RecoveryClosed,
        refusals.RecoveryClaimed,
        refusals.RecoveryChanged,
    ),
)
async def claim_recovery(call: Call, unit: Unit) -> Reply:
    """The recovery, claimed."""
    case = await completion.claim(unit, call.user.user_id, call.path_id())
    return await _name_and_show(unit, case)


@ROUTES.write(
    "POST",
    "/api/admin/recoveries/{id}/refuse",
    summary="Refuse a recovery; who asked and the owner are told why.",
    access=Permission.WORK_RECOVERIES,
    body=schemas.RecoveryRefusalSchema(),
    response=schemas.QueuedRecoverySchema(),
    refusals=(
        NotFound,
        refusals.OwnRecovery,
        refusals.RecoveryClosed,
        refusals.RecoveryNotClaimed,
        refusals.RecoveryChanged,
    ),
)
async def refuse_recovery(call: Call, unit: Unit) -> Reply:
    """The recovery after the decision."""
    case = await completion.refuse(
        call.app[KYC].identity, unit, call.user.user_id, call.path_id(), **call.body
    )
    return await _name_and_show(unit, case)
