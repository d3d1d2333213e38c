"""After the time of a closed account nothing of its person is left but what the ledger needs."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from models.base import Base
from models.compliance import AccountClosure, SuspicionReport
from models.identity import Profile
from models.kyc import IdentityFingerprint, KycApplication, KycDocument
from server.compliance import queries
from server.compliance.closure import forget_closed
from server.compliance.suspicions import purge_reports
from server.identity.context import IDENTITY
from server.identity.sign_in_history import purge_sign_ins
from server.jobs.purge import purge
from server.kyc.duties import purge_identities
from server.monitor.verifier import verify
from server.notifications.channels import InApp
from server.notifications.dispatcher import tell_of_events
from server.staff.audit_chain import chain_waiting
from server.trades.desk import DESK
from tests.api.kyc.conftest import open_office
from tests.market_world import PASSWORD, start_world
from tests.staff_world import join_staff

PAYER, REFERENCE = "Nguyen Thi Geheim", "FT-geheim-2603"
TERMS, GREETING = "Only from your own account, says Hung.", "Hello, this is Hung."
STATEMENT = "Hung has the money and does not release it to me."
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/142.0"
KEPT = timedelta(days=1825)
LEDGER = ("accounts", "transfers", "postings", "platform_postings", "holds", "lots")


@pytest.fixture
async def world(database_url, tmp_path):
    async with start_world(
        database_url, mail_folder=tmp_path / "mail", device_hold_hours=24
    ) as started:
        yield started
        await chain_waiting(started.database)
        found = await verify(started.database, full=True)
        # Events of years ago are purged while the market's room goes on from the day before.
        assert [breach for breach in found if breach.invariant != "I20"] == []


async def sign_in(person):
    account = {"email": f"{person.name}@example.com", "password": PASSWORD}
    headers = {"User-Agent": AGENT}
    async with person.world.client.post(
        "/api/v1/auth/login", json=account, headers=headers
    ) as reply:
        person.token = (await reply.json())["access_token"]


async def set_phone(world, user_id, phone):
    """As if its holder had shown that it is his."""
    changed = update(Profile).where(Profile.user_id == UUID(user_id))

    async def work(unit):
        await unit.execute(changed.values(phone=phone, phone_key=phone))

    await world.database.transact(work, name="test")


async def deal(world):
    """A seller and a buyer who left words wherever people may."""
    seller, buyer = await world.join("hungseller", usdt="1000"), await world.join("lanbuyer")
    for person, phone in ((seller, "+84901234567"), (buyer, "+84907654321")):
        await sign_in(person)
        await set_phone(world, person.id, phone)
    await seller.add_account("vn-one", "4929100200300400")
    await seller.sell("100", "26000", terms=TERMS, auto_reply=GREETING)
    await seller.must("POST", "/me/blocks", {"username": "stranger"})
    await buyer.must("POST", "/me/trusted", {"username": "hungseller"})
    (trade,) = (await buyer.buy("40", "26000"))["trades"]
    path = f"/trades/{trade['id']}"
    await buyer.must("POST", f"{path}/payer", {"payer_name": PAYER})
    await buyer.must("POST", f"{path}/paid", {"reference": REFERENCE})
    shown = await buyer.must("GET", path)
    world.clock.advance(minutes=11)
    await sign_in(buyer)
    disputed = {"reason": "not_released", "statement": STATEMENT}
    status, body = await buyer.ask("POST", f"{path}/dispute", disputed)
    assert status < 300, (status, body, shown["allowed_actions"])
    return seller, buyer, trade["id"]


async def close(world, *people):
    """As the owners would, once their balances were paid out."""

    async def work(unit):
        for person in people:
            await unit.execute(queries.insert_closure(UUID(person.id), unit.now, unit.now + KEPT))

    await world.database.transact(work, name="test")


async def dump(world, *tables):
    """Every value of some tables as one text."""
    said = []
    for table in tables:
        rows = await world.read(text(f"SELECT * FROM {table}"))
        said += sorted(f"{table}: {tuple(row)!r}" for row in rows)
    return "\n".join(said)


async def wait_for_relay(world):
    """Return when every event was numbered: only those are purged."""
    for _ in range(1000):
        if await world.read("SELECT count(*) FROM outbox WHERE relay_batch IS NULL") == [(0,)]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the relay did not number its events")


async def test_nothing_of_two_people_is_left_but_what_the_ledger_needs(world):
    await world.join("stranger")
    seller, buyer, _ = await deal(world)
    await close(world, seller, buyer)
    world.clock.advance(hours=24 * 1824)
    # The seller's order has run out of time: its lane ends it and tells of it.
    await world.settle()
    await wait_for_relay(world)
    # What people were not told yet stays, and the duty that tells sleeps by the world's clock.
    while await tell_of_events(world.database, (InApp(),)):
        await wait_for_relay(world)
    await tell_of_events(world.database, (InApp(),))
    world.clock.advance(hours=24, seconds=61)
    await purge(world.client.server.app[DESK])
    await purge_sign_ins(world.client.server.app[IDENTITY], timedelta(days=180))
    everything = set(Base.metadata.tables) - {"audit_entries"}
    marks = ("hungseller", "lanbuyer", "901234567", "907654321", REFERENCE, TERMS, GREETING,
             STATEMENT, "Firefox")  # fmt: skip
    before = await dump(world, *everything)
    assert [mark for mark in marks if mark not in before] == ["Firefox"], "it ends by time"
    money = await dump(world, *LEDGER)

    assert await forget_closed(world.client.server.app[IDENTITY]) == 2

    after = await dump(world, *everything)
    assert [mark for mark in marks if mark in after] == []
    assert await dump(world, *LEDGER) == money
    for table in ("blocks", "trusted_people"):
        assert await world.read(f"SELECT count(*) FROM {table}") == [(0,)]
    audit = await dump(world, "audit_entries")
    assert [mark for mark in marks if mark in audit] == []


async def test_trade_with_a_forgotten_person_is_still_read_by_the_other(world):
    await world.join("stranger")
    seller, buyer, trade_id = await deal(world)
    await close(world, seller)
    world.clock.advance(hours=24 * 1825)
    assert await forget_closed(world.client.server.app[IDENTITY]) == 1
    await sign_in(buyer)
    trade = await buyer.must("GET", f"/trades/{trade_id}")
    assert trade["seller"].startswith("closed-")
    assert trade["payment_details"] == {}
    assert (trade["payer_name"], trade["reference"]) == (PAYER, REFERENCE)
    assert trade["terms"] == ""


async def test_legal_hold_keeps_trades_and_accounts_of_a_closed_account(world):
    officer = await join_staff(world, "officer", "compliance")
    await world.join("stranger")
    seller, buyer, _ = await deal(world)
    await sign_in(officer)
    for person in (seller, buyer):
        headers = {"Authorization": f"Bearer {officer.token}", "Idempotency-Key": person.name}
        path = f"/api/admin/users/{person.id}/legal-hold"
        async with world.client.post(
            path, json={"reason": "Asked by a court."}, headers=headers
        ) as reply:
            assert reply.status == 204
    await close(world, seller, buyer)
    world.clock.advance(hours=24 * 1825)
    before = await dump(world, "trades", "disputes", "payment_accounts", "user_profiles")
    assert await forget_closed(world.client.server.app[IDENTITY]) == 0
    after = await dump(world, "trades", "disputes", "payment_accounts", "user_profiles")
    assert after == before


async def test_many_trades_are_forgotten_in_pages(world, monkeypatch):
    monkeypatch.setattr("server.compliance.closure.TRADES_CHUNK", 1)
    await world.join("stranger")
    _, buyer, _ = await deal(world)
    await sign_in(buyer)
    await close(world, buyer)
    world.clock.advance(hours=24 * 1825)
    assert await forget_closed(world.client.server.app[IDENTITY]) == 1
    assert REFERENCE not in await dump(world, "trades", "trade_events")


async def test_decided_report_of_suspicion_ends_after_five_years_and_an_open_one_stays(world):
    person = await world.join("person")

    async def write(unit):
        for status, decided_at in (("filed", unit.now), ("open", None)):
            await unit.execute(
                insert(SuspicionReport).values(
                    id=unit.ids.new_id(), user_id=UUID(person.id), reported_by=UUID(person.id),
                    created_at=unit.now, sealed=b"x", status=status, decided_at=decided_at,
                )
            )  # fmt: skip

    await world.database.transact(write, name="test")
    world.clock.advance(hours=24 * 1825)
    assert await world.database.transact(purge_reports, name="test") == 0
    world.clock.advance(seconds=1)
    assert await world.database.transact(purge_reports, name="test") == 1
    assert [row.status for row in await world.read(select(SuspicionReport.status))] == ["open"]


@pytest.fixture
async def office(database_url, tmp_path):
    async with open_office(database_url, tmp_path) as opened:
        yield opened


async def close_alice(office):
    user_id = await office.api.id_of("alice")

    async def work(unit):
        await unit.execute(
            insert(AccountClosure).values(
                user_id=user_id, closed_at=unit.now, anonymise_at=unit.now + KEPT
            )
        )

    await office.api.database.transact(work, name="test")


async def test_identity_of_a_closed_account_is_purged_after_its_time(office):
    application = await office.alice.hand_in(document_expires_on="2060-01-01")
    assert (await office.officer.decide(application))[0] == 200
    await close_alice(office)
    office.clock.advance(hours=24 * 1825)
    assert await purge_identities(office.kyc) == 0
    office.clock.advance(seconds=1)
    assert await purge_identities(office.kyc) == 2
    read = office.api.read
    assert [tuple(row) for row in await read(
        select(KycApplication.sealed, KycApplication.fingerprint)
    )] == [(None, None)]  # fmt: skip
    assert await read(select(IdentityFingerprint.user_id)) == []
    assert await read(text("SELECT user_id FROM legal_names")) == []
    assert {row[0] for row in await read(select(KycDocument.sealed_key))} == {None}


async def test_open_application_of_a_closed_account_is_given_up_and_purged(office):
    await office.alice.hand_in()
    await close_alice(office)
    office.clock.advance(hours=24 * 90, seconds=1)
    assert await purge_identities(office.kyc) == 2
    (row,) = await office.api.read(
        select(KycApplication.status, KycApplication.open_user_id, KycApplication.sealed)
    )
    assert tuple(row) == ("withdrawn", None, None)
