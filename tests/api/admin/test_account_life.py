"""Holds, sleep, closing and reports of suspicion: who may, what stops, and what stays."""

from uuid import UUID

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.compliance import AccountClosure, SuspicionReport
from models.identity import Profile, Session, Standing
from server.compliance.closure import forget_closed
from server.compliance.holds import put_to_sleep
from server.identity.context import IDENTITY
from server.jobs.purge import purge_sessions
from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from tests.market_world import PASSWORD, start_world
from tests.staff_world import ask_as_staff as admin
from tests.staff_world import join_staff

REASON = {"reason": "Asked by the bank."}
STATEMENT = "He buys from forty sellers a day and pays from one account."


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def officer(world):
    return await join_staff(world, "officer", "compliance")


async def sign_in(world, name):
    account = {"email": f"{name}@example.com", "password": PASSWORD}
    async with world.client.post("/api/v1/auth/login", json=account) as reply:
        return reply.status, await reply.json()


async def audited(world):
    rows = await world.read("SELECT action FROM audit_entries ORDER BY id")
    return [row[0] for row in rows]


async def frozen_at(world, person):
    statement = select(Standing.frozen_at).where(Standing.user_id == UUID(person.id))
    return (await world.read(statement))[0][0]


async def test_frozen_user_orders_and_releases_nothing_and_reads_his_wallet(world, officer):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26000"))["trades"]
    await buyer.must("POST", f"/trades/{trade['id']}/payer", {"payer_name": "Nguyen Van A"})
    await buyer.must("POST", f"/trades/{trade['id']}/paid", {})

    assert (await admin(officer, "POST", f"/users/{seller.id}/freeze", REASON))[0] == 204
    await world.wait_for_inbox()
    seller.token = (await sign_in(world, "seller"))[1]["access_token"]
    shown = await seller.must("GET", f"/trades/{trade['id']}")
    proof = await seller.prove("release", trade["id"], shown["amount"], shown["version"])
    released = await seller.ask(
        "POST", f"/trades/{trade['id']}/release", {"payer_name_seen": "Nguyen Van A"},
        **{"Step-Up": proof},
    )  # fmt: skip
    placed = await seller.ask(
        "POST", "/orders",
        {"market": "USDT-VND", "side": "buy", "pricing": {"type": "fixed", "price": "25000"},
         "amount": "20", "payment_method_ids": ["vn-one"]},
    )  # fmt: skip

    assert (released[0], released[1]["code"]) == (409, "account_frozen")
    assert (placed[0], placed[1]["code"]) == (409, "not_eligible")
    assert (await buyer.buy("20", "26000"))["trades"] == []
    assert (await seller.balances())["available"]

    assert (await admin(officer, "POST", f"/users/{seller.id}/unfreeze", REASON))[0] == 204
    done = await seller.release(trade["id"], "Nguyen Van A")
    assert done["status"] == "completed"
    assert {"account_held", "account_released"} <= set(await audited(world))


async def test_holds_are_listed_with_their_reasons_and_placed_once(world, officer):
    person = await world.join("person")
    first = await admin(officer, "POST", f"/users/{person.id}/freeze", REASON)
    again = await admin(officer, "POST", f"/users/{person.id}/freeze", REASON)
    nobody = await admin(officer, "POST", f"/users/{UUID(int=7)}/freeze", REASON)
    lifted = await admin(officer, "POST", f"/users/{person.id}/legal-hold/lift", REASON)
    _, page = await admin(officer, "GET", f"/users/{person.id}/holds")
    assert (first[0], again[1]["code"], nobody[0], lifted[0]) == (204, "hold_exists", 404, 404)
    (hold,) = page["items"]
    assert (hold["kind"], hold["reason"], hold["placed_by"]) == (
        "freeze", REASON["reason"], officer.id,
    )  # fmt: skip


async def test_nobody_on_the_staff_decides_about_his_own_account(world, officer):
    for path in ("freeze", "unfreeze", "legal-hold", "legal-hold/lift"):
        status, problem = await admin(officer, "POST", f"/users/{officer.id}/{path}", REASON)
        assert (status, problem["code"]) == (403, "own_hold")


async def test_other_staff_and_users_may_not_hold_or_report(world, officer):
    person = await world.join("person")
    agent = await join_staff(world, "agent", "support_agent")
    new = {"user_id": person.id, "statement": STATEMENT}
    for caller in (person, agent):
        for path, body in ((f"/users/{person.id}/freeze", REASON),
                           (f"/users/{person.id}/legal-hold", REASON),
                           ("/suspicions", new)):  # fmt: skip
            assert (await admin(caller, "POST", path, body))[0] == 403
        assert (await admin(caller, "GET", "/suspicions"))[0] == 403


