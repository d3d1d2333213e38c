"""The name that was found true is compared with holders of accounts and with payers."""

from uuid import UUID

from sqlalchemy import insert

from models.kyc import LegalName
from server.identity.context import IDENTITY
from server.identity.names import legal_name_context
from tests.api.kyc.conftest import PERSON
from tests.market_world import start_world

PATH = "/api/v1/me/payment-accounts"


async def add(office, person, holder, number):
    body = {
        "payment_method_id": "vn-vietcombank",
        "details": {"holder": holder, "number": number},
    }
    proof = await office.api.prove(person.token, "payment_account", "POST", PATH, body)
    reply = await office.api.ask("POST", PATH, body, token=person.token, headers={"Step-Up": proof})
    return reply.status, await reply.json()


async def list_checks(person):
    return [
        one["holder_check"] for one in (await person.must("GET", "v1/me/payment-accounts"))["items"]
    ]


async def test_account_in_another_name_is_refused_once_the_identity_is_known(office):
    assert (await add(office, office.alice, "Tran Thi Binh", "1111111"))[0] == 201
    assert await list_checks(office.alice) == ["unknown"]
    await office.officer.decide(await office.alice.hand_in())

    refused = await add(office, office.alice, "Tran Thi Binh", "2222222")
    taken = await add(office, office.alice, "DUC NGUYEN VAN", "3333333")

    assert (refused[0], refused[1]["code"]) == (422, "holder_differs")
    assert PERSON["full_name"] not in str(refused[1])
    assert (taken[0], taken[1]["holder_check"]) == (201, "agrees")
    assert await list_checks(office.alice) == ["agrees", "differs"]


async def know(world, person, name):
    """The name of somebody has been found true."""
    sealer, user_id = world.client.server.app[IDENTITY].sealer, UUID(person.id)

    async def work(unit):
        await unit.execute(
            insert(LegalName).values(
                user_id=user_id, application_id=user_id, verified_at=unit.now,
                sealed=sealer.seal(name.encode(), legal_name_context(user_id)),
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")


async def test_parties_are_told_whether_a_payer_is_who_the_buyer_was_found_to_be(database_url):
    async with start_world(database_url) as world:
        seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
        await seller.sell("100", "26000")
        checks = []
        for known, payer in ((None, "Nguyen Van A"), ("Nguyễn Văn A", "NGUYEN VAN A"), ("", "B C")):
            if known:
                await know(world, buyer, known)
            bought = await buyer.buy("10", "26000", time_in_force="ioc")
            trade = f"/trades/{bought['trades'][0]['id']}"
            before = await seller.must("GET", trade)
            await buyer.must("POST", f"{trade}/payer", {"payer_name": payer})
            seen = [await person.must("GET", trade) for person in (seller, buyer)]
            assert [before["payer_check"], seen[0]["payer_name"]] == ["unknown", None]
            assert seen[1]["holder_check"] == "unknown"
            checks.append([one["payer_check"] for one in seen])
            await buyer.must("POST", f"{trade}/cancel", {"reason": "changed_mind"})
    assert checks == [["unknown"] * 2, ["agrees"] * 2, ["differs"] * 2]
