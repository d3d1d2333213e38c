"""The SQL of trades, their history and the notes beside them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, and_, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from models.disputes import Dispute, FreezeStatus, TradeFreeze
from models.identity import PaymentMethod, Profile, Standing, User
from models.links import FlagStatus, TradeFlag
from models.markets import Market
from models.operations import Switch
from models.orders import LaneInbox
from models.reputation import Reputation
from models.trades import (
    CancelRequest,
    Fault,
    OfferStatus,
    SplitOffer,
    Trade,
    TradeEvent,
    TradeStatus,
    UserTrade,
)
from server.core.clock import to_micros

ID_SLACK = timedelta(minutes=1)
"""Identifiers carry the time of their making, give or take what a busy maker borrows."""
ROLLED_OFF_WITHIN = timedelta(days=3)
"""How far back rolled-off trades are marked; sums never trust the mark alone."""

_BUYER = aliased(Profile, name="buyer")
_SELLER = aliased(Profile, name="seller")


def first_id_of(instant: datetime) -> UUID:
    """The smallest identifier that could have been made at `instant` (milliseconds)."""
    return UUID(int=(to_micros(instant) // 1000) << 80)


def open_sales_to(user_id: UUID, account_id: UUID) -> Executable:
    """An open trade of a user that is paid to one of his accounts."""
    return (
        select(Trade.id)
        .join(UserTrade, UserTrade.trade_id == Trade.id)
        .where(
            UserTrade.user_id == user_id,
            UserTrade.open.is_(True),
            Trade.payment_account_id == account_id,
        )
        .limit(1)
    )


def lock_trade(trade_id: UUID) -> Executable:
    """Lock one trade's row and nothing else."""
    return select(Trade.id).where(Trade.id == trade_id).with_for_update()


def read_trades(trade_ids: Sequence[UUID]) -> Executable:
    """Trades with their rail, market, parties' names and open notes."""
    return (
        select(
            *Trade.__table__.columns,
            Market.currency,
            Market.minor_digits,
            Market.price_digits,
            PaymentMethod.name.label("method_name"),
            PaymentMethod.speed,
            PaymentMethod.reversibility,
            _BUYER.username.label("buyer_username"),
            _SELLER.username.label("seller_username"),
            CancelRequest.id.label("cancel_request_id"),
            CancelRequest.reason.label("cancel_request_reason"),
            SplitOffer.id.label("split_offer_id"),
            SplitOffer.proposer_id.label("split_proposer_id"),
            SplitOffer.buyer_amount.label("split_buyer_amount"),
            Dispute.id.label("dispute_id"),
            Dispute.status.label("dispute_status"),
            Dispute.version.label("dispute_version"),
            Fault.claimed_by.label("fault_claimed_by"),
            Fault.contested_at.label("fault_contested_at"),
            TradeFreeze.expires_at.label("frozen_until"),
        )
        .join(Market, Market.id == Trade.market)
        .join(PaymentMethod, PaymentMethod.id == Trade.method_id)
        .join(_BUYER, _BUYER.user_id == Trade.buyer_id)
        .join(_SELLER, _SELLER.user_id == Trade.seller_id)
        .outerjoin(
            CancelRequest,
            and_(CancelRequest.trade_id == Trade.id, CancelRequest.status == OfferStatus.OPEN),
        )
        .outerjoin(
            SplitOffer, and_(SplitOffer.trade_id == Trade.id, SplitOffer.status == OfferStatus.OPEN)
        )
        .outerjoin(Dispute, Dispute.trade_id == Trade.id)
        .outerjoin(Fault, Fault.trade_id == Trade.id)
        .outerjoin(
            TradeFreeze,
            and_(TradeFreeze.trade_id == Trade.id, TradeFreeze.status == FreezeStatus.ACTIVE),
        )
        .where(Trade.id.in_(trade_ids))
        .order_by(Trade.id.desc())
    )


def page_of_user(
    user_id: UUID, *, before: UUID | None, open_only: bool | None, limit: int
) -> Executable:
    """Identifiers of a user's trades, newest first, older than `before`."""
    statement = select(UserTrade.trade_id).where(UserTrade.user_id == user_id)
    if open_only is not None:
        statement = statement.where(UserTrade.open == open_only)
    if before is not None:
        statement = statement.where(UserTrade.trade_id < before)
    return statement.order_by(UserTrade.trade_id.desc()).limit(limit)


def read_deadline(trade_id: UUID) -> Executable:
    """What tells whether a clock's row may be due."""
    return select(Trade.status, Trade.deadline_at).where(Trade.id == trade_id)


def due_trades(
    status: TradeStatus, now: datetime, *, after: tuple[datetime, UUID] | None, limit: int
) -> Executable:
    """Trades of a status whose deadline has passed, longest overdue first, beyond `after`."""
    statement = (
        select(Trade.id, Trade.deadline_at)
        .where(Trade.status == status, Trade.deadline_at <= now)
        .order_by(Trade.deadline_at, Trade.id)
        .limit(limit)
    )
    if after is None:
        return statement
    deadline_at, trade_id = after
    return statement.where(
        Trade.deadline_at >= deadline_at,
        or_(Trade.deadline_at > deadline_at, Trade.id > trade_id),
    )


def update_trade(
    trade_id: UUID, *, status: str, version: int, values: dict[str, Any]
) -> Executable:
    """Change a trade that still has this status and version."""
    return (
        update(Trade)
        .where(Trade.id == trade_id, Trade.status == status, Trade.version == version)
        .values(**values)
    )


