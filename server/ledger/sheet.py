"""A sheet of moves between accounts, kept in memory until it is written in one go. Pure.

Whoever locked the accounts loads their balances, moves amounts and hands the sheet to a writer.
Each move is one transfer with its postings; so whatever is on a sheet sums to zero.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, NoReturn
from uuid import UUID

from server.core.money import format_usdt
from server.core.refusals import InsufficientFunds

AVAILABLE = "available"


class AccountKey(NamedTuple):
    """One account of a user; sorts as the database's primary key does."""

    user_id: UUID
    asset: str
    kind: str


class TransferRow(NamedTuple):
    """A row of `transfers`, in the order of its columns; amounts in micro-units."""

    id: UUID
    asset: str
    amount: int
    debit_user_id: UUID | None
    debit_kind: str
    credit_user_id: UUID | None
    credit_kind: str
    reason: str
    subject_id: UUID | None
    created_at: datetime


class PostingRow(NamedTuple):
    """A row of `postings`: one side of a transfer on a user's account; a credit is positive."""

    user_id: UUID
    asset: str
    kind: str
    account_seq: int
    transfer_id: UUID
    amount: int
    balance_after: int


class PlatformPostingRow(NamedTuple):
    """A row of `platform_postings`; a credit is positive."""

    account: str
    transfer_id: UUID
    asset: str
    amount: int


class Change(NamedTuple):
    """The final values of a touched account, and the sequence number that guards the write."""

    key: AccountKey
    balance: int
    seq: int
    seq_before: int


Cell = list[int]
"""An account on the sheet: balance (micro-units), number of postings now, and as it was loaded."""
BALANCE, SEQ, SEQ_BEFORE = range(3)


