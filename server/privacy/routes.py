"""The endpoints with which a person gets a copy of everything about him."""

from functools import partial
from typing import Any

from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity.context import IDENTITY
from server.identity.step_up import use_request_proof
from server.identity.views import read_page, show_instant
from server.privacy import exports, queries, refusals, schemas

ROUTES = Routes("Privacy")
PROVEN = "account"
"""The action for which asking and fetching are proven."""
ZIP = "application/zip"


def _show(export: exports.Export) -> dict[str, Any]:
    return {
        "id": str(export.id),
        "status": export.status,
        "asked_at": format_instant(export.asked_at),
        "ready_at": show_instant(export.ready_at),
        "expires_at": show_instant(export.expires_at),
        "size": export.size,
    }


@ROUTES.write(
    "POST",
    "/api/v1/me/exports",
    summary="Ask for a copy of everything that is known about oneself, once in 24 hours.",
    response=schemas.DataExportSchema(),
    status=202,
    refusals=(refusals.ExportUnderWay, refusals.ExportsLimited),
    step_up=True,
)
async def ask_data_export(call: Call, unit: Unit) -> Reply:
    """The wish; its owner is told when the copy is ready."""
    await use_request_proof(unit, call, PROVEN)
    return Reply(_show(await exports.ask_export(call.app[IDENTITY], unit, call.user.user_id)), 202)


@ROUTES.read(
    "GET",
    "/api/v1/me/exports",
    summary="One's copies, newest first.",
    query=PageQuery(),
    response=schemas.DATA_EXPORT_PAGE,
)
async def list_data_exports(call: Call) -> Reply:
    """A page of copies."""
    ask = partial(queries.exports_of, call.user.user_id)
    return await read_page(call, ask, lambda row: _show(exports.read_row(row)))


@ROUTES.own(
    "POST",
    "/api/v1/me/exports/{id}/download",
    summary="Fetch a copy that is ready, for a week; every fetching takes a proof of its own.",
    response=None,
    media=(ZIP,),
    refusals=(NotFound, refusals.ExportNotReady),
    step_up=True,
)
async def fetch_data_export(call: Call) -> Reply:
    """The archive; being secret it is kept under no key, a repeated call needs another proof."""

    async def work(unit: Unit) -> bytes:
        export = await exports.get_own_export(unit, call.user.user_id, call.path_id())
        await use_request_proof(unit, call, PROVEN)
        return await exports.fetch_export(call.app[IDENTITY], unit, export)

    archive = await call.database.transact(work, name="fetch_data_export")
    headers = {
        "Content-Disposition": 'attachment; filename="iqx-data.zip"',
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    return Reply(archive, 200, headers, ZIP)
