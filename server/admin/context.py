"""What the functions of the staff's affairs work with, put together once by the wiring."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from server.admin.refused import RefusedAccess
from server.db import Database
from server.identity.context import Identity
from server.markets.service import WakeLane
from server.staff.approvals import Registry
from server.staff.rights import Rights
from server.staff.service import seed_roles
from server.staff.version_gate import VersionGate
from server.staff.write_gate import WriteGate


@dataclass(frozen=True, slots=True)
class Office:
    """The parts of the staff's affairs."""

    database: Database
    identity: Identity
    rights: Rights
    refused: RefusedAccess
    approvals: Registry
    """The acts that take more than one person, by name."""
    gate: WriteGate
    versions: VersionGate
    """Which versions of our apps are served."""
    wake_lane: WakeLane
    """Told the market whose lane has something in its inbox."""


OFFICE = web.AppKey("office", Office)


async def follow_office(app: web.Application) -> AsyncIterator[None]:
    """A cleanup context: follows what staff may do, and writes what refusals were counted.

    Rights and the gates are read once before the first request.
    """
    office = app[OFFICE]
    await seed_roles(office.database)
    await office.rights.read(office.database)
    await office.gate.read(office.database)
    await office.versions.read(office.database)
    tasks = [
        asyncio.create_task(office.rights.follow(office.database)),
        asyncio.create_task(office.gate.follow(office.database)),
        asyncio.create_task(office.versions.follow(office.database)),
        asyncio.create_task(office.refused.follow()),
    ]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await office.refused.flush()
