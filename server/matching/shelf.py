"""One side of the book: a ladder for each rail and pricing, and the depth by level."""

from collections.abc import Iterable
from typing import NamedTuple

from server.matching.ladder import SEQ_BITS, Ladder
from server.matching.orders import BP, FLOATING, SELL, BookOrder, Key


class DepthLevel(NamedTuple):
    """One level of the public depth: a fixed price in ticks, or a margin in basis points."""

    price_ticks: int | None
    margin_bp: int | None
    amount_micro: int
    order_count: int


class Levels:
    """Amount and number of the listed orders at each signed price (or margin)."""

    __slots__ = ("at", "ladder")

    def __init__(self) -> None:
        self.at: dict[int, list[int]] = {}
        self.ladder = Ladder()

    def shift(self, level: int, amount_micro: int, order_count: int) -> None:
        """Add to (or, negative, take from) a level; an empty level disappears."""
        entry = self.at.get(level)
        if entry is None:
            self.at[level] = [amount_micro, order_count]
            self.ladder.add(level)
            return
        entry[0] += amount_micro
        entry[1] += order_count
        if entry[1] == 0:
            assert entry[0] == 0, "no order, no amount"
            del self.at[level]
            self.ladder.remove(level)


class Shelf:
    """The orders of one side that may match by themselves now."""

    __slots__ = ("fixed", "fixed_levels", "floating", "floating_levels", "sign")

    def __init__(self, side: str) -> None:
        self.sign = 1 if side == SELL else -1
        self.fixed: dict[Key, Ladder] = {}
        self.floating: dict[Key, Ladder] = {}
        self.fixed_levels = Levels()
        self.floating_levels = Levels()

    def ladder(self, pricing: str, method: Key) -> Ladder:
        """The ladder of one rail, made when first asked for."""
        ladders = self.floating if pricing == FLOATING else self.fixed
        found = ladders.get(method)
        if found is None:
            found = ladders[method] = Ladder()
        return found

    def key(self, order: BookOrder) -> int:
        """The order's place on its ladders."""
        price = order.margin_bp if order.pricing == FLOATING else order.price_ticks * BP
        return (self.sign * price << SEQ_BITS) | order.seq

    def put(self, order: BookOrder) -> None:
        """Set the order on the ladders of its rails."""
        key = order.shelf_key = self.key(order)
        order.is_shelved = True
        ladders = self.floating if order.pricing == FLOATING else self.fixed
        for method in order.methods:
            found = ladders.get(method)
            if found is None:
                found = ladders[method] = Ladder()
            found.add(key)
        if order.listed:
            self.shift_level(order, order.remaining_micro, 1)

    def drop(self, order: BookOrder) -> None:
        """Take the order off its ladders."""
        key = order.shelf_key
        order.is_shelved = False
        ladders = self.floating if order.pricing == FLOATING else self.fixed
        for method in order.methods:
            ladders[method].remove(key)
        if order.listed:
            self.shift_level(order, -order.remaining_micro, -1)

    def shift_level(self, order: BookOrder, amount_micro: int, order_count: int) -> None:
        """Change the depth at the order's level."""
        levels = self.floating_levels if order.pricing == FLOATING else self.fixed_levels
        levels.shift(order.shelf_key >> SEQ_BITS, amount_micro, order_count)

    def put_many(self, orders: Iterable[BookOrder]) -> None:
        """Set many orders at once on an empty shelf."""
        keys: dict[tuple[str, Key], list[int]] = {}
        for order in orders:
            key = order.shelf_key = self.key(order)
            order.is_shelved = True
            for method in order.methods:
                keys.setdefault((order.pricing, method), []).append(key)
            if order.listed:
                self.shift_level(order, order.remaining_micro, 1)
        for (pricing, method), of_one in keys.items():
            self.ladder(pricing, method).fill(of_one)

    def list_depth(self, level_count: int) -> tuple[list[DepthLevel], list[DepthLevel]]:
        """The best levels of fixed prices and of margins."""
        fixed = [
            DepthLevel(self.sign * level // BP, None, *self.fixed_levels.at[level])
            for level in self.fixed_levels.ladder.first_keys(level_count)
        ]
        floating = [
            DepthLevel(None, self.sign * level, *self.floating_levels.at[level])
            for level in self.floating_levels.ladder.first_keys(level_count)
        ]
        return fixed, floating
