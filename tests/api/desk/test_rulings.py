"""Rulings over HTTP: who rules, when money moves, what comes in between."""

from uuid import UUID

import pytest
from sqlalchemy import delete, insert, update

from models.compliance import AccountHold
from models.identity import Standing
from models.operations import Switch
from tests.staff_world import ask_as_staff


async def test_ruling_moves_money_only_after_its_window(court):
    case_id = await court.open_case()
    ruler = await court.rule(case_id)

    assert (await court.trade())["status"] == "disputed"
    assert (await court.buyer.balances())["available"] == "0.000000"
    told = await court.buyer.must("GET", f"/disputes/{case_id}/rulings")
    assert [one["outcome"] for one in told["rulings"]] == ["release"]
    assert told["rulings"][0]["status"] == "standing"
    assert ruler.name not in str(told)

    await court.pass_time(hours=23, minutes=59)
    assert (await court.trade())["status"] == "disputed"
    await court.pass_time(minutes=1)

    assert (await court.trade())["status"] == "completed"
    (ruling,) = await court.rulings(case_id)
    assert (ruling.status, ruling.waited_s >= ruling.worked_s) == ("carried_out", True)
    assert len(await court.audited("ruling_carried_out")) == 1
    case = await court.case(case_id)
    assert (case.open, case.assignee_id, case.closed_at is None) == (False, None, False)
    stranger = await court.world.join("stranger")
    assert (await stranger.ask("GET", f"/disputes/{case_id}/rulings"))[0] == 404
    # A second look by somebody changes nothing, and nothing is ruled twice.
    assert (await court.ask_ruling(ruler, case_id))[0] in (403, 409)


async def turn_releases(court, *, stopped):
    async def turn(unit):
        name = "releases_stopped"
        await unit.execute(delete(Switch).where(Switch.name == name))
        if stopped:
            await unit.execute(
                insert(Switch).values(name=name, active=True, reason="I1", changed_at=unit.now)
            )

    await court.world.database.transact(turn, name="test")


async def test_ruling_for_the_buyer_waits_while_releases_are_stopped(court):
    case_id = await court.open_case()
    await court.rule(case_id)
    await turn_releases(court, stopped=True)
    await court.pass_time(hours=25)
    assert (await court.trade())["status"] == "disputed"
    assert (await court.buyer.balances())["available"] == "0.000000"
    await turn_releases(court, stopped=False)
    await court.pass_time(minutes=1)
    assert (await court.trade())["status"] == "completed"


async def turn_freeze(court, person, *, lift=False):
    path = f"/users/{person.id}/{'unfreeze' if lift else 'freeze'}"
    body = {"reason": "An authority asks."}
    status, _ = await ask_as_staff(court.cora, "POST", path, body, proven=True)
    assert status == 204


async def test_ruling_for_the_buyer_waits_while_compliance_freezes_the_seller(court):
    case_id = await court.open_case()
    await court.rule(case_id)
    await turn_freeze(court, court.seller)
    await turn_freeze(court, court.buyer)
    await court.pass_time(hours=25)
    assert (await court.trade())["status"] == "disputed"
    await turn_freeze(court, court.seller, lift=True)
    await court.pass_time(minutes=1)
    assert (await court.trade())["status"] == "completed"


async def test_ruling_for_the_seller_is_carried_out_while_he_is_frozen(court):
    """The escrow becomes his again, and what is his is frozen."""
    case_id = await court.open_case()
    await court.rule(case_id, outcome="refund")
    await turn_freeze(court, court.seller)
    await court.pass_time(hours=24)
    assert (await court.trade())["status"] == "refunded"


async def test_seller_whose_account_a_sanction_closed_keeps_nothing_from_the_buyer(court):
    case_id = await court.open_case()
    await court.rule(case_id)

    async def close(unit):
        await unit.execute(
            insert(AccountHold).values(
                id=unit.ids.new_id(), user_id=UUID(court.seller.id), kind="sanction",
                reason="fraud", placed_at=unit.now,
            )
        )  # fmt: skip
        frozen = update(Standing).where(Standing.user_id == UUID(court.seller.id))
        await unit.execute(frozen.values(frozen_at=unit.now))

    await court.world.database.transact(close, name="test")
    await court.pass_time(hours=24)
    assert (await court.trade())["status"] == "completed"


