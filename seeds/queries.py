"""What the seeds ask of a database: how much of the world is there already."""

from typing import Any

from sqlalchemy import Executable, Select, func, select

from models.identity import Profile
from models.ledger import Transfer
from models.markets import MarketIndex
from models.orders import LaneInbox, Order, TimeInForce
from models.trades import Trade, TradeStatus

Selected = Select[*tuple[Any, ...]]


def list_people(usernames: list[str]) -> Selected:
    """Users by name."""
    return select(Profile.username, Profile.user_id, Profile.role).where(
        Profile.username.in_(usernames)
    )


def list_indexed() -> Executable:
    """The markets that have an index."""
    return select(MarketIndex.market)


def count_deals() -> Selected:
    """Completed trades by market, seller and buyer."""
    return (
        select(Trade.market, Trade.seller_id, Trade.buyer_id, func.count(Trade.id))
        .where(Trade.status == TradeStatus.COMPLETED.value)
        .group_by(Trade.market, Trade.seller_id, Trade.buyer_id)
    )


def count_orders() -> Selected:
    """Orders that rested or rest, by market, owner and side."""
    return (
        select(Order.market, Order.user_id, Order.side, func.count(Order.id))
        .where(Order.time_in_force != TimeInForce.IOC.value)
        .group_by(Order.market, Order.user_id, Order.side)
    )


def last_transfer() -> Executable:
    """When money last moved."""
    return select(func.max(Transfer.created_at))


def count_waiting(market: str) -> Executable:
    """What waits in a lane's inbox."""
    return select(func.count(LaneInbox.id)).where(
        LaneInbox.market == market, LaneInbox.consumed_batch.is_(None)
    )
