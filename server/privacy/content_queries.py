"""The SQL of what is known about a person.

Each statement is a page in the order of its column `place`, beyond `after`. Columns that end in
`_usdt` are micro-units.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from models.audit import AuditEntry
from models.chat import ChatMessage
from models.codes import ContactChange
from models.compliance import AccountHold, HoldKind
from models.devices import Device
from models.factors import Passkey, RecoveryCode, Security, TotpFactor
from models.files import Attachment
from models.identity import (
    PaymentAccount,
    PaymentAccountState,
    Profile,
    Session,
    SessionState,
    Standing,
    TermsAcceptance,
    User,
)
from models.kyc import KycApplication, KycDocument, LegalName
from models.ledger import Account, Hold, Lot
from models.markets import Market
from models.operations import Outbox
from models.orders import Order
from models.privacy import DataExport
from models.recovery import Recovery
from models.sign_ins import SignIn
from models.staff import StaffAssignment
from models.trades import (
    CancelRequest,
    Fault,
    SplitOffer,
    Trade,
    TradeEvent,
    UserTrade,
)
from server.core.events import room_of_user
from server.db.audit import Action

Selected = Select[*tuple[Any, ...]]
OWN_ACTS = tuple(
    action.value
    for action in (
        Action.ACCOUNT_CLOSED,
        Action.ACCOUNT_RELEASED,
        Action.ADDRESS_VERIFIED,
        Action.ANTI_PHISHING_SET,
        Action.API_KEY_ENDED,
        Action.API_KEY_MADE,
        Action.EXPORT_ASKED,
        Action.EXPORT_FETCHED,
        Action.FACTOR_CHANGED,
        Action.KYC_APPLIED,
        Action.KYC_DOCUMENT_ADDED,
        Action.KYC_SUBMITTED,
        Action.KYC_WITHDRAWN,
        Action.LEVEL_SET,
        Action.PAYMENT_ACCOUNT_ADDED,
        Action.PAYMENT_ACCOUNT_REMOVED,
        Action.SESSION_ENDED,
        Action.SIGN_IN_CHANGED,
        Action.TERMS_ACCEPTED,
        Action.USER_BLOCKED,
        Action.USER_REPORTED,
        Action.USER_TRUSTED,
        Action.USER_UNBLOCKED,
        Action.USER_UNTRUSTED,
    )
)
"""What a person does with his own account. What staff did at work is about other people."""
ABOUT_OTHERS = (
    Action.USER_BLOCKED.value,
    Action.USER_TRUSTED.value,
    Action.USER_UNBLOCKED.value,
    Action.USER_UNTRUSTED.value,
)
"""Acts of a person for himself whose object is another one."""
SHOWN_OF_STAFF = tuple(
    action.value
    for action in (
        Action.LEVEL_SET,
        Action.ROLE_GRANTED,
        Action.ROLE_TAKEN,
        Action.ACCOUNT_CLOSED,
        Action.ADMINISTRATOR_CREATED,
    )
)
"""Acts of others on a person that he may know of; holds and identities have lists of their own."""


def _page(columns: Sequence[Any], owner: Any, place: Any, asked: tuple[Any, Any, int]) -> Selected:
    """A page of the rows of `(owner, after, limit)`."""
    whose, after, limit = asked
    statement = (
        select(*columns, place.label("place")).where(owner == whose).order_by(place).limit(limit)
    )
    return statement if after is None else statement.where(place > after)


def profile(user_id: UUID, after: Any, limit: int) -> Selected:
    """Who the person is here, and his standing."""
    columns = (
        User.id, User.created_at, Profile.username, Profile.email, Profile.email_verified_at,
        Profile.phone, Profile.phone_key.label("phone_verified"), Profile.language,
        Profile.referral_code, Profile.role, Profile.updated_at, Standing.kyc_level,
        Standing.verified, Standing.trades_completed, Standing.trades_ended,
        Standing.open_unpaid_as_buyer, Standing.limit_used_micro.label("limit_used_usdt"),
        Standing.ladder_step, Standing.taking_blocked_until, Standing.selling_blocked_until,
        Standing.frozen_at, Standing.seen_at, Standing.second_factor, Standing.terms_version,
        Standing.taking_barred, Standing.resting_barred, Standing.limits_lowered,
        Standing.trust_step, Security.money_locked_until, Security.codes_locked_until,
    )  # fmt: skip
    statement = _page(columns, User.id, User.id, (user_id, after, limit))
    return (
        statement.join(Profile, Profile.user_id == User.id)
        .join(Standing, Standing.user_id == User.id)
        .outerjoin(Security, Security.user_id == User.id)
    )


def terms(user_id: UUID, after: Any, limit: int) -> Selected:
    """Versions of the terms that were accepted."""
    columns = (TermsAcceptance.version, TermsAcceptance.accepted_at)
    asked = (user_id, after, limit)
    return _page(columns, TermsAcceptance.user_id, TermsAcceptance.version, asked)


def sessions(user_id: UUID, after: Any, limit: int) -> Selected:
    """Sign-ins: from where, on what, until when."""
    columns = (
        Session.id, Session.device, Session.ip, Session.created_at, Session.expires_at,
        SessionState.used_at, SessionState.ended_at, SessionState.ended_reason,
    )  # fmt: skip
    return _page(columns, Session.user_id, Session.id, (user_id, after, limit)).outerjoin(
        SessionState, SessionState.session_id == Session.id
    )


def sign_ins(user_id: UUID, after: Any, limit: int) -> Selected:
    """Attempts to sign in, good and bad."""
    columns = (
        SignIn.id, SignIn.at, SignIn.kind, SignIn.outcome, SignIn.device, SignIn.ip,
        SignIn.country,
    )  # fmt: skip
    return _page(columns, SignIn.user_id, SignIn.id, (user_id, after, limit))


def contact_changes(user_id: UUID, after: Any, limit: int) -> Selected:
    """New addresses and numbers that were asked for lately, and what they replaced."""
    columns = (
        ContactChange.id, ContactChange.kind, ContactChange.contact, ContactChange.expires_at,
        ContactChange.confirmed_at, ContactChange.former,
    )  # fmt: skip
    return _page(columns, ContactChange.user_id, ContactChange.id, (user_id, after, limit))


def devices(user_id: UUID, after: Any, limit: int) -> Selected:
    """Devices that are known."""
    columns = (Device.id, Device.known_at, Device.seen_at)
    return _page(columns, Device.user_id, Device.id, (user_id, after, limit))


def apps(user_id: UUID, after: Any, limit: int) -> Selected:
    """The authenticator app, without its secret, and how many recovery codes are left."""
    codes = select(func.count()).where(RecoveryCode.user_id == TotpFactor.user_id)
    columns = (
        TotpFactor.created_at,
        TotpFactor.confirmed_at,
        codes.scalar_subquery().label("recovery_codes_left"),
    )
    return _page(columns, TotpFactor.user_id, TotpFactor.user_id, (user_id, after, limit))


def passkeys(user_id: UUID, after: Any, limit: int) -> Selected:
    """Passkeys, without their keys."""
    columns = (
        Passkey.id, Passkey.name, Passkey.transports, Passkey.backed_up, Passkey.created_at,
        Passkey.used_at,
    )  # fmt: skip
    return _page(columns, Passkey.user_id, Passkey.id, (user_id, after, limit))


def payment_accounts(user_id: UUID, after: Any, limit: int) -> Selected:
    """Accounts on rails with their sealed details, removed ones too."""
    columns = (
        PaymentAccount.id, PaymentAccount.method_id, PaymentAccount.sealed,
        PaymentAccount.created_at, PaymentAccountState.removed_at,
    )  # fmt: skip
    return _page(
        columns, PaymentAccount.user_id, PaymentAccount.id, (user_id, after, limit)
    ).outerjoin(PaymentAccountState, PaymentAccountState.account_id == PaymentAccount.id)


def orders(user_id: UUID, after: Any, limit: int) -> Selected:
    """Orders with the digits of their market."""
    columns = (*Order.__table__.columns, Market.minor_digits, Market.price_digits, Market.currency)
    statement = _page(columns, Order.user_id, Order.id, (user_id, after, limit))
    return statement.join(Market, Market.id == Order.market)


def trades(user_id: UUID, after: Any, limit: int) -> Selected:
    """Trades from the side of the person, with the name of the other."""
    columns = (
        *Trade.__table__.columns, UserTrade.role, Profile.username.label("counterparty"),
        Market.minor_digits, Market.price_digits, Market.currency,
        Hold.amount.label("escrow"), Hold.resolution, Hold.resolved_at,
    )  # fmt: skip
    statement = _page(columns, UserTrade.user_id, UserTrade.trade_id, (user_id, after, limit))
    return (
        statement.join(Trade, Trade.id == UserTrade.trade_id)
        .join(Profile, Profile.user_id == UserTrade.counterparty_id)
        .join(Market, Market.id == Trade.market)
        .outerjoin(Hold, Hold.trade_id == Trade.id)
    )


def steps_of(trade_ids: Sequence[UUID]) -> Selected:
    """The history of trades."""
    return (
        select(
            TradeEvent.trade_id, TradeEvent.version, TradeEvent.event, TradeEvent.actor,
            TradeEvent.status_to, TradeEvent.detail, TradeEvent.created_at,
        )
        .where(TradeEvent.trade_id.in_(trade_ids))
        .order_by(TradeEvent.trade_id, TradeEvent.version)
    )  # fmt: skip


def cancel_requests_of(trade_ids: Sequence[UUID]) -> Selected:
    """What sellers asked in trades."""
    return (
        select(
            CancelRequest.trade_id, CancelRequest.reason, CancelRequest.status,
            CancelRequest.created_at, CancelRequest.answered_at,
        )
        .where(CancelRequest.trade_id.in_(trade_ids))
        .order_by(CancelRequest.id)
    )  # fmt: skip


def chats(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person wrote in chats of trades."""
    columns = (
        ChatMessage.id, ChatMessage.trade_id, ChatMessage.number, ChatMessage.kind,
        ChatMessage.sealed, ChatMessage.attachment_id, ChatMessage.created_at,
    )  # fmt: skip
    asked = (user_id, after, limit)
    return _page(columns, ChatMessage.author_id, ChatMessage.id, asked)