def insert_event(values: dict[str, Any]) -> Executable:
    """One more row of a trade's history."""
    return insert(TradeEvent).values(**values)


def events_of(trade_id: UUID) -> Executable:
    """A trade's history, oldest first."""
    return (
        select(*TradeEvent.__table__.columns)
        .where(TradeEvent.trade_id == trade_id)
        .order_by(TradeEvent.version)
    )


def end_user_trades(trade_id: UUID, *, user_ids: Iterable[UUID], unpaid: bool) -> Executable:
    """The trade is no longer open for its parties; an unpaid one counts to no limit."""
    values = {"open": False, "counted": False} if unpaid else {"open": False}
    return (
        update(UserTrade)
        .where(UserTrade.user_id.in_(list(user_ids)), UserTrade.trade_id == trade_id)
        .values(**values)
    )


def sum_limit_used(user_id: UUID, *, asset: str, since: datetime) -> Executable:
    """What a user matched after `since` on both sides, and when the oldest of it was."""
    return (
        select(
            func.coalesce(func.sum(Trade.amount), 0).label("used"),
            func.min(Trade.created_at).label("oldest"),
        )
        .join(UserTrade, UserTrade.trade_id == Trade.id)
        .where(
            UserTrade.user_id == user_id,
            UserTrade.trade_id >= first_id_of(since - ID_SLACK),
            UserTrade.counted.is_(True),
            Trade.created_at > since,
            Trade.asset == asset,
        )
    )


def roll_off(user_id: UUID, *, since: datetime) -> Executable:
    """Trades matched before `since` count no more."""
    return (
        update(UserTrade)
        .where(
            UserTrade.user_id == user_id,
            UserTrade.trade_id < first_id_of(since - ID_SLACK),
            UserTrade.trade_id >= first_id_of(since - ROLLED_OFF_WITHIN),
            UserTrade.counted.is_(True),
        )
        .values(counted=False)
    )


def insert_fault(values: dict[str, Any]) -> Executable:
    """A fault of one of the parties; one a trade."""
    return insert(Fault).values(**values)


def count_ladder_faults(user_id: UUID, *, since: datetime) -> Executable:
    """A buyer's own faults after `since`, and when the oldest of them was."""
    return select(func.count().label("faults"), func.min(Fault.created_at).label("oldest")).where(
        Fault.user_id == user_id, Fault.claimed_by.is_(None), Fault.created_at > since
    )


def count_claimed_faults(buyer_id: UUID, *, since: datetime) -> Executable:
    """How often a buyer has named a fault of a seller after `since`."""
    return select(func.count()).where(Fault.claimed_by == buyer_id, Fault.created_at > since)


def contest_fault(trade_id: UUID, *, now: datetime) -> Executable:
    """The seller contests a fault that was named and not contested yet."""
    return (
        update(Fault)
        .where(
            Fault.trade_id == trade_id,
            Fault.claimed_by.is_not(None),
            Fault.contested_at.is_(None),
        )
        .values(contested_at=now)
    )


def insert_cancel_request(values: dict[str, Any]) -> Executable:
    """The seller asks to cancel."""
    return insert(CancelRequest).values(**values)


def answer_cancel_request(trade_id: UUID, *, status: str, now: datetime) -> Executable:
    """Answer, or let lapse, the open request of a trade."""
    return (
        update(CancelRequest)
        .where(CancelRequest.trade_id == trade_id, CancelRequest.status == OfferStatus.OPEN)
        .values(status=status, answered_at=now)
    )


def insert_split_offer(values: dict[str, Any]) -> Executable:
    """One side offers to split."""
    return insert(SplitOffer).values(**values)


def answer_split_offer(trade_id: UUID, *, status: str, now: datetime) -> Executable:
    """Answer, or let lapse, the open offer of a trade."""
    return (
        update(SplitOffer)
        .where(SplitOffer.trade_id == trade_id, SplitOffer.status == OfferStatus.OPEN)
        .values(status=status, answered_at=now)
    )


def insert_inbox(values: dict[str, Any]) -> Executable:
    """Something that a lane must do or tell, once a cause."""
    return insert(LaneInbox).values(**values)


def excess_of(user_id: UUID) -> Executable:
    """How many of a user's completed trades raise no trust; no row is none."""
    return select(Reputation.excess).where(Reputation.user_id == user_id)


def record_of(user_id: UUID) -> Executable:
    """Since when a user is here, and with how many people he traded; no record is null."""
    return (
        select(User.created_at, Reputation.counterparties, Reputation.excess)
        .outerjoin(Reputation, Reputation.user_id == User.id)
        .where(User.id == user_id)
    )


def hold_of_flag(trade_id: UUID) -> Executable:
    """An open flag of a trade that holds its release."""
    return select(TradeFlag.id).where(
        TradeFlag.trade_id == trade_id,
        TradeFlag.status == FlagStatus.OPEN,
        TradeFlag.holds.is_(True),
    )


def frozen_at_of(user_id: UUID) -> Executable:
    """Since when a user is frozen; null for who is not."""
    return select(Standing.frozen_at).where(Standing.user_id == user_id)


def find_switch(name: str) -> Executable:
    """Whether a switch is on; no row is off."""
    return select(Switch.active).where(Switch.name == name)


def oldest_deadline(status: TradeStatus) -> Executable:
    """The earliest deadline of a status."""
    return select(func.min(Trade.deadline_at)).where(Trade.status == status)
