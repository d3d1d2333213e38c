"""Who may read and write in a chat. Pure."""

import enum
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.trades import TradeStatus
from server.chat.refusals import ChatClosed, NoOpenCase, WriterBlocked, WriterFrozen
from server.core.refusals import NotFound, Refusal

OPEN = frozenset(
    {
        TradeStatus.AWAITING_PAYMENT.value,
        TradeStatus.GRACE.value,
        TradeStatus.PAID.value,
        TradeStatus.DISPUTED.value,
    }
)
OPEN_AFTER_END = timedelta(hours=72)
"""After the trade: the hold of bought USDT, the time for claims, and a day to answer them."""


class Side(enum.StrEnum):
    """A party of the trade."""

    BUYER = "buyer"
    SELLER = "seller"


def side_of(room: Any, user_id: UUID) -> Side:
    """Which side a user is on. Refuses `NotFound` for everyone else."""
    if user_id == room.buyer_id:
        return Side.BUYER
    if user_id == room.seller_id:
        return Side.SELLER
    raise NotFound


def find_refusal(room: Any, side: Side, now: datetime) -> Refusal | None:
    """Why a party may not write at `now`, if he may not."""
    frozen_at = room.buyer_frozen_at if side is Side.BUYER else room.seller_frozen_at
    if frozen_at is not None and not room.has_case:
        return WriterFrozen()
    if room.status in OPEN or room.has_case:
        return None
    assert room.ended_at is not None, "a trade that is not open has ended"
    if now >= room.ended_at + OPEN_AFTER_END:
        return ChatClosed()
    return WriterBlocked() if room.blocked else None


def check_staff(room: Any, staff_id: UUID) -> None:
    """Refuse who may not write as staff: a party never, others where no case is open."""
    if staff_id in (room.buyer_id, room.seller_id):
        raise NotFound
    if not room.has_case:
        raise NoOpenCase
