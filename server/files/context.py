"""What files of trades work with, put together once by the wiring."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from server.db import Database, Unit
from server.files.scanner import Scanner
from server.files.store import FileStore
from server.identity.hooks import Hooks
from server.identity.sealing import Sealer

AnnounceFile = Callable[[Unit, Any, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Files:
    """The surroundings of files."""

    database: Database
    sealer: Sealer
    identity_hooks: Hooks
    store: FileStore
    run_apart: Callable[[Callable[[], Any]], Awaitable[Any]]
    """Runs slow work in a thread of its own; refuses to inside a transaction."""
    link_secret: bytes
    """What links to files are signed with."""
    scanner: Scanner | None = None
    """Without one the rules about contents decide alone."""
    origin: str = ""
    """Where links lead, when that is another host than the API's."""
    kept: timedelta = timedelta(days=1825)
    """How long a file is kept."""
    on_added: list[AnnounceFile] = field(default_factory=list)
    """unit, row of `attachments`, `buyer` or `seller`: others see the file from now on."""


FILES = web.AppKey("files", Files)
