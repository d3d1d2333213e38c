"""The audit is searched by who may, page by page, and its reading is in it."""

from datetime import timedelta
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import delete, update

from models.audit import AuditEntry, AuditHead, AuditLink
from server.core.clock import format_instant
from server.jobs.chain_audit import FILE, append_line
from server.staff.audit_chain import chain_waiting
from tests.audit_world import Ledger
from tests.programs import run_iqx

AUDIT = "/api/admin/audit"


async def ask(bureau, token, query=""):
    status, body = await bureau.act(token, "GET", f"{AUDIT}{query}")
    assert status == 200, body
    return body


async def read_all(bureau, token, query, limit):
    items, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = await ask(bureau, token, f"?limit={limit}{query}{more}")
        items += page["items"]
        cursor = page["next_cursor"]
    return items


async def test_what_staff_did_is_found_with_who_what_and_from_where(bureau):
    ada_id, ada = await bureau.join("ada", "administrator")
    bob_id, _ = await bureau.join("bob")
    path, body = f"/api/admin/staff/{bob_id}/roles", {"role": "auditor"}
    proof = await bureau.prove(ada, "staff", "POST", path, body)
    reply = await bureau.ask("POST", path, body, token=ada, headers={"Step-Up": proof})
    assert reply.status == 204
    (entry,) = (await ask(bureau, ada, f"?action=role_granted&actor_id={ada_id}"))["items"]
    assert (entry["actor_kind"], entry["actor_id"]) == ("user", ada_id)
    assert (entry["object_kind"], entry["object_id"]) == ("user", bob_id)
    assert (entry["before"], entry["after"]) == ({"roles": []}, {"roles": ["auditor"]})
    assert (entry["request_id"], entry["ip"]) == (reply.headers["X-Request-Id"], "127.0.0.1")


async def test_each_filter_leaves_out_what_it_should(bureau):
    _, ada = await bureau.join("ada", "administrator")
    ids = [(await bureau.join(name, "finance"))[0] for name in ("bob", "carol")]
    bureau.clock.advance(minutes=10)
    edge = bureau.clock.now()
    role = {"id": "night_desk", "name": "Night", "permissions": []}
    assert (await bureau.act(ada, "POST", "/api/admin/roles", role))[0] == 201
    one = await read_all(bureau, ada, f"&object_kind=user&object_id={ids[0]}", 10)
    assert {entry["object_id"] for entry in one} == {ids[0]}
    roles = await read_all(bureau, ada, "&object_kind=role", 10)
    assert [entry["action"] for entry in roles] == ["role_created"]
    shown = format_instant(edge)
    later = await read_all(bureau, ada, f"&from={shown}&object_kind=role", 10)
    earlier = await read_all(bureau, ada, f"&to={shown}", 10)
    assert [entry["id"] for entry in later] == [roles[0]["id"]]
    assert roles[0]["id"] not in {entry["id"] for entry in earlier}
    assert {ids[0], ids[1]} <= {entry["object_id"] for entry in earlier}
    none = format_instant(edge - timedelta(days=1))
    assert await read_all(bureau, ada, f"&to={none}", 10) == []


async def test_pages_follow_each_other_without_gap_or_double(bureau):
    _, ada = await bureau.join("ada", "administrator")
    for name in ("bob", "carol", "dave"):
        await bureau.join(name, "finance", "auditor")
    # An entry shows its place from the moment that it is chained.
    await chain_waiting(bureau.database)
    whole = await read_all(bureau, ada, "&action=role_granted", 100)
    pages = await read_all(bureau, ada, "&action=role_granted", 2)
    assert pages == whole
    assert len({entry["id"] for entry in pages}) == len(pages) == 7
    assert [entry["id"] for entry in pages] == sorted(
        (entry["id"] for entry in pages), reverse=True
    )


async def test_reading_the_audit_is_in_the_audit(bureau):
    ada_id, ada = await bureau.join("ada", "auditor")
    await ask(bureau, ada, "?action=role_granted&limit=5")
    status, _ = await bureau.act(ada, "GET", f"{AUDIT}/head")
    assert status == 200
    first, second = await bureau.audited("audit_read")
    assert (first.object_id, second.object_id) == ("entries", "head")
    assert str(first.actor_id) == ada_id
    assert orjson.loads(first.after) == {"action": "role_granted"}


async def test_audit_is_closed_without_its_permission(bureau):
    _, bob = await bureau.join("bob", "support_agent")
    _, eve = await bureau.join("eve")
    for token in (bob, eve):
        for path in (AUDIT, f"{AUDIT}/head"):
            assert await bureau.refuse(token, "GET", path) == (403, "forbidden")
    assert (await bureau.ask("GET", AUDIT)).status == 401
    assert await bureau.audited("audit_read") == []


