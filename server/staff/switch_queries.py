"""The SQL of switches, and of what they concern."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, insert, or_, select, update

from models.identity import PaymentMethod
from models.markets import Market
from models.operations import Switch

Selected = Select[*tuple[Any, ...]]
SWITCHES_MAX = 1000
_COLUMNS = (Switch.name, Switch.active, Switch.reason, Switch.changed_at, Switch.stopped_by)


def switch(name: str, *, lock: bool = False) -> Selected:
    """One switch, if it was ever set."""
    statement = select(*_COLUMNS).where(Switch.name == name)
    return statement.with_for_update() if lock else statement


def list_switches() -> Selected:
    """Every switch that was ever set, by name."""
    return select(*_COLUMNS).order_by(Switch.name).limit(SWITCHES_MAX)


def list_active() -> Selected:
    """What is stopped, by name."""
    return list_switches().where(Switch.active)


def insert_stop(name: str, reason: str, by: UUID, now: datetime) -> Insert:
    """Stop something for the first time."""
    return insert(Switch).values(
        name=name, active=True, reason=reason, changed_at=now, stopped_by=by
    )


def stop(name: str, reason: str, by: UUID, now: datetime) -> Update:
    """Stop something that nobody has stopped; what the verifier stopped becomes a person's."""
    return (
        update(Switch)
        .where(Switch.name == name, or_(Switch.active.is_(False), Switch.stopped_by.is_(None)))
        .values(active=True, reason=reason, changed_at=now, stopped_by=by)
    )


def restart(name: str, now: datetime) -> Update:
    """Let something that is stopped go on."""
    return (
        update(Switch)
        .where(Switch.name == name, Switch.active.is_(True))
        .values(active=False, reason="restarted", changed_at=now, stopped_by=None)
    )


def markets(*, market: str | None = None, currency: str | None = None) -> Selected:
    """All markets, or one, or those of a currency."""
    statement = select(Market.id).order_by(Market.id)
    if market is not None:
        return statement.where(Market.id == market)
    return statement if currency is None else statement.where(Market.currency == currency)


def currency_of_rail(method_id: str) -> Selected:
    """The currency of a payment method."""
    return select(PaymentMethod.currency).where(PaymentMethod.id == method_id)
