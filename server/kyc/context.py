"""What the check of identities works with, put together once by the wiring."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from server.db import Database
from server.identity.context import Identity
from server.kyc.provider import Provider
from server.kyc.screening_port import ScreeningPort
from server.kyc.store import DocumentStore


@dataclass(frozen=True, slots=True)
class KycRules:
    """What the settings decide."""

    recheck_after: timedelta = timedelta(days=730)
    """An approved identity is made anew after so long, or when its document expires."""
    refused_kept: timedelta = timedelta(days=90)
    """How long what was rejected or withdrawn is kept."""
    approved_kept: timedelta = timedelta(days=1825)
    """How long what was approved is kept once it counts no more."""


@dataclass(frozen=True, slots=True)
class Kyc:
    """The parts of the check of identities."""

    database: Database
    identity: Identity
    store: DocumentStore
    run_apart: Callable[[Callable[[], Any]], Awaitable[Any]]
    """Runs slow work in a thread of its own; refuses to inside a transaction."""
    rules: KycRules
    provider: Provider | None = None
    screening: ScreeningPort | None = None
    """The list of names; without one nobody is looked for."""
    unreadable: set[UUID] = field(default_factory=set)
    """Applications that no key opens and that were reported since the process began."""


KYC = web.AppKey("kyc", Kyc)


async def close_provider(app: web.Application) -> AsyncIterator[None]:
    """A cleanup context: gives the connections of provider and list back."""
    yield
    for outside in (app[KYC].provider, app[KYC].screening):
        if outside is not None:
            await outside.close()
