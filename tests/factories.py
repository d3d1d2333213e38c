"""Rows of trades as a lane writes them."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from models.chat import Chat
from models.identity import PaymentMethod, Standing
from models.orders import Order
from models.trades import Trade, TradeEvent, UserTrade
from server.core.events import Event, room_of_user
from server.core.money import fiat_for_usdt_up
from server.ledger.service import lock_sheet, open_hold, write_sheet
from server.ledger.sheet import AccountKey
from server.trades import rules
from server.trades.trade import get_trade
from server.trades.views import view_shared


async def open_trade_rows(  # allowed: long-function, one row of each table
    unit,
    *,
    buyer_id,
    seller_id,
    account_id,
    amount,
    asset="USDT",
    method="vn-bank",
    maker_side="sell",
    price_ticks=25_500,
    buyer_fee_ppm=1_500,
    seller_fee_ppm=500,
    window_s=None,
    new_buyer=False,
    auto_reply="",
):
    """Write what a lane writes for one fill, from the seller's reserved account; the trade's id."""
    speed = await unit.execute(select(PaymentMethod.speed).where(PaymentMethod.id == method))
    window = window_s or rules.window_s(speed.scalar_one(), 0)
    deadline = unit.now + timedelta(seconds=window)
    trade = {
        "id": unit.ids.new_id(),
        "market": f"{asset}-VND",
        "asset": asset,
        "maker_order_id": unit.ids.new_id(),
        "taker_order_id": unit.ids.new_id(),
        "buyer_id": buyer_id,
        "seller_id": seller_id,
        "maker_side": maker_side,
        "price_ticks": price_ticks,
        "amount": amount,
        "fiat_minor": fiat_for_usdt_up(amount, price_ticks, rules.price_scale(0, 0)),
        "buyer_fee_ppm": buyer_fee_ppm,
        "seller_fee_ppm": seller_fee_ppm,
        "method_id": method,
        "payment_account_id": account_id,
        "window_s": window,
        "status": "awaiting_payment",
        "version": 1,
        "deadline_at": deadline,
        "window_ends_at": deadline,
        "late": False,
        "extended_by_seller": False,
        "extended_by_buyer": False,
        "paid_undone": False,
        "name_mismatch": False,
        "new_buyer": new_buyer,
        "created_at": unit.now,
    }
    await unit.execute(insert(Trade).values(**trade))
    await unit.execute(
        insert(Chat).values(trade_id=trade["id"], greeting=auto_reply, created_at=unit.now)
    )
    await insert_sides(unit, trade)
    await insert_orders(unit, trade)
    if rules.counts_to_record(asset):
        await count_match(unit, trade)
    terms = await get_trade(unit, trade["id"])
    sheet = await lock_sheet(unit, [AccountKey(seller_id, asset, "reserved")])
    await open_hold(unit, sheet, trade=terms)
    await write_sheet(unit, sheet)
    for owner in ("buyer_id", "seller_id"):
        body = {**view_shared(terms), "role": owner.removesuffix("_id")}
        unit.emit(Event(room_of_user(trade[owner]), "trade_created", body, trade["id"]))
    return trade["id"]


async def insert_sides(unit, trade):
    """The first row of the history, and the trade from each party's side."""
    opened = {"event": "opened", "actor": "system", "status_to": "awaiting_payment", "detail": "{}"}
    await unit.execute(
        insert(TradeEvent).values(trade_id=trade["id"], version=1, created_at=unit.now, **opened)
    )
    for role, other in (("buyer", "seller"), ("seller", "buyer")):
        await unit.execute(
            insert(UserTrade).values(
                user_id=trade[f"{role}_id"],
                trade_id=trade["id"],
                counterparty_id=trade[f"{other}_id"],
                role=role,
                open=True,
                counted=True,
            )
        )


async def insert_orders(unit, trade):
    """The two orders that the trade filled."""
    maker, taker = trade["maker_order_id"], trade["taker_order_id"]
    sides = (maker, taker) if trade["maker_side"] == "sell" else (taker, maker)
    for order_id, side, owner in zip(
        sides, ("sell", "buy"), ("seller_id", "buyer_id"), strict=True
    ):
        await unit.execute(
            insert(Order).values(
                id=order_id,
                market=trade["market"],
                user_id=trade[owner],
                side=side,
                price_ticks=trade["price_ticks"],
                amount=trade["amount"],
                matched=trade["amount"],
                status="filled",
            )
        )


async def count_match(unit, trade):
    """What the match adds to both records."""
    for owner, unpaid in (("buyer_id", 1), ("seller_id", 0)):
        mine = Standing.user_id == trade[owner]
        planned = (await unit.execute(select(Standing.recheck_at).where(mine))).scalar_one()
        rolls_off_at = unit.now + rules.ROLLING
        await unit.execute(
            update(Standing)
            .where(mine)
            .values(
                open_unpaid_as_buyer=Standing.open_unpaid_as_buyer + unpaid,
                limit_used_micro=Standing.limit_used_micro + trade["amount"],
                version=Standing.version + 1,
                recheck_at=min(planned or rolls_off_at, rolls_off_at),
            )
        )
