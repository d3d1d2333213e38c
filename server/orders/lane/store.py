"""How a lane reads and writes a batch: one port, an adapter for each database.

The statements are built by hand, because a batch writes many rows at once as end state, and
that is what makes a single writer fast.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.ledger import AccountKind
from server.core.clock import from_micros
from server.core.ids import make_uuid
from server.orders.lane.records import Rows, StandingRow

STANDING_COLUMNS = (
    "user_id, version, kyc_level, verified, trades_completed, trades_ended,"
    " open_unpaid_as_buyer, limit_used_micro, taking_blocked_until, selling_blocked_until,"
    " frozen_at, present, second_factor, terms_version, taking_barred, resting_barred,"
    " limits_lowered, trust_step, recheck_at"
)
ACCOUNT_COLUMNS = "user_id, kind, balance, seq"
KINDS = len(AccountKind)
"""How many accounts a user has in an asset; a wallet of which one is busy is busy."""
Wallet = list[tuple[str, int, int]]
"""Kind, balance and seq of a user's accounts in one asset."""


class StoreBusyError(Exception):
    """Another transaction was in the way; the batch may be run again."""


class StoreConflictError(Exception):
    """A constraint refused a row of the batch."""

    def __init__(self, *, is_unique: bool, text: str) -> None:
        super().__init__(text)
        self.is_unique = is_unique


class StoreLostError(Exception):
    """The connection is gone; nothing of the batch is known to be written."""


class FenceLostError(Exception):
    """The lane is no longer ours: its row names another owner, epoch or batch."""


@dataclass(frozen=True, slots=True)
class Fence:
    """What the lane's row must still say for a batch to be written."""

    market: str
    owner: str
    epoch: int
    batch: int
    expires_at: datetime


@dataclass(slots=True)
class Locked:
    """Rows read under lock; who is missing was busy."""

    standings: dict[UUID, StandingRow] = field(default_factory=dict)
    wallets: dict[UUID, Wallet] = field(default_factory=dict)


class LaneStore(Protocol):
    """One lane's own connection to the database."""

    async def begin(self, fence: Fence) -> None:
        """Open the transaction and pass the fence; raises `FenceLostError`."""
        ...

    async def lock(self, users: Sequence[UUID], sellers: Sequence[UUID], asset: str) -> Locked:
        """Lock standings and accounts, ascending, without waiting for busy ones."""
        ...

    async def write(self, rows: Rows, *, market: str, priority: int, seq: int) -> None:
        """Write the end state of the batch."""
        ...

    async def commit(self) -> None:
        """Commit; raises `StoreLostError` when the answer was lost."""
        ...

    async def rollback(self) -> None:
        """Take back all that the transaction did; never fails."""
        ...

    async def close(self) -> None:
        """Give the connection back."""
        ...


def _instant(value: Any) -> datetime | None:
    return None if value is None else from_micros(int(value))


def standing_of_row(row: Sequence[Any]) -> StandingRow:
    """A row of `STANDING_COLUMNS` as a driver gives it."""
    return StandingRow(
        make_uuid(int.from_bytes(row[0], "big")), int(row[1]), int(row[2]), bool(row[3]),
        int(row[4]), int(row[5]), int(row[6]), int(row[7]), _instant(row[8]), _instant(row[9]),
        _instant(row[10]), bool(row[11]), bool(row[12]), int(row[13]), bool(row[14]),
        bool(row[15]), bool(row[16]), int(row[17]), _instant(row[18]),
    )  # fmt: skip


def group_wallets(rows: Iterable[tuple[Any, str, Any, Any]]) -> dict[UUID, Wallet]:
    """The wallets of which every account was locked; keys are identifiers as bytes or hex."""
    wallets: dict[Any, Wallet] = {}
    for key, kind, balance, seq in rows:
        wallet = wallets.get(key)
        if wallet is None:
            wallet = wallets[key] = []
        wallet.append((kind, int(balance), int(seq)))
    return {
        make_uuid(int(key, 16) if isinstance(key, str) else int.from_bytes(key, "big")): wallet
        for key, wallet in wallets.items()
        if len(wallet) == KINDS
    }
