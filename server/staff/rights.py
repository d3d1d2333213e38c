"""What each person on the staff may do, known to every process within a second.

Roles and who has them are few, so each process keeps all of them in memory. One row with a version
is read a few times a second; when it has grown, everything is read anew. No request reads the
database. A change made by this process is read at once.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.clock import Clock
from server.core.permissions import (
    ADMINISTRATOR,
    NEVER_BY_ELEVATION,
    Permission,
    read_permissions,
)
from server.db import Database, DatabaseBusy, DatabaseDown, Unit
from server.staff import queries
from server.staff.refusals import RightsUnknown

POLL_S = 0.4
"""Seconds of real time between two looks at the version."""
STALE_S = 10.0
"""After this long without a look nobody on the staff may do anything: fail closed."""
EVERYTHING = frozenset(Permission)
NOTHING: frozenset[Permission] = frozenset()

log = structlog.get_logger()


class Taken(NamedTuple):
    """What was taken in an emergency."""

    elevation_id: UUID
    permissions: frozenset[Permission]
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """What one person holds."""

    lasting: frozenset[Permission]
    for_now: tuple[Taken, ...] = ()

    def at(self, now: datetime) -> frozenset[Permission]:
        """Everything that counts at an instant."""
        if not self.for_now:
            return self.lasting
        running = (taken.permissions for taken in self.for_now if taken.ends_at > now)
        return self.lasting.union(*running)

    def elevation_for(self, permission: Permission, now: datetime) -> UUID | None:
        """The oldest thing taken without which the permission would be missing."""
        if permission in self.lasting:
            return None
        for taken in self.for_now:
            if permission in taken.permissions and taken.ends_at > now:
                return taken.elevation_id
        return None

    def find_taken(self, permission: Permission, now: datetime) -> UUID | None:
        """The oldest thing taken that has a permission, whether his roles give it or not."""
        for taken in self.for_now:
            if permission in taken.permissions and taken.ends_at > now:
                return taken.elevation_id
        return None


class Rights:
    """The permissions of everybody on the staff, as last read."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._holdings: dict[UUID, Holding] = {}
        self._version: int | None = None
        self._looked_at_s: float | None = None
        self._wake = asyncio.Event()

    def permissions_of(self, user_id: UUID) -> frozenset[Permission]:
        """What a person may do now. Refuses `RightsUnknown` when it was not read for long."""
        time_s = asyncio.get_running_loop().time()
        if self._looked_at_s is None or time_s - self._looked_at_s > STALE_S:
            raise RightsUnknown(retry_after_s=2)
        holding = self._holdings.get(user_id)
        return NOTHING if holding is None else holding.at(self._clock.now())

    def allows(self, user_id: UUID, permission: Permission) -> bool:
        """Whether a person may do this now."""
        return permission in self.permissions_of(user_id)

    def elevation_for(self, user_id: UUID, permission: Permission) -> UUID | None:
        """What a person took in an emergency and holds the permission by; none by his roles."""
        holding = self._holdings.get(user_id)
        return None if holding is None else holding.elevation_for(permission, self._clock.now())

    def find_taken(self, user_id: UUID, permission: Permission) -> UUID | None:
        """What a person took in an emergency that has the permission, beside his roles."""
        holding = self._holdings.get(user_id)
        return None if holding is None else holding.find_taken(permission, self._clock.now())

    def wake(self) -> None:
        """Look now: something has changed here."""
        self._wake.set()

    async def read(self, database: Database) -> None:
        """Look at the version and read everything if it has grown."""
        looked_at_s = asyncio.get_running_loop().time()
        async with database.read() as connection:
            version = (await connection.execute(queries.staff_version())).scalar() or 0
            if version != self._version:
                self._holdings = await read_holdings(connection, self._clock.now())
                # Of the version that was read first: what came meanwhile is read again.
                self._version = version
        self._looked_at_s = looked_at_s

    async def follow(self, database: Database) -> None:
        """Keep reading until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.read(database)
            except (DatabaseDown, DatabaseBusy, DBAPIError) as error:
                log.warning("rights_not_read", code=error.code)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()


async def read_holdings(
    connection: AsyncConnection | Unit, now: datetime, user_id: UUID | None = None
) -> dict[UUID, Holding]:
    """What everybody on the staff holds, or one person, as the database has it."""
    held = await read_roles(connection)
    lasting: dict[UUID, frozenset[Permission]] = {}
    for row in await connection.execute(queries.assignments(user_id)):
        known = lasting.get(row.user_id, NOTHING)
        lasting[row.user_id] = known | held.get(row.role_id, NOTHING)
    for_now: dict[UUID, list[Taken]] = {}
    for row in await connection.execute(queries.elevations_since(now, user_id)):
        permissions = held.get(row.role_id, NOTHING) - NEVER_BY_ELEVATION
        taken = Taken(row.id, permissions, row.ends_at)
        for_now.setdefault(row.user_id, []).append(taken)
    return {
        each: Holding(lasting.get(each, NOTHING), tuple(for_now.get(each, ())))
        for each in lasting.keys() | for_now.keys()
    }


async def read_roles(connection: AsyncConnection | Unit) -> Mapping[str, frozenset[Permission]]:
    """What each role holds."""
    names: dict[str, list[str]] = {}
    for row in await connection.execute(queries.role_permissions()):
        names.setdefault(row.role_id, []).append(row.permission)
    held = {role_id: read_permissions(each) for role_id, each in names.items()}
    held[ADMINISTRATOR] = EVERYTHING
    return held
