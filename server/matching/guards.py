"""Price guards, ordered by trigger price: a tick of the index costs what it triggers."""

from server.matching.ladder import SEQ_BITS, SEQ_MASK, Ladder
from server.matching.orders import BookOrder, Guard


class Guards:
    """Four ladders: armed against a fall, armed against a rise, and held back by either."""

    __slots__ = ("by_seq", "falls", "held_high", "held_low", "rises")

    def __init__(self) -> None:
        self.by_seq: dict[int, BookOrder] = {}
        self.falls = Ladder()
        self.rises = Ladder()
        self.held_low = Ladder()
        self.held_high = Ladder()

    def _places(self, guard: Guard, seq: int, *, held: bool) -> list[tuple[Ladder, int]]:
        places: list[tuple[Ladder, int]] = []
        if guard.low_ticks is not None:
            ladder, low = (
                (self.held_low, guard.low_ticks) if held else (self.falls, -guard.low_ticks)
            )
            places.append((ladder, low << SEQ_BITS | seq))
        if guard.high_ticks is not None:
            ladder, high = (
                (self.held_high, -guard.high_ticks) if held else (self.rises, guard.high_ticks)
            )
            places.append((ladder, high << SEQ_BITS | seq))
        return places

    def add(self, order: BookOrder, held: bool) -> None:  # noqa: FBT001 - a journal entry
        """Watch an order, armed or held back."""
        assert order.guard is not None
        self.by_seq[order.seq] = order
        for ladder, key in self._places(order.guard, order.seq, held=held):
            ladder.add(key)

    def remove(self, order: BookOrder, held: bool) -> None:  # noqa: FBT001 - a journal entry
        """Stop watching an order."""
        assert order.guard is not None
        del self.by_seq[order.seq]
        for ladder, key in self._places(order.guard, order.seq, held=held):
            ladder.remove(key)

    def list_triggered(self, index_ticks: int) -> list[BookOrder]:
        """Armed orders that this index holds back, and held ones it may let go, by `seq`."""
        seqs: set[int] = set()
        for ladder, price, inclusive in (
            (self.falls, -index_ticks, 0),
            (self.rises, index_ticks, 0),
            (self.held_low, index_ticks, 1),
            (self.held_high, -index_ticks, 1),
        ):
            stop = (price + inclusive) << SEQ_BITS
            key = ladder.first()
            while key is not None and key < stop:
                seqs.add(key & SEQ_MASK)
                key = ladder.after(key)
        return [self.by_seq[seq] for seq in sorted(seqs)]
