"""Scripted counterparties of the sandbox."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, LONG_TEXT, Base, Id, Instant, one_of, text, word


class Script(enum.StrEnum):
    """How a counterparty behaves."""

    ON_TIME = "on_time"
    """Does what is his part at once."""
    LATE = "late"
    """Pays in the grace time; releases only when a case is open."""
    UNDERPAYS = "underpays"
    """Only a part of the money arrives, and he offers to split."""
    THIRD_PARTY = "third_party"
    """The money comes from somebody else's account; or he says so of yours, and disputes."""
    SILENT = "silent"
    """Does nothing at all."""
    FALSE_PROOF = "false_proof"
    """Says that he paid and did not; or that your money did not arrive, and disputes."""
    HAGGLES = "haggles"
    """Wants it cheaper in the chat before he does his part."""
    CANCELS = "cancels"
    """Changes his mind; as a seller he asks you to cancel."""
    CONCEDES = "concedes"
    """Is wrong, and gives in once a case is open."""
    OBJECTS = "objects"
    """Is wrong, and objects once to the ruling against him."""


class CounterpartyStatus(enum.StrEnum):
    """Where a counterparty stands."""

    WAITING = "waiting"
    """He gets ready, or waits for the trade."""
    TRADING = "trading"
    ENDED = "ended"
    """The trade is over, or he was sent away."""
    FAILED = "failed"
    """He could not do what he was asked for."""


class Counterparty(Base):
    """Somebody made up, whom a learner asked for: an account of his own that follows a script."""

    __tablename__ = "sandbox_counterparties"
    __table_args__ = (
        one_of("script", Script),
        one_of("status", CounterpartyStatus),
        CheckConstraint("side IN ('buy', 'sell')", name="side_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_sandbox_counterparties_user_id_id", "user_id", "id"),
        Index("ix_sandbox_counterparties_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    """The learner."""
    script: Mapped[str] = mapped_column(word(12))
    side: Mapped[str] = mapped_column(word(4))
    """What the counterparty does: buy or sell."""
    market: Mapped[str] = mapped_column(word(24))
    method_id: Mapped[str] = mapped_column(word(40))
    amount: Mapped[int] = mapped_column(BigInteger)
    """Micro-USDT_TEST."""
    price: Mapped[str] = mapped_column(word(32))
    """Decimal of the market's currency."""
    payer_name: Mapped[str] = mapped_column(text(120))
    """Of a selling counterparty: whose name his bank shows when the learner pays."""
    target_id: Mapped[UUID | None] = mapped_column(Id)
    """The learner's order that he takes; none when he places one of his own."""
    order_id: Mapped[UUID | None] = mapped_column(Id)
    """His own order."""
    trade_id: Mapped[UUID | None] = mapped_column(Id)
    username: Mapped[str | None] = mapped_column(word(32))
    sealed: Mapped[bytes | None] = mapped_column(BLOB)
    """The password of his account, encrypted."""
    done: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON: the steps of the script that he has taken."""
    status: Mapped[str] = mapped_column(word(8))
    problem: Mapped[str | None] = mapped_column(word(48))
    """The code of the refusal that he could not get over."""
    created_at: Mapped[datetime] = mapped_column(Instant)
