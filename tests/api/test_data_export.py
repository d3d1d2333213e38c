"""A person gets a copy of everything about him, and nobody else does."""

import contextlib
import io
import json
import zipfile
from uuid import UUID

import pytest
from sqlalchemy import select, update

from models.base import Base
from models.privacy import DataExport, DataExportPart
from server.identity.context import IDENTITY
from server.jobs.purge import purge
from server.privacy import exports
from server.privacy.content import SECTIONS
from server.privacy.exports import TRIES_MAX, ArchiveTooLargeError, prepare_exports
from server.trades.desk import DESK
from tests.market_world import PASSWORD, start_world
from tests.staff_world import ask_as_staff, join_staff

NUMBER = "4929100200300400"
PAYER = "Nguyễn Thị Geheim"


@pytest.fixture
async def world(database_url, tmp_path):
    async with start_world(database_url, mail_folder=tmp_path / "mail") as started:
        yield started


@pytest.fixture
def identity(world):
    return world.client.server.app[IDENTITY]


async def ask(person):
    return await person.ask_proven("account", "POST", "/me/exports")


async def prove(person, path):
    asked = {
        "password": PASSWORD,
        "action": "account",
        "request": {"method": "POST", "path": f"/api/v1{path}"},
    }
    return (await person.must("POST", "/auth/step-up", asked))["proof"]


async def fetch(person, export_id, proof=None):
    """Status, headers and bytes of a download."""
    path = f"/me/exports/{export_id}/download"
    headers = {
        "Authorization": f"Bearer {person.token}",
        "Idempotency-Key": f"fetch-{next(person.keys)}",
        "Step-Up": proof or await prove(person, path),
    }
    async with person.world.client.post(f"/api/v1{path}", headers=headers) as reply:
        return reply.status, reply.headers, await reply.read()


async def make(person, identity):
    """An export that is ready; its identifier."""
    status, export = await ask(person)
    assert status == 202, export
    # The service's own duty may have been faster.
    await prepare_exports(identity)
    page = await person.must("GET", "/me/exports")
    assert page["items"][0]["status"] == "ready"
    return export["id"]


async def sign_in(person):
    account = {"email": f"{person.name}@example.com", "password": PASSWORD}
    async with person.world.client.post("/api/v1/auth/login", json=account) as reply:
        person.token = (await reply.json())["access_token"]


