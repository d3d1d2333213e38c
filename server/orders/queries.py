"""Orders as the database has them, for readers."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Select,
    and_,
    case,
    cast,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models.identity import PaymentAccount, PaymentAccountState, Profile
from models.markets import IndexOverride, Market, MarketIndex
from models.orders import LaneInbox, Order, OrderSkip
from server.db.pages import read_along

OPEN = ("open", "partially_filled")
LIVING = (*OPEN, "paused", "suspended")
BP = 10_000


class ListedPlace(NamedTuple):
    """Where a public page ended: the index it was sorted by, sort key and priority."""

    index_ticks: int
    sort_key: int
    priority: int


async def find_order(connection: AsyncConnection, order_id: UUID) -> Any:
    """An order's whole row with its owner's username, or None."""
    return (
        await connection.execute(
            select(Order.__table__, Profile.username)
            .join(Profile, Profile.user_id == Order.user_id)
            .where(Order.id == order_id)
        )
    ).first()


async def list_own(
    connection: AsyncConnection,
    user_id: UUID,
    *,
    before: UUID | None,
    limit: int,
    market: str | None,
    status: str | None,
) -> list[Any]:
    """A user's orders, newest first."""
    query = (
        select(Order.__table__, Profile.username)
        .join(Profile, Profile.user_id == Order.user_id)
        .where(Order.user_id == user_id)
        .order_by(Order.id.desc())
        .limit(limit)
    )
    # Open orders are few; all the others are as many as a user ever placed.
    is_short = status in OPEN
    index = "ix_orders_user_id_status_market" if is_short else "ix_orders_user_id_id"
    query = read_along(query, Order, index)
    if before is not None:
        query = query.where(Order.id < before)
    if market is not None:
        query = query.where(Order.market == market)
    if status is not None:
        query = query.where(Order.status == status)
    return list((await connection.execute(query)).all())


async def find_market(connection: AsyncConnection, market: str) -> Any:
    """A market's digits and index, or None."""
    return (
        await connection.execute(
            select(
                Market.id, Market.asset, Market.currency, Market.minor_digits,
                Market.price_digits,
                func.coalesce(IndexOverride.index_ticks, MarketIndex.index_ticks).label(
                    "index_ticks"
                ),
            )
            .outerjoin(MarketIndex, MarketIndex.market == Market.id)
            .outerjoin(IndexOverride, IndexOverride.running_in == Market.id)
            .where(Market.id == market)
        )
    ).first()  # fmt: skip


async def list_public(
    connection: AsyncConnection,
    market: str,
    side: str,
    *,
    index_ticks: int,
    after: ListedPlace | None,
    limit: int,
    method: str | None,
) -> list[Any]:
    """A side of the public book, best price first, then oldest; floating ones at the index."""
    sign = 1 if side == "sell" else -1
    key = _sort_key(index_ticks, sign)
    query = (
        select(Order.__table__, Profile.username, key.label("sort_key"))
        .join(Profile, Profile.user_id == Order.user_id)
        .where(
            Order.market == market,
            Order.status.in_(OPEN),
            Order.side == side,
            Order.visibility == "public",
        )
        .order_by(key, Order.priority)
        .limit(limit)
    )
    if method is not None:
        query = query.where(
            or_(
                Order.methods == method,
                Order.methods.startswith(f"{method} ", autoescape=True),
                Order.methods.startswith(f"{method}:", autoescape=True),
                Order.methods.contains(f" {method} ", autoescape=True),
                Order.methods.contains(f" {method}:", autoescape=True),
                Order.methods.endswith(f" {method}", autoescape=True),
            )
        )
    if after is not None:
        query = query.where(
            or_(
                key > after.sort_key,
                and_(key == after.sort_key, Order.priority > after.priority),
            )
        )
    return list((await connection.execute(query)).all())


def _sort_key(index_ticks: int, sign: int) -> ColumnElement[int]:
    """Prices in ten-thousandths of a tick, negated for buyers so that the best comes first."""
    scaled = case(
        (Order.pricing == "fixed", Order.price_ticks * BP),
        else_=index_ticks * (BP + Order.margin_bp),
    )
    return cast(scaled * sign, BigInteger)


async def list_skips(connection: AsyncConnection, order_id: UUID) -> dict[str, int]:
    """The skip counts kept for an order."""
    rows = await connection.execute(
        select(OrderSkip.reason, OrderSkip.count).where(OrderSkip.order_id == order_id)
    )
    return {row.reason: row[1] for row in rows}


def living_accounts(user_id: UUID) -> Select[UUID, UUID, str]:
    """A user's payment accounts and their rails; removed ones are left out."""
    return (
        select(PaymentAccount.id, PaymentAccount.user_id, PaymentAccount.method_id)
        .outerjoin(PaymentAccountState, PaymentAccountState.account_id == PaymentAccount.id)
        .where(PaymentAccount.user_id == user_id, PaymentAccountState.removed_at.is_(None))
    )


def insert_inbox(**values: Any) -> Insert:
    """A row for a market's lane."""
    return insert(LaneInbox).values(**values)


def markets_with_orders_of(user_id: UUID) -> Select[str]:
    """The markets in which a user has a living order."""
    return (
        select(Order.market)
        .where(Order.user_id == user_id, Order.status.in_(LIVING))
        .distinct()
        .order_by(Order.market)
    )


def orders_naming(user_id: UUID, account_id: UUID) -> Select[UUID]:
    """A user's living orders that name a payment account."""
    return (
        select(Order.id)
        .where(
            Order.user_id == user_id,
            Order.status.in_(LIVING),
            Order.methods.contains(str(account_id), autoescape=True),
        )
        .limit(1)
    )


def markets_of_currency(currency: str) -> Select[str]:
    """The markets of a currency."""
    return select(Market.id).where(Market.currency == currency).order_by(Market.id)
