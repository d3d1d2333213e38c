"""Administrators who propose and decide."""

from uuid import UUID

from sqlalchemy import select

from models.staff import StaffAssignment
from server.monitor.verifier import find_breaches
from server.staff.audit_chain import chain_waiting

APPROVALS = "/api/admin/approvals"
STAFF = "/api/admin/staff"


def asking(user_id, role="finance", **more):
    return {
        "kind": "grant_role", "object_id": user_id, "body": {"role": role},
        "reason": "He joins the desk.", **more,
    }  # fmt: skip


def crowning(user_id):
    return {
        "kind": "grant_administrator", "object_id": user_id, "body": {}, "reason": "She is ready.",
    }  # fmt: skip


class Case:
    """Administrators ada, bob, carol and dave; eve, who is nobody yet."""

    def __init__(self, bureau):
        self.bureau = bureau
        self.ids = {}
        self.tokens = {}

    async def begin(self):
        for name in ("ada", "bob", "carol", "dave"):
            self.ids[name], self.tokens[name] = await self.bureau.join(name, "administrator")
        self.ids["eve"], _ = await self.bureau.join("eve")

    async def propose(self, who="ada", body=None):
        asked = asking(self.ids["eve"]) if body is None else body
        status, found = await self.bureau.act(self.tokens[who], "POST", APPROVALS, asked)
        assert status == 201, found
        return found

    async def act(self, who, proposal, step, **body):
        if step != "withdraw":
            body = {"hash": proposal["hash"], **body}
        path = f"{APPROVALS}/{proposal['id']}/{step}"
        return await self.bureau.act(self.tokens[who], "POST", path, body)

    async def refused(self, who, proposal, step, **body):
        status, problem = await self.act(who, proposal, step, **body)
        assert status >= 400, problem
        return status, problem["code"]

    async def roles_of(self, name):
        rows = await self.bureau.read(
            select(StaffAssignment.role_id).where(StaffAssignment.user_id == UUID(self.ids[name]))
        )
        return sorted(row.role_id for row in rows)

    async def status_of(self, proposal):
        return (await self.get(proposal))["status"]

    async def get(self, proposal, who="ada"):
        path = f"{APPROVALS}/{proposal['id']}"
        status, found = await self.bureau.act(self.tokens[who], "GET", path)
        assert status == 200
        return found


async def breaches_of(database):
    """What the verifier finds once everything is chained; the tests' clock jumps."""
    await chain_waiting(database)
    return await find_breaches(database, since=None)
