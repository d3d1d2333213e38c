"""The SQL of notifications: what the dispatcher reads of events, and what people read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.claims import ClaimEvent
from models.disputes import DisputeEvent
from models.identity import Profile, Standing
from models.notifications import Notification, NotificationMark, NotificationSetting
from models.operations import Outbox, Relay
from models.trades import Outage, Trade, TradeEvent, TradeStatus
from server.db import Unit
from server.db.legal_hold import is_held
from server.db.outbox import RELAY
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
Reader = AsyncConnection | Unit
DISPATCHER = "outbox"
"""The mark of the one follower."""
NOTIFICATION = Notification.__table__.columns


# The dispatcher.


def lock_mark() -> Selected:
    """How far events were told; locked, so that no two dispatchers tell the same."""
    return (
        select(NotificationMark.relay_batch)
        .where(NotificationMark.name == DISPATCHER)
        .with_for_update()
    )


def read_mark() -> Selected:
    """How far events were told."""
    return select(NotificationMark.relay_batch).where(NotificationMark.name == DISPATCHER)


def insert_mark() -> Insert:
    """Begin with the first batch that there ever was."""
    return insert(NotificationMark).values(name=DISPATCHER, relay_batch=0)


def move_mark(past: int, to: int) -> Update:
    """Note that everything to a batch was told."""
    return (
        update(NotificationMark)
        .where(NotificationMark.name == DISPATCHER, NotificationMark.relay_batch == past)
        .values(relay_batch=to)
    )


def numbered_batch() -> Selected:
    """The relay's last batch: all rows up to it are there for good."""
    return select(Relay.numbered_batch).where(Relay.name == RELAY)


def events_between(after: int, through: int, names: Sequence[str]) -> Selected:
    """Events of some names in the relay's batches after one, to another, in order."""
    return (
        select(Outbox.id, Outbox.room, Outbox.name, Outbox.body)
        .where(
            Outbox.relay_batch > after, Outbox.relay_batch <= through, Outbox.name.in_(list(names))
        )
        .order_by(Outbox.relay_batch, Outbox.id)
    )


def parties_of(trade_ids: Sequence[UUID]) -> Selected:
    """Whose some trades are."""
    return select(Trade.id, Trade.buyer_id, Trade.seller_id).where(Trade.id.in_(list(trade_ids)))


def steps_of(places: Sequence[tuple[UUID, int]]) -> Selected:
    """The rows of the lifecycle behind versions of trades."""
    return _steps_of(TradeEvent, TradeEvent.trade_id, places)


def case_steps_of(places: Sequence[tuple[UUID, int]]) -> Selected:
    """The rows of the lifecycle behind versions of cases."""
    return _steps_of(DisputeEvent, DisputeEvent.dispute_id, places)


def claim_steps_of(places: Sequence[tuple[UUID, int]]) -> Selected:
    """The rows of the lifecycle behind versions of claims."""
    return _steps_of(ClaimEvent, ClaimEvent.claim_id, places)


def _steps_of(
    table: type[TradeEvent | DisputeEvent | ClaimEvent], of: Any, places: Sequence[tuple[UUID, int]]
) -> Selected:
    return select(
        of.label("id"), table.version, table.event, table.actor, table.status_from,
        table.status_to, table.detail,
    ).where(tuple_(of, table.version).in_(list(places)))  # fmt: skip


def names_of(user_ids: Sequence[UUID]) -> Selected:
    """Names of users, and whether each is here now."""
    return (
        select(Profile.user_id, Profile.username, Standing.present)
        .join(Standing, Standing.user_id == Profile.user_id)
        .where(Profile.user_id.in_(list(user_ids)))
    )


def told_already(keys: Sequence[tuple[UUID, UUID, str]]) -> Selected:
    """Which of these were told."""
    key = (Notification.user_id, Notification.cause_id, Notification.kind)
    return select(*key).where(tuple_(*key).in_(list(keys)))


def unread_about(user_ids: Sequence[UUID], kinds: Sequence[str]) -> Selected:
    """Unread ones of some kinds, into which others may be merged; locked."""
    return (
        select(
            Notification.id, Notification.user_id, Notification.kind, Notification.subject_id,
            Notification.happened,
        )
        .where(
            Notification.user_id.in_(list(user_ids)), Notification.read_at.is_(None),
            Notification.kind.in_(list(kinds)),
        )
        .with_for_update()
    )  # fmt: skip


def told_since(user_ids: Sequence[UUID], since: UUID, kinds: Sequence[str]) -> Selected:
    """What some users were told lately."""
    return select(Notification.user_id, Notification.kind, Notification.subject_id).where(
        Notification.user_id.in_(list(user_ids)), Notification.id > since,
        Notification.kind.in_(list(kinds)),
    )  # fmt: skip


def merge_into(notification_id: UUID, happened: int, params: str) -> Update:
    """Let an unread one stand for more."""
    return (
        update(Notification)
        .where(Notification.id == notification_id, Notification.read_at.is_(None))
        .values(happened=happened, params=params)
    )


