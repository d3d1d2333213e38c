"""The past of the demo world: trades that were matched, paid and released."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from seeds import queries
from seeds.people import IP
from seeds.plan import INDEX, PASSWORD, PEOPLE, Deal, list_deals
from seeds.stage import Stage, read_reply
from server.core.ids import SeededRandom
from server.db import Unit
from server.identity.accounts import list_accounts
from server.identity.step_up import Act, prove_by_password
from server.ledger.service import release_due_lots
from server.markets.service import record_reading
from server.orders.requests import PlaceSchema, TakeSchema
from server.trades.desk import Caller
from server.trades.payments import declare_payer, mark_paid
from server.trades.records import recheck_record
from server.trades.releases import release
from server.trades.trade import TradeRow

SOURCE = "demo history"
DRIFT_BP = 100
"""How far the index of the past is from the plan's."""
MARGIN_BP = 80
OFFERED_TIMES = 10
ACCOUNTS_MAX = 100
HOLDERS = {person.username: person.holder for person in PEOPLE}


async def list_missing_deals(stage: Stage) -> list[Deal]:
    """The deals that did not happen yet, oldest first."""
    happened: Counter[tuple[Any, ...]] = Counter()
    for market, seller_id, buyer_id, count in await stage.fetch(queries.count_deals()):
        happened[market, seller_id, buyer_id] = count
    missing = []
    for deal in list_deals():
        pair = (deal.market, stage.user_id(deal.seller), stage.user_id(deal.buyer))
        if happened[pair]:
            happened[pair] -= 1
        else:
            missing.append(deal)
    return missing


async def make_deals(stage: Stage, deals: list[Deal]) -> None:
    """Let deals happen one after the other, each at its time."""
    random = SeededRandom("history")
    for deal in deals:
        stage.move_to(stage.now - timedelta(hours=deal.hours_ago))
        draw = int.from_bytes(random.token(4), "big") % (2 * DRIFT_BP + 1) - DRIFT_BP
        await read_index(stage, deal.market, draw)
        for username in (deal.seller, deal.buyer):
            await _recheck(stage, stage.user_id(username))
        await _settle(stage, deal, await _match(stage, deal))


async def read_index(stage: Stage, market: str, off_bp: int = 0) -> None:
    """A reading of the index, `off_bp` basis points off the plan."""
    ticks = INDEX[market.partition("-")[2]] * (10_000 + off_bp) // 10_000

    async def work(unit: Unit) -> None:
        await record_reading(
            unit,
            market,
            index_ticks=ticks,
            read_at=unit.now,
            source=SOURCE,
            wake_lane=stage.orders.host.nudge,
        )

    await stage.database.transact(work, name="record_reading")


async def _recheck(stage: Stage, user_id: UUID) -> None:
    """What time has changed: limits that rolled on, USDT whose hold is over."""

    async def work(unit: Unit) -> None:
        await recheck_record(unit, stage.desk, user_id)

    async def release_lots(unit: Unit) -> None:
        await release_due_lots(unit)

    await stage.database.transact(work, name="recheck_standing")
    await stage.database.transact(release_lots, name="release_lots")


async def _match(stage: Stage, deal: Deal) -> UUID:
    """The seller offers, the buyer takes a part, the rest is withdrawn; the trade."""
    seller_id, buyer_id = stage.user_id(deal.seller), stage.user_id(deal.buyer)
    async with stage.database.read() as connection:
        accounts = await list_accounts(connection, seller_id, None, ACCOUNTS_MAX)
    account_id = next(each.id for each in accounts if each.method_id == deal.rail)
    offer = {
        "market": deal.market,
        "side": "sell",
        "pricing": {"type": "floating", "margin_bp": MARGIN_BP},
        # Only a tenth of an offer may be unpaid with buyers who have few trades.
        "amount": str(deal.amount * OFFERED_TIMES),
        "payment_account_ids": [str(account_id)],
        "matching": "manual",
        "always_on": True,
    }
    order = read_reply(await stage.orders.place_order(seller_id, PlaceSchema().load(offer), None))
    stage.clock.advance(minutes=7)
    taking = {
        "amount": str(deal.amount),
        "payment_method_id": deal.rail,
        "order_version": order["version"],
    }
    taken = await stage.orders.take_order(
        buyer_id, UUID(order["id"]), TakeSchema().load(taking), None
    )
    await stage.orders.cancel_order(seller_id, UUID(order["id"]), None)
    return UUID(read_reply(taken)["trades"][0]["id"])


async def _settle(stage: Stage, deal: Deal, trade_id: UUID) -> None:
    """The buyer declares and pays, the seller sees the money and releases."""
    desk, buyer = stage.desk, Caller(stage.actors[deal.buyer])
    payer_name = HOLDERS[deal.buyer]

    async def declare(unit: Unit) -> TradeRow:
        return await declare_payer(unit, desk, buyer, trade_id, payer_name=payer_name)

    async def pay(unit: Unit) -> TradeRow:
        return await mark_paid(unit, desk, buyer, trade_id, reference=None)

    stage.clock.advance(minutes=1)
    await stage.database.transact(declare, name="declare_payer")
    stage.clock.advance(minutes=3)
    paid = await stage.database.transact(pay, name="mark_paid")
    stage.clock.advance(minutes=4)
    seller = stage.actors[deal.seller]
    act = Act("release", trade_id, paid.amount, paid.version)
    proof, _ = await prove_by_password(stage.identity, seller, PASSWORD, [act], ip=IP)

    async def let_go(unit: Unit) -> TradeRow:
        caller = Caller(seller, proof)
        return await release(unit, desk, caller, trade_id, payer_name_seen=payer_name)

    await stage.database.transact(let_go, name="release")
