"""GET and POST /trades/{id}/messages: who may write what, once, and in which order."""

import contextlib
from uuid import UUID

import pytest
from sqlalchemy import delete, event, select, update

from models.chat import Chat
from models.identity import Block
from models.trades import Trade
from server.compliance import forget_queries
from server.identity.context import IDENTITY
from server.monitor.chat_check import check_chats
from server.monitor.verifier import find_breaches
from tests.market_world import start_world
from tests.sockets.test_rooms import open_trade
from tests.staff_world import ask_as_staff, break_glass, give_case, join_staff

GREETING = "Hello! Pay from your own account. Zalo 0912345678"


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


async def say(person, trade_id, text, client_id=None):
    body = {"client_id": client_id or f"c-{next(person.keys)}", "text": text}
    return await person.ask("POST", f"/trades/{trade_id}/messages", body)


async def must_say(person, trade_id, text, client_id=None):
    status, body = await say(person, trade_id, text, client_id)
    assert status == 201, body
    return body


async def read(person, trade_id, query=""):
    return await person.must("GET", f"/trades/{trade_id}/messages{query}")


def renew_later(world, person, **step):
    """Time passes, and the person signs in again."""
    tokens = world.client.server.app[IDENTITY].tokens
    actor = tokens.authenticate(person.token)
    world.clock.advance(**step)
    person.token = tokens.issue(actor)


async def find(world, **options):
    return await find_breaches(world.database, since=None, checks={"I30": check_chats}, **options)


