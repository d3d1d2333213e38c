"""The staff's calls: freezes, the end of evidence, claims; with a proof, audited, by permission."""

from uuid import UUID

from sqlalchemy import select

from models.audit import AuditEntry
from tests.market_world import start_world
from tests.staff_world import ask_as_staff, join_staff

WHY = {"reason": "Somebody reported it."}
PAYER = {"payer_name": "NGUYEN VAN A"}


async def do(person, path, body=WHY):
    """A call of the staff with its proof; its status."""
    return (await ask_as_staff(person, "POST", path, body, proven=True))[0]


async def test_staff_freeze_and_decide_claims_with_a_proof_and_an_audit(database_url):
    async with start_world(database_url) as world:
        seller = await world.join("seller", usdt="1000")
        buyer = await world.join("buyer")
        ruler = await join_staff(world, "ruler", "dispute_ruler")
        agent = await join_staff(world, "agent", "support_agent")
        await seller.sell("100", "26000")
        first = (await buyer.buy("50", "26000"))["trades"][0]["id"]
        freeze = f"/trades/{first}/freeze"
        assert (await ask_as_staff(agent, "POST", freeze, WHY | {"hours": 2}, proven=True))[
            0
        ] == 403
        assert (await ask_as_staff(ruler, "POST", freeze, WHY | {"hours": 2}))[0] == 403
        for hours in (0, 169, "2", None):
            status, _ = await ask_as_staff(ruler, "POST", freeze, WHY | {"hours": hours})
            assert status == 422
        status, frozen = await ask_as_staff(ruler, "POST", freeze, WHY | {"hours": 2}, proven=True)
        assert (status, frozen["status"]) == (200, "awaiting_payment")
        cancel = {"reason": "changed_mind"}
        status, body = await buyer.ask("POST", f"/trades/{first}/cancel", cancel)
        assert (status, body["code"]) == (409, "trade_frozen")
        status, lifted = await ask_as_staff(ruler, "POST", f"{freeze}/lift", WHY, proven=True)
        assert (status, lifted["frozen_until"]) == (200, None)

        second = (await buyer.buy("20", "26000"))["trades"][0]["id"]
        await buyer.must("POST", f"/trades/{second}/cancel", cancel)
        late = {"reason": "paid_late", "statement": "I had paid."}
        claim = (await buyer.must("POST", f"/trades/{second}/claim", late))["id"]
        await decide_claim(ruler, agent, claim)
        found = await buyer.must("GET", f"/claims/{claim}")
        assert (found["outcome"], found["held"]) == ("rejected", "20.000000")
        await check_audit(world, ruler)


async def decide_claim(ruler, agent, claim):
    """Take it, hold what the seller has, and reject it."""
    assert await do(ruler, f"/claims/{claim}/hold") == 403
    assert (await ask_as_staff(ruler, "POST", f"/disputes/{claim}/claim", WHY))[0] == 200
    assert (await ask_as_staff(agent, "POST", f"/claims/{claim}/reject", WHY, proven=True))[
        0
    ] == 403
    assert (await ask_as_staff(ruler, "POST", f"/claims/{claim}/hold", WHY))[0] == 403
    status, held = await ask_as_staff(ruler, "POST", f"/claims/{claim}/hold", WHY, proven=True)
    assert (status, held["held"]) == (200, "20.000000")
    for path in ("uphold", "approve"):
        assert await do(ruler, f"/claims/{claim}/{path}") == 409
    assert (await ask_as_staff(ruler, "POST", f"/claims/{claim}/reject", WHY, proven=True))[
        0
    ] == 200


async def check_audit(world, ruler):
    rows = await world.read(
        select(AuditEntry.action, AuditEntry.reason)
        .where(AuditEntry.actor_id == UUID(ruler.id), AuditEntry.reason == WHY["reason"])
        .order_by(AuditEntry.id)
    )
    assert [row.action for row in rows] == [
        "trade_frozen", "trade_freeze_lifted", "dispute_assigned", "claim_funds_held",
        "claim_rejected",
    ]  # fmt: skip
