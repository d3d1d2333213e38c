"""The way of one order through the crossed candidates of the other side, best first."""

from server.matching.ladder import SEQ_BITS, SEQ_MASK, Ladder
from server.matching.orders import BP, BUY, FIXED, FLOATING, SELL, BookOrder
from server.matching.state import State

NONE_LEFT = 1 << 200
"""Stands for the head of a ladder that has no crossed candidate left."""
START = -NONE_LEFT

Position = tuple[int, ...]
"""For each ladder the last key that was passed."""


class Walk:
    """A merge of the ladders of an order's rails; meets an order once, whatever rails it shares.

    Robust against what happens to the book between two steps: each step seeks the next key.
    """

    __slots__ = (
        "_base",
        "_by_seq",
        "_fixed_count",
        "_heads",
        "_index",
        "_ladders",
        "_lead",
        "_limit",
        "_passed",
        "_raws",
        "_sign",
        "_stop",
        "price_ticks",
    )

    def __init__(self, state: State, order: BookOrder, position: Position | None = None) -> None:
        sign = -1 if order.side == SELL else 1
        shelf = state.shelves[BUY if sign < 0 else SELL]
        low, high = state.band
        near, far = (low, high) if sign > 0 else (-high, -low)
        limit = sign * state.price_of(order)
        off = state.terms.methods_off
        methods = [m for m in order.methods if m not in off] if off else order.methods
        self._ladders: list[Ladder] = [shelf.ladder(FIXED, method) for method in methods]
        self._fixed_count = len(self._ladders)
        self._index = state.index_ticks or 0
        if self._index and state.is_floating_on:
            self._ladders += [shelf.ladder(FLOATING, method) for method in methods]
        self._by_seq = state.by_seq
        self._sign = sign
        self._base = sign * BP
        self._limit = limit
        self._stop = (min(limit, far) * BP + 1) << SEQ_BITS
        floating_count = len(self._ladders) - self._fixed_count
        self._passed = (
            list(position)
            if position is not None
            else [((near * BP) << SEQ_BITS) - 1] * self._fixed_count + [START] * floating_count
        )
        self._raws = self._passed[:]
        self._heads = [self._find_head(at) for at in range(len(self._ladders))]
        self._lead = NONE_LEFT
        self.price_ticks = 0

    def _find_head(self, at: int) -> int:
        """The next crossed key of a ladder, as a key of scaled price and seq."""
        key = self._ladders[at].after(self._passed[at])
        if key is None:
            return NONE_LEFT
        self._raws[at] = key
        if at < self._fixed_count:
            return key if key < self._stop else NONE_LEFT
        scaled = self._index * (self._base + (key >> SEQ_BITS))
        if -(-scaled // BP) > self._limit:
            return NONE_LEFT
        return scaled << SEQ_BITS | (key & SEQ_MASK)

    def step(self) -> BookOrder | None:
        """The next candidate, its own price in `price_ticks`; None when none is crossed."""
        heads = self._heads
        while True:
            lead = self._lead
            if lead != NONE_LEFT:
                for at, head in enumerate(heads):
                    if head == lead:
                        self._passed[at] = self._raws[at]
                        heads[at] = self._find_head(at)
            self._lead = lead = min(heads, default=NONE_LEFT)
            if lead == NONE_LEFT:
                return None
            order = self._by_seq.get(lead & SEQ_MASK)
            if order is not None:
                self.price_ticks = self._sign * -(-(lead >> SEQ_BITS) // BP)
                return order

    def position(self) -> Position:
        """Where to go on so that the candidate of the last step is met again."""
        return tuple(self._passed)