async def test_report_of_suspicion_is_sealed_read_by_compliance_and_unknown_to_the_user(
    world, officer
):
    person = await world.join("person")
    events = await world.read("SELECT count(*) FROM outbox")
    status, made = await admin(
        officer, "POST", "/suspicions", {"user_id": person.id, "statement": STATEMENT}
    )
    _, page = await admin(officer, "GET", "/suspicions?status=open")
    _, read = await admin(officer, "POST", f"/suspicions/{made['id']}/read")
    decision = {"status": "filed", **REASON}
    _, filed = await admin(officer, "POST", f"/suspicions/{made['id']}/decision", decision)
    again = await admin(officer, "POST", f"/suspicions/{made['id']}/decision", decision)
    missing = await admin(officer, "POST", f"/suspicions/{UUID(int=7)}/read")

    assert status == 201
    assert [one["id"] for one in page["items"]] == [made["id"]]
    assert "statement" not in page["items"][0]
    assert read["statement"] == STATEMENT
    assert (filed["status"], filed["decided_by"]) == ("filed", officer.id)
    assert (again[0], again[1]["code"], missing[0]) == (409, "suspicion_decided", 404)
    (row,) = await world.read(select(SuspicionReport.sealed))
    assert b"sellers" not in bytes(row.sealed)
    assert await world.read("SELECT count(*) FROM outbox") == events
    assert {"suspicion_reported", "suspicion_read", "suspicion_decided"} <= set(
        await audited(world)
    )


async def test_account_is_closed_when_nothing_is_left_and_nobody_signs_in_any_more(world):
    person = await world.join("person")
    await person.must_proven("account", "POST", "/me/close")
    assert (await person.ask("GET", "/me"))[0] == 401
    status, problem = await sign_in(world, "person")
    assert (status, problem["code"]) == (403, "account_closed")
    assert await frozen_at(world, person) is not None
    assert "account_closed" in await audited(world)


async def test_account_with_money_orders_trades_or_a_role_is_not_closed(world):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    boss = await join_staff(world, "boss", "auditor")
    await seller.sell("100", "26000")
    await buyer.buy("40", "26000")

    async def try_to_close(person):
        asked = {"password": PASSWORD, "action": "account",
                 "request": {"method": "POST", "path": "/api/v1/me/close"}}  # fmt: skip
        proof = (await person.must("POST", "/auth/step-up", asked))["proof"]
        status, problem = await person.ask("POST", "/me/close", **{"Step-Up": proof})
        assert (status, problem["code"]) == (409, "account_in_use")
        return problem["params"]["left"]

    assert await try_to_close(seller) == "orders, trades, balance"
    assert await try_to_close(buyer) == "trades"
    assert await try_to_close(boss) == "staff_role"
    status, problem = await buyer.ask("POST", "/me/close")
    assert (status, problem["code"]) == (403, "step_up_required")


@pytest.mark.parametrize("kind", ["freeze", "legal-hold"])
async def test_held_account_is_not_closed(world, officer, kind):
    person = await world.join("person")
    await admin(officer, "POST", f"/users/{person.id}/{kind}", REASON)
    person.token = (await sign_in(world, "person"))[1]["access_token"]
    asked = {"password": PASSWORD, "action": "account",
             "request": {"method": "POST", "path": "/api/v1/me/close"}}  # fmt: skip
    proof = (await person.must("POST", "/auth/step-up", asked))["proof"]
    status, problem = await person.ask("POST", "/me/close", **{"Step-Up": proof})
    assert (status, problem["code"]) == (409, "account_held")


async def test_closed_account_loses_its_names_after_its_time_unless_a_legal_hold_keeps_them(
    world, officer
):
    people = [await world.join(name) for name in ("first", "second")]
    for person in people:
        await person.must_proven("account", "POST", "/me/close")
    identity = world.client.server.app[IDENTITY]
    assert (await admin(officer, "POST", f"/users/{people[1].id}/legal-hold", REASON))[0] == 204

    world.clock.advance(hours=24 * 1824)
    assert await forget_closed(identity) == 0
    world.clock.advance(hours=24 * 1)
    assert await forget_closed(identity) == 1
    assert await forget_closed(identity) == 0

    rows = await world.read(select(Profile.user_id, Profile.username, Profile.email))
    found = {str(row.user_id): row for row in rows}
    assert found[people[0].id].username.startswith("closed-")
    assert found[people[0].id].email.endswith("@closed.invalid")
    assert found[people[1].id].username == "second"
    kept = await world.read(select(AccountClosure.anonymised_at))
    assert sorted(row[0] is None for row in kept) == [False, True]
    statement = select(Session.ip, Session.device).where(Session.user_id == UUID(people[0].id))
    assert [tuple(row) for row in await world.read(statement)] == [("", "")]


async def test_legal_hold_keeps_sessions_from_being_purged(world, officer):
    person, other = await world.join("person"), await world.join("other")
    await admin(officer, "POST", f"/users/{person.id}/legal-hold", REASON)
    world.clock.advance(hours=24 * 61)
    await world.database.transact(purge_sessions, name="test")
    owners = {str(row[0]) for row in await world.read(select(Session.user_id))}
    assert person.id in owners
    assert other.id not in owners


