"""What rooms need to know of the database."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.markets import Market
from models.trades import Trade


async def has_market(connection: AsyncConnection, market: str) -> bool:
    """Whether there is such a market."""
    found = await connection.execute(select(Market.id).where(Market.id == market))
    return found.first() is not None


async def find_parties(connection: AsyncConnection, trade_id: UUID) -> tuple[UUID, ...]:
    """Buyer and seller of a trade; nobody where there is no such trade."""
    row = (
        await connection.execute(
            select(Trade.buyer_id, Trade.seller_id).where(Trade.id == trade_id)
        )
    ).first()
    return () if row is None else (row.buyer_id, row.seller_id)