async def test_chat_begins_with_the_match_and_the_makers_automatic_reply(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell("100", "26000", auto_reply=GREETING)
    (trade,) = (await buyer.buy("40", "26000", time_in_force="ioc"))["trades"]
    later = {"auto_reply": "Something else", "version": order["version"]}
    await seller.must("PATCH", f"/orders/{order['id']}", later)
    world.clock.advance(minutes=3)

    page = await read(buyer, trade["id"])

    greeting, opened = page["items"]
    matched = (await buyer.must("GET", f"/trades/{trade['id']}"))["created_at"]
    assert (opened["number"], opened["kind"], opened["event"]) == (1, "system", "opened")
    assert (opened["author"], opened["text"], opened["created_at"]) == ("system", None, matched)
    assert (greeting["number"], greeting["kind"]) == (2, "auto_reply")
    assert (greeting["author"], greeting["created_at"]) == ("seller", matched)
    assert greeting["text"] == "Hello! Pay from your own account. ••• •••"
    assert (greeting["masked"], greeting["banners"]) == (True, ["contact"])
    assert (page["last_number"], page["read"]) == (2, {"buyer": 0, "seller": 0})
    assert (await read(seller, trade["id"])) == page
    assert (await world.read(select(Chat.greeting)))[0].greeting == ""


async def test_messages_are_numbered_once_by_client_id_and_paged_by_number(world):
    seller, buyer, trade_id = await open_trade(world)
    first = await must_say(buyer, trade_id, "Hello", "one")
    again = await must_say(buyer, trade_id, "Hello", "one")
    others = await must_say(seller, trade_id, "Hi there", "one")
    status, refused = await say(buyer, trade_id, "Hello!", "one")

    assert again == first
    assert (first["number"], others["number"]) == (2, 3)
    assert (first["author"], first["client_id"], first["staff"]) == ("buyer", "one", False)
    assert (status, refused["code"]) == (422, "client_id_reused")
    for number in range(4, 8):
        await must_say(buyer, trade_id, f"Message {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = await read(seller, trade_id, f"?limit=3{cursor and f'&cursor={cursor}'}")
        seen += [one["number"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    missed = await read(seller, trade_id, "?after=5")
    assert [one["number"] for one in missed["items"]] == [7, 6]
    assert missed["next_cursor"] is None
    assert (await seller.ask("GET", f"/trades/{trade_id}/messages?cursor=AAA"))[0] == 422
    assert await find(world) == []


async def test_what_cannot_be_shown_is_refused_and_markup_stays_text(world):
    _, buyer, trade_id = await open_trade(world)
    for text in ("", " \n ", "x" * 2001, "a\u202eb", "bell \x07"):
        assert (await say(buyer, trade_id, text))[0] == 422, text
    assert (await say(buyer, trade_id, "ok", "two words"))[0] == 422
    written = (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[free USDT](javascript:alert(1))",
    )
    for text in written:
        message = await must_say(buyer, trade_id, text)
        assert (message["text"], message["banners"]) == (text, ["unsafe_link"])
    assert (await must_say(buyer, trade_id, "x" * 2000))["number"] == 5


async def test_foreign_chat_looks_as_if_it_did_not_exist(world):
    _, _, trade_id = await open_trade(world)
    stranger = await world.join("stranger")
    missing = "01890000-0000-7000-8000-000000000000"
    answers = [
        [
            await stranger.ask("GET", f"/trades/{place}/messages"),
            await say(stranger, place, "Hello", "c"),
            await stranger.ask("POST", f"/trades/{place}/messages/read", {"number": 1}),
        ]
        for place in (trade_id, missing)
    ]
    for status, body in [*answers[0], *answers[1]]:
        assert status == 404
        del body["request_id"]
    assert answers[0] == answers[1]
    assert (await world.read(select(Chat.number)))[0].number == 0


async def test_every_step_of_a_deal_is_told_as_a_code_with_what_belongs_to_it(world):
    seller, buyer, trade_id = await open_trade(world)
    path = f"/trades/{trade_id}"
    await seller.must("POST", f"{path}/cancel-request", {"reason": "My bank is down, sorry"})
    await buyer.must("POST", f"{path}/cancel-request/decline")
    await buyer.must("POST", f"{path}/payer", {"payer_name": "TRAN VAN B"})
    await buyer.must("POST", f"{path}/paid", {})
    await buyer.must("POST", f"{path}/split", {"buyer_amount": "10"})
    await seller.must("POST", f"{path}/split/decline", {})
    await seller.release(trade_id, "TRAN VAN B")

    page = await read(buyer, trade_id)

    told = [(one["event"], one["params"]["actor"]) for one in reversed(page["items"])]
    assert told == [
        ("opened", "system"),
        ("cancel_requested", "seller"),
        ("cancel_declined", "buyer"),
        ("payer_declared", "buyer"),
        ("marked_paid", "buyer"),
        ("split_proposed", "buyer"),
        ("split_declined", "seller"),
        ("released", "seller"),
    ]
    offered = page["items"][2]["params"]
    assert (offered["buyer_amount"], offered["seller_amount"]) == ("10.000000", "30.000000")
    assert (offered["status"], page["items"][0]["params"]["status"]) == ("paid", "completed")
    assert page["items"][3]["params"]["deadline"] is not None
    assert "sorry" not in str(page)
    assert "TRAN" not in str(page)
    assert await find(world) == []


async def test_ended_trades_chat_closes_in_time_and_earlier_between_who_blocked(world):
    seller, buyer, trade_id = await open_trade(world)
    await must_say(buyer, trade_id, "Hello", "kept")
    await buyer.must("POST", f"/trades/{trade_id}/cancel", {"reason": "changed_mind"})
    assert (await read(buyer, trade_id))["may_write"] is True
    await must_say(seller, trade_id, "What happened?")

    await seller.must("POST", "/me/blocks", {"username": "buyer"})
    for person in (buyer, seller):
        status, body = await say(person, trade_id, "Hello?")
        assert (status, body["code"]) == (409, "writer_blocked")
    await world.database.transact(lambda unit: unit.execute(delete(Block)), name="test")
    renew_later(world, buyer, hours=72)
    status, body = await say(buyer, trade_id, "Hello?")
    assert (status, body["code"]) == (409, "chat_closed")
    assert (await must_say(buyer, trade_id, "Hello", "kept"))["number"] == 2
    assert (await read(buyer, trade_id))["may_write"] is False


async def test_frozen_user_writes_only_where_a_case_is_open(world):
    seller, buyer, trade_id = await open_trade(world)
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "TRAN VAN B"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    await world.change_standing(buyer, frozen_at=world.clock.now())
    status, body = await say(buyer, trade_id, "Hello")
    assert (status, body["code"]) == (409, "writer_frozen")
    await must_say(seller, trade_id, "Hello")
    world.clock.advance(minutes=11)
    await seller.must(
        "POST", f"/trades/{trade_id}/dispute", {"reason": "not_received", "statement": "Nothing."}
    )
    assert (await must_say(buyer, trade_id, "I paid this morning"))["author"] == "buyer"


async def test_messages_of_a_user_are_limited_in_all_his_chats_together(world):
    seller, buyer, trade_id = await open_trade(world)
    for number in range(60):
        await must_say(buyer, trade_id, f"Message {number}", f"c{number}")
    status, body = await say(buyer, trade_id, "One more")
    assert (status, body["code"]) == (429, "rate_limited")
    await must_say(seller, trade_id, "Mine are counted apart")
    world.clock.advance(seconds=61)
    await must_say(buyer, trade_id, "One more")


async def test_read_marks_move_forward_only_and_never_beyond_the_last(world):
    seller, buyer, trade_id = await open_trade(world)
    for number in range(3):
        await must_say(seller, trade_id, f"Message {number}")
    path = f"/trades/{trade_id}/messages/read"
    assert (await buyer.must("POST", path, {"number": 3}))["read"] == {"buyer": 3, "seller": 0}
    assert (await buyer.must("POST", path, {"number": 2}))["read"] == {"buyer": 3, "seller": 0}
    status, body = await buyer.ask("POST", path, {"number": 5})
    assert (status, body["code"]) == (422, "read_too_far")
    assert (await buyer.ask("POST", path, {"number": 0}))[0] == 422
    assert (await read(seller, trade_id))["read"] == {"buyer": 3, "seller": 0}
    told = await world.read("SELECT body FROM outbox WHERE name = 'message_read'")
    assert len(told) == 1


async def test_staff_read_what_is_masked_and_write_where_a_case_is_open(world):
    _, buyer, trade_id = await open_trade(world)
    await must_say(buyer, trade_id, "Add me on telegram @fastdealer")
    clerk = await join_staff(world, "clerk", "dispute_ruler", "support_agent")
    other = await join_staff(world, "other", "dispute_ruler", "support_agent")
    path = f"/trades/{trade_id}/messages"

    status, refused = await ask_as_staff(clerk, "GET", path)
    assert (status, refused["code"]) == (403, "case_not_yours")
    body = {"client_id": "s1", "text": "Please show the payment's reference."}
    status, refused = await ask_as_staff(clerk, "POST", path, body)
    assert (status, refused["code"]) == (409, "no_open_case")

    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "TRAN VAN B"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    world.clock.advance(minutes=11)
    await buyer.must(
        "POST", f"/trades/{trade_id}/dispute", {"reason": "not_released", "statement": "I paid."}
    )
    await give_case(world, clerk, trade_id)
    for method, sent in (("GET", None), ("POST", body)):
        status, refused = await ask_as_staff(other, method, path, sent)
        assert (status, refused["code"]) == (403, "case_not_yours")
    status, page = await ask_as_staff(clerk, "GET", path)
    assert status == 200
    (shown,) = [one for one in page["items"] if one["text"] == "Add me on ••• •••"]
    assert shown["original"] == "Add me on telegram @fastdealer"
    assert shown["author_id"] == buyer.id
    status, written = await ask_as_staff(clerk, "POST", path, body)
    assert (status, written["author"], written["staff"]) == (201, "staff", True)
    assert (await ask_as_staff(clerk, "POST", path, body))[1] == written
    page = await read(buyer, trade_id)
    assert [one["number"] for one in page["items"] if one["staff"]] == [written["number"]]
    assert {"original", "author_id"}.isdisjoint(page["items"][0])
    acts = await world.read(
        f"SELECT action FROM audit_entries WHERE object_id = '{trade_id}' ORDER BY id"
    )
    assert [row.action for row in acts] == [
        *["trade_read_refused"] * 3,
        "chat_read",
        "chat_written",
    ]
    await give_case(world, other, trade_id)
    assert (await ask_as_staff(clerk, "POST", path, {**body, "client_id": "s2"}))[0] == 403
    assert (await ask_as_staff(clerk, "GET", path))[0] == 403
    assert (await ask_as_staff(buyer, "GET", path))[0] == 403
    assert await find(world) == []


async def test_who_breaks_the_glass_reads_a_chat_without_a_case_and_never_writes_in_it(world):
    _, buyer, trade_id = await open_trade(world)
    await must_say(buyer, trade_id, "Hello")
    officer = await join_staff(world, "officer", "compliance")
    path = f"/trades/{trade_id}/messages"
    assert (await ask_as_staff(officer, "GET", path))[0] == 403
    taken = await break_glass(officer, "dispute_ruler")
    assert (await ask_as_staff(officer, "GET", path))[0] == 200
    body = {"client_id": "s1", "text": "I only look."}
    assert (await ask_as_staff(officer, "POST", path, body))[1]["code"] == "no_open_case"
    (row,) = await world.read(
        f"SELECT after FROM audit_entries WHERE action = 'chat_read' AND object_id = '{trade_id}'"
    )
    assert taken["id"] in row.after


async def test_staff_are_never_a_party_with_a_badge(world):
    _, _, trade_id = await open_trade(world)
    clerk = await join_staff(world, "clerk", "dispute_ruler", "support_agent")
    change = update(Trade).values(buyer_id=UUID(clerk.id))
    await world.database.transact(lambda unit: unit.execute(change), name="test")
    path = f"/trades/{trade_id}/messages"
    assert (await ask_as_staff(clerk, "GET", path))[0] == 404
    body = {"client_id": "s1", "text": "I am support."}
    assert (await ask_as_staff(clerk, "POST", path, body))[0] == 404
    message = await must_say(clerk, trade_id, "I am support.")
    assert (message["author"], message["staff"]) == ("buyer", False)
    assert message["banners"] == ["pretends_staff"]


ABOUT_CHATS = ("chats.", "chat_messages.", "INTO chat_messages", "standings_1.")
"""What the statements of a chat's calls name; nothing else of the service names it."""
WORDS = "SELECT chat_messages.id, chat_messages.sealed,"
"""What the relay asks meanwhile, to tell a message."""


@contextlib.contextmanager
def count_statements(world):
    seen = []
    engine = world.database.engine.sync_engine

    def note(_connection, _cursor, statement, *_rest):
        if any(name in statement for name in ABOUT_CHATS) and not statement.startswith(WORDS):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_number_of_statements_does_not_grow_with_the_chat(world):
    _, buyer, trade_id = await open_trade(world)
    counts = []
    for number in (1, 30):
        for place in range(number):
            await must_say(buyer, trade_id, f"Message {number} {place}")
        with count_statements(world) as writing:
            await must_say(buyer, trade_id, "Counted")
        with count_statements(world) as reading:
            await read(buyer, trade_id, "?limit=100")
        with count_statements(world) as marking:
            await buyer.must("POST", f"/trades/{trade_id}/messages/read", {"number": number})
        counts.append((len(writing), len(reading), len(marking)))
    assert counts[0] == counts[1] == (5, 3, 3)


async def test_forgotten_persons_words_go_and_the_chain_still_holds(world):
    seller, buyer, trade_id = await open_trade(world)
    await must_say(buyer, trade_id, "My secret words", "b1")
    await must_say(seller, trade_id, "I stay", "s1")
    trades, whom = [UUID(trade_id)], UUID(buyer.id)

    async def forget(unit):
        for statement in forget_queries.forget_words(trades, whom, "buyer"):
            await unit.execute(statement)

    await world.database.transact(forget, name="test")

    kept, gone, _ = (await read(seller, trade_id))["items"]
    assert (kept["text"], kept["forgotten"]) == ("I stay", False)
    assert (gone["text"], gone["forgotten"], gone["author"]) == (None, True, "buyer")
    assert await find(world, sealer=world.client.server.app[IDENTITY].sealer) == []
