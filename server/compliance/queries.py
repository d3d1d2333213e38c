"""The SQL of holds, closures and reports of suspicion."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, exists, func, insert, select, update

from models.compliance import (
    AccountClosure,
    AccountHold,
    SuspicionReport,
    SuspicionStatus,
)
from models.identity import Standing, User
from models.ledger import Account
from models.orders import Order
from models.staff import StaffAssignment
from models.trades import Trade
from server.db.legal_hold import is_held
from server.db.pages import read_along
from server.trades.row import FINAL

Selected = Select[*tuple[Any, ...]]
LIVING = ("open", "partially_filled", "paused", "suspended")


def insert_hold(values: dict[str, Any]) -> Insert:
    """A new hold."""
    return insert(AccountHold).values(**values)


def active_holds(user_id: UUID) -> Selected:
    """What an account is held for now."""
    return select(AccountHold.id, AccountHold.kind).where(
        AccountHold.user_id == user_id, AccountHold.lifted_at.is_(None)
    )


def holds_of(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """Every hold of an account, newest first, older than `before`."""
    statement = (
        select(*AccountHold.__table__.columns)
        .where(AccountHold.user_id == user_id)
        .order_by(AccountHold.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, AccountHold, "ix_account_holds_user_id_id")
    return statement if before is None else statement.where(AccountHold.id < before)


def lift_hold(hold_id: UUID, lifted_by: UUID, now: datetime) -> Update:
    """End a hold that is active."""
    return (
        update(AccountHold)
        .where(AccountHold.id == hold_id, AccountHold.lifted_at.is_(None))
        .values(lifted_by=lifted_by, lifted_at=now)
    )


def insert_closure(user_id: UUID, now: datetime, anonymise_at: datetime) -> Insert:
    """An account is closed."""
    return insert(AccountClosure).values(user_id=user_id, closed_at=now, anonymise_at=anonymise_at)


def living_order_of(user_id: UUID) -> Selected:
    """An order of the user that has not ended, if there is one."""
    return select(Order.id).where(Order.user_id == user_id, Order.status.in_(LIVING)).limit(1)


def open_trades_of(user_id: UUID) -> tuple[Selected, Selected]:
    """A trade of the user that has not ended, as buyer and as seller."""
    ended = [status.value for status in FINAL]
    is_open = Trade.status.not_in(ended)
    return (
        select(Trade.id).where(Trade.buyer_id == user_id, is_open).limit(1),
        select(Trade.id).where(Trade.seller_id == user_id, is_open).limit(1),
    )


def balance_of(user_id: UUID, asset: str) -> Selected:
    """Everything the user has of an asset, in any bucket, micro-units."""
    return select(func.coalesce(func.sum(Account.balance), 0).label("balance")).where(
        Account.user_id == user_id, Account.asset == asset
    )


def role_of_staff(user_id: UUID) -> Selected:
    """A role that the user has on the staff, if any."""
    return select(StaffAssignment.role_id).where(StaffAssignment.user_id == user_id).limit(1)


def due_closures(now: datetime, limit: int) -> Selected:
    """Closed accounts whose time is over and that no legal hold keeps."""
    return (
        select(AccountClosure.user_id)
        .where(
            AccountClosure.anonymise_at <= now,
            AccountClosure.anonymised_at.is_(None),
            ~is_held(AccountClosure.user_id),
        )
        .order_by(AccountClosure.user_id)
        .limit(limit)
    )


def mark_anonymised(user_id: UUID, now: datetime) -> Update:
    """What named the person is forgotten."""
    return (
        update(AccountClosure)
        .where(AccountClosure.user_id == user_id, AccountClosure.anonymised_at.is_(None))
        .values(anonymised_at=now)
    )


def unused_since(before: datetime, limit: int) -> Selected:
    """Users who were not seen since an instant, who may trade and are not on the staff."""
    staff = exists().where(StaffAssignment.user_id == Standing.user_id)
    return (
        select(Standing.user_id)
        .join(User, User.id == Standing.user_id)
        .where(
            func.coalesce(Standing.seen_at, User.created_at) < before,
            User.created_at < before,
            Standing.frozen_at.is_(None),
            ~staff,
        )
        .order_by(Standing.user_id)
        .limit(limit)
    )


def insert_report(values: dict[str, Any]) -> Insert:
    """A new report of suspicion."""
    return insert(SuspicionReport).values(**values)


def reports(status: str | None, before: UUID | None, limit: int) -> Selected:
    """Reports of a status, or of all, newest first, older than `before`."""
    columns = SuspicionReport.__table__.columns
    statement = select(*columns).order_by(SuspicionReport.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(SuspicionReport.status == status)
        statement = read_along(statement, SuspicionReport, "ix_suspicion_reports_status_id")
    return statement if before is None else statement.where(SuspicionReport.id < before)


def report(report_id: UUID) -> Selected:
    """One report."""
    return select(*SuspicionReport.__table__.columns).where(SuspicionReport.id == report_id)


def decide_report(report_id: UUID, status: str, decided_by: UUID, now: datetime) -> Update:
    """File or dismiss a report that is open."""
    return (
        update(SuspicionReport)
        .where(
            SuspicionReport.id == report_id,
            SuspicionReport.status == SuspicionStatus.OPEN.value,
        )
        .values(status=status, decided_by=decided_by, decided_at=now)
    )


def old_reports(before: datetime, limit: int) -> Selected:
    """Reports that were decided before an instant; those of held users are left out."""
    return (
        select(SuspicionReport.id)
        .where(SuspicionReport.decided_at < before, ~is_held(SuspicionReport.user_id))
        .limit(limit)
    )


def delete_reports(report_ids: Sequence[UUID]) -> Delete:
    """Forget reports."""
    return delete(SuspicionReport).where(SuspicionReport.id.in_(report_ids))
