"""Which payment accounts and rails orders may name."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.core.refusals import Invalid
from server.db import Database
from server.matching.orders import Key
from server.orders import queries
from server.orders.lane.records import MarketCard
from server.orders.refusals import LaneElsewhere

KNOWN_MAX = 100_000


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """A payment account: whose it is and on which rail; neither ever changes."""

    user_id: UUID
    method_id: str


class NamingCall:
    """A call that names payment accounts, from before it reads them until it was answered."""

    def __init__(self, book: "AccountBook", number: int) -> None:
        self._book = book
        self.number = number

    def require_current(self) -> None:
        """Refuse `LaneElsewhere` when the lane has begun anew since: it may have missed what was
        removed after this call read its accounts."""
        if self.number < self._book.anew_at:
            raise LaneElsewhere(retry_after_s=1)


class AccountBook:
    """One lane's memory of the payment accounts that orders name.

    The lane hears of a removal through its inbox, after it was committed, and suspends the orders
    that name the account. Who reads accounts after that does not find it. Only a call that was
    under way by then may still name it, so a removed account is remembered until the last of those
    calls has ended; every call ends soon after its deadline, whatever becomes of its command.
    """

    def __init__(self) -> None:
        self.anew_at = 0
        """Calls with lower numbers began before the lane did."""
        self._known: OrderedDict[UUID, KnownAccount] = OrderedDict()
        self._removed: OrderedDict[UUID, int] = OrderedDict()
        """By account, oldest first: the number of the first call that began after its removal."""
        self._calls: OrderedDict[int, None] = OrderedDict()
        self._next_number = 0

    def __len__(self) -> int:
        """How many removed accounts are remembered."""
        return len(self._removed)

    @contextmanager
    def call(self) -> Iterator[NamingCall]:
        """Around everything from reading accounts to the answer of the lane."""
        number = self._next_number
        self._next_number += 1
        self._calls[number] = None
        try:
            yield NamingCall(self, number)
        finally:
            del self._calls[number]
            self._forget_removed()

    def begin_anew(self) -> None:
        """The lane has lost its memory and may have missed removals."""
        self.anew_at = self._next_number
        self._known.clear()

    def hear_removed(self, account_ids: Iterable[UUID]) -> None:
        """Accounts that were removed, for good."""
        for account_id in account_ids:
            self._known.pop(account_id, None)
            self._removed.pop(account_id, None)
            self._removed[account_id] = self._next_number
        self._forget_removed()

    def names_removed(self, account_ids: Iterable[object]) -> bool:
        """Whether any of these was removed while a call that is under way may name it."""
        return bool(self._removed) and not self._removed.keys().isdisjoint(account_ids)

    def _forget_removed(self) -> None:
        oldest_call = next(iter(self._calls), self._next_number)
        while self._removed and next(iter(self._removed.values())) <= oldest_call:
            self._removed.popitem(last=False)

    async def resolve(
        self,
        database: Database,
        call: NamingCall,
        user_id: UUID,
        account_ids: list[UUID],
        speed_of: dict[str, str],
    ) -> dict[Key, Key]:
        """The rail of each of the user's accounts, in the given order.

        Refuses `Invalid` for accounts that are not his, were removed or are on another market's
        rails, and for two on one rail; `LaneElsewhere` when the lane began anew meanwhile.
        """
        if any(account_id not in self._known for account_id in account_ids):
            async with database.read() as connection:
                rows = (await connection.execute(queries.living_accounts(user_id))).all()
            call.require_current()
            self._learn(rows)
        accounts: dict[Key, Key] = {}
        for account_id in account_ids:
            known = self._known.get(account_id)
            if known is None or known.user_id != user_id or known.method_id not in speed_of:
                raise Invalid(
                    errors={"payment_account_ids": ["Name your own accounts of this market."]}
                )
            if known.method_id in accounts:
                raise Invalid(errors={"payment_account_ids": ["Name one account for each rail."]})
            accounts[known.method_id] = account_id
        return accounts

    def _learn(self, rows: Sequence[Any]) -> None:
        """Remember all that a user has, which are few: his next order may name others."""
        for row in rows:
            # What was removed after it was read here is not learned again.
            if row.id not in self._removed:
                self._known[row.id] = KnownAccount(row.user_id, row.method_id)
        while len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)


def check_methods(methods: list[str], speed_of: dict[str, str], market: MarketCard) -> None:
    """Refuse rails that the market does not have, and repetitions."""
    if len(set(methods)) != len(methods) or not all(method in speed_of for method in methods):
        raise Invalid(
            errors={"payment_method_ids": [f"Name different rails of {market.currency}."]}
        )
