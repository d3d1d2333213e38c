"""Two servers on one database: every way out of a case at one instant, and one winner."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from models.disputes import Dispute
from tests.lane.lanes import PASSWORD, pay, prove
from tests.processes import MachineClock, call_of, call_together
from tests.races.test_trades import change_trade, history_of, open_trades

REASON = {"reason": "not_released", "statement": "I paid."}
WAYS = {
    "released", "conceded", "conceded_by_seller", "agreed_split", "ruled_refund",
}  # fmt: skip
CALLERS = 6


async def prove_as(person, trade, action, amount):
    asked = {
        "password": PASSWORD, "action": action, "subject_id": trade["id"], "amount": amount,
        "version": trade["version"],
    }  # fmt: skip
    return {"Step-Up": (await person.must("POST", "/auth/step-up", asked))["proof"]}


async def rule(farm, dispute_id, due):
    """A ruling stands whose time to object is over in a moment."""

    async def work(unit):
        await unit.execute(
            update(Dispute)
            .where(Dispute.id == UUID(dispute_id))
            .values(status="ruled", award="refund", deadline_at=due)
        )

    await farm.database.transact(work, name="test")


async def open_case(farm, world, buyer, trade):
    await pay(world, buyer, trade["id"])
    paid_at = MachineClock().now() - timedelta(minutes=20)
    await change_trade(farm, trade, paid_at=paid_at)
    return await buyer.must("POST", f"/trades/{trade['id']}/dispute", REASON)


async def test_offer_release_concession_and_ruling_at_one_instant_have_one_winner(farm, rounds):
    servers = [await farm.start_ready(), await farm.start()]
    servers[0] = servers[0][0]
    world = farm.world(servers[0])
    seller, buyer, trades = await open_trades(world, 2 * rounds)
    for number, trade in enumerate(trades):
        found = await open_case(farm, world, buyer, trade)
        base = f"/disputes/{found['dispute']['id']}"
        offer = {"kind": "split", "buyer_amount": "40.000000"}
        proof = await prove_as(buyer, found, "split", "40.000000")
        if number % 2:
            due = MachineClock().now() + timedelta(milliseconds=300)
            await rule(farm, found["dispute"]["id"], due)
        made = await buyer.must("POST", f"{base}/offers", offer, **proof)
        acts = []
        for turn in range(CALLERS):
            ways = (
                (seller, f"{base}/offers/{made['offers'][0]['id']}/accept",
                 await prove_as(seller, found, "split", "40.000000")),
                (seller, f"/trades/{trade['id']}/release",
                 {"Step-Up": await prove(seller, found)}),
                (buyer, f"{base}/concede",
                 await prove_as(buyer, found, "concede", found["amount"])),
                (seller, f"{base}/concede",
                 await prove_as(seller, found, "concede", found["amount"])),
            )  # fmt: skip
            acts += [
                call_of(servers[turn % 2], person, "POST", path, {}, key=f"{path}-{turn}",
                        **headers)
                for person, path, headers in ways
            ]  # fmt: skip

        answers = await call_together(acts)

        won = [status for status, _ in answers].count(200)
        assert {status for status, _ in answers} <= {200, 403, 409, 503}, answers
        history = await history_of(world, trade["id"])
        ends = [row.event for row in history if row.event in WAYS]
        assert len(ends) == 1
        assert won == (0 if ends == ["ruled_refund"] else 1)
        closed = await buyer.must("GET", base)
        assert (closed["status"], closed["outcome"]) == ("closed", ends[0])
        rows = await world.read(
            f"SELECT resolution FROM holds WHERE trade_id = x'{UUID(trade['id']).hex}'"
        )
        assert len(rows) == 1
        assert rows[0].resolution is not None
