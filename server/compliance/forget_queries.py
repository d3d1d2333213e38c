"""The SQL with which a person is forgotten; docs/security/privacy.md says what stays and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Select, Update, delete, or_, select, update

from models.api_keys import ApiKey
from models.chat import ChatMessage
from models.claims import Claim
from models.codes import ContactChange, OneTimeCode, PasswordReset
from models.devices import Device
from models.disputes import Dispute, Evidence
from models.factors import Passkey, RecoveryCode, TotpFactor
from models.identity import (
    Block,
    PaymentAccount,
    PaymentAccountFlag,
    Profile,
    Session,
    TrustedPerson,
)
from models.links import LinkSignal
from models.moderation import AntiPhishingCode, UserNote, UserReport
from models.notifications import Notification, NotificationSetting
from models.operations import IdempotencyKey
from models.orders import Order, OrderStatus
from models.privacy import DataExport, DataExportPart
from models.reputation import Rating
from models.rulings import Objection
from models.sandbox import Counterparty
from models.sign_ins import SignIn
from models.trades import CancelRequest, Trade, TradeEvent, UserTrade
from models.trust import SanctionAppeal

Selected = Select[*tuple[Any, ...]]
NO_HASH = "-"
"""What no password agrees with."""
NO_DETAIL = "{}"
ENDED = tuple(
    status.value for status in (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)
)


def forget_person(user_id: UUID, now: datetime) -> list[Update | Delete]:
    """Take from an account everything that says whose it was."""
    name = f"closed-{user_id.hex[-12:]}"
    address = f"{user_id.hex}@closed.invalid"
    exports = select(DataExport.id).where(DataExport.user_id == user_id).scalar_subquery()
    return [
        update(Profile)
        .where(Profile.user_id == user_id)
        .values(
            username=name, username_key=f"closed-{user_id.hex}", email=address,
            email_key=address, email_verified_at=None, phone=None, phone_key=None, language="en",
            referral_code=None, password_hash=NO_HASH, updated_at=now,
        ),
        update(Session).where(Session.user_id == user_id).values(device="", ip=""),
        # Of ended orders, which no lane holds; who closed his account has no others.
        update(Order)
        .where(Order.user_id == user_id, Order.status.in_(ENDED))
        .values(terms="", auto_reply=""),
        update(Rating).where(Rating.rater_id == user_id).values(comment=""),
        update(SanctionAppeal).where(SanctionAppeal.user_id == user_id).values(statement=""),
        update(PaymentAccountFlag)
        .where(or_(PaymentAccountFlag.user_id == user_id, PaymentAccountFlag.owner_id == user_id))
        .values(note=None),
        update(Objection).where(Objection.user_id == user_id).values(statement=""),
        delete(DataExportPart).where(DataExportPart.export_id.in_(exports)),
        *(
            delete(table).where(table.user_id == user_id)
            for table in (
                TotpFactor, Passkey, RecoveryCode, Device, OneTimeCode, PasswordReset,
                IdempotencyKey, DataExport, ContactChange, SignIn, Notification,
                NotificationSetting, ApiKey, AntiPhishingCode, Counterparty,
                LinkSignal,
            )
        ),
        update(UserReport).where(UserReport.reporter_id == user_id).values(sealed=None),
        delete(UserNote).where(or_(UserNote.writer_id == user_id, UserNote.subject_id == user_id)),
        delete(Block).where(or_(Block.user_id == user_id, Block.blocked_id == user_id)),
        delete(TrustedPerson).where(
            or_(TrustedPerson.user_id == user_id, TrustedPerson.trusted_id == user_id)
        ),
    ]  # fmt: skip


def payment_accounts_of(user_id: UUID) -> Selected:
    """The payment accounts of a user, removed ones too."""
    return select(PaymentAccount.id).where(PaymentAccount.user_id == user_id)


def empty_payment_account(account_id: UUID, sealed: bytes) -> Update:
    """Put sealed nothing in the place of an account's details. Trades keep their reference."""
    return update(PaymentAccount).where(PaymentAccount.id == account_id).values(sealed=sealed)


def trades_of(user_id: UUID, after: UUID | None, limit: int) -> Selected:
    """A user's trades with his part in them, oldest first, beyond `after`."""
    statement = (
        select(UserTrade.trade_id, UserTrade.role)
        .where(UserTrade.user_id == user_id)
        .order_by(UserTrade.trade_id)
        .limit(limit)
    )
    return statement if after is None else statement.where(UserTrade.trade_id > after)


def forget_words(trade_ids: Sequence[UUID], user_id: UUID, role: str) -> list[Update]:
    """Take from trades what their buyer or seller wrote or declared in them."""
    case = update(Dispute).where(Dispute.trade_id.in_(trade_ids), Dispute.opened_by == role)
    steps = update(TradeEvent).where(
        TradeEvent.trade_id.in_(trade_ids), TradeEvent.actor_id == user_id
    )
    said = update(ChatMessage).where(
        ChatMessage.trade_id.in_(trade_ids), ChatMessage.author_id == user_id
    )
    claim = update(Claim).where(Claim.trade_id.in_(trade_ids), Claim.claimant_id == user_id)
    shown = update(Evidence).where(Evidence.user_id == user_id)
    forgotten = [
        case.values(statement=""), steps.values(detail=NO_DETAIL), said.values(sealed=None),
        claim.values(statement=""), shown.values(statement=""),
    ]  # fmt: skip
    if role == "buyer":
        paid = update(Trade).where(Trade.id.in_(trade_ids), Trade.buyer_id == user_id)
        return [paid.values(payer_name=None, reference=None), *forgotten]
    asked = update(CancelRequest).where(CancelRequest.trade_id.in_(trade_ids))
    return [asked.values(reason=""), *forgotten]


def forget_terms(trade_ids: Sequence[UUID], maker_side: str) -> Update:
    """Take the maker's terms from trades in which he was on this side."""
    return (
        update(Trade)
        .where(Trade.id.in_(trade_ids), Trade.maker_side == maker_side)
        .values(terms="")
    )
