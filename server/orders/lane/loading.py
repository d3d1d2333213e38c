"""Reads what a lane needs from the database: at its start, and for users it does not know yet."""
# allowed: long-file, every question that a lane asks the database stands here, in the order of
# its start; they share the shapes above them.

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from models.identity import Block, PaymentAccount, PaymentMethod, Profile, Standing, User
from models.ledger import Hold
from models.links import APART, AccountLink
from models.markets import IndexOverride, Market, MarketIndex, MarketSettings
from models.operations import Switch
from models.orders import FailedPair, Lane, LaneInbox, Order, OrderSkip
from models.trades import Trade, TradeStatus
from server.core.clock import format_instant
from server.core.events import room_of_user
from server.markets.index import is_stale
from server.matching import standings as matching
from server.matching.orders import BookOrder, Guard, Requirements
from server.matching.standings import NO_CAP_MICRO, MarketTerms
from server.orders.lane.commands import FromInbox
from server.orders.lane.records import MarketCard, MemberCard, OrderRecord, StandingRow
from server.trades.rules import (
    NEW_BELOW_TRADES,
    TRADING_LEVEL_MIN,
    Limits,
    counts_to_record,
    price_scale,
    standing_terms,
)

INBOX_CHUNK = 256
ORDERS_MAX = 1_000
"""Living orders of one user in a market: resting buy orders cost nothing, and all of them are kept
in memory."""
USERS_CHUNK = 500
UNPAID = (TradeStatus.AWAITING_PAYMENT.value, TradeStatus.GRACE.value)
LIVING = ("open", "partially_filled", "paused", "suspended")


@dataclass(slots=True)
class LoadedMember:
    """A user as the lane needs him."""

    card: MemberCard
    row: StandingRow
    apart: frozenset[UUID]


@dataclass(slots=True)
class LoadedMarket:
    """A market's unchanging facts, its terms now, and its fees."""

    card: MarketCard
    terms: MarketTerms
    maker_fee_ppm: int
    taker_fee_ppm: int
    index_ticks: int | None
    floating_on: bool
    index_read_at: datetime | None


@dataclass(slots=True)
class LoadedOrders:
    """Orders of a market with the records that go with them."""

    orders: list[BookOrder] = field(default_factory=list)
    records: dict[UUID, OrderRecord] = field(default_factory=dict)


async def load_market(connection: AsyncConnection, market: str, now: datetime) -> LoadedMarket:
    """A market with its settings, switches and the index that counts at `now`."""
    row = (
        await connection.execute(
            select(
                Market.id, Market.asset, Market.currency, Market.minor_digits,
                Market.price_digits, MarketSettings.status, MarketSettings.maker_fee_ppm,
                MarketSettings.taker_fee_ppm, MarketSettings.amount_min_micro,
                MarketSettings.amount_max_micro, MarketSettings.band_bp,
                MarketIndex.index_ticks, MarketIndex.floating_on, MarketIndex.read_at,
                IndexOverride.index_ticks.label("override_ticks"),
                IndexOverride.began_at.label("override_began_at"),
            )
            .join(MarketSettings, MarketSettings.market == Market.id)
            .outerjoin(MarketIndex, MarketIndex.market == Market.id)
            .outerjoin(
                IndexOverride,
                and_(IndexOverride.running_in == Market.id, IndexOverride.ends_at > now),
            )
            .where(Market.id == market)
        )
    ).one()  # fmt: skip
    switches = set((await connection.execute(select(Switch.name).where(Switch.active))).scalars())
    scale = price_scale(row.minor_digits, row.price_digits)
    card = MarketCard(row.id, row.asset, row.currency, row.minor_digits, row.price_digits, scale)
    counts = counts_to_record(row.asset)
    terms = MarketTerms(
        scale=scale,
        level_min=TRADING_LEVEL_MIN if counts else 0,
        new_buyer_trades=NEW_BELOW_TRADES if counts else 0,
        orders_max=ORDERS_MAX,
        amount_min_micro=row.amount_min_micro,
        amount_max_micro=row.amount_max_micro,
        band_bp=row.band_bp,
        is_open=row.status == "open" and switches.isdisjoint(closing_switches(market)),
        methods_off=frozenset(
            name.removeprefix("rail:") for name in switches if name.startswith("rail:")
        ),
    )
    if row.override_ticks is not None:
        return LoadedMarket(
            card, terms, row.maker_fee_ppm, row.taker_fee_ppm, row.override_ticks,
            True, row.override_began_at,  # noqa: FBT003 - floating orders match at an override
        )  # fmt: skip
    # After a stop of the whole service nobody has noted yet that the index is old.
    floating_on = row.index_ticks is None or (row.floating_on and not is_stale(row.read_at, now))
    return LoadedMarket(
        card, terms, row.maker_fee_ppm, row.taker_fee_ppm, row.index_ticks,
        bool(floating_on), row.read_at,
    )  # fmt: skip


