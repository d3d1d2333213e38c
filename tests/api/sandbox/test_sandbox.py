"""Calls of the sandbox: who may ask for whom, and what a warp moves and what it never moves."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from models.claims import Claim
from models.disputes import Dispute
from models.ledger import Lot
from models.sandbox import Counterparty, Script
from models.trades import Trade, TradeEvent, TradeStatus
from server.disputes import claim_routes
from server.ledger.service import lock_sheet, write_sheet
from server.ledger.sheet import AccountKey
from server.sandbox import routes
from server.sandbox.counterparties import ACTIVE_MAX, KEPT, purge_counterparties
from server.sandbox.scripts import BUYERS, SCRIPTS, SELLERS, Scene, next_step, share_of, show_bank
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.api.trades.conftest import serve_world
from tests.case_world import decide
from tests.trade_world import open_world

S = TradeStatus
ASKED = {
    "script": "on_time", "side": "buy", "market": "USDT_TEST-VND", "payment_method_id": "vn-bank",
    "amount": "20", "price": "26000",
}  # fmt: skip
TEST = {"asset": "USDT_TEST"}


@pytest.fixture
async def api(database_url):
    async with (
        open_world(database_url) as world,
        serve_world(world, *routes.ROUTES.endpoints, *claim_routes.ROUTES.endpoints) as api,
    ):
        yield api


async def ask(api, name="buyer", **given):
    reply = await api.post("/sandbox/counterparties", {**ASKED, **given}, name)
    return reply.status, await reply.json()


async def warp(api, trade_id, seconds, name="buyer"):
    reply = await api.post(f"/sandbox/trades/{trade_id}/warp", {"seconds": seconds}, name)
    return reply.status, await reply.json()


async def read_trades(api, *but):
    rows = await api.world.fetch(select(*Trade.__table__.columns).order_by(Trade.id))
    return [row for row in rows if row.id not in but]


async def test_trade_of_real_usdt_is_never_warped(api):
    for status in (S.AWAITING_PAYMENT, S.GRACE, S.PAID, S.DISPUTED, S.COMPLETED):
        buyer = await api.world.add_user(f"buyer-{status}")
        trade_id = await api.world.open_trade(status, buyer_id=buyer)
        before = await read_trades(api)
        for name in ("seller",):
            answer, problem = await warp(api, trade_id, 60, name)
            assert (answer, problem["code"]) == (409, "not_sandbox"), status
        assert await read_trades(api) == before


async def test_warp_moves_the_clocks_of_its_trade_and_nothing_else(api):
    world = api.world
    real = await world.open_trade()
    other = await world.open_trade(buyer_id=await world.add_user("other"), **TEST)
    trade_id = await world.open_trade(**TEST)
    still, steps = await read_trades(api, trade_id), await world.fetch(select(TradeEvent))
    before, now = await world.trade(trade_id), world.clock.now()
    status, body = await warp(api, trade_id, 600)
    after = await world.trade(trade_id)
    assert (status, body["status"]) == (200, "awaiting_payment")
    assert before.deadline_at - after.deadline_at == timedelta(seconds=600)
    assert before.window_ends_at - after.window_ends_at == timedelta(seconds=600)
    assert (after.created_at, after.version) == (before.created_at, before.version)
    assert {real, other} <= {row.id for row in still}
    assert await read_trades(api, trade_id) == still
    assert await world.fetch(select(TradeEvent)) == steps
    assert world.clock.now() == now


async def test_warp_goes_over_several_deadlines_in_their_order(api):
    world = api.world
    trade_id = await world.open_trade(**TEST)
    status, body = await warp(api, trade_id, 3600)
    assert (status, body["status"]) == (200, "expired")
    events = [event for _, event, *_ in await world.history(trade_id)]
    assert events == ["opened", "window_over", "grace_over"]
    answer, problem = await warp(api, trade_id, 1)
    assert (answer, problem["code"]) == (409, "nothing_runs")


async def test_warp_of_a_paid_trade_opens_its_case_and_then_moves_the_case(api):
    world = api.world
    trade_id = await world.open_trade(S.PAID, **TEST)
    status, body = await warp(api, trade_id, 1799, "seller")
    assert (status, body["status"]) == (200, "paid")
    status, body = await warp(api, trade_id, 1, "seller")
    assert body["status"] == "disputed"
    columns = (Dispute.deadline_at, Dispute.buyer_evidence_until, Dispute.opened_at)
    (before,) = await world.fetch(select(*columns))
    await warp(api, trade_id, 3600)
    (after,) = await world.fetch(select(*columns))
    hour = timedelta(hours=1)
    assert before.deadline_at - after.deadline_at == hour
    assert before.buyer_evidence_until - after.buyer_evidence_until == hour
    assert before.opened_at == after.opened_at


async def test_warp_of_an_ended_trade_moves_its_claim_and_frees_what_was_held(api):
    world = api.world
    trade_id = await world.open_trade(S.EXPIRED, **TEST)
    key = AccountKey(world.seller, "USDT_TEST", "available")

    async def give(unit):
        sheet = await lock_sheet(unit, [key])
        sheet.move(asset=key.asset, amount=7, debit="suspense", credit=key, reason="test",
                   subject_id=None)  # fmt: skip
        await write_sheet(unit, sheet)

    await world.run(give)
    late = {"reason": "paid_late", "statement": "I had paid."}
    made = await api.post(f"/trades/{trade_id}/claim", late, "buyer")
    assert made.status == 201, await made.text()
    claim_id = UUID((await made.json())["id"])
    await decide(world, claim_id, "hold_funds")
    columns = (Claim.status, Claim.deadline_at, Claim.opened_at, Lot.release_at)

    async def read():
        (row,) = await world.fetch(select(*columns).join(Lot, Lot.trade_id == Claim.trade_id))
        return row

    before, ended = await read(), await world.trade(trade_id)
    hour, day = timedelta(hours=1), timedelta(hours=24)
    assert (await warp(api, trade_id, 3600))[0] == 200
    after = await read()
    assert (after.status, after.opened_at) == ("open", before.opened_at)
    assert before.deadline_at - after.deadline_at == hour
    assert before.release_at - after.release_at == hour
    assert (await warp(api, trade_id, 23 * 3600))[0] == 200
    after = await read()
    assert (after.status, after.deadline_at) == ("review", world.clock.now() + day)
    assert await world.trade(trade_id) == ended

    async def put_off(unit):
        await unit.execute(update(Lot).values(release_at=unit.now + hour))

    await world.run(put_off)
    await decide(world, claim_id, "reject_claim")
    assert (await world.balances(world.seller, "USDT_TEST"))["held"] == 7
    assert (await warp(api, trade_id, 3599))[0] == 200
    assert (await world.balances(world.seller, "USDT_TEST"))["held"] == 7
    assert (await warp(api, trade_id, 1))[0] == 200
    freed = await world.balances(world.seller, "USDT_TEST")
    assert (freed.get("held"), freed["available"]) == (None, 7)
    answer, problem = await warp(api, trade_id, 1)
    assert (answer, problem["code"]) == (409, "nothing_runs")


async def test_only_a_party_warps_and_only_forward(api):
    trade_id = await api.world.open_trade(**TEST)
    answer, problem = await warp(api, trade_id, 60, "stranger")
    assert (answer, problem["code"]) == (404, "not_found")
    for seconds in (0, -60, 10**9, "60", 1.5):
        assert (await warp(api, trade_id, seconds))[0] == 422, seconds


async def test_counterparty_is_asked_for_shown_and_sent_away(api):
    status, asked = await ask(api)
    assert (status, asked["status"], asked["order_id"]) == (201, "waiting", None)
    listed = await (await api.get("/sandbox/counterparties", "buyer")).json()
    assert listed["items"] == [asked]
    path = f"/sandbox/counterparties/{asked['id']}"
    assert (await (await api.get(path, "buyer")).json()) == asked
    assert (await api.get(path, "stranger")).status == 404
    headers = {"Authorization": "Bearer buyer", "Idempotency-Key": "away"}
    reply = await api.client.delete(f"/api/v1{path}", headers=headers, json={})
    assert (reply.status, (await reply.json())["status"]) == (200, "ended")


async def test_wishes_that_cannot_be_are_refused(api):
    world = api.world
    cases = [
        ({"market": "USDT-VND"}, 409, "not_sandbox"),
        ({"market": "USDT_TEST-XXX"}, 404, "not_found"),
        ({"script": "kind"}, 422, "invalid"),
        ({"side": "sell"}, 422, "invalid"),
        ({"order_id": str(world.buyer)}, 404, "not_found"),
    ]
    for given, status, code in cases:
        answer, problem = await ask(api, **given)
        assert (answer, problem["code"]) == (status, code), given


async def test_learner_has_only_so_many_counterparties_at_a_time(api):
    for _ in range(ACTIVE_MAX):
        assert (await ask(api))[0] == 201
    answer, problem = await ask(api)
    assert (answer, problem["code"]) == (409, "too_many_counterparties")
    assert (await ask(api, "seller"))[0] == 201
    await api.world.run(lambda unit: unit.execute(update(Counterparty).values(status="ended")))
    assert (await ask(api))[0] == 201


async def test_counterparties_are_forgotten_after_thirty_days(api):
    await ask(api)
    api.world.clock.advance(seconds=KEPT.total_seconds())
    assert await api.world.run(purge_counterparties) == 0
    api.world.clock.advance(minutes=1)
    assert await api.world.run(purge_counterparties) == 1


def test_sandbox_is_served_where_the_faucet_is_and_nowhere_else():
    def paths(**settings):
        found = {each.path for each in list_endpoints(load_settings(settings))}
        return {path for path in found if "/sandbox/" in path or "/dev/" in path}

    assert len(paths()) == 5
    assert paths(IQX_DEVELOPMENT_HELPERS="false") == set()


# Scripts.

TRADE = {
    "id": "t", "role": "buyer", "amount": "20.000001", "status": "awaiting_payment",
    "allowed_actions": ["declare_payer", "cancel"], "split_offer": None,
    "extended_by_seller": False, "paid_at": None,
}  # fmt: skip


def scene(messages=0, **changed):
    return Scene({**TRADE, **changed}, "Le An", "TRAN B", messages)


def test_every_script_is_played_on_both_sides():
    assert BUYERS.keys() == SELLERS.keys() == set(Script) == set(SCRIPTS)
    for steps in (*BUYERS.values(), *SELLERS.values()):
        names = [step.name for step in steps]
        assert len(set(names)) == len(names)
        assert {name for step in steps for name in step.after} <= set(names)


def test_step_is_taken_once_when_allowed_and_in_its_place():
    assert next_step(Script.ON_TIME, "buy", scene(), []).name == "declare"
    allowed = scene(allowed_actions=["mark_paid"])
    assert next_step(Script.ON_TIME, "buy", allowed, []) is None
    assert next_step(Script.ON_TIME, "buy", allowed, ["declare"]).name == "pay"
    assert next_step(Script.ON_TIME, "buy", allowed, ["declare", "pay"]) is None
    assert next_step(Script.LATE, "buy", allowed, ["declare"]) is None
    grace = scene(allowed_actions=["mark_paid"], status="grace")
    assert next_step(Script.LATE, "buy", grace, ["declare"]).name == "pay"
    assert next_step(Script.SILENT, "buy", scene(), []) is None


def test_who_haggles_pays_once_he_is_answered():
    allowed = {"allowed_actions": ["mark_paid"]}
    done = ["haggle", "declare"]
    assert next_step(Script.HAGGLES, "buy", scene(**allowed), done) is None
    assert next_step(Script.HAGGLES, "buy", scene(1, **allowed), done).name == "pay"
    given = scene(**allowed, extended_by_seller=True)
    assert next_step(Script.HAGGLES, "buy", given, done).name == "pay"


def test_offers_in_a_case_are_taken_with_the_proof_of_what_is_given_up():
    def offered(kind, amount=None, role="buyer", by="seller"):
        offer = {"id": "o", "offered_by": by, "kind": kind, "buyer_amount": amount}
        seen = scene(status="disputed", role=role, allowed_actions=[])
        return replace(seen, case={"allowed_actions": ["accept_offer"], "offers": [offer]})

    script, done = Script.ON_TIME, ["declare", "pay"]
    assert next_step(script, "buy", offered("release", by="buyer"), done) is None
    for kind, amount, role, proof in (
        ("split", "3.5", "buyer", "split"),
        ("split", "3.5", "seller", "split"),
        ("release", None, "buyer", None),
        ("release", None, "seller", "concede"),
        ("refund", None, "buyer", "concede"),
        ("refund", None, "seller", None),
    ):
        by = "seller" if role == "buyer" else "buyer"
        seen = offered(kind, amount, role, by)
        call = next_step(script, "buy", seen, done).make(seen)
        assert call.path.endswith("/offers/o/accept")
        assert (call.proof, call.amount) == (proof, amount), (kind, role)


def test_bank_shows_what_the_script_paid():
    paid = {**TRADE, "paid_at": "2026-01-01T00:00:00Z"}
    assert show_bank(Script.ON_TIME, TRADE, "Le An") is None
    assert show_bank(Script.ON_TIME, paid, "Le An") == {"payer_name": "LE AN", "percent": "100"}
    assert show_bank(Script.UNDERPAYS, paid, "Le An")["percent"] == "60"
    assert show_bank(Script.THIRD_PARTY, paid, "Le An")["payer_name"] == "SOMEBODY ELSE"
    assert show_bank(Script.FALSE_PROOF, paid, "Le An") is None
    assert share_of("20.000001", 60) == "12.000000"
