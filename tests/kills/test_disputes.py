"""The server dies in a step of a case or a claim: it is done wholly or not at all, and once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from models.trades import Trade
from tests.kills.points import ACCEPT, CLAIM, EVIDENCE, ends_of, is_late
from tests.kills.site import open_deal
from tests.lane.lanes import PASSWORD, pay
from tests.processes import MachineClock

STORY = {"kind": "story", "statement": "I paid."}
REASON = {"reason": "not_released", "statement": "I paid and nothing happens."}


async def open_dispute(site, number):
    """A deal about which its buyer has opened a case."""
    deal = await open_deal(site, number)
    await pay(site.world, deal.buyer, deal.id)
    early = MachineClock().now() - timedelta(minutes=20)

    async def work(unit):
        await unit.execute(update(Trade).where(Trade.id == UUID(deal.id)).values(paid_at=early))

    await site.farm.database.transact(work, name="test")
    trade = await deal.buyer.must("POST", f"/trades/{deal.id}/dispute", REASON)
    return deal, trade["dispute"]["id"]


def call_of(site, person, path, body, **headers):
    def call():
        return site.call(person, "POST", path, body, key=path, **headers)

    return call


async def prove(person, trade):
    asked = {
        "password": PASSWORD, "action": "concede", "subject_id": trade["id"],
        "amount": trade["amount"], "version": trade["version"],
    }  # fmt: skip
    return {"Step-Up": (await person.must("POST", "/auth/step-up", asked))["proof"]}


async def test_evidence_killed_at_any_point_is_kept_once(site, rounds):
    for number, point in enumerate((*EVIDENCE, *ends_of("give_evidence")) * rounds):
        deal, dispute_id = await open_dispute(site, number)
        path = f"/disputes/{dispute_id}/evidence"

        body, replayed = await site.kill_at(point, call_of(site, deal.buyer, path, STORY))

        assert replayed == is_late(point), point
        assert body["version"] == 2, point
        found = await deal.seller.must("GET", f"/disputes/{dispute_id}")
        assert [one["statement"] for one in found["evidence"]] == ["I paid."], point


async def test_accepted_offer_killed_at_any_point_moves_the_escrow_once(site, rounds):
    for number, point in enumerate((*ACCEPT, *ends_of("accept_offer")) * rounds):
        deal, dispute_id = await open_dispute(site, number)
        trade = await deal.seller.must("GET", f"/trades/{deal.id}")
        offers = f"/disputes/{dispute_id}/offers"
        made = await deal.buyer.must("POST", offers, {"kind": "release"})
        path = f"{offers}/{made['offers'][0]['id']}/accept"
        proof = await prove(deal.seller, trade)

        body, replayed = await site.kill_at(point, call_of(site, deal.seller, path, None, **proof))

        assert replayed == is_late(point), point
        assert (body["status"], body["dispute"]["status"]) == ("completed", "closed"), point
        assert (await deal.read_history())[-2:] == ["disputed", "agreed_release"]
        rows = await site.world.read(
            "SELECT amount FROM transfers WHERE reason = 'trade_released'"
            f" AND subject_id = x'{UUID(deal.id).hex}'"
        )
        assert [row.amount for row in rows] == [39_940_000], point


async def test_withdrawn_claim_killed_at_any_point_is_closed_once(site, rounds):
    for number, point in enumerate((*CLAIM, *ends_of("withdraw_claim")) * rounds):
        deal = await open_deal(site, number)
        await deal.buyer.must("POST", f"/trades/{deal.id}/cancel", {"reason": "other"})
        reason = {"reason": "paid_late", "statement": "I had paid."}
        claim = await deal.buyer.must("POST", f"/trades/{deal.id}/claim", reason)
        path = f"/claims/{claim['id']}/withdraw"

        body, replayed = await site.kill_at(point, call_of(site, deal.buyer, path, None))

        assert replayed == is_late(point), point
        assert (body["outcome"], body["version"]) == ("withdrawn", 2), point
