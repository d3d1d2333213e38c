"""The endpoints with which staff look at files of trades; every look is audited."""

from typing import Any
from uuid import UUID

from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes.staff_access import check_reader
from server.disputes.staff_cases import get_case
from server.disputes.staff_context import CASE_DESK
from server.disputes.staff_refusals import CaseNotYours, PartyToCase
from server.files import queries, schemas
from server.files.attachments import find_parties, show_attachment
from server.files.context import FILES
from server.files.duties import show_flag
from server.files.routes import show_open
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity.views import page_of, read_id_cursor

ROUTES = Routes("Files of trades")


async def _open_trade(call: Call, unit: Unit, trade_id: UUID) -> Any:
    """The parties of a trade that the caller may look into. Refuses `NotFound` for one's own."""
    parties = await find_parties(unit, trade_id)
    if call.user.user_id in (parties.buyer_id, parties.seller_id):
        raise NotFound
    return parties


@ROUTES.read(
    "GET",
    "/api/admin/trades/{id}/attachments",
    access=Permission.READ_TRADES,
    summary="The files of a trade of others, oldest first; audited.",
    query=PageQuery(),
    response=schemas.ATTACHMENTS_PAGE,
    refusals=(NotFound,),
)
async def list_attachments_of_trade(call: Call) -> Reply:
    """A page of files."""
    limit, after = call.query["limit"], read_id_cursor(call.query["cursor"])
    trade_id = call.path_id()

    async def work(unit: Unit) -> Reply:
        parties = await _open_trade(call, unit, trade_id)
        page = queries.page_of_trade(trade_id, reader_id=None, after=after, limit=limit + 1)
        rows = (await unit.execute(page)).all()
        await record_audit(unit, Action.ATTACHMENTS_LISTED, "trade", trade_id)
        items = [show_attachment(row, parties.buyer_id) for row in rows[:limit]]
        return page_of(items, rows, limit)

    return await call.database.transact(work, name="list_attachments_of_trade")


@ROUTES.read(
    "GET",
    "/api/admin/attachments/{id}",
    access=Permission.READ_TRADES,
    summary="A file of a trade of others, with links to fetch it by for five minutes; audited.",
    response=schemas.OpenAttachmentSchema(),
    refusals=(NotFound,),
)
async def get_attachment_of_trade(call: Call) -> Reply:
    """The file with its links."""
    files, attachment_id = call.app[FILES], call.path_id()

    async def work(unit: Unit) -> Reply:
        row = (await unit.execute(queries.attachment(attachment_id))).first()
        if row is None:
            raise NotFound
        parties = await _open_trade(call, unit, row.trade_id)
        await record_audit(
            unit, Action.ATTACHMENT_READ, "attachment", attachment_id,
            after={"trade": str(row.trade_id)},
        )  # fmt: skip
        return Reply(show_open(files, row, parties.buyer_id, unit.now))

    return await call.database.transact(work, name="get_attachment_of_trade")


@ROUTES.read(
    "GET",
    "/api/admin/disputes/{id}/attachments/{attachment_id}",
    access=Permission.READ_DISPUTES,
    summary="A file of a case that you were given, with links to fetch it by; audited.",
    response=schemas.OpenAttachmentSchema(),
    refusals=(NotFound, CaseNotYours, PartyToCase),
)
async def get_attachment_of_case(call: Call) -> Reply:
    """The file with its links."""
    files, desk, attachment_id = call.app[FILES], call.app[CASE_DESK], call.path_id("attachment_id")

    async def work(unit: Unit) -> Reply:
        case = await get_case(unit, call.path_id())
        await check_reader(unit, desk, call.user.user_id, case)
        row = (await unit.execute(queries.attachment(attachment_id))).first()
        if row is None or row.trade_id != case.trade_id:
            raise NotFound
        parties = await find_parties(unit, row.trade_id)
        await record_audit(
            unit, Action.ATTACHMENT_READ, "attachment", attachment_id,
            after={"trade": str(row.trade_id)},
        )  # fmt: skip
        return Reply(show_open(files, row, parties.buyer_id, unit.now))

    return await call.database.transact(work, name="get_attachment_of_case")


@ROUTES.read(
    "GET",
    "/api/admin/attachment-flags",
    access=Permission.WORK_DISPUTES,
    summary="Files that were sent in trades of different people, newest first.",
    query=PageQuery(),
    response=schemas.FLAGS_PAGE,
)
async def list_attachment_flags(call: Call) -> Reply:
    """A page of files that are alike."""
    limit, before = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        page = queries.page_of_flags(before=before, limit=limit + 1)
        rows = (await connection.execute(page)).all()
    return page_of([show_flag(row._asdict()) for row in rows[:limit]], rows, limit)
