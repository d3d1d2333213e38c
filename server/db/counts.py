"""What the units of work of one process have met, for the metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class UnitCounts:
    """Counts since the start of the process."""

    committed: int = 0
    retried: int = 0
    """Runs of a unit that another transaction was in the way of."""
    busy: int = 0
    """Units given up after all their tries."""
    down: int = 0
    """Units that met a database that is gone or cannot write."""
    gate_waits: int = 0
    gate_wait_s: float = 0.0
    """Time spent waiting for SQLite's write gate."""
