"""Who takes part: markets as the service tells them, and people with parts and habits."""

from dataclasses import dataclass
from decimal import Decimal

from seeds.demo.client import Api
from seeds.demo.orders import Round, trade_as_buyer, trade_as_merchant, trade_as_seller
from seeds.demo.person import Person, can_fill
from seeds.demo.world import Market, World
from seeds.plan import TEST_CURRENCIES

MARKETS_MAX = 3
RAILS_MAX = 4
HABITS = (
    *("fast", "late", "fast", "cancelling", "splitting"),
    *("disputing", "fast", "silent", "fast", "hasty"),
)
FIRST_NAMES = ("An", "Binh", "Chi", "Dung", "Hoa", "Khanh", "Lan", "Minh", "Nga", "Phuc", "Thao")
LAST_NAMES = ("Bui", "Dang", "Do", "Hoang", "Le", "Ngo", "Nguyen", "Pham", "Tran", "Vo")


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody does on the market, and the USDT that he begins with."""

    name: str
    round_of: Round
    usdt: int


PARTS = (
    Part("merchant", trade_as_merchant, 15_000),
    Part("buyer", trade_as_buyer, 0),
    Part("buyer", trade_as_buyer, 0),
    Part("seller", trade_as_seller, 2_000),
    Part("buyer", trade_as_buyer, 0),
    Part("buyer", trade_as_buyer, 0),
)
"""Dealt to the people of each market in turn."""


def cast_person(world: World, number: int) -> tuple[Person, Part]:
    """The person of this number: his market, name, habit and part."""
    market = world.markets[number % len(world.markets)]
    place = number // len(world.markets)
    part = PARTS[place % len(PARTS)]
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    last = LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]
    name = f"{first}_{part.name}_{world.tag}{number}".lower()
    habit = HABITS[number % len(HABITS)]
    return Person(world, name, f"{last} {first}", market, habit), part


async def load_markets(world: World) -> list[Market]:
    """The open markets of real USDT with an index and rails."""
    api = Api(world.session, world.url, "demo", world.tally)
    markets: list[Market] = []
    for shown in await api.list_all("/markets"):
        if shown["asset"] != "USDT" or shown["status"] != "open" or shown["index"] is None:
            continue
        rails = await api.list_all(f"/payment-methods?currency={shown['currency']}")
        rails = [rail for rail in rails if can_fill(rail["fields"])]
        if rails:
            markets.append(
                Market(
                    id=shown["id"],
                    currency=shown["currency"],
                    price_digits=shown["price_digits"],
                    index=Decimal(shown["index"]),
                    rails=rails[:RAILS_MAX],
                )
            )
    # People of the three countries come first; the sort keeps the order of all others.
    markets.sort(key=lambda market: market.currency not in TEST_CURRENCIES)
    return markets[:MARKETS_MAX]
