"""Sanctions: what they do, how they end, and who may say anything about them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.identity import Standing
from models.operations import Outbox
from models.trust import SanctionKind, SanctionReason
from server.jobs.recheck_standings import recheck_standings
from server.trades.desk import DESK
from server.trust.refusals import ClosingTakesTwo, OwnSanction, SanctionExists
from server.trust.sanctions import impose_sanction
from tests.staff_world import agree, ask_as_staff

WORDS = "You said three times that you paid, and never did."
CLOSING = {"reason": "fraud", "explanation": WORDS, "hours": None}


@pytest.fixture
async def bob(world):
    return await world.join("bob", usdt="1000")


async def sanction(staff, person, kind, *, hours=24, expect=201, **more):
    body = {"kind": kind, "reason": "unpaid_trades", "explanation": WORDS, "hours": hours, **more}
    path = f"/users/{person.id}/sanctions"
    status, reply = await ask_as_staff(staff, "POST", path, body, proven=True)
    assert status == expect, reply
    return reply


async def decide(staff, sanction_id, *, granted):
    body = {"granted": granted, "answer": "We looked at it again, together."}
    path = f"/sanctions/{sanction_id}/appeal/decision"
    return await ask_as_staff(staff, "POST", path, body, proven=True)


async def appeal(person, sanction_id):
    body = {"statement": "I paid each time, my bank was late."}
    return await person.ask("POST", f"/me/sanctions/{sanction_id}/appeal", body)


async def standing_of(world, person):
    (row,) = await world.read(
        select(*Standing.__table__.columns).where(Standing.user_id == UUID(person.id))
    )
    return row


async def pass_time(world, person, **time):
    world.clock.advance(**time)
    await login(world, person)
    await recheck_standings(world.client.server.app[DESK])
    await world.wait_for_inbox()


async def told(world, person):
    rows = await world.read(
        select(Outbox.body).where(
            Outbox.room == f"user:{person.id}", Outbox.name == "notification_created"
        )
    )
    return " ".join(row.body for row in rows)


async def test_sanctions_stop_what_they_say_and_end_by_the_clock(world, ruth, bob):
    eve = await world.join("eve", usdt="1000")
    offer = await eve.sell("100", "26000")
    mine = await bob.sell("50", "26100")
    take = {"amount": "20", "payment_method_id": "vn-one", "order_version": 1}

    await sanction(ruth, bob, "no_taking", hours=1)
    refused = await bob.ask("POST", f"/orders/{offer['id']}/take", take)
    assert (refused[0], refused[1]["code"]) == (409, "taking_paused")

    await sanction(ruth, bob, "no_resting", hours=2)
    await world.wait_for_inbox()
    book = await bob.must("GET", "/markets/USDT-VND/book")
    assert [level["price"] for level in book["asks"]] == ["26000"]
    status, problem = await eve.ask(
        "POST", f"/orders/{mine['id']}/take", {**take, "worst_price": "27000"}
    )
    assert (status, problem["code"]) == (409, "not_eligible")
    status, problem = await bob.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "sell", "pricing": {"type": "fixed", "price": "26200"},
        "amount": "20", "payment_account_ids": list(bob.accounts.values()), "always_on": True,
    })  # fmt: skip
    assert (status, problem["code"]) == (409, "resting_paused")

    await sanction(ruth, bob, "limits_lowered", hours=3)
    assert (await bob.must("GET", "/me/limits"))["day_limit"] == "2000.000000"

    await pass_time(world, bob, hours=1)
    row = await standing_of(world, bob)
    assert (row.taking_barred, row.resting_barred, row.limits_lowered) == (False, True, True)
    await pass_time(world, bob, hours=1)
    book = await bob.must("GET", "/markets/USDT-VND/book")
    assert [level["price"] for level in book["asks"]] == ["26000", "26100"]
    await pass_time(world, bob, hours=1)
    assert (await bob.must("GET", "/me/limits"))["day_limit"] == "20000.000000"
    shown = (await bob.must("GET", "/me/sanctions"))["items"]
    assert [(one["kind"], one["status"]) for one in shown] == [
        ("limits_lowered", "ended"), ("no_resting", "ended"), ("no_taking", "ended"),
    ]  # fmt: skip
    assert "sanction_ended" in await told(world, bob)


async def test_person_reads_the_reason_and_not_who_gave_it(world, ruth, bob):
    await sanction(ruth, bob, "warning", hours=None)
    given = await sanction(ruth, bob, "no_taking")
    assert given["imposed_by"] == ruth.id
    (shown, warning) = (await bob.must("GET", "/me/sanctions"))["items"]
    assert (shown["reason"], shown["explanation"]) == ("unpaid_trades", WORDS)
    assert shown["ends_at"] == "2026-01-02T00:00:00.000Z"
    assert ruth.id not in str(shown)
    assert warning["ends_at"] is None
    row = await standing_of(world, bob)
    assert (row.taking_barred, row.resting_barred, row.limits_lowered) == (True, False, False)
    audited = await world.read(
        select(AuditEntry.actor_id, AuditEntry.reason).where(
            AuditEntry.action == "sanction_imposed", AuditEntry.object_id == bob.id
        )
    )
    assert [(str(one.actor_id), one.reason) for one in audited] == [(ruth.id, WORDS)] * 2
    assert "sanctioned_no_taking" in await told(world, bob)


async def test_appeal_is_made_once_and_decided_by_somebody_else(world, ruth, carl, bob):
    given = await sanction(ruth, bob, "no_taking")
    status, shown = await appeal(bob, given["id"])
    assert (status, shown["allowed_actions"]) == (201, [])
    status, problem = await appeal(bob, given["id"])
    assert (status, problem["code"]) == (409, "already_appealed")
    _, queue = await ask_as_staff(carl, "GET", "/appeals")
    assert [one["id"] for one in queue["items"]] == [given["id"]]

    status, problem = await decide(ruth, given["id"], granted=True)
    assert (status, problem["code"]) == (403, "own_decision")
    status, decided = await decide(carl, given["id"], granted=True)
    assert (status, decided["status"], decided["appeal"]["granted"]) == (200, "lifted", True)
    assert not (await standing_of(world, bob)).taking_barred
    status, problem = await decide(carl, given["id"], granted=False)
    assert (status, problem["code"]) == (409, "appeal_decided")
    _, queue = await ask_as_staff(carl, "GET", "/appeals")
    assert queue["items"] == []

    other = await sanction(ruth, bob, "no_taking")
    await appeal(bob, other["id"])
    status, decided = await decide(carl, other["id"], granted=False)
    assert (decided["status"], decided["appeal"]["granted"]) == ("active", False)
    assert (await standing_of(world, bob)).taking_barred
    assert "appeal_dismissed" in await told(world, bob)


async def test_closing_takes_two_people_and_stops_everything(world, ruth, carl, bob):
    refused = await sanction(ruth, bob, "closed", expect=422)
    assert "kind" in refused["errors"]
    await bob.sell("50", "26000")
    await agree(ruth, carl, "close_account", bob.id, CLOSING)
    row = await standing_of(world, bob)
    assert row.frozen_at is not None
    buyer = await world.join("buyer")
    assert (await buyer.buy("20", "26000"))["trades"] == []
    assert (await bob.must("GET", "/wallet"))["items"]

    # Lifting a freeze does not open what two people have closed.
    reason = {"reason": "Compliance looks at it."}
    assert (await ask_as_staff(carl, "POST", f"/users/{bob.id}/freeze", reason))[0] == 204
    assert (await ask_as_staff(carl, "POST", f"/users/{bob.id}/unfreeze", reason))[0] == 204
    assert (await standing_of(world, bob)).frozen_at is not None

    await login(world, bob)
    (closed,) = (await bob.must("GET", "/me/sanctions"))["items"]
    await appeal(bob, closed["id"])
    status, _ = await decide(carl, closed["id"], granted=True)
    assert status == 200
    assert (await standing_of(world, bob)).frozen_at is None


async def login(world, person):
    account = {"email": f"{person.name}@example.com", "password": "correct horse battery"}
    async with world.client.post("/api/v1/auth/login", json=account) as reply:
        person.token = (await reply.json())["access_token"]


async def test_freeze_outlasts_a_closing_that_is_lifted(world, ruth, carl, bob):
    reason = {"reason": "Compliance looks at it."}
    await agree(ruth, carl, "close_account", bob.id, {**CLOSING, "hours": 48})
    assert (await ask_as_staff(carl, "POST", f"/users/{bob.id}/freeze", reason))[0] == 204
    await pass_time(world, bob, hours=48)
    assert (await standing_of(world, bob)).frozen_at is not None


async def test_bad_and_repeated_sanctions_are_refused(world, ruth, carl, bob):
    await sanction(ruth, bob, "no_taking")
    assert (await sanction(carl, bob, "no_taking", expect=409))["code"] == "sanction_exists"
    for body in (
        {"kind": "no_resting", "hours": None},
        {"kind": "no_resting", "hours": 0},
        {"kind": "no_resting", "hours": 366 * 24 + 1},
        {"kind": "warning", "hours": 5},
        {"kind": "warning", "hours": None, "reason": "because"},
        {"kind": "warning", "hours": None, "explanation": "short"},
    ):
        kind = body.pop("kind")
        await sanction(ruth, bob, kind, expect=422, **body)
    assert (await sanction(ruth, ruth, "no_taking", expect=403))["code"] == "own_sanction"
    path = "/users/01890000-0000-7000-8000-000000000000/sanctions"
    body = {"kind": "no_taking", "reason": "other", "explanation": WORDS, "hours": 5}
    assert (await ask_as_staff(ruth, "POST", path, body, proven=True))[0] == 404


async def test_one_person_cannot_close_by_the_function_either(world, ruth, bob):
    """What the dispute desk calls gives every sanction but this one."""
    given = {
        "user_id": UUID(bob.id), "reason": SanctionReason.LOST_DISPUTES, "explanation": WORDS,
        "imposed_by": UUID(ruth.id), "duration": timedelta(hours=24),
    }  # fmt: skip
    hooks = world.client.server.app[DESK].identity_hooks

    async def impose(kind, **more):
        async def work(unit):
            return await impose_sanction(unit, hooks, kind=kind, **{**given, **more})

        return await world.database.transact(work, name="test")

    with pytest.raises(ClosingTakesTwo):
        await impose(SanctionKind.CLOSED)
    await impose(SanctionKind.NO_RESTING)
    with pytest.raises(SanctionExists):
        await impose(SanctionKind.NO_RESTING)
    with pytest.raises(OwnSanction):
        await impose(SanctionKind.NO_TAKING, imposed_by=UUID(bob.id))