def insert_notifications() -> Insert:
    """New ones."""
    return insert(Notification)


def switched_off(user_ids: Sequence[UUID]) -> Selected:
    """What some users do not want."""
    return select(
        NotificationSetting.user_id, NotificationSetting.kind, NotificationSetting.channel
    ).where(NotificationSetting.user_id.in_(list(user_ids)), NotificationSetting.enabled.is_(False))


# Deadlines and outages.


def soon_due(
    status: TradeStatus,
    now: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Selected:
    """Trades of a status whose deadline is near, in its order."""
    place = (Trade.deadline_at, Trade.id)
    page = (
        select(Trade.id, Trade.deadline_at)
        .where(Trade.status == status.value, Trade.deadline_at > now, Trade.deadline_at <= until)
        .order_by(*place)
        .limit(limit)
    )
    return page if after is None else page.where(tuple_(*place) > tuple_(*after))


def running_trades(after: UUID | None, limit: int) -> Selected:
    """Trades whose clocks run, in the order of their identifiers."""
    running = (TradeStatus.AWAITING_PAYMENT, TradeStatus.GRACE, TradeStatus.PAID)
    page = (
        select(Trade.id, Trade.buyer_id, Trade.seller_id)
        .where(Trade.status.in_([status.value for status in running]))
        .order_by(Trade.id)
        .limit(limit)
    )
    return page if after is None else page.where(Trade.id > after)


def untold_outages(limit: int) -> Selected:
    """Announced outages that go on and of which nobody was told yet."""
    return (
        select(Outage.id)
        .where(Outage.announced.is_(True), Outage.ended_at.is_(None), Outage.told_at.is_(None))
        .order_by(Outage.id)
        .limit(limit)
    )


def note_told(outage_id: UUID, now: datetime) -> Update:
    """Everybody was told of an outage."""
    return update(Outage).where(Outage.id == outage_id).values(told_at=now)


# Readers.


def insert_notice(values: Mapping[str, Any]) -> Insert:
    """One that was written in the transaction of its cause."""
    return insert(Notification).values(**values)


def page_of_user(user_id: UUID, before: UUID | None, limit: int, *, unread: bool) -> Selected:
    """A user's, newest first."""
    page = (
        select(*NOTIFICATION)
        .where(Notification.user_id == user_id)
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    index = "ix_notifications_user_id_id"
    if unread:
        page = page.where(Notification.read_at.is_(None))
        index = "ix_notifications_user_id_read_at_id"
    page = read_along(page, Notification, index)
    return page if before is None else page.where(Notification.id < before)


def count_unread(user_id: UUID, most: int) -> Selected:
    """How many a user has not read, counted to `most`."""
    unread = (
        select(Notification.id)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .limit(most)
        .subquery()
    )
    return select(func.count()).select_from(unread)


def find_own(user_id: UUID, notification_id: UUID) -> Selected:
    """One of a user's."""
    return select(*NOTIFICATION).where(
        Notification.id == notification_id, Notification.user_id == user_id
    )


def mark_read(user_id: UUID, ids: Sequence[UUID], now: datetime) -> Update:
    """Note that a user read some of his; what was read stays as it was."""
    return (
        update(Notification)
        .where(
            Notification.id.in_(list(ids)), Notification.user_id == user_id,
            Notification.read_at.is_(None),
        )
        .values(read_at=now)
    )  # fmt: skip


def unread_through(user_id: UUID, through: UUID, limit: int) -> Selected:
    """A user's unread ones up to one, newest first."""
    unread = (
        select(Notification.id)
        .where(
            Notification.user_id == user_id, Notification.read_at.is_(None),
            Notification.id <= through,
        )
        .order_by(Notification.id.desc())
        .limit(limit)
    )  # fmt: skip
    return read_along(unread, Notification, "ix_notifications_user_id_read_at_id")


def language_of(user_id: UUID) -> Selected:
    """The language that a user reads."""
    return select(Profile.language).where(Profile.user_id == user_id)


def settings_of(user_id: UUID) -> Selected:
    """What a user chose."""
    return select(
        NotificationSetting.kind, NotificationSetting.channel, NotificationSetting.enabled
    ).where(NotificationSetting.user_id == user_id)


def forget_settings(user_id: UUID, keys: Sequence[tuple[str, str]]) -> Delete:
    """Take choices back, to write them anew."""
    return delete(NotificationSetting).where(
        NotificationSetting.user_id == user_id,
        tuple_(NotificationSetting.kind, NotificationSetting.channel).in_(list(keys)),
    )


def insert_settings() -> Insert:
    """New choices."""
    return insert(NotificationSetting)


def old_notifications(before: UUID, limit: int) -> Selected:
    """Those older than an identifier; legal holds keep them."""
    return (
        select(Notification.id)
        .where(Notification.id < before, ~is_held(Notification.user_id))
        .order_by(Notification.id)
        .limit(limit)
    )


def delete_notifications(ids: Sequence[UUID]) -> Delete:
    """Forget some."""
    return delete(Notification).where(Notification.id.in_(list(ids)))
