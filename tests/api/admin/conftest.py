"""The real application with people on its staff."""

import asyncio
import re
from uuid import UUID

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from server.admin.context import OFFICE
from server.core.permissions import Permission
from server.settings import load_settings
from server.staff.service import seed_roles
from server.wiring import list_endpoints
from tests.api.admin.cases import Case
from tests.api.identity.conftest import PASSWORD, Api, clock, start_api
from tests.staff_world import make_staff

__all__ = ["clock"]


PROVEN = [
    (one.method, re.compile(re.sub(r"{\w+}", "[^/]+", one.path)))
    for one in list_endpoints(load_settings({}))
    if one.step_up and isinstance(one.access, Permission)
]


def is_proven(method, path):
    """Whether a call of the staff asks for a proof; what cannot be a path asks for none."""
    return path.isascii() and any(
        method == each and pattern.fullmatch(path) for each, pattern in PROVEN
    )


class Bureau(Api):
    """An application and what its staff does."""

    async def join(self, name, *role_ids):
        """A signed-in person with these roles: identifier and access token."""
        body = await self.register(name)
        if not role_ids:
            return body["user"]["id"], body["access_token"]
        await make_staff(self.client.server.app, body["user"]["id"], *role_ids)
        return body["user"]["id"], await self.sign_in(name)

    async def sign_in(self, name):
        reply = await self.login(name, PASSWORD)
        return (await reply.json())["access_token"]

    async def act(self, token, method, path, body=None, **options):
        """Status and body of a call, with a proof where it asks for one."""
        if is_proven(method, path):
            proof = await self.prove(token, "staff", method, path, body)
            options["headers"] = {"Step-Up": proof}
        reply = await self.ask(method, path, body, token=token, **options)
        return reply.status, await reply.json() if reply.content_length else None

    async def refuse(self, token, method, path, body=None):
        """Status and code of a call that must be refused."""
        status, problem = await self.act(token, method, path, body)
        assert status >= 400, (status, problem)
        return status, problem["code"]

    @property
    def office(self):
        return self.client.server.app[OFFICE]

    async def wait_for_rights(self, user_id, permission, *, held):
        """Seconds until this process knows that somebody has, or has no more, a permission."""
        time = asyncio.get_running_loop().time
        began = time()
        while self.office.rights.allows(UUID(user_id), permission) is not held:
            assert time() - began < 10, "the change of rights did not arrive"
            await asyncio.sleep(0.01)
        return time() - began

    async def seed_roles(self):
        return await seed_roles(self.database)

    async def audited(self, action):
        """The rows of the audit about an action, oldest first."""
        return await self.read(
            select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        )


@pytest.fixture
async def bureau(database_url, clock):
    async with start_api(database_url, clock, make=Bureau) as started:
        yield started


@pytest.fixture
async def other_bureau(database_url, clock, bureau):
    """A second process's application on the same database."""
    async with start_api(database_url, clock, make=Bureau) as started:
        yield started


@pytest.fixture
async def case(bureau):
    """Four administrators and somebody who is nobody yet."""
    made = Case(bureau)
    await made.begin()
    return made
