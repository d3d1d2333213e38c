"""A sheet of moves between accounts, kept in memory until it is written in one go. Pure.

Whoever locked the accounts loads their balances, moves amounts and hands the sheet to a writer.
Each move is one transfer with its postings; so whatever is on a sheet sums to zero.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
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


class Sheet:
    """Balances under lock and the moves made on them.

    `new_id` gives transfer identifiers in ascending order; `now` is the instant of all moves.
    """

    __slots__ = (
        "_balances",
        "_new_id",
        "_seqs",
        "_seqs_before",
        "now",
        "platform_postings",
        "postings",
        "transfers",
    )

    def __init__(self, *, new_id: Callable[[], UUID], now: datetime) -> None:
        self._new_id = new_id
        self.now = now
        self._balances: dict[AccountKey, int] = {}
        self._seqs: dict[AccountKey, int] = {}
        self._seqs_before: dict[AccountKey, int] = {}
        self.transfers: list[TransferRow] = []
        self.postings: list[PostingRow] = []
        self.platform_postings: list[PlatformPostingRow] = []

    def load(self, key: AccountKey, balance: int, seq: int) -> None:
        """Take an account's balance (micro-units) and its number of postings as they are."""
        assert self._seqs.get(key) == self._seqs_before.get(key), "loaded again after a move"
        assert balance >= 0, "an account below zero was loaded"
        self._balances[key] = balance
        self._seqs[key] = self._seqs_before[key] = seq

    def is_loaded(self, key: AccountKey) -> bool:
        """Whether the account may be moved on."""
        return key in self._balances

    def balance(self, key: AccountKey) -> int:
        """Micro-units in the account after the moves so far; the account must be loaded."""
        return self._balances[key]

    def seq(self, key: AccountKey) -> int:
        """Number of the account's postings after the moves so far."""
        return self._seqs[key]

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
        debit_kind = credit_kind = ""
        if isinstance(debit, str):
            debit_kind = debit
        else:
            debit_user, debit_asset, debit_kind = debit
            assert debit_asset == asset, "a transfer stays in one asset"
            self._require(debit, amount)
        if isinstance(credit, str):
            credit_kind = credit
        else:
            credit_user, credit_asset, credit_kind = credit
            assert credit_asset == asset, "a transfer stays in one asset"
            assert credit in self._balances, "the credited account is not locked"

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
        self._post(debit, transfer_id, asset, -amount)
        self._post(credit, transfer_id, asset, amount)

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
                key = AccountKey(user_id, transfer.asset, kind)
                self._balances[key] -= posting.amount
                self._seqs[key] -= 1
        del self.transfers[mark:]

    def changes(self) -> list[Change]:
        """The touched accounts with their final values, ascending by key."""
        before = self._seqs_before
        return [
            Change(key, self._balances[key], seq, before[key])
            for key, seq in sorted(self._seqs.items())
            if seq != before[key]
        ]

    def _require(self, key: AccountKey, amount: int) -> None:
        balance = self._balances[key]
        if balance >= amount:
            return
        assert key.kind == AVAILABLE, f"{key.kind} holds {balance} and should give {amount}"
        raise InsufficientFunds(
            asset=key.asset, available=format_usdt(balance), needed=format_usdt(amount)
        )

    def _post(self, side: AccountKey | str, transfer_id: UUID, asset: str, amount: int) -> None:
        if isinstance(side, str):
            self.platform_postings.append(PlatformPostingRow(side, transfer_id, asset, amount))
            return
        balance = self._balances[side] + amount
        seq = self._seqs[side] + 1
        self._balances[side] = balance
        self._seqs[side] = seq
        self.postings.append(PostingRow(*side, seq, transfer_id, amount, balance))
