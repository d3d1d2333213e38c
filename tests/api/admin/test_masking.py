"""What staff see of people: every call that reads, as every role, shows what the document lists."""

import pytest

from server.core.permissions import BUILT_IN_ROLES
from server.core.permissions import Permission as May
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.api.admin.test_erasure import set_phone
from tests.api.kyc.conftest import open_office
from tests.docs.test_privacy import SHOWN

HOLDER, NUMBER, PHONE = "Nguyễn Văn Đức", "4929100200300400", "+84901234567"
MARKS = {
    "mailbox": "alice@example.com",
    "telephone": "901234567",
    "name": "Văn Đức",
    "document": "123-4567",
    "birthday": "1990-05-17",
    "account": NUMBER,
    "address": "127.0.0.1",
}
READS = sorted(
    (one.path, one.access)
    for one in list_endpoints(load_settings({}))
    if one.method == "GET" and one.path.startswith("/api/admin/")
)


@pytest.fixture
async def office(database_url, tmp_path):
    async with open_office(database_url, tmp_path) as opened:
        yield opened


async def fill(office):
    """Alice with everything that we know of people; what paths may name."""
    alice = office.alice
    user_id = str(await office.api.id_of("alice"))
    await set_phone(office.api, user_id, PHONE)
    account = {
        "payment_method_id": "vn-vietcombank",
        "details": {"holder": HOLDER, "number": NUMBER},
    }
    path = "/api/v1/me/payment-accounts"
    proof = await office.api.prove(alice.token, "payment_account", "POST", path, account)
    reply = await office.api.ask(
        "POST", path, account, token=alice.token, headers={"Step-Up": proof}
    )
    assert reply.status == 201
    application = await alice.hand_in(full_name=HOLDER)
    _, mine = await alice.see()
    frozen = {"reason": "Asked by the bank."}
    await office.officer.must("POST", f"admin/users/{user_id}/freeze", frozen)
    return {
        "/api/admin/kyc/": application,
        "/api/admin/users/": user_id,
        "{document_id}": mine["documents"][0]["id"],
    }


def path_of(path, named):
    for start, value in named.items():
        if path.startswith(start):
            path = path.replace("{id}", value)
    path = path.replace("{document_id}", named["{document_id}"])
    return path.replace("{id}", named["/api/admin/users/"])


async def look(office, token, path):
    """The marks of people in an answer; none in a refusal."""
    reply = await office.api.ask("GET", path, token=token)
    text = (await reply.read()).decode(errors="replace")
    found = {mark for mark, value in MARKS.items() if value in text}
    assert reply.status == 200 or not found, (path, reply.status, found)
    return found


async def test_calls_of_the_staff_show_of_people_what_the_document_lists_and_no_more(office):
    named = await fill(office)
    seen = {}
    for number, role_id in enumerate(BUILT_IN_ROLES):
        someone = await office.join(f"person{number}", role_id)
        for path, _ in READS:
            found = await look(office, someone.token, path_of(path, named))
            if found:
                seen[path, role_id] = found
    allowed = {
        role_id
        for role_id, role in BUILT_IN_ROLES.items()
        if {May.READ_AUDIT, May.READ_PERSONAL} <= role.permissions
    }
    assert seen == {("/api/admin/audit", role_id): {"address"} for role_id in allowed}
    assert 0 < len(allowed) < len(BUILT_IN_ROLES)
    assert "GET /api/admin/audit" in {row[0] for row in SHOWN}


async def test_applicant_is_shown_to_the_one_person_who_claimed_him(office):
    named = await fill(office)
    path = f"/api/admin/kyc/{named['/api/admin/kyc/']}"
    assert await look(office, office.officer.token, path) == set()
    await office.officer.claim(named["/api/admin/kyc/"])
    assert {"name", "document", "birthday"} == await look(office, office.officer.token, path)
    assert await look(office, office.colleague.token, path) == set()
    assert "GET /api/admin/kyc/{id}" in {row[0] for row in SHOWN}


async def test_auditor_sees_networks_and_no_addresses(office):
    await fill(office)
    auditor = await office.join("auditor", "auditor")
    reply = await office.api.ask("GET", "/api/admin/audit?limit=100", token=auditor.token)
    entries = (await reply.json())["items"]
    assert {one["ip"] for one in entries} == {"127.0.…", None} or {
        one["ip"] for one in entries
    } == {"127.0.…"}


async def test_audit_keeps_no_name_of_a_payment_account_s_holder(office):
    await fill(office)
    rows = await office.api.dump("audit_entries")
    assert b"payment_account_added" in rows
    for mark in ("mailbox", "telephone", "name", "document", "birthday", "account"):
        assert MARKS[mark].encode() not in rows, mark