def split_offers_of(trade_ids: Sequence[UUID]) -> Selected:
    """Offers to split trades."""
    return (
        select(
            SplitOffer.trade_id, SplitOffer.proposer_id,
            SplitOffer.buyer_amount.label("buyer_amount_usdt"), SplitOffer.status,
            SplitOffer.created_at, SplitOffer.answered_at,
        )
        .where(SplitOffer.trade_id.in_(trade_ids))
        .order_by(SplitOffer.id)
    )  # fmt: skip


def faults(user_id: UUID, after: Any, limit: int) -> Selected:
    """Cancels and expiries that count against the person."""
    columns = (Fault.trade_id, Fault.reason, Fault.contested_at, Fault.created_at)
    return _page(columns, Fault.user_id, Fault.trade_id, (user_id, after, limit))


def balances(user_id: UUID, after: Any, limit: int) -> Selected:
    """Every account of the ledger."""
    place = Account.asset + ":" + Account.kind
    columns = (Account.asset, Account.kind, Account.balance.label("balance_usdt"))
    return _page(columns, Account.user_id, place, (user_id, after, limit))


def lots(user_id: UUID, after: Any, limit: int) -> Selected:
    """Bought USDT and when it is free."""
    columns = (
        Lot.trade_id, Lot.asset, Lot.amount.label("amount_usdt"), Lot.release_at, Lot.released_at,
    )  # fmt: skip
    return _page(columns, Lot.user_id, Lot.trade_id, (user_id, after, limit))