@pytest.mark.parametrize(
    "query",
    [
        "actor_id=me", "action=nothing", "from=yesterday", "from=2026-01-01T00:00:00", "limit=0",
        "limit=101", "cursor=x", "cursor=AAAA", "object_kind=", "object_id=", "offset=3",
        "from=0001-01-01T00:00:00Z", "to=9999-12-31T23:59:59Z", "object_kind=" + "x" * 25,
        "object_kind=%C3%B1", "object_id=%C3%B1",
    ],
)  # fmt: skip
async def test_malformed_question_is_refused_and_not_noted(bureau, query):
    _, ada = await bureau.join("ada", "auditor")
    assert await bureau.refuse(ada, "GET", f"{AUDIT}?{query}") == (422, "invalid")
    assert await bureau.audited("audit_read") == []


async def test_unknown_actor_and_object_are_empty_pages(bureau):
    _, ada = await bureau.join("ada", "auditor")
    for query in (f"?actor_id={uuid4()}", "?object_id=%27OR%271%27%3D%271", "?object_id=%25"):
        assert await ask(bureau, ada, query) == {"items": [], "next_cursor": None}


async def test_head_is_the_end_of_the_chain(bureau):
    _, ada = await bureau.join("ada", "auditor")
    await chain_waiting(bureau.database)
    (link,) = await Ledger(bureau.database, bureau.clock).links()
    _, head = await bureau.act(ada, "GET", f"{AUDIT}/head")
    assert (head["number"], head["hash"]) == (1, link.hash.hex())
    assert head["chained_at"] is not None


@pytest.fixture
async def exported(bureau, tmp_path):
    """An audit of four entries, and its head in a file after the second and the fourth."""
    ledger = Ledger(bureau.database, bureau.clock)
    path = tmp_path / FILE
    for _ in range(2):
        await ledger.write(2)
        last = (await ledger.links())[-1]
        append_line(path, orjson.dumps({"number": last.number, "hash": last.hash.hex()}))
    return ledger, path


async def test_exported_heads_agree_with_a_whole_chain(exported, database_url):
    _, path = exported
    done = run_iqx(database_url, "verify-audit", "--head", str(path))
    assert done.returncode == 0, done.stderr
    assert "The chain of 4 entries is whole" in done.stdout
    assert "2 exported heads agree with it." in done.stdout


async def test_chain_that_was_cut_and_made_whole_again_is_told_by_an_exported_head(
    exported, database_url
):
    """Who may write everything can make a shorter chain whole; the copies outside tell."""
    ledger, path = exported
    links = await ledger.links()
    await ledger.tamper(
        delete(AuditEntry).where(AuditEntry.id.in_([links[2].entry_id, links[3].entry_id])),
        delete(AuditLink).where(AuditLink.number > 2),
        update(AuditHead).values(number=2, hash=links[1].hash),
    )
    assert run_iqx(database_url, "verify-audit").returncode == 0
    done = run_iqx(database_url, "verify-audit", "--head", str(path))
    assert done.returncode == 1
    assert "audit-heads.jsonl:2: the chain does not reach 4 any more." in done.stdout


async def test_rewritten_chain_is_told_by_an_exported_head(exported, database_url):
    ledger, path = exported
    links = await ledger.links()
    await ledger.tamper(
        delete(AuditEntry).where(AuditEntry.id.in_([link.entry_id for link in links[1:]])),
        delete(AuditLink).where(AuditLink.number > 1),
        update(AuditHead).values(number=1, hash=links[0].hash),
    )
    await ledger.write(3)
    assert run_iqx(database_url, "verify-audit").returncode == 0
    done = run_iqx(database_url, "verify-audit", "--head", str(path))
    assert done.returncode == 1
    assert "audit-heads.jsonl:1: entry 2 is not the one that was exported." in done.stdout


async def test_edited_entry_is_told_by_both_commands(exported, database_url):
    ledger, _ = exported
    second = (await ledger.links())[1].entry_id
    await ledger.tamper(update(AuditEntry).where(AuditEntry.id == second).values(reason="no"))
    for command in ("verify-audit", "verify"):
        done = run_iqx(database_url, command)
        assert done.returncode == 1, command
        assert "The entry is not the one that was chained." in done.stdout


@pytest.mark.parametrize("line", ["{}", "[]", "1", "x", '{"number":1,"hash":"00"}', ""])
async def test_line_that_is_no_head_is_named(exported, database_url, line):
    _, path = exported
    path.write_text(path.read_text() + line + "\n")
    done = run_iqx(database_url, "verify-audit", "--head", str(path))
    assert done.returncode == 1
    assert "audit-heads.jsonl:3 is not an exported head." in done.stderr
