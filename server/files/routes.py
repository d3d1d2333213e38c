"""The endpoints with which the parties of a trade send each other files."""

from datetime import datetime
from typing import Any

from models.files import FileStatus
from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db.idempotency import find_reply
from server.files import links, queries, refusals, schemas
from server.files.attachments import check_party, read_content, send_file, show_attachment
from server.files.contents import FILE_BYTES_MAX, NAMES, SHOWN_INLINE, TYPES
from server.files.context import FILES, Files
from server.files.store import StoreFailed
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import PageQuery
from server.identity.views import page_of, read_id_cursor
from server.kyc.images import read_media_type

ROUTES = Routes("Files")


@ROUTES.own(
    "POST",
    "/api/v1/trades/{id}/attachments",
    subject=Subject.OWN,
    summary="Send a file of your trade: the body is the file itself.",
    response=schemas.AttachmentSchema(),
    status=201,
    takes=TYPES,
    body_bytes_max=FILE_BYTES_MAX,
    refusals=(
        NotFound,
        refusals.FilesClosed,
        refusals.TooManyFiles,
        refusals.FileRefused,
        StoreFailed,
    ),
)
async def add_attachment(call: Call) -> Reply:
    """A file that both parties see, at once or when it was scanned."""
    assert call.key is not None, "the endpoint is keyed"
    async with call.database.read() as connection:
        # Before the work, which is dear.
        stored = await find_reply(
            connection, call.user.user_id, call.key.text, call.key.request_hash
        )
    if stored is not None:
        return Reply(stored.body, stored.status, {"Idempotency-Replayed": "true"})
    media_type = read_media_type(call.headers)
    kept = await send_file(
        call.app[FILES], call.user.user_id, call.path_id(), call.body, media_type, call.key
    )
    return Reply(kept, 201)


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/attachments",
    subject=Subject.OWN,
    summary="The files of your trade, oldest first.",
    query=PageQuery(),
    response=schemas.ATTACHMENTS_PAGE,
    refusals=(NotFound,),
)
async def list_attachments(call: Call) -> Reply:
    """A page of files."""
    limit, after = call.query["limit"], read_id_cursor(call.query["cursor"])
    user_id, trade_id = call.user.user_id, call.path_id()
    async with call.database.read() as connection:
        parties = await check_party(connection, trade_id, user_id)
        page = queries.page_of_trade(trade_id, reader_id=user_id, after=after, limit=limit + 1)
        rows = (await connection.execute(page)).all()
    items = [show_attachment(row, parties.buyer_id) for row in rows[:limit]]
    return page_of(items, rows, limit)


def show_open(files: Files, row: Any, buyer_id: Any, now: datetime) -> dict[str, Any]:
    """A file with its links."""
    link = None
    if row.status == FileStatus.CLEAN.value and row.purged_at is None:
        download, expires_at = links.make_link(files, row.id, now, inline=False)
        view = None
        if row.media_type in SHOWN_INLINE:
            view, _ = links.make_link(files, row.id, now, inline=True)
        link = {"download": download, "view": view, "expires_at": format_instant(expires_at)}
    return show_attachment(row, buyer_id) | {"link": link}


@ROUTES.read(
    "GET",
    "/api/v1/attachments/{id}",
    subject=Subject.OWN,
    summary="A file of your trade, with links to fetch it by for five minutes.",
    response=schemas.OpenAttachmentSchema(),
    refusals=(NotFound,),
)
async def get_attachment(call: Call) -> Reply:
    """The file with its links."""
    files, user_id = call.app[FILES], call.user.user_id
    async with call.database.read() as connection:
        row = (await connection.execute(queries.attachment(call.path_id()))).first()
        if row is None:
            raise NotFound
        parties = await check_party(connection, row.trade_id, user_id)
    if row.user_id != user_id and row.status != FileStatus.CLEAN.value:
        raise NotFound
    return Reply(show_open(files, row, parties.buyer_id, files.database.clock.now()))


@ROUTES.read(
    "GET",
    f"{links.PATH}{{link}}",
    access=Access.PUBLIC,
    subject=Subject.PUBLIC,
    summary="Fetch a file by a link; the link is the right to it, and no session is asked for.",
    response=None,
    media=tuple(NAMES),
    refusals=(NotFound, StoreFailed),
)
async def fetch_file(call: Call) -> Reply:
    """The content, which no browser takes for a page."""
    files = call.app[FILES]
    link = links.open_link(files, call.path["link"], files.database.clock.now())
    async with call.database.read() as connection:
        row = (await connection.execute(queries.attachment(link.attachment_id))).first()
    if row is None or row.status != FileStatus.CLEAN.value:
        raise NotFound
    content = await read_content(files, row)
    inline = link.inline and row.media_type in SHOWN_INLINE
    shown = "inline" if inline else "attachment"
    headers = {
        "Content-Disposition": f'{shown}; filename="{row.id.hex}.{NAMES[row.media_type]}"',
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        # A page of ours on another origin shows the picture: who has the link has the right.
        "Cross-Origin-Resource-Policy": "cross-origin" if inline else "same-origin",
    }
    return Reply(content, 200, headers, row.media_type)