async def test_unused_account_sleeps_until_its_owner_wakes_it_with_a_proof(world):
    person = await world.join("person")
    identity = world.client.server.app[IDENTITY]
    await world.change_standing(person, seen_at=world.clock.now())
    world.clock.advance(hours=24 * 359)
    assert await put_to_sleep(identity, 12) == 0
    world.clock.advance(hours=24 * 1, seconds=1)
    assert await put_to_sleep(identity, 0) == 0
    assert await put_to_sleep(identity, 12) == 1
    assert await put_to_sleep(identity, 12) == 0
    await world.wait_for_inbox()
    person.token = (await sign_in(world, "person"))[1]["access_token"]
    order = {"market": "USDT-VND", "side": "buy", "pricing": {"type": "fixed", "price": "25000"},
             "amount": "20", "payment_method_ids": ["vn-one"]}  # fmt: skip

    asleep = await person.ask("POST", "/orders", order)
    unproven = await person.ask("POST", "/me/wake")
    await person.must_proven("account", "POST", "/me/wake")
    await world.wait_for_inbox()

    assert asleep[1]["code"] == "not_eligible"
    assert unproven[1]["code"] == "step_up_required"
    assert await frozen_at(world, person) is None


async def test_owner_does_not_wake_a_frozen_account(world, officer):
    person = await world.join("person")
    await admin(officer, "POST", f"/users/{person.id}/freeze", REASON)
    person.token = (await sign_in(world, "person"))[1]["access_token"]
    asked = {"password": PASSWORD, "action": "account",
             "request": {"method": "POST", "path": "/api/v1/me/wake"}}  # fmt: skip
    proof = (await person.must("POST", "/auth/step-up", asked))["proof"]
    assert (await person.ask("POST", "/me/wake", **{"Step-Up": proof}))[0] == 404
    assert await frozen_at(world, person) is not None


async def test_freezing_signs_the_owner_out_everywhere_and_he_may_sign_in_again_to_read(
    world, officer
):
    person = await world.join("person", usdt="5")
    _, phone = await sign_in(world, "person")
    assert (await admin(officer, "POST", f"/users/{person.id}/freeze", REASON))[0] == 204

    assert (await person.ask("GET", "/me"))[0] == 401
    refreshed = await person.ask("POST", "/auth/refresh", {"refresh_token": phone["refresh_token"]})
    assert refreshed[0] == 401
    person.token = (await sign_in(world, "person"))[1]["access_token"]
    assert (await person.balances())["available"] == "5.000000"


async def test_staff_sign_somebody_out_everywhere_with_a_reason(world, officer):
    person, other = await world.join("person"), await world.join("other")
    _, phone = await sign_in(world, "person")
    status, body = await admin(officer, "POST", f"/users/{person.id}/sessions/end", REASON)

    assert (status, body) == (200, {"ended": 2})
    assert (await person.ask("GET", "/me"))[0] == 401
    refreshed = await person.ask("POST", "/auth/refresh", {"refresh_token": phone["refresh_token"]})
    assert refreshed[0] == 401
    assert (await other.ask("GET", "/me"))[0] == 200
    statement = select(AuditEntry).where(AuditEntry.action == "session_ended")
    (entry,) = await world.read(statement)
    assert (entry.object_id, entry.reason) == (person.id, REASON["reason"])
    assert str(entry.actor_id) == officer.id
    told = await world.read("SELECT body FROM outbox WHERE name = 'notification_created'")
    assert any("sessions_ended_by_staff" in row.body for row in told)


async def test_only_who_may_end_sessions_of_somebody_who_is_there(world, officer):
    person = await world.join("person")
    path = f"/users/{person.id}/sessions/end"
    auditor = await join_staff(world, "aud", "auditor")
    for caller in (person, auditor):
        assert (await admin(caller, "POST", path, REASON))[0] == 403
    for body in ({}, {"reason": ""}, {**REASON, "id": 1}):
        assert (await admin(officer, "POST", path, body))[0] == 422
    missing = f"/users/{UUID(int=7)}/sessions/end"
    assert (await admin(officer, "POST", missing, REASON))[0] == 404
    assert (await person.ask("GET", "/me"))[0] == 200


async def test_acts_on_accounts_need_a_proof_and_reach_no_staff_above_oneself(world, officer):
    person = await world.join("person")
    agent = await join_staff(world, "agent", "support_agent")
    boss = await join_staff(world, "boss", "administrator")
    for path in ("freeze", "unfreeze", "sessions/end"):
        unproven = await admin(officer, "POST", f"/users/{person.id}/{path}", REASON, proven=False)
        assert (unproven[0], unproven[1]["code"]) == (403, "step_up_required"), path
    for caller, target in ((agent, boss), (agent, officer), (officer, boss)):
        path = f"/users/{target.id}/sessions/end"
        refused = await admin(caller, "POST", path, REASON)
        assert (refused[0], refused[1]["code"]) == (403, "staff_above_oneself")
        assert (await target.ask("GET", "/me"))[0] == 200
    frozen = await admin(officer, "POST", f"/users/{boss.id}/freeze", REASON)
    assert (frozen[0], frozen[1]["code"]) == (403, "staff_above_oneself")

    for caller, target in ((agent, person), (boss, officer)):
        ended = await admin(caller, "POST", f"/users/{target.id}/sessions/end", REASON)
        assert ended[0] == 200
        assert (await target.ask("GET", "/me"))[0] == 401
