"""Two servers on one database: trades, ledger and keys."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update

from models.trades import Trade
from tests.lane.lanes import PAYER, pay, prove
from tests.processes import MachineClock, call_of, call_together

CALLERS = 32
SEEN = {"payer_name_seen": PAYER}


@pytest.fixture
async def servers(farm):
    first, _ = await farm.start_ready()
    second = await farm.start()
    return first, second


async def open_trades(world, count):
    """A seller, a buyer, and open trades between them."""
    seller = await world.join("seller", usdt="100000")
    buyer = await world.join("buyer", trades=60)
    trades = []
    for _ in range(count):
        await seller.sell("100", "26000")
        bought = await buyer.buy("100", "26000")
        trades += bought["trades"]
    return seller, buyer, trades


async def change_trade(farm, trade, **values):
    """Move what a trade waits for."""

    async def work(unit):
        await unit.execute(update(Trade).where(Trade.id == UUID(trade["id"])).values(**values))

    await farm.database.transact(work, name="test")


async def history_of(world, trade_id):
    rows = await world.read(
        "SELECT version, event, status_to FROM trade_events"
        f" WHERE trade_id = x'{trade_id.replace('-', '')}' ORDER BY version"
    )
    assert [row.version for row in rows] == list(range(1, len(rows) + 1))
    return rows


async def test_release_cancel_and_dispute_at_one_instant_have_one_winner(farm, servers, rounds):
    world = farm.world(servers[0])
    seller, buyer, trades = await open_trades(world, rounds)
    for trade in trades:
        paid = await pay(world, buyer, trade["id"])
        await change_trade(farm, trade, paid_at=MachineClock().now() - timedelta(minutes=20))
        proofs = [await prove(seller, paid) for _ in range(CALLERS // 2)]
        path = f"/trades/{trade['id']}"
        calls = [
            call_of(
                servers[n % 2], seller, "POST", f"{path}/release", SEEN,
                key=f"release-{trade['id']}-{n}", **{"Step-Up": proof},
            )
            for n, proof in enumerate(proofs)
        ]  # fmt: skip
        calls += [
            call_of(
                servers[n % 2], buyer, "POST", f"{path}/{call}", body,
                key=f"{call}-{trade['id']}-{n}",
            )
            for n in range(CALLERS // 4)
            for call, body in (
                ("cancel", {"reason": "did_not_pay"}),
                ("dispute", {"reason": "not_released", "statement": "I paid."}),
            )
        ]  # fmt: skip

        answers = await call_together(calls)

        won = [status for status, _ in answers].count(200)
        history = await history_of(world, trade["id"])
        # After the case was opened the seller may still release: each step follows another.
        assert 1 <= won == len(history) - 3 <= 2
        assert {status for status, _ in answers} <= {200, 403, 409}
        assert [row.status_to for row in history[3:]] in (
            ["completed"], ["cancelled"], ["disputed"], ["disputed", "completed"],
        )  # fmt: skip


async def test_expiry_and_late_payment_at_one_instant_have_one_winner(farm, servers, rounds):
    world = farm.world(servers[0])
    _, buyer, trades = await open_trades(world, rounds)
    for trade in trades:
        await buyer.must("POST", f"/trades/{trade['id']}/payer", {"payer_name": PAYER})
        due = MachineClock().now() + timedelta(seconds=1)

        await change_trade(farm, trade, deadline_at=due - timedelta(hours=1), window_ends_at=due)
        calls = [
            call_of(
                servers[n % 2], buyer, "POST", f"/trades/{trade['id']}/{path}", body,
                key=f"{path}-{trade['id']}-{n}",
            )
            for n in range(CALLERS // 2)
            for path, body in (("paid", {"reference": "late"}), ("cancel", {"reason": "other"}))
        ]  # fmt: skip

        answers = await call_together(calls)

        assert {status for status, _ in answers} <= {200, 409}
        assert [status for status, _ in answers].count(200) == 1
        history = await history_of(world, trade["id"])
        assert len([row for row in history if row.event == "opened"]) == 1


async def test_same_key_in_parallel_on_two_servers_has_one_effect(farm, servers, rounds):
    world = farm.world(servers[0])
    _, buyer, trades = await open_trades(world, rounds)
    for trade in trades:
        await buyer.must("POST", f"/trades/{trade['id']}/payer", {"payer_name": PAYER})

        answers = await call_together(
            [
                call_of(
                    servers[n % 2], buyer, "POST", f"/trades/{trade['id']}/paid", {},
                    key=f"same-{trade['id']}",
                )
                for n in range(CALLERS)
            ]
        )  # fmt: skip

        done = [body for status, body in answers if status == 200]
        assert done
        assert all(body == done[0] for body in done)
        rest = {body["code"] for status, body in answers if status != 200}
        assert rest <= {"idempotency_key_in_flight"}
        assert len(await history_of(world, trade["id"])) == 3


async def test_releases_of_many_devices_post_the_escrow_once(farm, servers, rounds):
    world = farm.world(servers[0])
    seller, buyer, trades = await open_trades(world, rounds)
    for trade in trades:
        paid = await pay(world, buyer, trade["id"])
        proofs = [await prove(seller, paid) for _ in range(8)]

        answers = await call_together(
            [
                call_of(
                    servers[n % 2], seller, "POST", f"/trades/{trade['id']}/release", SEEN,
                    key=f"release-{trade['id']}-{n // 2}", **{"Step-Up": proof},
                )
                for n, proof in enumerate(proofs)
            ]
        )  # fmt: skip

        done = [body for status, body in answers if status == 200]
        assert 1 <= len(done) <= 2
        assert all(body == done[0] for body in done)
        assert {status for status, _ in answers} <= {200, 409}
        rows = await world.read(
            "SELECT count(*) FROM transfers WHERE reason LIKE 'trade_%'"
            f" AND subject_id = x'{trade['id'].replace('-', '')}' AND credit_kind = 'available'"
        )
        assert rows[0][0] == 1


async def test_spending_one_balance_on_two_servers_spends_no_more_than_there_is(
    farm, servers, rounds
):
    """The seller's new orders and his buyers' cancels and releases move one wallet at once."""
    world = farm.world(servers[0])
    seller, buyer, trades = await open_trades(world, 12)
    for trade in trades[:6]:
        await pay(world, buyer, trade["id"])
    paid = [await buyer.must("GET", f"/trades/{trade['id']}") for trade in trades[:6]]
    proofs = [await prove(seller, trade) for trade in paid]
    for number in range(rounds):
        calls = [
            call_of(
                servers[n % 2], seller, "POST", f"/trades/{trade['id']}/release", SEEN,
                key=f"release-{n}", **{"Step-Up": proof},
            )
            for n, (trade, proof) in enumerate(zip(paid, proofs, strict=True))
        ]  # fmt: skip
        calls += [
            call_of(
                servers[n % 2], buyer, "POST", f"/trades/{trade['id']}/cancel",
                {"reason": "other"}, key=f"cancel-{n}",
            )
            for n, trade in enumerate(trades[6:])
        ]  # fmt: skip
        calls += [
            call_of(
                servers[0], seller, "POST", "/orders",
                {
                    "market": "USDT-VND", "side": "sell", "amount": "50000",
                    "pricing": {"type": "fixed", "price": "26000"}, "always_on": True,
                    "payment_account_ids": list(seller.accounts.values()),
                },
                key=f"sell-{number}-{n}",
            )
            for n in range(20)
        ]  # fmt: skip

        answers = await call_together(calls)

        assert {status for status, _ in answers} <= {200, 201, 409, 422, 503}
    after = await seller.balances()
    assert [status for status, _ in answers].count(201) <= 1
    assert Decimal(after["available"]) >= 0
