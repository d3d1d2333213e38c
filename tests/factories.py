"""Rows of trades as a lane writes them."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from models.identity import PaymentMethod, Standing
from models.orders import Order
from models.trades import Trade, TradeEvent, UserTrade
from server.core.money import fiat_for_usdt_up
from server.ledger.service import lock_sheet, open_hold, write_sheet
from server.ledger.sheet import AccountKey
from server.trades import rules
from server.trades.trade import get_trade


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
):
    """Write what a lane writes for one fill, from the seller's reserved account; the trade's id."""
    speed = (
        await unit.execute(select(PaymentMethod.speed).where(PaymentMethod.id == method))
    ).scalar_one()
    trade_id, maker, taker = (unit.ids.new_id() for _ in range(3))
    market = "USDT-VND" if asset == "USDT" else "USDT_TEST-VND"
    window = window_s or rules.window_s(speed, 0)
    deadline = unit.now + timedelta(seconds=window)
    trade = {
        "id": trade_id, "market": market, "asset": asset, "maker_order_id": maker,
        "taker_order_id": taker, "buyer_id": buyer_id, "seller_id": seller_id,
        "maker_side": maker_side, "price_ticks": price_ticks, "amount": amount,
        "fiat_minor": fiat_for_usdt_up(amount, price_ticks, rules.price_scale(0, 0)),
        "buyer_fee_ppm": buyer_fee_ppm, "seller_fee_ppm": seller_fee_ppm, "method_id": method,
        "payment_account_id": account_id, "window_s": window, "status": "awaiting_payment",
        "version": 1, "deadline_at": deadline, "window_ends_at": deadline, "late": False,
        "extended_by_seller": False, "extended_by_buyer": False, "paid_undone": False,
        "name_mismatch": False, "new_buyer": new_buyer, "created_at": unit.now,
    }  # fmt: skip
    await unit.execute(insert(Trade).values(**trade))
    await unit.execute(
        insert(TradeEvent).values(
            trade_id=trade_id,
            version=1,
            event="opened",
            actor="system",
            actor_id=None,
            status_from=None,
            status_to="awaiting_payment",
            detail="{}",
            created_at=unit.now,
        )
    )
    for user, other, role in ((buyer_id, seller_id, "buyer"), (seller_id, buyer_id, "seller")):
        await unit.execute(
            insert(UserTrade).values(
                user_id=user,
                trade_id=trade_id,
                counterparty_id=other,
                role=role,
                open=True,
                counted=True,
            )
        )
    sides = (maker, taker) if maker_side == "sell" else (taker, maker)
    for order_id, user, side in zip(sides, (seller_id, buyer_id), ("sell", "buy"), strict=True):
        await unit.execute(
            insert(Order).values(
                id=order_id,
                market=market,
                user_id=user,
                side=side,
                price_ticks=price_ticks,
                amount=amount,
                matched=amount,
                status="filled",
            )
        )
    if rules.counts_to_record(asset):
        for user, unpaid in ((buyer_id, 1), (seller_id, 0)):
            await unit.execute(
                update(Standing)
                .where(Standing.user_id == user)
                .values(
                    open_unpaid_as_buyer=Standing.open_unpaid_as_buyer + unpaid,
                    limit_used_micro=Standing.limit_used_micro + amount,
                    version=Standing.version + 1,
                    recheck_at=unit.now + rules.ROLLING,
                )
            )
    terms = await get_trade(unit, trade_id)
    sheet = await lock_sheet(unit, [AccountKey(seller_id, asset, "reserved")])
    await open_hold(unit, sheet, trade=terms)
    await write_sheet(unit, sheet)
    return trade_id
