"""People on the staff, for tests that need one."""

import re
from uuid import UUID

from models.rulings import CaseKind
from server.admin.context import OFFICE
from server.admin.service import assign_role
from server.disputes import staff_queries
from server.disputes.staff_assignment import give
from server.disputes.staff_cases import lay_on_desk, read_row
from server.staff.service import lock_staff
from server.trades.trade import get_trade
from tests.market_world import PASSWORD

ABOUT_ACCOUNTS = re.compile(r"/api/admin/users/[^/]+/(freeze|unfreeze|sessions/end)")


async def make_staff(app, user_id, *role_ids):
    """Give a user roles, as an operator would, and return when this process knows it.

    He must sign in anew: his sessions end.
    """
    office = app[OFFICE]
    user_id = UUID(user_id) if isinstance(user_id, str) else user_id

    async def work(unit):
        await lock_staff(unit, office.rights)
        for role_id in role_ids:
            await assign_role(office.identity, unit, user_id, role_id, granted_by=None)

    await office.database.transact(work, name="test")
    await office.rights.read(office.database)


async def join_staff(world, name, *role_ids):
    """A person of a `tests.market_world` who is on the staff, signed in."""
    person = await world.join(name)
    await make_staff(world.client.server.app, person.id, *role_ids)
    account = {"email": f"{name}@example.com", "password": PASSWORD}
    async with world.client.post("/api/v1/auth/login", json=account) as reply:
        person.token = (await reply.json())["access_token"]
    return person


async def give_case(world, person, trade_id):
    """Somebody is given the case about a trade; one is laid on the desk where there is none."""
    trade_id = UUID(trade_id)

    async def work(unit):
        row = (await unit.execute(staff_queries.cases_about([trade_id]))).first()
        if row is None:
            trade, case_id = await get_trade(unit, trade_id), unit.ids.new_id()
            await lay_on_desk(
                unit, trade, case_id=case_id, reason="not_received", kind=CaseKind.DISPUTE
            )
            row = (await unit.execute(staff_queries.cases_about([trade_id]))).one()
        if row.assignee_id != UUID(person.id):
            await give(unit, read_row(row), UUID(person.id), by=None, reason="For the test.")

    await world.database.transact(work, name="test")


async def break_glass(person, role):
    """Somebody takes a role in an emergency."""
    asked = {"role": role, "reason": "Nobody else is there to look.", "minutes": 30}
    status, taken = await ask_as_staff(person, "POST", "/elevations", asked, proven=True)
    assert status == 201, taken
    office = person.world.client.server.app[OFFICE]
    await office.rights.read(office.database)
    return taken


async def ask_as_staff(person, method, path, body=None, *, key=None, proven=None):
    """A call under /api/admin of somebody of a `tests.market_world`; its status and body.

    With a proof of it where `proven`; unless that is said, where it is about somebody's account.
    """
    path = f"/api/admin{path}"
    if proven is None:
        proven = ABOUT_ACCOUNTS.fullmatch(path) is not None
    sent = {"Authorization": f"Bearer {person.token}"}
    if method != "GET":
        sent["Idempotency-Key"] = key or f"{person.name}-{next(person.keys)}"
    if proven:
        sent["Step-Up"] = await prove_as_staff(person, method, path, body)
    async with person.world.client.request(method, path, json=body, headers=sent) as reply:
        return reply.status, await reply.json() if reply.status != 204 else None


async def prove_as_staff(person, method, path, body=None):
    """A proof of one whole call of the staff."""
    request = {"method": method, "path": path}
    if body is not None:
        request["body"] = body
    asked = {"password": PASSWORD, "action": "staff", "request": request}
    return (await person.must("POST", "/auth/step-up", asked))["proof"]


async def agree(requester, approver, kind, object_id, body=None):
    """One proposes, another approves, and it is carried out; the proposal."""
    asked = {
        "kind": kind, "object_id": object_id, "body": body or {}, "reason": "As we agreed.",
    }  # fmt: skip
    status, made = await ask_as_staff(requester, "POST", "/approvals", asked, proven=True)
    assert status == 201, made
    path = f"/approvals/{made['id']}/approve"
    shown = {"hash": made["hash"]}
    status, done = await ask_as_staff(approver, "POST", path, shown, proven=True)
    assert (status, done["status"]) == (200, "carried_out"), done
    return done
