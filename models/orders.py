"""Orders, the lanes that alone write them, and the lanes' inbox."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Id, Instant, one_of, text, word


class Side(enum.StrEnum):
    """What the owner does with USDT."""

    BUY = "buy"
    SELL = "sell"


class Pricing(enum.StrEnum):
    """How an order names its price."""

    FIXED = "fixed"
    FLOATING = "floating"
    """A margin against the index."""
    MARKET = "market"
    """Immediate, bounded by a worst price."""


class TimeInForce(enum.StrEnum):
    """How long an order lives."""

    GTC = "gtc"
    """Until cancelled (30 days at most)."""
    GTD = "gtd"
    """Until a named time."""
    IOC = "ioc"
    """Ends with its command."""


class Matching(enum.StrEnum):
    """Whether an order matches by itself."""

    AUTO = "auto"
    MANUAL = "manual"
    """Only taken by hand."""


class Visibility(enum.StrEnum):
    """Whether the public book shows an order."""

    PUBLIC = "public"
    UNLISTED = "unlisted"


class OrderStatus(enum.StrEnum):
    """Where an order stands."""

    OPEN = "open"
    """Resting, nothing matched yet."""
    PARTIALLY_FILLED = "partially_filled"
    """Resting, a part is matched."""
    FILLED = "filled"
    """Wholly matched; nothing was closed."""
    PAUSED = "paused"
    """Kept by its owner from matching."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    """Kept by the system from matching, with a reason."""


class Order(Base):
    """An instruction to buy or sell. Only the lane of its market writes it.

    Columns other than the key have defaults in the database, because the lane writes touched rows
    by upsert and names only what it changes.
    """

    __tablename__ = "orders"
    __table_args__ = (
        one_of("side", Side),
        one_of("pricing", Pricing),
        one_of("status", OrderStatus),
        CheckConstraint("remaining >= 0 AND remaining <= amount", name="remaining_in_amount"),
        CheckConstraint(
            "amount = remaining + matched - returned + closed", name="amount_accounted"
        ),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("returned <= matched AND closed >= 0", name="parts_not_negative"),
        Index("ix_orders_user_id_id", "user_id", "id"),
        Index("ix_orders_user_id_status_market", "user_id", "status", "market"),
        Index("ix_orders_market_status_priority", "market", "status", "priority"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    market: Mapped[str] = mapped_column(word(24), server_default="")
    user_id: Mapped[UUID] = mapped_column(Id, server_default="")
    side: Mapped[str] = mapped_column(word(4), server_default="buy")
    pricing: Mapped[str] = mapped_column(word(8), server_default="fixed")
    price_ticks: Mapped[int | None] = mapped_column(BigInteger)
    """The price of a fixed order."""
    margin_bp: Mapped[int | None] = mapped_column(Integer)
    """The margin of a floating order against the index, basis points."""
    worst_price_ticks: Mapped[int | None] = mapped_column(BigInteger)
    """The bound of a market order or of a take."""
    amount: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Micro-USDT; edits change it."""
    remaining: Mapped[int] = mapped_column(BigInteger, server_default="0")
    matched: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The sum of its trades."""
    returned: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Given back by trades that ended unpaid."""
    closed: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """What ended with the order."""
    reserved: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """What is left of a sell order's reservation (amount and fee), or a buy order's bond."""
    maker_fee_ppm: Mapped[int] = mapped_column(Integer, server_default="0")
    taker_fee_ppm: Mapped[int] = mapped_column(Integer, server_default="0")
    min_fiat_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    max_fiat_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The largest trade; zero is no bound of its own."""
    methods: Mapped[str] = mapped_column(text(2000), server_default="")
    """`method:account method:account` in order of preference; a buyer names no account."""
    window_s: Mapped[int] = mapped_column(Integer, server_default="0")
    """The payment window of its trades as maker; zero is the rail's."""
    time_in_force: Mapped[str] = mapped_column(word(4), server_default="gtc")
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    matching: Mapped[str] = mapped_column(word(8), server_default="auto")
    visibility: Mapped[str] = mapped_column(word(8), server_default="public")
    always_on: Mapped[bool] = mapped_column(server_default="0")
    """Matches while its owner is away."""
    max_trades: Mapped[int] = mapped_column(Integer, server_default="1")
    """How many trades it may make as taker."""
    takes_made: Mapped[int] = mapped_column(Integer, server_default="0")
    rules: Mapped[str] = mapped_column(text(2000), server_default="")
    """JSON: requirements on the counterparty, price guard, schedule; empty for none."""
    terms: Mapped[str] = mapped_column(text(1000), server_default="")
    auto_reply: Mapped[str] = mapped_column(text(500), server_default="")
    target_order_id: Mapped[UUID | None] = mapped_column(Id)
    """The one order that a take is bound to."""
    status: Mapped[str] = mapped_column(word(16), server_default="open")
    status_reason: Mapped[str] = mapped_column(word(40), server_default="")
    paused_for: Mapped[str] = mapped_column(word(40), server_default="")
    """Why a suspended order is paused once its suspension is lifted; empty trades again then."""
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    priority: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Its place in time: the market's counter when it was placed or lost its place."""
    created_at: Mapped[datetime] = mapped_column(Instant, server_default="0")
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default="0")


class OrderSkip(Base):
    """How often a reason kept an order and a candidate apart."""

    __tablename__ = "order_skips"

    order_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    reason: Mapped[str] = mapped_column(word(24), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class FailedPair(Base):
    """Two orders whose trade ended unpaid: they never match by themselves again."""

    __tablename__ = "failed_pairs"

    order_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    """The smaller of the two."""
    other_order_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    market: Mapped[str] = mapped_column(word(24), index=True)


class Lane(Base):
    """The lease of a market's single writer. Nothing references it."""

    __tablename__ = "lanes"

    market: Mapped[str] = mapped_column(word(24), primary_key=True)
    owner: Mapped[str] = mapped_column(word(64))
    """Who holds the lease; empty for nobody."""
    address: Mapped[str] = mapped_column(word(120))
    """Where the owner takes forwarded commands."""
    epoch: Mapped[int] = mapped_column(BigInteger)
    """Grows with each takeover."""
    batch: Mapped[int] = mapped_column(BigInteger)
    """Grows with each committed batch."""
    priority: Mapped[int] = mapped_column(BigInteger)
    """The market's counter of order priorities."""
    seq: Mapped[int] = mapped_column(BigInteger)
    """The last event number of the market's room."""
    expires_at: Mapped[datetime] = mapped_column(Instant)


class LaneInbox(Base):
    """What other parts want of an order; consumed once by the lane. No foreign keys."""

    __tablename__ = "lane_inbox"
    __table_args__ = (
        UniqueConstraint("market", "cause"),
        Index("ix_lane_inbox_market_consumed_batch_id", "market", "consumed_batch", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    market: Mapped[str] = mapped_column(word(24))
    kind: Mapped[str] = mapped_column(word(24))
    """`return`, `recheck`, `suspend`, `account_removed`, `tape` ..."""
    cause: Mapped[str] = mapped_column(word(80))
    """What makes it unique: `return:<trade>`."""
    body: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON."""
    amount: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Micro-USDT that waits in the seller's reserved account, for the verifier."""
    user_id: Mapped[UUID | None] = mapped_column(Id)
    """Whose reserved account that is, or whom a recheck concerns."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    consumed_batch: Mapped[int | None] = mapped_column(BigInteger)
