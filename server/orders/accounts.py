"""Which payment accounts and rails orders may name."""

from collections import OrderedDict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.refusals import Invalid
from server.db import Database
from server.matching.orders import Key
from server.orders import queries
from server.orders.lane.records import MarketCard

KNOWN_MAX = 100_000


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """A payment account: whose it is and on which rail; neither ever changes."""

    user_id: UUID
    method_id: str


class AccountBook:
    """Remembers payment accounts while the lanes here hear of their removal.

    A lane hears of it through its inbox, suspends the orders that name the account, and knows it
    as removed from then on. A lane that began to serve anew may have missed some.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, KnownAccount] = OrderedDict()
        self._epochs: dict[str, int] = {}

    def follow(self, market: str, epoch: int) -> None:
        """Forget everything when the market's lane has begun to serve anew since the last call."""
        if self._epochs.get(market) != epoch:
            self._epochs[market] = epoch
            self._known.clear()

    async def resolve(
        self,
        database: Database,
        user_id: UUID,
        account_ids: list[UUID],
        speed_of: dict[str, str],
        removed: AbstractSet[UUID],
    ) -> dict[Key, Key]:
        """The rail of each of the user's accounts, in the given order.

        Refuses `Invalid` for accounts that are not his, were removed (`removed` are those that the
        lane has heard of) or are on another market's rails, and for two on one rail.
        """
        if any(account_id not in self._known for account_id in account_ids):
            async with database.read() as connection:
                await self._load(connection, user_id)
        accounts: dict[Key, Key] = {}
        for account_id in account_ids:
            known = None if account_id in removed else self._known.get(account_id)
            if known is None or known.user_id != user_id or known.method_id not in speed_of:
                raise Invalid(
                    errors={"payment_account_ids": ["Name your own accounts of this market."]}
                )
            if known.method_id in accounts:
                raise Invalid(errors={"payment_account_ids": ["Name one account for each rail."]})
            accounts[known.method_id] = account_id
        return accounts

    async def _load(self, connection: AsyncConnection, user_id: UUID) -> None:
        # All that he has, which are few: his next order may name others.
        rows = await connection.execute(queries.living_accounts(user_id))
        for row in rows:
            self._known[row.id] = KnownAccount(row.user_id, row.method_id)
        while len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)


def check_methods(methods: list[str], speed_of: dict[str, str], market: MarketCard) -> None:
    """Refuse rails that the market does not have, and repetitions."""
    if len(set(methods)) != len(methods) or not all(method in speed_of for method in methods):
        raise Invalid(
            errors={"payment_method_ids": [f"Name different rails of {market.currency}."]}
        )
