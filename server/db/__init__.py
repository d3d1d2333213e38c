"""Engine, unit of work, write gate, outbox, idempotency, database time."""

from server.db.database import Database, Unit, assert_outside_transaction
from server.db.errors import DatabaseBusy, DatabaseDown, is_unique_violation

__all__ = [
    "Database",
    "DatabaseBusy",
    "DatabaseDown",
    "Unit",
    "assert_outside_transaction",
    "is_unique_violation",
]
