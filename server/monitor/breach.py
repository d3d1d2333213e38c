"""A broken invariant."""

from dataclasses import dataclass

MONEY = frozenset({"I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9"})
"""A breach of one of these stops releases and withdrawals; the others alarm."""


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """What is broken, and where."""

    invariant: str
    """`I1` to `I30`."""
    subject: str
    """`account:<user>/USDT/escrow`, `trade:<id>`, `order:<id>` ..."""
    detail: str
    """A sentence."""

    @property
    def of_money(self) -> bool:
        """Whether it must stop releases and withdrawals."""
        return self.invariant in MONEY