def unpack(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        assert packed.testzip() is None
        return {name: json.loads(packed.read(name)) for name in packed.namelist()}


async def deal(world):
    """Two people after a deal with everything in it that people write."""
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.add_account("vn-one", NUMBER)
    await seller.sell("100", "26000", terms="No third parties, says the seller.")
    (trade,) = (await buyer.buy("40", "26000"))["trades"]
    path = f"/trades/{trade['id']}"
    await buyer.must("POST", f"{path}/payer", {"payer_name": PAYER})
    await buyer.must("POST", f"{path}/paid", {"reference": "FT-2603"})
    for person, text in ((buyer, "I am on telegram @buyer"), (seller, "My bank is slow")):
        await person.must("POST", f"{path}/messages", {"client_id": "1", "text": text})
    await seller.release(trade["id"], PAYER)
    await buyer.must("POST", "/me/blocks", {"username": "seller"})
    await world.join("carol")
    await buyer.must("POST", "/me/trusted", {"username": "carol"})
    return seller, buyer


async def test_copy_holds_everything_of_its_owner_and_nothing_sealed_of_others(world, identity):
    seller, buyer = await deal(world)
    status, headers, archive = await fetch(seller, await make(seller, identity))
    assert status == 200
    assert headers["Content-Type"] == "application/zip"
    assert headers["Content-Disposition"].startswith("attachment")
    files = unpack(archive)
    assert set(files) == {"manifest.json", *(f"{one.file}.json" for one in SECTIONS)}
    counts = files["manifest.json"]["files"]
    assert counts == {name: len(rows) for name, rows in files.items() if name in counts}

    (profile,) = files["profile.json"]
    assert (profile["email"], profile["username"]) == ("seller@example.com", "seller")
    assert files["payment_accounts.json"][0]["details"] == {"number": NUMBER}
    (order,) = files["orders.json"]
    assert (order["amount"], order["price"]) == ("100.000000", "26000")
    (sold,) = files["trades.json"]
    assert (sold["amount"], sold["fiat"], sold["counterparty"]) == (
        "40.000000", "1040000", "buyer",
    )  # fmt: skip
    assert sold["payer_name"] is None
    assert sold["history"][0]["event"] == "opened"
    assert files["sessions.json"][0]["ip"] == "127.0.0.1"
    assert {"account_closed", "payment_account_added"} & {
        act["action"] for act in files["own_acts.json"]
    }
    ledger = files["ledger.json"]
    transactions = (await seller.must("GET", "/transactions?limit=100"))["items"]
    assert ledger == transactions
    assert "buyer@example.com" not in json.dumps(files)

    bought = unpack((await fetch(buyer, await make(buyer, identity)))[2])
    assert bought["trades.json"][0]["payer_name"] == PAYER
    assert [one["text"] for one in bought["chats.json"]] == ["I am on telegram @buyer"]
    assert bought["blocks.json"][0]["username"] == "seller"
    assert [set(one) for one in bought["blocks.json"]] == [{"username", "created_at"}]
    assert bought["trusted.json"][0]["username"] == "carol"
    assert NUMBER not in json.dumps(bought)


async def test_copy_of_staff_says_nothing_of_whom_they_worked_on(world, identity):
    person, other = await world.join("person"), await world.join("other")
    officer = await join_staff(world, "officer", "compliance")
    await officer.must("POST", "/me/blocks", {"username": "other"})
    for act in ("legal-hold", "legal-hold/lift", "sessions/end"):
        path, body = f"/users/{person.id}/{act}", {"reason": "an authority asks"}
        status, _ = await ask_as_staff(officer, "POST", path, body)
        assert status < 300

    acts = unpack((await fetch(officer, await make(officer, identity)))[2])["own_acts.json"]

    assert person.id not in json.dumps(acts)
    assert other.id in json.dumps(acts)


async def test_asking_and_fetching_each_take_a_proof_of_their_own(world, identity):
    person = await world.join("person")
    status, problem = await person.ask("POST", "/me/exports")
    assert (status, problem["code"]) == (403, "step_up_required")
    export_id = await make(person, identity)
    path = f"/me/exports/{export_id}/download"
    status, problem = await person.ask("POST", path)
    assert (status, problem["code"]) == (403, "step_up_required")
    proof = await prove(person, path)
    assert (await fetch(person, export_id, proof))[0] == 200
    assert (await fetch(person, export_id, proof))[0] == 403


async def test_copy_is_asked_for_once_in_24_hours(world, identity):
    person = await world.join("person")
    await make(person, identity)
    status, problem = await ask(person)
    assert (status, problem["code"]) == (429, "exports_limited")
    world.clock.advance(hours=24)
    await sign_in(person)
    assert (await ask(person))[0] == 202


async def test_copy_that_is_being_made_is_not_asked_for_again_and_not_fetched(world, identity):
    person = await world.join("person")

    async def wish(unit):
        return await exports.ask_export(identity, unit, UUID(person.id))

    async def delay(unit):
        # The service's own duty looks at what is due.
        made = await wish(unit)
        later = update(DataExport).values(due_at=world.clock.now().replace(year=2100))
        await unit.execute(later)
        return made

    export = await identity.database.transact(delay, name="test")
    status, problem = await ask(person)
    assert (status, problem["code"]) == (409, "export_under_way")
    status, _, body = await fetch(person, export.id)
    assert (status, json.loads(body)["code"]) == (409, "export_not_ready")


async def test_copy_of_another_person_is_not_found(world, identity):
    owner, other = await world.join("owner"), await world.join("other")
    officer = await join_staff(world, "officer", "compliance", "auditor")
    export_id = await make(owner, identity)
    for stranger in (other, officer):
        status, _, body = await fetch(stranger, export_id)
        assert (status, json.loads(body)["code"]) == (404, "not_found")
        assert (await stranger.must("GET", "/me/exports"))["items"] == []


async def test_copy_is_gone_after_seven_days_and_its_row_after_ninety(world, identity):
    person = await world.join("person")
    export_id = await make(person, identity)
    assert await world.read(select(DataExportPart.id))
    world.clock.advance(hours=7 * 24)
    await sign_in(person)
    status, _, body = await fetch(person, export_id)
    assert (status, json.loads(body)["code"]) == (409, "export_not_ready")
    await purge(world.client.server.app[DESK])
    assert await world.read(select(DataExportPart.id)) == []
    (left,) = (await person.must("GET", "/me/exports"))["items"]
    assert (left["status"], left["size"]) == ("expired", None)
    world.clock.advance(hours=84 * 24)
    await purge(world.client.server.app[DESK])
    assert await world.read(select(DataExport.id)) == []


async def test_pieces_lie_sealed_and_open_in_their_own_row_only(world, identity, monkeypatch):
    monkeypatch.setattr("server.privacy.exports.PART_BYTES", 500)
    person = await world.join("person")
    export_id = await make(person, identity)
    rows = await world.read(select(DataExportPart.id, DataExportPart.sealed))
    assert len(rows) > 1
    assert not [row for row in rows if b"PK\x03\x04" in bytes(row.sealed)]
    assert unpack((await fetch(person, export_id))[2])["profile.json"]


async def test_owner_is_told_when_a_copy_is_asked_for_and_when_it_is_ready(world, identity):
    person = await world.join("person")
    await make(person, identity)
    rows = await world.read(
        "SELECT body FROM outbox WHERE name = 'notification_created' ORDER BY id"
    )
    kinds = [json.loads(row[0])["kind"] for row in rows]
    assert kinds == ["export_asked", "export_ready"]
    rows = await world.read("SELECT action FROM audit_entries WHERE object_kind = 'data_export'")
    assert [row[0] for row in rows] == ["export_asked"]


async def test_copy_that_cannot_be_made_is_given_up_told_and_may_be_asked_for_again(
    world, identity, monkeypatch
):
    monkeypatch.setattr("server.privacy.exports.ARCHIVE_BYTES_MAX", 0)
    person = await world.join("person")
    assert (await ask(person))[0] == 202
    for _ in range(TRIES_MAX + 1):
        with contextlib.suppress(ArchiveTooLargeError):
            await prepare_exports(identity)
        world.clock.advance(minutes=6)
    await sign_in(person)
    (export,) = (await person.must("GET", "/me/exports"))["items"]
    assert export["status"] == "failed"
    assert (await ask(person))[0] == 202


def test_every_section_names_tables_that_are_there():
    named = {table for section in SECTIONS for table in section.tables}
    assert named <= set(Base.metadata.tables)
    assert len({section.file for section in SECTIONS}) == len(SECTIONS)
