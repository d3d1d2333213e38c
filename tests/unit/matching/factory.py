"""Valid orders, users and books for the matching tests."""

import itertools
from typing import Any

from server.core.money import PriceScale
from server.matching.book import Book
from server.matching.orders import SELL, BookOrder, Key, read_fields
from server.matching.shelf import Shelf
from server.matching.standings import MarketTerms, Standing

USDT = 1_000_000
SCALE = PriceScale(1, 1)
"""One tick is one minor unit: a price of 100 is 100 minor units for one USDT."""

_ids = itertools.count(1)


def build_terms(**changes: Any) -> MarketTerms:
    """A market with amounts of 10 to 50,000 USDT and a band of 20 %."""
    return MarketTerms(**{"scale": SCALE, **changes})


def build_standing(**changes: Any) -> Standing:
    """A seasoned user with no limit in reach."""
    good = {
        "kyc_level": 2,
        "completed_trades": 50,
        "completion_bp": 9_800,
        "account_age_days": 400,
        "is_verified": True,
        "has_earned_resting": True,
        "limit_left_micro": 1_000_000 * USDT,
        "open_unpaid_max": 100,
    }
    return Standing(**{**good, **changes})


def build_order(side: str, price: int = 100, amount: int = 100, **changes: Any) -> BookOrder:
    """An order of `amount` USDT on one rail; a new user owns it unless `user` is given."""
    number = next(_ids)
    given: dict[str, Any] = {
        "id": f"o{number}",
        "user": f"u{number}",
        "side": side,
        "pricing": "fixed",
        "price_ticks": price,
        "amount_micro": amount * USDT,
        "methods": ("bank",),
        "max_trades": 100,
        **changes,
    }
    if side == SELL and "accounts" not in given:
        given["accounts"] = {method: f"{given['user']}:{method}" for method in given["methods"]}
    return BookOrder(**given)


class World:
    """A book and short ways to act on it."""

    def __init__(self, **terms: Any) -> None:
        self.book = Book(build_terms(**terms))

    def know(self, user: Key, **changes: Any) -> None:
        """Set a user's standing."""
        self.book.set_standing(user, build_standing(**changes))

    def place(self, order: BookOrder, **standing: Any) -> Any:
        """Place an order; the owner is made known if he is not."""
        if standing or self.book.find_standing(order.user) is None:
            self.know(order.user, **standing)
        return self.book.place(order)

    def rest(self, side: str, price: int = 100, amount: int = 100, **changes: Any) -> BookOrder:
        """Place an order that must rest untouched."""
        standing = changes.pop("standing", {})
        order = build_order(side, price, amount, **changes)
        outcome = self.place(order, **standing)
        assert outcome.refusal is None
        assert not outcome.fills
        return order

    def send(self, side: str, price: int = 100, amount: int = 100, **changes: Any) -> Any:
        """Place an order and return its outcome; `order` of the outcome's maker is not needed."""
        standing = changes.pop("standing", {})
        return self.place(build_order(side, price, amount, **changes), **standing)

    def take(self, target: BookOrder, amount: int = 0, **changes: Any) -> Any:
        """Take an order by hand."""
        standing = changes.pop("standing", {})
        fiat = changes.pop("fiat", None)
        checks = {
            name: changes.pop(name)
            for name in ("target_version", "worst_price_ticks")
            if name in changes
        }
        side = "buy" if target.side == SELL else "sell"
        order = build_order(
            side,
            amount=amount,
            target=target.id,
            immediate=True,
            fiat_left_minor=fiat,
            max_trades=1,
            **{"methods": target.methods, **changes},
        )
        if standing or self.book.find_standing(order.user) is None:
            self.know(order.user, **standing)
        return self.book.take(order, **checks)


def read_shelf(shelf: Shelf) -> Any:
    """The content of one side, without regard to how its blocks are cut."""
    return (
        {name: ladder.keys() for name, ladder in shelf.fixed.items() if ladder.maxes},
        {name: ladder.keys() for name, ladder in shelf.floating.items() if ladder.maxes},
        {level: tuple(entry) for level, entry in shelf.fixed_levels.at.items()},
        {level: tuple(entry) for level, entry in shelf.floating_levels.at.items()},
        shelf.fixed_levels.ladder.keys(),
        shelf.floating_levels.ladder.keys(),
    )


def read_book(book: Book) -> Any:
    """Everything in a book, to compare it before and after."""
    state = book.state
    guards = state.guards
    return (
        {key: (read_fields(o), dict(o.skips), o.is_shelved) for key, o in state.orders.items()},
        {
            user: (
                tuple(getattr(m.standing, name) for name in Standing.__slots__),
                set(m.orders),
                m.buy_sleep,
                m.sell_sleep,
            )
            for user, m in state.members.items()
        },
        {seq: order.id for seq, order in state.by_seq.items()},
        [read_shelf(shelf) for shelf in state.shelves.values()],
        sorted(guards.by_seq),
        [
            ladder.keys()
            for ladder in (guards.falls, guards.rises, guards.held_low, guards.held_high)
        ],
        (state.terms, state.index_ticks, state.is_floating_on, state.band, state.epoch),
        (state.next_seq, state.pending),
    )
