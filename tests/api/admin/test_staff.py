"""Who works here: roles are given and taken within what one has; somebody stays administrator."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from models.staff import StaffAssignment
from server.admin.service import take_role
from server.core.permissions import ADMINISTRATOR, Permission

STAFF = "/api/admin/staff"


async def test_person_with_a_new_role_may_do_what_it_holds(bureau):
    _, ada = await bureau.join("ada", "administrator")
    bob_id, bob = await bureau.join("bob")
    assert await bureau.refuse(bob, "GET", "/api/monitor/health") == (403, "forbidden")
    path = f"{STAFF}/{bob_id}/roles"
    assert (await bureau.act(ada, "POST", path, {"role": "auditor"}))[0] == 204
    assert await bureau.status_of_me(bob) == 401
    bob = await bureau.sign_in("bob")
    await bureau.wait_for_rights(bob_id, Permission.READ_HEALTH, held=True)
    assert (await bureau.act(bob, "GET", "/api/monitor/health"))[0] == 200
    _, me = await bureau.act(bob, "GET", "/api/v1/me")
    assert me["role"] == "support"
    (row,) = [row for row in await bureau.audited("role_granted") if row.request_id]
    assert (row.object_id, row.before, row.after) == (
        bob_id,
        '{"roles":[]}',
        '{"roles":["auditor"]}',
    )
    assert row.ip == "127.0.0.1"


async def test_taken_role_is_worth_nothing_within_a_second(bureau, other_bureau):
    _, ada = await bureau.join("ada", "administrator")
    bob_id, bob = await bureau.join("bob", "support_agent", "finance")
    await other_bureau.wait_for_rights(bob_id, Permission.APPROVE_WITHDRAWALS, held=True)
    assert (await bureau.act(ada, "DELETE", f"{STAFF}/{bob_id}/roles/finance"))[0] == 204
    late = await other_bureau.wait_for_rights(bob_id, Permission.APPROVE_WITHDRAWALS, held=False)
    assert late < 1
    assert (await other_bureau.act(bob, "GET", "/api/monitor/health"))[0] == 200
    assert (await bureau.act(ada, "DELETE", f"{STAFF}/{bob_id}/roles/support_agent"))[0] == 204
    assert await bureau.status_of_me(bob) == 401
    assert len(await bureau.audited("role_taken")) == 2


async def test_rights_are_checked_without_reading_the_database(bureau):
    _, ada = await bureau.join("ada", "support_agent")
    await bureau.act(ada, "GET", "/api/v1/me/permissions")
    with bureau.count_statements() as seen:
        for _ in range(20):
            assert (await bureau.act(ada, "GET", "/api/v1/me/permissions"))[0] == 200
        asked = [one for one in seen if "staff_" in one and "staff_versions" not in one]
    assert asked == []


async def test_nobody_gives_a_role_that_holds_more_than_he_does(bureau):
    _, ada = await bureau.join("ada", "administrator")
    hr = {"id": "people_desk", "name": "People", "permissions": ["manage_staff", "work_tickets"]}
    await bureau.act(ada, "POST", "/api/admin/roles", hr)
    _, bob = await bureau.join("bob", "people_desk")
    carol_id, _ = await bureau.join("carol")
    path = f"{STAFF}/{carol_id}/roles"
    assert await bureau.refuse(bob, "POST", path, {"role": "finance"}) == (
        403,
        "not_yours_to_give",
    )
    dave_id, _ = await bureau.join("dave", "finance")
    taken = f"{STAFF}/{dave_id}/roles/finance"
    assert await bureau.refuse(bob, "DELETE", taken) == (403, "not_yours_to_give")


async def test_nobody_gives_himself_a_role(bureau):
    ada_id, ada = await bureau.join("ada", "administrator")
    path = f"{STAFF}/{ada_id}/roles"
    assert await bureau.refuse(ada, "POST", path, {"role": "finance"}) == (403, "not_oneself")


async def test_administrator_role_is_never_given_by_one_person(bureau):
    _, ada = await bureau.join("ada", "administrator")
    bob_id, _ = await bureau.join("bob")
    path = f"{STAFF}/{bob_id}/roles"
    assert await bureau.refuse(ada, "POST", path, {"role": ADMINISTRATOR}) == (
        409,
        "needs_approval",
    )


async def test_unknown_person_and_unknown_role_are_not_found(bureau):
    _, ada = await bureau.join("ada", "administrator")
    path = f"{STAFF}/{uuid4()}/roles"
    assert await bureau.refuse(ada, "POST", path, {"role": "finance"}) == (404, "not_found")
    bob_id, _ = await bureau.join("bob")
    path = f"{STAFF}/{bob_id}/roles"
    assert await bureau.refuse(ada, "POST", path, {"role": "no_such"}) == (404, "not_found")
    assert await bureau.refuse(ada, "DELETE", f"{path}/finance") == (404, "not_found")


async def test_last_administrator_cannot_give_the_role_up(bureau):
    ada_id, ada = await bureau.join("ada", "administrator")
    path = f"{STAFF}/{ada_id}/roles/administrator"
    assert await bureau.refuse(ada, "DELETE", path) == (409, "last_administrator")
    assert (await bureau.act(ada, "GET", "/api/monitor/health"))[0] == 200


@pytest.mark.parametrize("each", ["himself", "the_other"])
async def test_two_administrators_who_leave_at_one_instant_leave_one_behind(
    bureau, other_bureau, each
):
    ids = [(await bureau.join(name, "administrator"))[0] for name in ("ada", "bob")]

    async def leave(one, number):
        actor = UUID(ids[number])
        target = actor if each == "himself" else UUID(ids[1 - number])

        async def work(unit):
            identity, rights = one.office.identity, one.office.rights
            await take_role(identity, unit, rights, actor, target, ADMINISTRATOR)

        await one.database.transact(work, name="test")

    ended = await asyncio.gather(leave(bureau, 0), leave(other_bureau, 1), return_exceptions=True)
    refused = [one for one in ended if one is not None]
    assert len(refused) == 1, ended
    assert type(refused[0]).__name__ in {"LastAdministrator", "NotYoursToGive"}
    left = await bureau.read(
        select(StaffAssignment.user_id).where(StaffAssignment.role_id == ADMINISTRATOR)
    )
    assert len(left) == 1


async def test_staff_is_listed_with_roles_page_by_page(bureau):
    ada_id, ada = await bureau.join("ada", "administrator")
    bob_id, _ = await bureau.join("bob", "finance", "auditor")
    await bureau.join("carol")
    _, first = await bureau.act(ada, "GET", f"{STAFF}?limit=1")
    _, rest = await bureau.act(ada, "GET", f"{STAFF}?limit=1&cursor={first['next_cursor']}")
    people = first["items"] + rest["items"]
    assert {one["id"] for one in people} == {ada_id, bob_id}
    assert rest["next_cursor"] is None
    (bob,) = [one for one in people if one["id"] == bob_id]
    assert [each["role"] for each in bob["roles"]] == ["auditor", "finance"]
    assert bob["roles"][0]["granted_by"] is None