def closing_switches(market: str) -> frozenset[str]:
    """The switches of which each one closes a market."""
    return frozenset({f"market:{market}", "trading_stopped", "read_only"})


async def list_markets(connection: AsyncConnection) -> list[str]:
    """The markets that there are."""
    return list((await connection.execute(select(Market.id).order_by(Market.id))).scalars())


async def load_speeds(connection: AsyncConnection) -> dict[str, dict[str, str]]:
    """How fast each payment method is, by currency."""
    rows = await connection.execute(
        select(PaymentMethod.currency, PaymentMethod.id, PaymentMethod.speed)
    )
    speeds: dict[str, dict[str, str]] = {}
    for row in rows:
        speeds.setdefault(row.currency, {})[row.id] = row.speed
    return speeds


async def load_members(
    connection: AsyncConnection, users: Sequence[UUID]
) -> dict[UUID, LoadedMember]:
    """Standings, names and blocks of these users."""
    members: dict[UUID, LoadedMember] = {}
    for start in range(0, len(users), USERS_CHUNK):
        chunk = users[start : start + USERS_CHUNK]
        await _load_members(connection, members, Standing.user_id.in_(chunk))
        for user_id, others in (await load_apart(connection, chunk)).items():
            if user_id in members:
                members[user_id].apart = others
    return members


async def _load_members(
    connection: AsyncConnection, members: dict[UUID, LoadedMember], where: ColumnElement[bool]
) -> None:
    rows = await connection.execute(
        select(
            Standing.user_id, Standing.version, Standing.kyc_level, Standing.verified,
            Standing.trades_completed, Standing.trades_ended, Standing.open_unpaid_as_buyer,
            Standing.limit_used_micro, Standing.taking_blocked_until,
            Standing.selling_blocked_until, Standing.frozen_at, Standing.present,
            Standing.second_factor, Standing.terms_version, Standing.taking_barred,
            Standing.resting_barred, Standing.limits_lowered, Standing.trust_step,
            Standing.recheck_at,
            Profile.username, User.created_at,
        )
        .join(Profile, Profile.user_id == Standing.user_id)
        .join(User, User.id == Standing.user_id)
        .where(where)
    )  # fmt: skip
    for row in rows:
        values: tuple[Any, ...] = tuple(row)
        standing = StandingRow(*values[:19])
        card = MemberCard(
            row.username, row.version, row.created_at, row.kyc_level, room_of_user(row.user_id)
        )
        members[row.user_id] = LoadedMember(card, standing, frozenset())


async def load_apart(
    connection: AsyncConnection, users: Sequence[UUID]
) -> dict[UUID, frozenset[UUID]]:
    """Who is kept apart from each of these users: by a block of either, by a link, or by a payment
    account that both have or had, since nobody may trade with himself."""
    apart: dict[UUID, frozenset[UUID]] = dict.fromkeys(users, frozenset())
    own, same = aliased(PaymentAccount), aliased(PaymentAccount)
    rows = await connection.execute(
        select(Block.user_id, Block.blocked_id.label("other_id"))
        .where(or_(Block.user_id.in_(users), Block.blocked_id.in_(users)))
        .union(
            select(own.user_id, same.user_id)
            .join(same, same.fingerprint == own.fingerprint)
            .where(own.user_id.in_(users), same.user_id != own.user_id),
            select(AccountLink.low_id, AccountLink.high_id).where(
                or_(AccountLink.low_id.in_(users), AccountLink.high_id.in_(users)),
                AccountLink.status.in_(APART),
            ),
        )
    )
    for row in rows:
        for one, other in ((row.user_id, row.other_id), (row.other_id, row.user_id)):
            if one in apart:
                apart[one] |= {other}
    return apart