class Sheet:
    """Balances under lock and the moves made on them.

    `new_id` gives transfer identifiers in ascending order; `now` is the instant of all moves.
    """

    __slots__ = ("_cells", "_new_id", "now", "platform_postings", "postings", "transfers")

    def __init__(self, *, new_id: Callable[[], UUID], now: datetime) -> None:
        self._new_id = new_id
        self.now = now
        # By user and asset, then by kind: identifiers are slow keys, so each is asked for once.
        self._cells: dict[tuple[UUID, str], dict[str, Cell]] = {}
        self.transfers: list[TransferRow] = []
        self.postings: list[PostingRow] = []
        self.platform_postings: list[PlatformPostingRow] = []

    def load(self, key: AccountKey, balance: int, seq: int) -> None:
        """Take an account's balance (micro-units) and its number of postings as they are."""
        wallet = self._cells.setdefault(key[:2], {})
        known = wallet.get(key.kind)
        assert known is None or known[SEQ] == known[SEQ_BEFORE], "loaded again after a move"
        assert balance >= 0, "an account below zero was loaded"
        wallet[key.kind] = [balance, seq, seq]

    def load_wallet(self, user_id: UUID, asset: str, accounts: list[tuple[str, int, int]]) -> None:
        """Take over all of a user's accounts of an asset: kind, balance and postings of each."""
        assert (user_id, asset) not in self._cells, "a wallet is loaded once"
        assert all(balance >= 0 for _, balance, _ in accounts), "an account below zero was loaded"
        self._cells[user_id, asset] = {kind: [balance, seq, seq] for kind, balance, seq in accounts}

    def is_loaded(self, key: AccountKey) -> bool:
        """Whether the account may be moved on."""
        return key.kind in self._cells.get(key[:2], ())

    def balance(self, key: AccountKey) -> int:
        """Micro-units in the account after the moves so far; the account must be loaded."""
        return self._cells[key[:2]][key.kind][BALANCE]

    def seq(self, key: AccountKey) -> int:
        """Number of the account's postings after the moves so far."""
        return self._cells[key[:2]][key.kind][SEQ]

    def move(
        self,
        *,
        asset: str,
        amount: int,
        debit: AccountKey | str,
        credit: AccountKey | str,
        reason: str,
        subject_id: UUID | None,
    ) -> None:
        """Move `amount` micro-units from `debit` to `credit`; a string is a platform account.

        Nothing happens for zero. Refuses `InsufficientFunds` when a user's available account
        would fall below zero; any other account below zero is a fault of the caller.
        """
        if amount == 0:
            return
        assert amount > 0, "a transfer moves a positive amount"
        assert debit != credit, "a transfer has two sides"

        debit_user = credit_user = None
        debit_cell = credit_cell = None
        if isinstance(debit, str):
            debit_kind = debit
        else:
            debit_user, debit_asset, debit_kind = debit
            assert debit_asset == asset, "a transfer stays in one asset"
            debit_cell = self._cells[debit_user, asset][debit_kind]
            if debit_cell[BALANCE] < amount:
                self._refuse(debit, debit_cell[BALANCE], amount)
        if isinstance(credit, str):
            credit_kind = credit
        else:
            credit_user, credit_asset, credit_kind = credit
            assert credit_asset == asset, "a transfer stays in one asset"
            credit_cell = self._cells.get((credit_user, asset), {}).get(credit_kind)
            assert credit_cell is not None, "the credited account is not locked"

        transfer_id = self._new_id()
        self.transfers.append(
            TransferRow(
                transfer_id,
                asset,
                amount,
                debit_user,
                debit_kind,
                credit_user,
                credit_kind,
                reason,
                subject_id,
                self.now,
            )
        )
        self._post(debit_user, debit_kind, debit_cell, transfer_id, asset, -amount)
        self._post(credit_user, credit_kind, credit_cell, transfer_id, asset, amount)

    def mark(self) -> int:
        """A point to which `undo` can return."""
        return len(self.transfers)

    def undo(self, mark: int) -> None:
        """Take back every move made since `mark`, exactly."""
        for transfer in reversed(self.transfers[mark:]):
            for user_id, kind in (
                (transfer.credit_user_id, transfer.credit_kind),
                (transfer.debit_user_id, transfer.debit_kind),
            ):
                if user_id is None:
                    self.platform_postings.pop()
                    continue
                posting = self.postings.pop()
                cell = self._cells[user_id, transfer.asset][kind]
                cell[BALANCE] -= posting.amount
                cell[SEQ] -= 1
        del self.transfers[mark:]

    def changes(self) -> list[Change]:
        """The touched accounts with their final values, ascending by key."""
        return [
            Change(AccountKey(user_id, asset, kind), *cell)
            for (user_id, asset), wallet in self.list_touched()
            for kind, cell in sorted(wallet.items())
            if cell[SEQ] != cell[SEQ_BEFORE]
        ]

    def list_touched(self) -> list[tuple[tuple[UUID, str], dict[str, Cell]]]:
        """The accounts by kind of every user and asset that a move touched, ascending."""
        touched = [
            (place, wallet)
            for place, wallet in self._cells.items()
            if any(cell[SEQ] != cell[SEQ_BEFORE] for cell in wallet.values())
        ]
        # As the database's primary key sorts: identifiers compare like their integers.
        touched.sort(key=lambda item: (item[0][0].int, item[0][1]))
        return touched

    @staticmethod
    def _refuse(key: AccountKey, balance: int, amount: int) -> NoReturn:
        assert key.kind == AVAILABLE, f"{key.kind} holds {balance} and should give {amount}"
        raise InsufficientFunds(
            asset=key.asset, available=format_usdt(balance), needed=format_usdt(amount)
        )

    def _post(
        self,
        user_id: UUID | None,
        kind: str,
        cell: Cell | None,
        transfer_id: UUID,
        asset: str,
        amount: int,
    ) -> None:
        if user_id is None or cell is None:
            self.platform_postings.append(PlatformPostingRow(kind, transfer_id, asset, amount))
            return
        cell[BALANCE] = balance = cell[BALANCE] + amount
        cell[SEQ] = seq = cell[SEQ] + 1
        self.postings.append(PostingRow(user_id, asset, kind, seq, transfer_id, amount, balance))