def applications(user_id: UUID, after: Any, limit: int) -> Selected:
    """Applications for a level."""
    columns = tuple(KycApplication.__table__.columns)
    return _page(columns, KycApplication.user_id, KycApplication.id, (user_id, after, limit))


def documents(user_id: UUID, after: Any, limit: int) -> Selected:
    """Pictures that were sent; what they show is told by the person who sent them."""
    columns = (
        KycDocument.id, KycDocument.application_id, KycDocument.kind, KycDocument.size,
        KycDocument.created_at, KycDocument.removed_at, KycDocument.purged_at,
    )  # fmt: skip
    return _page(columns, KycDocument.user_id, KycDocument.id, (user_id, after, limit))


def files(user_id: UUID, after: Any, limit: int) -> Selected:
    """Files that were sent in trades; their sender has them."""
    columns = (
        Attachment.id, Attachment.trade_id, Attachment.media_type, Attachment.size,
        Attachment.digest, Attachment.status, Attachment.created_at, Attachment.purged_at,
    )  # fmt: skip
    return _page(columns, Attachment.user_id, Attachment.id, (user_id, after, limit))


def legal_name(user_id: UUID, after: Any, limit: int) -> Selected:
    """The name that was found true."""
    columns = (LegalName.sealed, LegalName.verified_at)
    return _page(columns, LegalName.user_id, LegalName.user_id, (user_id, after, limit))


