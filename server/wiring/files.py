"""Files of trades, put together as the settings want."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from models.chat import Author
from server.chat.messages import write_attachment_message
from server.db import Unit, assert_outside_transaction
from server.files.context import FILES, AnnounceFile, Files
from server.files.duties import compare_new, purge_attachments, scan_waiting, sweep_files
from server.files.scanner import OPEN_LINE, ClamAv
from server.files.store import FileStore, FolderFiles
from server.identity.context import Identity
from server.identity.sealing import Sealer
from server.jobs.schedule import Duty
from server.kyc.store import FolderStore
from server.settings import Settings, derive_key
from server.wiring.kernel import Kernel, run_in
from server.wiring.people import PICTURE_THREAD

STORE_THREADS = 8
"""Files that are sent to a bucket, or read from it, at a time."""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def connect_to(url: str) -> OPEN_LINE:
    """What opens a connection to the scanner of a `tcp://` or `unix:` address."""
    parts = urlsplit(url)

    async def connect() -> Streams:
        assert_outside_transaction()
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.path)
        return await asyncio.open_connection(parts.hostname, parts.port)

    return connect


def tell_chat(sealer: Sealer) -> AnnounceFile:
    """The hook of files that puts each into its trade's chat."""

    async def write_file(unit: Unit, row: Any, sender: str) -> None:
        await write_attachment_message(
            unit,
            sealer,
            row.trade_id,
            author=Author(sender),
            author_id=row.user_id,
            attachment_id=row.id,
            params={"media_type": row.media_type, "size": row.size},
        )

    return write_file


def open_store(
    settings: Settings, thread: ThreadPoolExecutor, store_threads: ThreadPoolExecutor
) -> FileStore:
    """Where files lie: a bucket, asked in `store_threads`, or a folder, written in `thread`."""
    if not settings.files_s3_url:
        return FolderFiles(FolderStore(Path(settings.files_folder)), run_in(thread))
    # The library takes most of a second to read; who has no bucket does not wait for it.
    from server.files.s3 import Bucket, S3Files  # noqa: PLC0415 - see above

    bucket = Bucket(
        url=settings.files_s3_url,
        name=settings.files_s3_bucket,
        region=settings.files_s3_region,
        key_id=settings.files_s3_key_id,
        secret=settings.files_s3_secret,
        ca=settings.files_s3_ca,
    )
    return S3Files(bucket, run_in(store_threads))


def open_files(
    kernel: Kernel,
    identity: Identity,
    thread: ThreadPoolExecutor,
    store_threads: ThreadPoolExecutor,
) -> Files:
    """Files of trades; contents are looked at in `thread`, a bucket is asked in `store_threads`."""
    settings = kernel.settings
    scanner = ClamAv(connect_to(settings.scanner_url)) if settings.scanner_url else None
    return Files(
        database=kernel.database,
        sealer=identity.sealer,
        identity_hooks=identity.hooks,
        store=open_store(settings, thread, store_threads),
        run_apart=run_in(thread),
        link_secret=derive_key(settings.fingerprint_secret),
        scanner=scanner,
        origin=settings.files_origin,
        kept=timedelta(days=settings.file_days),
        on_added=[tell_chat(identity.sealer)],
    )


def add_files(app: web.Application, kernel: Kernel, identity: Identity) -> tuple[Duty, ...]:
    """Files of trades here, and what time does to them."""
    # The library of pictures keeps its warnings for the whole process: one thread draws them all.
    store_threads = ThreadPoolExecutor(STORE_THREADS, "files")
    files = app[FILES] = open_files(kernel, identity, app[PICTURE_THREAD], store_threads)

    async def run_store(_app: web.Application) -> AsyncIterator[None]:
        yield
        store_threads.shutdown(wait=True, cancel_futures=True)
        await files.store.close()

    app.cleanup_ctx.append(run_store)
    return (
        Duty("scan_attachments", 2, lambda _desk: scan_waiting(files), by_time=True),
        Duty("compare_attachments", 2, lambda _desk: compare_new(files)),
        Duty("sweep_files", 60, lambda _desk: sweep_files(files), by_time=True),
        Duty("purge_attachments", 3600, lambda _desk: purge_attachments(files), by_time=True),
    )
