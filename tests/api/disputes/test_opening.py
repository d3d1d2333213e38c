"""POST /trades/{id}/dispute and its preview: reasons by role, waiting time, lost cases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from models.disputes import Award, Dispute, DisputeStatus
from models.identity import Profile
from models.trades import TradeStatus
from server.disputes import rules, words
from server.disputes.checklists import Proof
from server.disputes.reasons import REASONS, Reason, Rule, list_reasons
from server.trades.facts import Actor
from tests.case_world import open_case, read_case

S, D = TradeStatus, DisputeStatus
WORDS = "It did not arrive."


async def dispute(api, trade_id, reason, name):
    return await api.post(f"/trades/{trade_id}/dispute", {"reason": reason, "statement": WORDS},
                          name)  # fmt: skip


async def test_each_side_gives_its_own_reasons_once_the_waiting_time_is_over(api):
    trade_id = await api.world.open_trade(S.PAID, method="vn-momo")
    api.world.clock.advance(minutes=10, seconds=-1)
    early = await dispute(api, trade_id, "not_released", "buyer")
    assert (early.status, (await early.json())["code"]) == (409, "dispute_too_early")
    api.world.clock.advance(seconds=1)
    for actor in (Actor.BUYER, Actor.SELLER):
        offered = {row.reason for row in list_reasons(actor, S.PAID)}
        for reason in set(Reason) - offered:
            assert (await dispute(api, trade_id, reason.value, actor.value)).status == 422
    for bad in ({}, {"reason": "not_released"}, {"reason": "x", "statement": "y"},
                {"reason": "not_released", "statement": "  "},
                {"reason": "not_released", "statement": "x" * 2001}):  # fmt: skip
        assert (await api.post(f"/trades/{trade_id}/dispute", bad)).status == 422
    assert (await dispute(api, trade_id, "not_released", "stranger")).status == 404

    opened = await dispute(api, trade_id, "not_received", "seller")

    case = await read_case(api.world, (await api.world.trade(trade_id)).dispute_id)
    assert (opened.status, case.opened_by, case.opened_by_id) == (200, "seller", api.world.seller)
    assert (case.reason, case.statement) == ("not_received", WORDS)
    assert case.deadline_at == api.world.clock.now() + rules.EVIDENCE_TIME
    assert (await dispute(api, trade_id, "not_released", "buyer")).status == 409


async def test_preview_says_what_is_needed_by_which_rule_and_from_when(api):
    trade_id = await api.world.open_trade(S.PAID, method="vn-momo")
    views = {}
    for name in ("buyer", "seller"):
        views[name] = await (await api.get(f"/trades/{trade_id}/dispute-preview", name)).json()
        view = views[name]
        told = [row["reason"] for row in view["reasons"]]
        assert told == [row.reason for row in list_reasons(Actor(name), S.PAID)]
        assert (view["opens"], view["may_open_now"], view["role"]) == ("dispute", False, name)
        assert (view["evidence_s"], view["lost"], view["lost_max"]) == (86_400, 0, 4)
        assert view["opens_at"] == (await api.read(trade_id))["dispute_opens_at"]
        assert all(row["like_cases"] is None for row in view["reasons"])
    paid = views["buyer"]["reasons"][0]
    assert (paid["reason"], paid["rule"]) == ("not_released", "money_arrived")
    assert [(item["proof"], item["by"], item["required"]) for item in paid["checklist"]] == [
        ("receipt", "buyer", True), ("statement", "seller", True),
        ("recording", "seller", True), ("recording", "buyer", False),
    ]  # fmt: skip
    assert (await api.get(f"/trades/{trade_id}/dispute-preview", "stranger")).status == 404
    api.world.clock.advance(minutes=10)
    later = await (await api.get(f"/trades/{trade_id}/dispute-preview")).json()
    assert later["may_open_now"] is True
    fresh = await api.world.open_trade()
    none = await (await api.get(f"/trades/{fresh}/dispute-preview")).json()
    assert (none["opens"], none["reasons"]) == (None, [])


async def test_preview_speaks_the_readers_language(api):
    trade_id = await api.world.open_trade(S.PAID, method="vn-momo")
    path = f"/trades/{trade_id}/dispute-preview"
    told = {}
    for own in ("vi-VN", "fr"):

        async def speak(unit, own=own):
            mine = update(Profile).where(Profile.user_id == api.world.buyer)
            await unit.execute(mine.values(language=own))

        await api.world.run(speak)
        told[own] = await (await api.get(path)).json()
    assert [told[own]["language"] for own in told] == ["vi", "en"]
    assert told["fr"] == await (await api.get(path, language="en")).json()
    assert told["vi-VN"] == await (await api.get(path, language="vi")).json()
    assert (await api.get(path, language="fr")).status == 422
    for own, language in (("vi-VN", "vi"), ("fr", "en")):
        for row in told[own]["reasons"]:
            assert row["sentence"] == words.REASONS[row["reason"]][language]
            assert row["rule_sentence"] == words.RULES[row["rule"]][language]
            for item in row["checklist"]:
                assert item["sentence"] == words.PROOFS[item["proof"]][language]


@pytest.mark.parametrize(
    ("said", "kinds"), [(words.RULES, Rule), (words.REASONS, Reason), (words.PROOFS, Proof)]
)
def test_everything_that_a_preview_says_is_said_in_every_language(said, kinds):
    assert set(said) == set(kinds)
    for sentence in said.values():
        assert set(sentence) == set(words.LANGUAGES)
        assert len(set(sentence.values())) == len(words.LANGUAGES)


async def test_ends_of_like_cases_are_shown_from_ten_cases_up_and_for_180_days(api):
    dispute_ids = [(await open_case(api.world, D.CLOSED))[1] for _ in range(rules.LIKE_CASES_MIN)]
    trade_id = await api.world.open_trade(S.PAID)
    path = f"/trades/{trade_id}/dispute-preview"
    for number, dispute_id in enumerate(dispute_ids):
        view = await (await api.get(path)).json()
        assert view["reasons"][0]["like_cases"] is None, number
        outcome = "agreed_split" if number == 3 else "released" if number % 2 else "conceded"
        await change(api.world, dispute_id, reason="not_released", outcome=outcome)
    view = await (await api.get(path)).json()
    assert view["reasons"][0]["like_cases"] == {"cases": 10, "buyer": 4, "seller": 5, "split": 1}
    assert view["reasons"][1]["like_cases"] is None
    long_ago = api.world.clock.now() - rules.LIKE_CASES_WITHIN
    await change(api.world, dispute_id, closed_at=long_ago)
    view = await (await api.get(path)).json()
    assert view["reasons"][0]["like_cases"] is None


async def change(world, dispute_id, **values):
    async def work(unit):
        await unit.execute(update(Dispute).where(Dispute.id == dispute_id).values(**values))

    await world.run(work)


async def test_who_lost_four_cases_that_he_opened_opens_no_fifth(api):
    world = api.world
    for number in range(rules.LOST_MAX):
        trade_id = await world.open_trade(S.PAID, method="vn-momo")
        world.clock.advance(minutes=10)
        assert (await dispute(api, trade_id, "not_released", "buyer")).status == 200, number
        dispute_id = (await world.trade(trade_id)).dispute_id
        await world.do("concede", trade_id)
        assert (await read_case(world, dispute_id)).lost
    other = await world.open_trade(S.PAID, method="vn-momo")
    world.clock.advance(minutes=10)
    refused = await dispute(api, other, "not_released", "buyer")
    assert (refused.status, (await refused.json())["code"]) == (403, "disputes_suspended")
    view = await (await api.get(f"/trades/{other}/dispute-preview")).json()
    assert (view["lost"], view["may_open_now"]) == (4, False)
    assert (await dispute(api, other, "not_received", "seller")).status == 200
    world.clock.advance(hours=181 * 24)
    later = await world.open_trade(S.PAID, method="vn-momo")
    world.clock.advance(minutes=10)
    assert (await dispute(api, later, "not_released", "buyer")).status == 200


async def test_only_rulings_and_own_concessions_count_as_lost(api):
    world = api.world
    for award, opener, lost in (
        (Award.REFUND, "buyer", True), (Award.RELEASE, "buyer", False),
        (Award.RELEASE, "seller", True), (Award.REFUND, "seller", False),
    ):  # fmt: skip
        _, dispute_id = await open_case(world, D.RULED, award=award)
        await change(world, dispute_id, opened_by=opener, opened_by_id=getattr(world, opener))
        world.clock.advance(hours=24)
        assert (await api.get(f"/disputes/{dispute_id}")).status == 200
        assert (await read_case(world, dispute_id)).lost is lost, (award, opener)


def test_every_reason_belongs_to_a_side_and_a_status_and_is_listed_once():
    assert [row.reason for row in REASONS] == list(dict.fromkeys(row.reason for row in REASONS))
    assert {row.reason for row in REASONS} == set(Reason)
    assert all(row.roles and row.statuses for row in REASONS)
    mismatch = list_reasons(Actor.SELLER, S.PAID, name_mismatch=True)
    assert Reason.NAME_MISMATCH in {row.reason for row in mismatch}
    assert Reason.NAME_MISMATCH not in {row.reason for row in list_reasons(Actor.SELLER, S.PAID)}
    assert timedelta(days=180) == rules.LOST_WITHIN
