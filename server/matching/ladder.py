"""Sorted keys in blocks: the levels of one side, one rail, one pricing.

A key is one integer, `signed price << SEQ_BITS | seq`, so that the integers' own order is
price-time order: sells count up from the lowest price, buys from the highest (negated). Fixed
ladders hold the price times 10,000, floating ladders the margin in basis points.
"""

from bisect import bisect_left, bisect_right, insort

SEQ_BITS = 40
SEQ_MASK = (1 << SEQ_BITS) - 1
BLOCK_MAX = 1_024


class Ladder:
    """A sorted set of integer keys; add, remove and seek cost O(log n) plus one short move."""

    __slots__ = ("blocks", "maxes")

    def __init__(self) -> None:
        self.blocks: list[list[int]] = []
        self.maxes: list[int] = []

    def add(self, key: int) -> None:
        """Insert a key that is not in the ladder."""
        maxes = self.maxes
        if not maxes:
            self.blocks.append([key])
            maxes.append(key)
            return
        at = bisect_left(maxes, key)
        if at == len(maxes):
            at -= 1
            block = self.blocks[at]
            block.append(key)
            maxes[at] = key
        else:
            block = self.blocks[at]
            insort(block, key)
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            self.blocks.insert(at + 1, block[half:])
            del block[half:]
            maxes.insert(at, block[-1])

    def remove(self, key: int) -> None:
        """Take out a key that is in the ladder."""
        at = bisect_left(self.maxes, key)
        block = self.blocks[at]
        place = bisect_left(block, key)
        assert block[place] == key, "the key is on this ladder"
        del block[place]
        if not block:
            del self.blocks[at]
            del self.maxes[at]
        elif place == len(block):
            self.maxes[at] = block[-1]

    def after(self, key: int) -> int | None:
        """The smallest key above `key`, or None."""
        maxes = self.maxes
        at = bisect_right(maxes, key)
        if at == len(maxes):
            return None
        block = self.blocks[at]
        return block[bisect_right(block, key)]

    def first(self) -> int | None:
        """The smallest key, or None."""
        return self.blocks[0][0] if self.blocks else None

    def fill(self, keys: list[int]) -> None:
        """Replace the content at once, by keys in any order."""
        keys.sort()
        half = BLOCK_MAX // 2
        self.blocks = [keys[at : at + half] for at in range(0, len(keys), half)]
        self.maxes = [block[-1] for block in self.blocks]

    def first_keys(self, count: int) -> list[int]:
        """The smallest keys, `count` of them at most."""
        found: list[int] = []
        for block in self.blocks:
            found += block[: count - len(found)]
            if len(found) == count:
                break
        return found

    def keys(self) -> list[int]:
        """All keys in order, for views and tests."""
        return [key for block in self.blocks for key in block]
