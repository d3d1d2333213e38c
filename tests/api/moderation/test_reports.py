"""Reports of users, orders and messages, and who decides them."""

import asyncio
import uuid

import orjson
import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.moderation import UserReport
from models.operations import Outbox
from server.moderation.reports import REPORTS_MAX
from tests.market_world import start_world
from tests.staff_world import ask_as_staff, join_staff

PATH = "/reports"
MISSING = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


def about(kind, subject, **more):
    return {"kind": kind, "subject": subject, "reason": "scam", "text": "He asks me out.", **more}


async def start_trade(world):
    """A seller and a buyer who has written to him; their trade, the order and the message."""
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    order = await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("50", "26000"))["trades"]
    path = f"/trades/{trade['id']}/messages"
    message = await buyer.must("POST", path, {"client_id": "1", "text": "Come to telegram @bu"})
    return seller, buyer, order, message


async def test_user_order_and_message_are_reported_once_each_and_told_to_nobody(world):
    seller, buyer, order, message = await start_trade(world)
    elsewhere = "SELECT count(*) FROM outbox WHERE room <> 'staff:reports'"
    events = await world.read(elsewhere)
    for person, kind, subject in (
        (buyer, "user", "SELLER"),
        (buyer, "order", order["id"]),
        (seller, "message", message["id"]),
    ):
        made = await person.must("POST", PATH, about(kind, subject))
        assert (made["kind"], made["status"]) == (kind, "open")
        again = await person.ask("POST", PATH, about(kind, subject, reason="other"))
        assert (again[0], again[1]["code"]) == (409, "already_reported")
    assert await world.read(elsewhere) == events
    queued = await world.read(select(Outbox.body).where(Outbox.room == "staff:reports"))
    assert [orjson.loads(row.body)["status"] for row in queued] == ["open"] * 3
    assert not any("asks me" in row.body or seller.id in row.body for row in queued)
    rows = await world.read(select(UserReport.kind, UserReport.user_id, UserReport.sealed))
    assert {str(row.user_id) for row in rows if row.kind != "message"} == {seller.id}
    assert not any(b"asks me" in bytes(row.sealed) for row in rows)


async def test_reporter_follows_what_he_reported_and_nobody_else_does(world):
    seller, buyer, _, message = await start_trade(world)
    agent = await join_staff(world, "agent", "support_agent")
    first = await seller.must("POST", PATH, about("message", message["id"]))
    with world.count_statements("user_reports") as few:
        assert (await seller.get(PATH))["items"] == [first]
    second = await seller.must("POST", PATH, about("user", "BUYER", reason="abuse"))
    await agent.must("POST", PATH, about("user", "seller"))
    with world.count_statements("user_reports") as more:
        page = await seller.get(f"{PATH}?limit=1")
    assert len(few) == len(more) == 1
    assert (page["items"], second["subject"]) == ([second], "buyer")
    rest = await seller.get(f"{PATH}?cursor={page['next_cursor']}")
    assert (rest["items"], rest["next_cursor"]) == ([first], None)

    path = f"/reports/{first['id']}/decision"
    decision = {"status": "acted", "reason": "Warned him."}
    assert (await ask_as_staff(agent, "POST", path, decision))[0] == 200
    seen = await seller.get(f"{PATH}/{first['id']}")
    assert (seen["status"], seen["subject"]) == ("acted", message["id"])
    assert seen["decided_at"] is not None
    assert agent.id not in str(seen)
    assert "Warned" not in str(seen)
    for person in (buyer, agent):
        assert (await person.ask("GET", f"{PATH}/{first['id']}"))[0] == 404
    assert (await buyer.get(PATH))["items"] == []
    told = await world.read(select(Outbox.body).where(Outbox.name == "report_queue_changed"))
    assert [orjson.loads(row.body)["status"] for row in told] == ["open"] * 3 + ["acted"]


