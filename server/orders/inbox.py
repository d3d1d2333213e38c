"""What other parts leave for the lanes, in their own transactions."""

from typing import Any
from uuid import UUID

import orjson

from server.db import Unit
from server.identity.refusals import PaymentAccountInUse
from server.orders import queries


async def leave(
    unit: Unit, *, market: str, kind: str, cause: str, body: dict[str, Any], user_id: UUID | None
) -> None:
    """Leave a row for a market's lane; `cause` makes it unique."""
    await unit.execute(
        queries.insert_inbox(
            id=unit.ids.new_id(),
            market=market,
            kind=kind,
            cause=cause,
            body=orjson.dumps(body).decode(),
            amount=0,
            user_id=user_id,
            created_at=unit.now,
        )
    )


async def leave_rechecks(unit: Unit, user_id: UUID) -> None:
    """A user's standing changed: every market in which he has a living order looks again.

    Elsewhere the lane notices the new version when it locks the row.
    """
    markets = (await unit.execute(queries.markets_with_orders_of(user_id))).scalars()
    for market in markets.all():
        await leave(
            unit,
            market=market,
            kind="recheck",
            cause=f"recheck:{unit.ids.new_id()}",
            body={"user_id": str(user_id)},
            user_id=user_id,
        )


async def refuse_named_account(
    unit: Unit,
    user_id: UUID,
    account_id: UUID,
    currency: str,  # noqa: ARG001 - the hook's signature
) -> None:
    """Refuse `PaymentAccountInUse` while a living order names the account."""
    if (await unit.execute(queries.orders_naming(user_id, account_id))).first() is not None:
        raise PaymentAccountInUse


async def leave_removed_account(unit: Unit, user_id: UUID, account_id: UUID, currency: str) -> None:
    """A payment account was removed: its orders are suspended in every market of the currency."""
    markets = (await unit.execute(queries.markets_of_currency(currency))).scalars()
    for market in markets.all():
        await leave(
            unit,
            market=market,
            kind="account_removed",
            cause=f"account:{account_id}",
            body={"user_id": str(user_id), "account_id": str(account_id)},
            user_id=user_id,
        )