@pytest.mark.parametrize(
    ("decision", "ends", "bought"),
    [
        ({"outcome": "refund"}, "refunded", "0.000000"),
        ({"outcome": "split", "buyer_amount": "40"}, "completed", "39.940000"),
    ],
)
async def test_refund_and_split_go_as_they_say(court, decision, ends, bought):
    case_id = await court.open_case()
    await court.rule(case_id, **decision)
    await court.pass_time(hours=24)
    assert (await court.trade())["status"] == ends
    balances = await court.buyer.balances()
    assert balances["available"] == bought
    (ruling,) = await court.rulings(case_id)
    assert ruling.buyer_amount + ruling.seller_amount == ruling.amount == 100_000_000


async def test_only_who_was_given_the_case_rules_it_and_parts_must_sum(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    await court.end_evidence(ruler, case_id)
    other = next(each for each in court.rulers.values() if each is not ruler)
    assert (await court.ask_ruling(other, case_id))[1]["code"] in ("case_changed", "case_not_yours")
    for wrong in (
        {"outcome": "split"},
        {"outcome": "split", "buyer_amount": "100"},
        {"outcome": "refund", "buyer_amount": "1"},
        {"outcome": "nobody"},
        {"text_vi": " "},
        {"reason_code": "because"},
    ):
        assert (await court.ask_ruling(ruler, case_id, **wrong))[0] == 422, wrong
    status, problem = await court.ask_ruling(ruler, case_id, version=1)
    assert (status, problem["code"]) == (409, "case_changed")
    body = {"version": 3, "outcome": "release", "reason_code": "other", "text_en": "x",
            "text_vi": "x"}  # fmt: skip
    status, problem = await ask_as_staff(ruler, "POST", f"/disputes/{case_id}/ruling", body)
    assert (status, problem["code"]) == (403, "step_up_required")
    assert await court.rulings(case_id) == []


async def test_release_in_the_window_closes_the_case_and_voids_the_ruling(court):
    case_id = await court.open_case()
    await court.rule(case_id, outcome="refund")
    trade = await court.trade(court.seller)
    proof = await court.seller.prove("release", trade["id"], trade["amount"], trade["version"])
    await court.seller.must(
        "POST", f"/trades/{trade['id']}/release", {"payer_name_seen": None}, **{"Step-Up": proof}
    )
    await court.pass_time(hours=25)
    assert (await court.trade())["status"] == "completed"
    (ruling,) = await court.rulings(case_id)
    assert ruling.status == "void"
    assert await court.audited("ruling_carried_out") == []


async def test_penalties_are_decided_apart_from_the_outcome(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    path = f"/disputes/{case_id}/penalties"
    body = {
        "party": "seller", "kind": "no_resting", "reason": "not_released", "hours": 48,
        "explanation": "You kept money that was not yours.",
    }  # fmt: skip
    status, problem = await ask_as_staff(ruler, "POST", path, body, proven=True)
    assert (status, problem["code"]) == (409, "not_ruled_yet")
    await court.rule(case_id, ruler, outcome="release")
    assert (await court.seller.must("GET", "/me/sanctions"))["items"] == []
    status, given = await ask_as_staff(ruler, "POST", path, body, proven=True)
    assert status == 201, given
    status, problem = await ask_as_staff(court.cora, "POST", path, body, proven=True)
    assert (status, problem["code"]) == (403, "case_not_yours")
    _, whole = await court.read_case(ruler, case_id)
    (penalty,) = whole["penalties"]
    assert (penalty["kind"], penalty["of_this_case"]) == ("no_resting", True)
    assert whole["rulings"][0]["outcome"] == "release"
    (told,) = (await court.seller.must("GET", "/me/sanctions"))["items"]
    assert (told["id"], told["allowed_actions"]) == (given["sanction_id"], ["appeal"])
