"""The demo world: markets, rails, people, their past and their open orders.

Everything is made by the services that users call, and only what is missing is made.
"""

import asyncio
from collections import Counter
from typing import Any

from seeds import queries
from seeds.history import list_missing_deals, make_deals, read_index
from seeds.identities import seed_identities
from seeds.people import ACCOUNTS_MAX, enter_stage, leave_stage, seed_people, seed_staff
from seeds.plan import HISTORY_DAYS, INDEX, MARKETS, OFFERS, Deal, Offer, list_deals
from seeds.stage import LanesServedElsewhere, SeedsRefused, Stage
from server.core.money import format_decimal
from server.db import Unit
from server.identity.accounts import list_accounts
from server.identity.rails import upsert_payment_methods
from server.markets.catalog import list_rails
from server.markets.service import add_market
from server.orders.requests import PlaceSchema

POLL_S = 0.02
INBOX_WAIT_S = 30
PRICE_DIGITS = {market.id: market.price_digits for market in MARKETS}


async def seed_markets(stage: Stage) -> int:
    """Make the markets, payment methods and prices that are missing; how many that were.

    Refuses `SeedsRefused` in production.
    """
    if stage.production:
        raise SeedsRefused
    stage.move_to(stage.now)
    return _tell(stage, await _seed_markets(stage), "markets, payment methods and prices")


async def seed_world(stage: Stage) -> int:
    """Make what is missing; how many things were made, zero when there was nothing to do.

    Refuses `SeedsRefused` in production and `LanesServedElsewhere` while a server runs.
    """
    if stage.production:
        raise SeedsRefused
    await stage.wind_back(HISTORY_DAYS)
    made = _tell(stage, await _seed_markets(stage), "markets, payment methods and prices")
    made += _tell(stage, await seed_people(stage), "people, payment accounts and first funds")
    made += _tell(stage, await seed_staff(stage), "members of the staff")
    try:
        deals, offers = await list_missing_deals(stage), await _list_missing_offers(stage)
        if deals or offers:
            made += await _trade(stage, deals, offers)
    finally:
        await leave_stage(stage)
    stage.move_to(stage.now)
    return made + _tell(stage, await seed_identities(stage), "applications for verification")


def _tell(stage: Stage, count: int, what: str) -> int:
    if count:
        stage.say(f"Made {count} {what}.")
    return count


async def _seed_markets(stage: Stage) -> int:
    async def work(unit: Unit) -> int:
        made = await upsert_payment_methods(unit, list_rails())
        for market in MARKETS:
            made += await add_market(unit, market)
        return made

    made = await stage.database.transact(work, name="seed_markets")
    indexed = {row.market for row in await stage.fetch(queries.list_indexed())}
    for market in MARKETS:
        if market.id not in indexed:
            await read_index(stage, market.id)
            made += 1
    return made


async def _list_missing_offers(stage: Stage) -> list[Offer]:
    """The open orders of the plan that were never placed; each deal placed one of its own."""
    placed: Counter[tuple[Any, ...]] = Counter()
    for market, user_id, side, count in await stage.fetch(queries.count_orders()):
        placed[market, user_id, side] = count
    for deal in list_deals():
        placed[deal.market, stage.user_id(deal.seller), "sell"] -= 1
    missing = []
    for offer in OFFERS:
        place = (offer.market, stage.user_id(offer.username), offer.side)
        if placed[place] > 0:
            placed[place] -= 1
        else:
            missing.append(offer)
    return missing


async def _trade(stage: Stage, deals: list[Deal], offers: list[Offer]) -> int:
    """Let the past happen and place the open orders, on lanes of our own."""
    await stage.orders.host.start()
    try:
        await _wait_for_lanes(stage)
        await enter_stage(stage)
        await make_deals(stage, deals)
        stage.move_to(stage.now)
        for market in MARKETS:
            await read_index(stage, market.id)
        await _wait_for_inboxes(stage)
        for offer in offers:
            await _place(stage, offer)
    finally:
        await stage.orders.host.stop()
    return _tell(stage, len(deals), "completed trades") + _tell(stage, len(offers), "open orders")


async def _wait_for_lanes(stage: Stage) -> None:
    lanes = stage.orders.host.lanes
    waited_s = 0.0
    while not all(lane.serving for lane in lanes.values()):
        if waited_s > stage.lane_wait_s:
            raise LanesServedElsewhere
        await asyncio.sleep(POLL_S)
        waited_s += POLL_S


async def _wait_for_inboxes(stage: Stage) -> None:
    """Return when the lanes know the newest index: offers are placed against it."""
    waited_s = 0.0
    for market in MARKETS:
        while (await stage.fetch(queries.count_waiting(market.id)))[0][0]:
            assert waited_s < INBOX_WAIT_S, "a serving lane consumes its inbox"
            await asyncio.sleep(POLL_S)
            waited_s += POLL_S


async def _place(stage: Stage, offer: Offer) -> None:
    user_id = stage.user_id(offer.username)
    body: dict[str, Any] = {
        "market": offer.market,
        "side": offer.side,
        "amount": str(offer.amount),
        "max_trades": 20,
        "always_on": True,
        "terms": offer.terms,
    }
    if offer.margin_bp is not None:
        body["pricing"] = {"type": "floating", "margin_bp": offer.margin_bp}
    else:
        ticks = INDEX[offer.market.partition("-")[2]] * (10_000 + offer.offset_bp) // 10_000
        body["pricing"] = {
            "type": "fixed",
            "price": format_decimal(ticks, PRICE_DIGITS[offer.market]),
        }
    if offer.side == "sell":
        currency = offer.market.partition("-")[2]
        async with stage.database.read() as connection:
            accounts = await list_accounts(connection, user_id, None, ACCOUNTS_MAX)
        body["payment_account_ids"] = [
            str(account.id) for account in accounts if account.currency == currency
        ]
    else:
        body["payment_method_ids"] = list(offer.rails)
    await stage.orders.place_order(user_id, PlaceSchema().load(body), None)
