"""The SQL of what a person was told and what of it he wants, as `content_queries` does it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from models.notifications import Notification, NotificationSetting
from models.sandbox import Counterparty
from server.privacy.content_queries import Selected


def notifications(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person was told in the application."""
    statement = (
        select(
            Notification.kind, Notification.subject, Notification.subject_id, Notification.params,
            Notification.happened, Notification.created_at, Notification.read_at,
            Notification.id.label("place"),
        )
        .where(Notification.user_id == user_id)
        .order_by(Notification.id)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(Notification.id > after)


def counterparties(user_id: UUID, after: Any, limit: int) -> Selected:
    """Whom the person asked for in the sandbox."""
    statement = (
        select(
            Counterparty.script, Counterparty.side, Counterparty.market, Counterparty.method_id,
            Counterparty.price, Counterparty.payer_name, Counterparty.trade_id,
            Counterparty.status, Counterparty.created_at, Counterparty.id.label("place"),
        )
        .where(Counterparty.user_id == user_id)
        .order_by(Counterparty.id)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(Counterparty.id > after)


def notification_settings(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person switched off or on; each kind has one channel so far."""
    wish = NotificationSetting.kind
    statement = (
        select(
            NotificationSetting.kind, NotificationSetting.channel, NotificationSetting.enabled,
            NotificationSetting.updated_at, wish.label("place"),
        )
        .where(NotificationSetting.user_id == user_id)
        .order_by(wish)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(wish > after)
