"""The SQL of messages that wait and of counted text messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, select, update

from models.messages import Message, MessageStatus, SmsCount, SmsCountry, SmsNotice
from models.moderation import AntiPhishingCode

Selected = Select[*tuple[Any, ...]]
WAITING = MessageStatus.WAITING.value


def insert_message(values: dict[str, Any]) -> Insert:
    """A message that waits."""
    return insert(Message).values(**values)


def due_messages(now: datetime, limit: int) -> Selected:
    """Messages that are to be sent now, longest due first."""
    return (
        select(Message.id, Message.channel, Message.sealed, Message.tries, Message.expires_at)
        .where(Message.status == WAITING, Message.due_at <= now)
        .order_by(Message.due_at)
        .limit(limit)
    )


def claim_message(message_id: UUID, tries: int, until: datetime) -> Update:
    """Take a message that nobody took since it was read; it is free again after `until`."""
    return (
        update(Message)
        .where(Message.id == message_id, Message.status == WAITING, Message.tries == tries)
        .values(tries=tries + 1, due_at=until)
    )


def put_back(message_id: UUID, tries: int, due_at: datetime) -> Update:
    """Try a claimed message again at `due_at`."""
    return (
        update(Message)
        .where(Message.id == message_id, Message.status == WAITING, Message.tries == tries)
        .values(due_at=due_at)
    )


def end_message(message_id: UUID, status: MessageStatus, now: datetime) -> Update:
    """The end of a message that waits; what it said is forgotten."""
    return (
        update(Message)
        .where(Message.id == message_id, Message.status == WAITING)
        .values(status=status.value, sealed=None, ended_at=now)
    )


def old_messages(before: UUID, limit: int) -> Selected:
    """Messages older than an identifier that do not wait."""
    return (
        select(Message.id)
        .where(Message.id < before, Message.status != WAITING)
        .order_by(Message.id)
        .limit(limit)
    )


def delete_messages(ids: Sequence[UUID]) -> Delete:
    """Forget messages."""
    return delete(Message).where(Message.id.in_(ids))


def lock_country(country: str) -> Selected:
    """Lock the counts of a country."""
    return select(SmsCountry.country).where(SmsCountry.country == country).with_for_update()


def insert_country(country: str) -> Insert:
    """A country that nothing was counted of before."""
    return insert(SmsCountry).values(country=country)


def insert_count(values: dict[str, Any]) -> Insert:
    """A code that is sent by text message."""
    return insert(SmsCount).values(**values)


def confirm_count(count_id: UUID, now: datetime) -> Update:
    """The code was given back."""
    return (
        update(SmsCount)
        .where(SmsCount.id == count_id, SmsCount.confirmed_at.is_(None))
        .values(confirmed_at=now)
    )


def _counted(since: UUID) -> Selected:
    # Identifiers begin with the time, so that one index serves both.
    return select(
        func.count().label("sent"),
        func.count(SmsCount.confirmed_at).label("confirmed"),
        func.min(SmsCount.sent_at).label("first_at"),
    ).where(SmsCount.id >= since)


def count_number(number: str, prefix: str, since: UUID) -> Selected:
    """Codes sent to a number: how many, how many confirmed, the first one's instant."""
    return _counted(since).where(SmsCount.prefix == prefix, SmsCount.number == number)


def count_prefix(prefix: str, since: UUID, before: UUID | None = None) -> Selected:
    """As `count_number`, for all numbers that begin alike; older than `before` if given."""
    statement = _counted(since).where(SmsCount.prefix == prefix)
    return statement if before is None else statement.where(SmsCount.id < before)


def count_country(country: str, since: UUID) -> Selected:
    """As `count_number`, for a country."""
    return _counted(since).where(SmsCount.country == country)


def old_counts(before: UUID, limit: int) -> Selected:
    """Counted text messages older than an identifier."""
    return select(SmsCount.id).where(SmsCount.id < before).order_by(SmsCount.id).limit(limit)


def delete_counts(ids: Sequence[UUID]) -> Delete:
    """Forget counted text messages."""
    return delete(SmsCount).where(SmsCount.id.in_(ids))


def insert_sms_notice(notice_id: UUID, user_id: UUID) -> Insert:
    """A notice that is sent by text message."""
    return insert(SmsNotice).values(id=notice_id, user_id=user_id)


def count_sms_notices(user_id: UUID, since: UUID) -> Selected:
    """How many notices a person got by text message since an identifier."""
    return select(func.count().label("sent")).where(
        SmsNotice.user_id == user_id, SmsNotice.id >= since
    )


def old_sms_notices(before: UUID, limit: int) -> Selected:
    """Counted notices older than an identifier."""
    return select(SmsNotice.id).where(SmsNotice.id < before).order_by(SmsNotice.id).limit(limit)


def delete_sms_notices(ids: Sequence[UUID]) -> Delete:
    """Forget counted notices."""
    return delete(SmsNotice).where(SmsNotice.id.in_(ids))


def anti_phishing_of(user_id: UUID) -> Selected:
    """The word of a user."""
    return select(AntiPhishingCode.sealed).where(AntiPhishingCode.user_id == user_id)


def insert_anti_phishing(user_id: UUID, sealed: bytes, now: datetime) -> Insert:
    """The word of a user who has none."""
    return insert(AntiPhishingCode).values(user_id=user_id, sealed=sealed, set_at=now)


def delete_anti_phishing(user_id: UUID) -> Delete:
    """Forget the word of a user."""
    return delete(AntiPhishingCode).where(AntiPhishingCode.user_id == user_id)