def holds(user_id: UUID, after: Any, limit: int) -> Selected:
    """When the account was frozen or slept. What an authority asks for is not told."""
    columns = (AccountHold.kind, AccountHold.placed_at, AccountHold.lifted_at)
    return _page(columns, AccountHold.user_id, AccountHold.id, (user_id, after, limit)).where(
        AccountHold.kind != HoldKind.LEGAL.value
    )


def recoveries(user_id: UUID, after: Any, limit: int) -> Selected:
    """When somebody said that every second factor is lost, and what became of it."""
    columns = (
        Recovery.id, Recovery.status, Recovery.proof.label("proven_by"), Recovery.asked_at,
        Recovery.ready_at, Recovery.closed_at, Recovery.reason,
    )  # fmt: skip
    return _page(columns, Recovery.user_id, Recovery.id, (user_id, after, limit))


def roles(user_id: UUID, after: Any, limit: int) -> Selected:
    """Roles on the staff."""
    columns = (StaffAssignment.role_id, StaffAssignment.granted_at)
    asked = (user_id, after, limit)
    return _page(columns, StaffAssignment.user_id, StaffAssignment.role_id, asked)


def notices(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person was told lately."""
    columns = (Outbox.body, Outbox.created_at)
    room = room_of_user(user_id)
    return _page(columns, Outbox.room, Outbox.id, (room, after, limit)).where(
        Outbox.name == "notification_created"
    )


def acts(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the audit says of the person's own acts."""
    columns = (
        AuditEntry.action, AuditEntry.object_kind, AuditEntry.object_id, AuditEntry.before,
        AuditEntry.after, AuditEntry.ip, AuditEntry.created_at,
    )  # fmt: skip
    return _page(columns, AuditEntry.actor_id, AuditEntry.id, (user_id, after, limit)).where(
        AuditEntry.action.in_(OWN_ACTS),
        or_(
            AuditEntry.object_kind != "user",
            AuditEntry.object_id == str(user_id),
            AuditEntry.action.in_(ABOUT_OTHERS),
        ),
    )


def acts_of_others(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the audit says of acts on the person that he may know of, without who did them."""
    columns = (AuditEntry.action, AuditEntry.before, AuditEntry.after, AuditEntry.created_at)
    return _page(columns, AuditEntry.object_id, AuditEntry.id, (str(user_id), after, limit)).where(
        AuditEntry.object_kind == "user",
        AuditEntry.action.in_(SHOWN_OF_STAFF),
        or_(AuditEntry.actor_id.is_(None), AuditEntry.actor_id != user_id),
    )


def exports(user_id: UUID, after: Any, limit: int) -> Selected:
    """Copies that were made before."""
    columns = (DataExport.id, DataExport.status, DataExport.asked_at, DataExport.ready_at)
    return _page(columns, DataExport.user_id, DataExport.id, (user_id, after, limit))
