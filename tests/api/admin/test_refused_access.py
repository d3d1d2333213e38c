"""Refused access to what belongs to the staff is in the audit, and bounded."""

from server.admin.refused import ROWS_MAX


async def test_user_on_a_route_of_the_staff_is_refused_and_audited(bureau):
    user_id, token = await bureau.join("eve")
    reply = await bureau.ask("GET", "/api/admin/staff", token=token)
    assert reply.status == 403
    (row,) = await bureau.audited("access_refused")
    assert row.actor_id.hex == user_id.replace("-", "")
    assert (row.object_kind, row.object_id) == ("endpoint", "list_staff")
    assert row.request_id == reply.headers["X-Request-Id"]


async def test_staff_with_another_role_is_refused_and_audited(bureau):
    _, token = await bureau.join("eve", "support_agent")
    body = {"role": "finance"}
    path = "/api/admin/staff/01890000-0000-7000-8000-000000000000/roles"
    assert await bureau.refuse(token, "POST", path, body) == (403, "forbidden")
    (row,) = await bureau.audited("access_refused")
    assert row.object_id == "grant_role"


async def test_refusal_of_what_one_does_not_have_is_audited_too(bureau):
    ada_id, ada = await bureau.join("ada", "administrator")
    path = f"/api/admin/staff/{ada_id}/roles"
    assert await bureau.refuse(ada, "POST", path, {"role": "finance"}) == (403, "not_oneself")
    assert len(await bureau.audited("access_refused")) == 1


async def test_caller_in_a_loop_does_not_fill_the_audit(bureau):
    _, token = await bureau.join("eve")
    for _ in range(ROWS_MAX + 7):
        assert await bureau.refuse(token, "GET", "/api/admin/staff") == (403, "forbidden")
    assert len(await bureau.audited("access_refused")) == ROWS_MAX
    assert await bureau.office.refused.flush() == 1
    rows = await bureau.audited("access_refused")
    assert len(rows) == ROWS_MAX + 1
    assert rows[-1].after == '{"further_refusals":7}'
    assert await bureau.refuse(token, "GET", "/api/admin/staff") == (403, "forbidden")
    assert len(await bureau.audited("access_refused")) == ROWS_MAX + 2
