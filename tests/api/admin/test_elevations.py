"""Roles that are taken for a short time in an emergency."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from models.operations import Outbox
from server.core.permissions import NEVER_BY_ELEVATION, Permission

ELEVATIONS = "/api/admin/elevations"
ASKED = {"role": "support_agent", "reason": "The tickets burn and nobody is here.", "minutes": 30}


@pytest.fixture
async def staff(bureau):
    """Somebody of finance, an administrator and an auditor: identifier and token of each."""
    return {
        "fay": await bureau.join("fay", "finance"),
        "ada": await bureau.join("ada", "administrator"),
        "aud": await bureau.join("aud", "auditor"),
    }


async def take(bureau, token, **more):
    status, taken = await bureau.act(token, "POST", ELEVATIONS, {**ASKED, **more})
    assert status == 201, taken
    return taken


async def test_role_counts_from_when_it_is_taken_until_its_time_is_over(bureau, staff, clock):
    fay, token = staff["fay"]
    taken = await take(bureau, token, minutes=10)
    assert (taken["user_id"], taken["role"], taken["ended_by"]) == (fay, "support_agent", None)

    await bureau.wait_for_rights(fay, Permission.WORK_TICKETS, held=True)
    clock.advance(minutes=9, seconds=59)
    assert bureau.office.rights.allows(UUID(fay), Permission.WORK_TICKETS)
    clock.advance(seconds=1)
    assert not bureau.office.rights.allows(UUID(fay), Permission.WORK_TICKETS)


async def test_every_other_administrator_is_told_and_the_audit_has_the_reason(bureau, staff):
    taken = await take(bureau, staff["fay"][1])

    rooms = {
        row.room
        for row in await bureau.read(select(Outbox).where(Outbox.name == "notification_created"))
        if b"role_taken_in_emergency" in bytes(row.body, "utf-8")
    }
    assert rooms == {f"user:{staff['ada'][0]}"}
    (entry,) = await bureau.audited("elevation_began")
    assert (entry.object_id, entry.reason) == (taken["id"], ASKED["reason"])
    assert entry.actor_id == UUID(staff["fay"][0])


async def test_emergency_gives_nothing_with_which_it_could_be_made_long(bureau, staff):
    fay, token = staff["fay"]
    await take(bureau, token, role="administrator")

    await bureau.wait_for_rights(fay, Permission.WORK_TICKETS, held=True)
    held = bureau.office.rights.permissions_of(UUID(fay))
    assert held & NEVER_BY_ELEVATION <= {Permission.BREAK_GLASS}


async def test_role_that_gives_nothing_more_is_refused(bureau, staff):
    own = await bureau.refuse(staff["fay"][1], "POST", ELEVATIONS, {**ASKED, "role": "finance"})
    assert own == (409, "nothing_to_take")
    unknown = await bureau.refuse(staff["fay"][1], "POST", ELEVATIONS, {**ASKED, "role": "none"})
    assert unknown == (404, "not_found")


@pytest.mark.parametrize(
    "change", [{"minutes": 31}, {"minutes": 0}, {"minutes": 1.5}, {"reason": "no"}, {"role": "ñ"}]
)
async def test_malformed_emergency_is_refused(bureau, staff, change):
    refused = await bureau.refuse(staff["fay"][1], "POST", ELEVATIONS, {**ASKED, **change})
    assert refused == (422, "invalid")
    assert await bureau.audited("elevation_began") == []


async def test_who_may_not_break_glass_takes_nothing(bureau, staff):
    _, agent = await bureau.join("sam", "support_agent")
    _, user = await bureau.join("eve")
    for token in (agent, user, staff["aud"][1]):
        assert await bureau.refuse(token, "POST", ELEVATIONS, ASKED) == (403, "forbidden")


async def test_it_is_given_back_before_its_time(bureau, staff, clock):
    fay, token = staff["fay"]
    await take(bureau, token)
    await bureau.wait_for_rights(fay, Permission.WORK_TICKETS, held=True)
    clock.advance(seconds=1)

    assert (await bureau.act(token, "DELETE", ELEVATIONS))[0] == 204
    assert await bureau.wait_for_rights(fay, Permission.WORK_TICKETS, held=False) < 1
    assert len(await bureau.audited("elevation_ended")) == 1
    assert (await bureau.act(token, "DELETE", ELEVATIONS))[0] == 204
    assert len(await bureau.audited("elevation_ended")) == 1


async def test_others_end_it_and_see_who_took_what(bureau, staff, clock):
    fay, token = staff["fay"]
    first = await take(bureau, token)
    clock.advance(seconds=1)
    second = await take(bureau, token, role="auditor", minutes=1)
    path = f"{ELEVATIONS}/{first['id']}"

    assert (await bureau.act(staff["aud"][1], "DELETE", path))[0] == 204
    assert await bureau.wait_for_rights(fay, Permission.WORK_TICKETS, held=False) < 1
    assert await bureau.refuse(staff["aud"][1], "DELETE", path) == (404, "not_found")
    missing = await bureau.refuse(staff["aud"][1], "DELETE", f"{ELEVATIONS}/{uuid4()}")
    assert missing == (404, "not_found")

    _, page = await bureau.act(staff["aud"][1], "GET", f"{ELEVATIONS}?limit=1")
    assert [item["id"] for item in page["items"]] == [second["id"]]
    _, rest = await bureau.act(staff["aud"][1], "GET", f"{ELEVATIONS}?cursor={page['next_cursor']}")
    assert [(item["id"], item["ended_by"]) for item in rest["items"]] == [
        (first["id"], staff["aud"][0])
    ]


async def test_what_is_done_under_it_names_it_in_the_audit_and_is_found_by_it(bureau, staff, clock):
    """Reading the audit itself is what it gives here."""
    fay, token = staff["fay"]
    first = await take(bureau, token, role="auditor")
    await bureau.wait_for_rights(fay, Permission.READ_AUDIT, held=True)
    status, _ = await bureau.act(token, "GET", "/api/admin/audit?action=level_set")
    assert status == 200
    # By his own roles: finance reads the proposals without any emergency.
    assert (await bureau.act(token, "GET", "/api/admin/approvals"))[0] == 200
    asked = await bureau.refuse(token, "GET", "/api/admin/suspicions")
    assert asked == (403, "forbidden")
    clock.advance(minutes=31)
    token = await bureau.sign_in("fay")
    second = await take(bureau, token, role="auditor")
    aud = await bureau.sign_in("aud")

    _, page = await bureau.act(aud, "GET", f"/api/admin/audit?elevation_id={first['id']}")
    assert [(one["action"], one["actor_id"], one["elevation_id"]) for one in page["items"]] == [
        ("audit_read", fay, first["id"])
    ]
    _, page = await bureau.act(aud, "GET", f"/api/admin/audit?elevation_id={second['id']}")
    assert page["items"] == []
    _, page = await bureau.act(aud, "GET", "/api/admin/audit")
    others = [one for one in page["items"] if one["action"] != "audit_read"]
    assert others
    assert {one["elevation_id"] for one in others} == {None}


async def test_change_under_it_names_it_and_one_by_own_roles_does_not(bureau, staff):
    fay, token = staff["fay"]
    eve, _ = await bureau.join("eve")
    taken = await take(bureau, token, role="compliance")
    await bureau.wait_for_rights(fay, Permission.FREEZE_ACCOUNTS, held=True)
    reason = {"reason": "Asked by the bank."}
    await bureau.act(token, "POST", f"/api/admin/users/{eve}/freeze", reason)
    await bureau.act(staff["ada"][1], "POST", f"/api/admin/users/{eve}/unfreeze", reason)

    (held,) = await bureau.audited("account_held")
    (released,) = await bureau.audited("account_released")
    assert held.elevation_id == UUID(taken["id"])
    assert released.elevation_id is None


async def test_whole_addresses_of_the_audit_under_it_are_told_by_its_row(bureau):
    """The audit is read by one's own role, the addresses are shown by the one taken."""
    pat, token = await bureau.join("pat", "auditor", "finance")
    taken = await take(bureau, token, role="compliance")
    await bureau.wait_for_rights(pat, Permission.READ_PERSONAL, held=True)
    assert (await bureau.act(token, "GET", "/api/admin/audit"))[0] == 200
    (entry,) = await bureau.audited("audit_read")
    assert entry.elevation_id == UUID(taken["id"])