def make_standing(
    row: StandingRow,
    card: MemberCard,
    apart: frozenset[UUID],
    *,
    asset: str,
    now: datetime,
    limits: Limits,
) -> matching.Standing:
    """A user's standing as the book wants it; in a test asset nothing is limited.

    A block's end is not compared with the present here: until the clock has cleared the column
    and written a new version, the user stays blocked.
    """
    terms = standing_terms(row, now, limits)
    counts = counts_to_record(asset)
    age = now - card.created_at
    return matching.Standing(
        version=row.version,
        kyc_level=row.kyc_level,
        completed_trades=row.trades_completed,
        completion_bp=(
            row.trades_completed * 10_000 // row.trades_ended if row.trades_ended else 10_000
        ),
        account_age_days=max(0, age // timedelta(days=1)),
        is_verified=row.verified,
        is_present=row.present,
        may_trade=terms.may_trade,
        has_factor=terms.has_factor or not counts,
        has_accepted_terms=terms.has_accepted_terms,
        may_take=(row.taking_blocked_until is None and not row.taking_barred) or not counts,
        may_rest=not row.resting_barred or not counts,
        may_sell=row.selling_blocked_until is None or not counts,
        has_earned_resting=row.trades_completed >= NEW_BELOW_TRADES or not counts,
        limit_left_micro=terms.limit_left_micro if counts else NO_CAP_MICRO,
        trade_cap_micro=(
            terms.trade_cap_micro if counts and terms.trade_cap_micro else NO_CAP_MICRO
        ),
        open_unpaid=row.open_unpaid_as_buyer if counts else 0,
        open_unpaid_max=terms.open_unpaid_max if counts else 1_000_000,
        apart=apart,
    )


async def load_orders(
    connection: AsyncConnection, market: str, where: ColumnElement[bool]
) -> LoadedOrders:
    """Orders of a market with their records; failed pairs and skip counts follow separately."""
    table = Order.__table__
    rows = await connection.stream(
        select(table).where(Order.market == market, where).order_by(Order.priority)
    )
    loaded = LoadedOrders()
    async for row in rows:
        order = order_of_row(row)
        loaded.orders.append(order)
        loaded.records[row.id] = record_of_row(row)
    return loaded


def living() -> ColumnElement[bool]:
    """Orders that rest, are paused or suspended."""
    return Order.status.in_(LIVING)


def by_ids(order_ids: Iterable[UUID]) -> ColumnElement[bool]:
    """These orders, whatever their status."""
    return Order.id.in_(list(order_ids))


def order_of_row(row: Any) -> BookOrder:
    """The book's part of a row of `orders`."""
    methods, accounts = read_methods(row.methods)
    needs, guard = read_rules(row.rules)
    price = row.price_ticks if row.price_ticks is not None else row.worst_price_ticks
    return BookOrder(
        id=row.id,
        user=row.user_id,
        side=row.side,
        pricing=row.pricing,
        amount_micro=row.amount,
        methods=methods,
        price_ticks=price or 0,
        margin_bp=row.margin_bp or 0,
        min_fiat_minor=row.min_fiat_minor,
        max_fiat_minor=row.max_fiat_minor,
        accounts=accounts,
        immediate=row.time_in_force == "ioc",
        manual=row.matching == "manual",
        max_trades=row.max_trades,
        needs=needs,
        guard=guard,
        always_on=row.always_on,
        listed=row.visibility == "public",
        bonded=row.side == "buy" and row.reserved > 0,
        window_s=row.window_s,
        target=row.target_order_id,
        version=row.version,
        status=row.status,
        reason=row.status_reason or None,
        paused_for=row.paused_for or None,
        seq=row.priority,
        remaining_micro=row.remaining,
        matched_micro=row.matched,
        returned_micro=row.returned,
        closed_micro=row.closed,
        takes_made=row.takes_made,
    )


def record_of_row(row: Any) -> OrderRecord:
    """The lane's part of a row of `orders`."""
    return OrderRecord(
        time_in_force=row.time_in_force,
        expires_at=row.expires_at,
        maker_fee_ppm=row.maker_fee_ppm,
        taker_fee_ppm=row.taker_fee_ppm,
        rules=row.rules,
        terms=row.terms,
        auto_reply=row.auto_reply,
        created_at=row.created_at,
        updated_at=row.updated_at,
        worst_price_ticks=row.worst_price_ticks,
        reserved=row.reserved,
        announced=row.visibility == "public" and row.status in LIVING,
    )


def read_methods(text: str) -> tuple[tuple[str, ...], dict[Any, Any]]:
    """The column `methods` of an order: rails in order of preference, and a seller's accounts."""
    methods: list[str] = []
    accounts: dict[Any, Any] = {}
    for part in text.split():
        method, _, account = part.partition(":")
        methods.append(method)
        if account:
            accounts[method] = UUID(account)
    return tuple(methods), accounts


def read_rules(text: str) -> tuple[Requirements | None, Guard | None]:
    """The column `rules` of an order as the book wants it."""
    if not text:
        return None, None
    rules = orjson.loads(text)
    asked = rules.get("requirements")
    guarded = rules.get("price_guard_ticks")
    needs = Requirements(**asked) if asked else None
    guard = Guard(guarded.get("low"), guarded.get("high")) if guarded else None
    return needs, guard


async def load_failed_pairs(
    connection: AsyncConnection, market: str, orders: Iterable[UUID] | None = None
) -> dict[UUID, set[UUID]]:
    """Which orders never match by themselves again, either way; of all orders or of these."""
    query = select(FailedPair.order_id, FailedPair.other_order_id).where(
        FailedPair.market == market
    )
    if orders is not None:
        named = list(orders)
        query = query.where(
            or_(FailedPair.order_id.in_(named), FailedPair.other_order_id.in_(named))
        )
    pairs: dict[UUID, set[UUID]] = {}
    for row in await connection.execute(query):
        pairs.setdefault(row.order_id, set()).add(row.other_order_id)
        pairs.setdefault(row.other_order_id, set()).add(row.order_id)
    return pairs


async def load_skips(
    connection: AsyncConnection, market: str, where: ColumnElement[bool]
) -> dict[UUID, dict[str, int]]:
    """The skip counts kept for orders of a market."""
    rows = await connection.execute(
        select(OrderSkip.order_id, OrderSkip.reason, OrderSkip.count)
        .join(Order, Order.id == OrderSkip.order_id)
        .where(Order.market == market, where)
    )
    skips: dict[UUID, dict[str, int]] = {}
    for row in rows:
        skips.setdefault(row.order_id, {})[row.reason] = row[2]
    return skips


def complete_orders(
    orders: Iterable[BookOrder],
    pairs: Mapping[UUID, set[UUID]],
    skips: Mapping[UUID, dict[str, int]],
    shares: Iterable[tuple[UUID, int]],
) -> None:
    """Give orders what is kept beside their rows: failed pairs, skips, unpaid with new buyers."""
    new_unpaid: Counter[UUID] = Counter()
    for order_id, amount in shares:
        new_unpaid[order_id] += amount
    for order in orders:
        assert isinstance(order.id, UUID)
        order.failed = frozenset(pairs.get(order.id, ()))
        order.new_unpaid_micro = new_unpaid[order.id]
        order.skips = skips.get(order.id, {})


async def load_shares(connection: AsyncConnection, market: str) -> dict[UUID, tuple[UUID, int]]:
    """Unpaid trades with new buyers: which sell order each counts to, and how much."""
    rows = await connection.execute(
        select(Trade.id, Trade.maker_order_id, Trade.taker_order_id, Trade.maker_side, Trade.amount)
        .join(Hold, Hold.trade_id == Trade.id)
        .where(Trade.market == market, Trade.status.in_(UNPAID), Trade.new_buyer)
    )
    return {
        row.id: (
            row.maker_order_id if row.maker_side == "sell" else row.taker_order_id, row.amount
        )
        for row in rows
    }  # fmt: skip


async def load_inbox(connection: AsyncConnection, market: str) -> list[FromInbox]:
    """The oldest rows of the inbox that were not consumed yet."""
    rows = await connection.execute(
        select(LaneInbox.id, LaneInbox.kind, LaneInbox.body)
        .where(LaneInbox.market == market, LaneInbox.consumed_batch.is_(None))
        .order_by(LaneInbox.id)
        .limit(INBOX_CHUNK)
    )
    return [FromInbox(inbox_id=row.id, kind=row.kind, body=orjson.loads(row.body)) for row in rows]


def mark_superseded(
    rows: Sequence[FromInbox], loaded_read_at: datetime | None, now: datetime
) -> None:
    """Mark every index but the newest, and those older than the index that the lane began with.
    So is an override whose time is over.

    After a stop many may wait; nobody shall trade at a price that is long past.
    """
    indexes = [row for row in rows if row.kind == "index"]
    for row in indexes[:-1]:
        row.superseded = True
    if not indexes:
        return
    newest = indexes[-1].body
    # Instants are compared as the row writes them, to the millisecond.
    is_over = "until" in newest and newest["until"] <= format_instant(now)
    began = newest.get("at", newest["read_at"])
    is_older = loaded_read_at is not None and began < format_instant(loaded_read_at)
    indexes[-1].superseded = is_over or is_older


async def read_lane(connection: AsyncConnection, market: str) -> Any:
    """The lane's row, or None before it was ever taken."""
    return (
        await connection.execute(
            select(
                Lane.owner, Lane.address, Lane.epoch, Lane.batch, Lane.priority, Lane.seq,
                Lane.expires_at,
            ).where(Lane.market == market)
        )
    ).first()  # fmt: skip
