"""Reading a wallet, and giving USDT in development."""

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from models.ledger import AccountKind
from server.core.clock import format_instant
from server.core.money import TEST_ASSET, format_usdt
from server.db import Unit
from server.ledger import queries
from server.ledger.events import write_balances
from server.ledger.reasons import Reason
from server.ledger.service import lock_sheet, write_sheet
from server.ledger.sheet import AccountKey

LOTS_SHOWN_MAX = 100
FAUCET_SOURCE = "suspense"
CREDIT_ASSET = "USDT"
CREDIT_SOURCE = "custody:dev"


class OpenLot(NamedTuple):
    """A lot that is not released; the amount in micro-units."""

    trade_id: UUID
    asset: str
    amount: int
    release_at: datetime
    frozen_at: datetime | None


async def read_wallet(connection: AsyncConnection, user_id: UUID) -> dict[str, Any]:
    """The user's buckets of every asset and his lots, as the API shows them."""
    accounts: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in await connection.execute(queries.list_balances(user_id)):
        accounts[row.asset][row.kind] = (row.balance, row.seq)
    lots = [
        OpenLot(*row)
        for row in await connection.execute(queries.list_lots(user_id, LOTS_SHOWN_MAX))
    ]
    return {
        "items": [write_balances(asset, accounts[asset]) for asset in sorted(accounts)],
        "lots": [
            {
                "trade_id": str(lot.trade_id),
                "asset": lot.asset,
                "amount": format_usdt(lot.amount),
                "release_at": format_instant(lot.release_at),
                "frozen": lot.frozen_at is not None,
            }
            for lot in lots
        ],
    }


async def give_test_usdt(unit: Unit, user_id: UUID, amount_micro: int) -> dict[str, Any]:
    """The development faucet: `USDT_TEST` out of nothing. Returns the new balances."""
    return await _give(unit, user_id, amount_micro, TEST_ASSET, FAUCET_SOURCE, Reason.DEV_FAUCET)


async def give_credit(unit: Unit, user_id: UUID, amount_micro: int) -> dict[str, Any]:
    """The development credit: `USDT` as if it had been deposited. Returns the new balances."""
    return await _give(unit, user_id, amount_micro, CREDIT_ASSET, CREDIT_SOURCE, Reason.DEV_CREDIT)


async def _give(
    unit: Unit, user_id: UUID, amount_micro: int, asset: str, source: str, reason: Reason
) -> dict[str, Any]:
    available = AccountKey(user_id, asset, AccountKind.AVAILABLE)
    sheet = await lock_sheet(unit, [available])
    sheet.move(
        asset=asset,
        amount=amount_micro,
        debit=source,
        credit=available,
        reason=reason,
        subject_id=None,
    )
    await write_sheet(unit, sheet)
    buckets = {}
    for kind in AccountKind:
        key = AccountKey(user_id, asset, kind)
        buckets[kind.value] = (sheet.balance(key), sheet.seq(key))
    return write_balances(asset, buckets)