async def test_what_is_ones_own_or_not_there_for_one_is_not_reported(world):
    seller, buyer, order, message = await start_trade(world)
    stranger = await world.join("stranger")
    for person, kind, subject, refused in (
        (buyer, "user", "buyer", (422, "report_of_oneself")),
        (seller, "order", order["id"], (422, "report_of_oneself")),
        (buyer, "message", message["id"], (422, "report_of_oneself")),
        (stranger, "message", message["id"], (404, "not_found")),
        (stranger, "message", MISSING, (404, "not_found")),
        (stranger, "order", MISSING, (404, "not_found")),
        (stranger, "order", "seller", (404, "not_found")),
        (stranger, "user", "nobody", (404, "not_found")),
        (stranger, "wallet", "seller", (422, "invalid")),
    ):
        status, problem = await person.ask("POST", PATH, about(kind, subject))
        assert (status, problem["code"]) == refused, (person.name, kind, subject)
    for more in ({"reason": "rude"}, {"text": "x" * 1001}, {"user_id": seller.id}):
        assert (await stranger.ask("POST", PATH, about("user", "seller", **more)))[0] == 422


async def test_same_report_at_once_is_one_and_a_day_has_a_limit(world):
    reporter = await world.join("reporter")
    await world.join("other")
    replies = await asyncio.gather(
        *(reporter.ask("POST", PATH, about("user", "other")) for _ in range(4))
    )
    assert sorted(status for status, _ in replies) == [201, 409, 409, 409]

    for number in range(REPORTS_MAX):
        await world.join(f"person{number}")
    statuses = [
        (await reporter.ask("POST", PATH, about("user", f"person{number}")))[0]
        for number in range(REPORTS_MAX)
    ]
    assert statuses == [201] * (REPORTS_MAX - 1) + [429]


async def test_reported_message_is_hidden_from_who_reported_it_until_it_is_dismissed(world):
    seller, buyer, _, message = await start_trade(world)
    agent = await join_staff(world, "agent", "support_agent")

    async def read(person):
        page = await person.must("GET", f"/trades/{message['trade_id']}/messages")
        (found,) = [one for one in page["items"] if one["id"] == message["id"]]
        return found["text"], found["masked"]

    before = await read(seller)
    made = await seller.must("POST", PATH, about("message", message["id"]))
    assert await read(seller) == ("•••", True)
    assert await read(buyer) == before
    decision = {"status": "dismissed", "reason": "Harmless."}
    path = f"/reports/{made['id']}/decision"
    assert (await ask_as_staff(agent, "POST", path, decision))[0] == 200
    assert await read(seller) == before


async def test_staff_read_and_decide_what_does_not_concern_them_once(world):
    seller, buyer, _, message = await start_trade(world)
    agent = await join_staff(world, "agent", "support_agent")
    auditor = await join_staff(world, "aud", "auditor")
    made = await seller.must("POST", PATH, about("message", message["id"]))
    own = await buyer.must("POST", PATH, about("user", "agent"))
    decision = {"status": "acted", "reason": "Warned him."}

    assert (await ask_as_staff(auditor, "GET", "/reports"))[0] == 403
    _, page = await ask_as_staff(agent, "GET", "/reports?status=open&limit=1")
    assert [one["id"] for one in page["items"]] == [own["id"]]
    _, page = await ask_as_staff(agent, "GET", f"/reports?cursor={page['next_cursor']}")
    assert [(one["id"], one["user_id"]) for one in page["items"]] == [(made["id"], buyer.id)]
    assert "He asks" not in str(page)
    _, read = await ask_as_staff(agent, "POST", f"/reports/{made['id']}/read")
    assert (read["text"], read["message"]) == ("He asks me out.", "Come to telegram @bu")
    refused = await ask_as_staff(agent, "POST", f"/reports/{own['id']}/decision", decision)
    assert (refused[0], refused[1]["code"]) == (403, "own_report")
    missing = await ask_as_staff(agent, "POST", f"/reports/{uuid.UUID(int=7)}/decision", decision)
    assert missing[0] == 404

    path = f"/reports/{made['id']}/decision"
    status, decided = await ask_as_staff(agent, "POST", path, decision)
    assert (status, decided["status"], decided["decided_by"]) == (200, "acted", agent.id)
    again = await ask_as_staff(agent, "POST", path, decision)
    assert (again[0], again[1]["code"]) == (409, "report_decided")
    actions = [row[0] for row in await world.read(select(AuditEntry.action))]
    for action in ("user_reported", "user_report_read", "user_report_decided"):
        assert action in actions
