"""Roles: closed permissions in groups, edited only within what the editor has."""

from server.core.permissions import BUILT_IN_ROLES, Permission

ROLES = "/api/admin/roles"
NIGHT = {"id": "night_desk", "name": "Night desk", "permissions": ["work_tickets", "read_health"]}


async def test_administrator_sees_every_role_and_every_permission(bureau):
    _, token = await bureau.join("ada", "administrator")
    status, body = await bureau.act(token, "GET", ROLES)
    assert status == 200
    assert {role["id"] for role in body["items"]} == set(BUILT_IN_ROLES)
    held = {role["id"]: role["permissions"] for role in body["items"]}
    assert held["administrator"] == sorted(Permission)
    assert held["support_agent"] == [
        "decide_reports", "end_sessions", "read_approvals", "read_health", "read_trades",
        "work_recoveries", "work_tickets",
    ]  # fmt: skip
    _, listed = await bureau.act(token, "GET", "/api/admin/permissions")
    assert [one["id"] for one in listed["items"]] == sorted(Permission)
    assert all(one["sentence"] for one in listed["items"])


async def test_new_role_counts_at_once_for_who_gets_it(bureau):
    _, ada = await bureau.join("ada", "administrator")
    bob_id, bob = await bureau.join("bob", "auditor")
    _, own = await bureau.act(bob, "GET", "/api/v1/me/permissions")
    assert "work_tickets" not in {one["id"] for one in own["items"]}
    assert (await bureau.act(ada, "POST", ROLES, NIGHT))[0] == 201
    path = f"/api/admin/staff/{bob_id}/roles"
    assert (await bureau.act(ada, "POST", path, {"role": "night_desk"}))[0] == 204
    assert await bureau.wait_for_rights(bob_id, Permission.WORK_TICKETS, held=True) < 1
    _, own = await bureau.act(bob, "GET", "/api/v1/me/permissions")
    assert "work_tickets" in {one["id"] for one in own["items"]}
    (row,) = await bureau.audited("role_created")
    assert (row.object_kind, row.object_id, row.actor_kind) == ("role", "night_desk", "user")
    assert row.after == '{"name":"Night desk","permissions":["read_health","work_tickets"]}'


async def test_role_is_edited_at_its_version_only(bureau):
    _, ada = await bureau.join("ada", "administrator")
    path = f"{ROLES}/finance"
    change = {"version": 1, "permissions": ["read_health"]}
    status, role = await bureau.act(ada, "PATCH", path, change)
    assert (status, role["version"], role["permissions"]) == (200, 2, ["read_health"])
    assert await bureau.refuse(ada, "PATCH", path, change) == (409, "role_changed")
    (row,) = await bureau.audited("role_changed")
    assert '"approve_withdrawals"' in row.before
    assert row.after == '{"name":"Finance","permissions":["read_health"]}'


async def test_editing_a_role_reaches_another_process_within_a_second(bureau, other_bureau):
    _, ada = await bureau.join("ada", "administrator")
    bob_id, bob = await bureau.join("bob", "compliance")
    await other_bureau.wait_for_rights(bob_id, Permission.REVIEW_KYC, held=True)
    path = f"{ROLES}/compliance"
    change = {"version": 1, "permissions": ["read_audit"]}
    assert (await bureau.act(ada, "PATCH", path, change))[0] == 200
    assert await other_bureau.wait_for_rights(bob_id, Permission.REVIEW_KYC, held=False) < 1
    assert await other_bureau.refuse(bob, "GET", "/api/monitor/health") == (403, "forbidden")


async def test_nobody_makes_a_role_that_holds_more_than_he_does(bureau):
    _, ada = await bureau.join("ada", "administrator")
    narrow = {"id": "role_editor", "name": "Editor", "permissions": ["manage_roles", "read_staff"]}
    assert (await bureau.act(ada, "POST", ROLES, narrow))[0] == 201
    bob_id, bob = await bureau.join("bob", "auditor", "role_editor")
    await bureau.wait_for_rights(bob_id, Permission.MANAGE_ROLES, held=True)
    assert await bureau.refuse(bob, "POST", ROLES, NIGHT) == (403, "not_yours_to_give")
    widened = {"version": 1, "permissions": ["manage_roles", "approve_withdrawals"]}
    path = f"{ROLES}/role_editor"
    assert await bureau.refuse(bob, "PATCH", path, widened) == (403, "not_yours_to_give")
    emptied = {"version": 1, "permissions": []}
    assert await bureau.refuse(bob, "PATCH", f"{ROLES}/finance", emptied) == (
        403,
        "not_yours_to_give",
    )


async def test_administrator_role_is_fixed_and_its_reserved_permission_in_no_other(bureau):
    _, ada = await bureau.join("ada", "administrator")
    change = {"version": 1, "permissions": []}
    path = f"{ROLES}/administrator"
    assert await bureau.refuse(ada, "PATCH", path, change) == (409, "role_fixed")
    twin = {"id": "twin", "name": "Twin", "permissions": ["grant_administrator"]}
    assert await bureau.refuse(ada, "POST", ROLES, twin) == (409, "role_fixed")


async def test_role_is_deleted_once_nobody_has_it(bureau):
    _, ada = await bureau.join("ada", "administrator")
    bob_id, _ = await bureau.join("bob", "auditor")
    await bureau.act(ada, "POST", ROLES, NIGHT)
    await bureau.act(ada, "POST", f"/api/admin/staff/{bob_id}/roles", {"role": "night_desk"})
    path = f"{ROLES}/night_desk"
    assert await bureau.refuse(ada, "DELETE", path) == (409, "role_in_use")
    taken = f"/api/admin/staff/{bob_id}/roles/night_desk"
    assert (await bureau.act(ada, "DELETE", taken))[0] == 204
    assert (await bureau.act(ada, "DELETE", path))[0] == 204
    assert await bureau.refuse(ada, "DELETE", path) == (404, "not_found")
    assert await bureau.refuse(ada, "DELETE", f"{ROLES}/finance") == (409, "role_fixed")


async def test_edited_built_in_role_stays_edited_after_a_restart(bureau, other_bureau):
    ada_id, ada = await bureau.join("ada", "administrator")
    change = {"version": 1, "permissions": []}
    await bureau.act(ada, "PATCH", f"{ROLES}/finance", change)
    await other_bureau.wait_for_rights(ada_id, Permission.READ_STAFF, held=True)
    assert await bureau.seed_roles() == 0
    _, body = await other_bureau.act(ada, "GET", ROLES)
    (finance,) = [role for role in body["items"] if role["id"] == "finance"]
    assert finance["permissions"] == []


async def test_role_with_a_name_outside_ascii_is_not_found(bureau):
    _, ada = await bureau.join("ada", "administrator")
    change = {"version": 1, "permissions": ["read_health"]}
    assert await bureau.refuse(ada, "PATCH", f"{ROLES}/ñ", change) == (404, "not_found")
    assert await bureau.refuse(ada, "DELETE", f"{ROLES}/ñ") == (404, "not_found")
