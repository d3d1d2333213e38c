"""The SQL of accounts, transfers, holds and lots."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, and_, bindparam, func, insert, or_, select, update

from models.base import MARIADB
from models.ledger import (
    Account,
    AccountKind,
    Hold,
    Lot,
    PlatformPosting,
    PlatformRollup,
    Posting,
    Transfer,
)
from server.ledger.rules import Parts
from server.ledger.sheet import Change, PlatformPostingRow, PostingRow, TransferRow

ASSETS = ("USDT", "USDT_TEST")
"""Every user has each kind of account in each of them."""

INSERT_ACCOUNTS = insert(Account)
INSERT_TRANSFERS = insert(Transfer)
INSERT_POSTINGS = insert(Posting)
INSERT_PLATFORM_POSTINGS = insert(PlatformPosting)
UPDATE_ACCOUNT = (
    update(Account)
    .where(
        Account.user_id == bindparam("b_user_id"),
        Account.asset == bindparam("b_asset"),
        Account.kind == bindparam("b_kind"),
        Account.seq == bindparam("b_seq_before"),
    )
    .values(balance=bindparam("b_balance"), seq=bindparam("b_seq"))
)


def rows_of_new_accounts(user_id: UUID) -> list[dict[str, Any]]:
    """Empty accounts of every kind in every asset."""
    return [
        {"user_id": user_id, "asset": asset, "kind": kind.value, "balance": 0, "seq": 0}
        for asset in ASSETS
        for kind in AccountKind
    ]


def lock_accounts(wallets: Iterable[tuple[UUID, str]]) -> Executable:
    """Lock every account of (user, asset) pairs by primary key, ascending.

    The hint keeps the optimizer of a small table from scanning it, which would lock the accounts
    of people who have no part in this.
    """
    statement = (
        select(Account.user_id, Account.asset, Account.kind, Account.balance, Account.seq)
        .where(
            or_(
                *(
                    and_(Account.user_id == user_id, Account.asset == asset)
                    for user_id, asset in wallets
                )
            )
        )
        .order_by(Account.user_id, Account.asset, Account.kind)
        .with_for_update()
    )
    for dialect in MARIADB:
        statement = statement.with_hint(Account, "FORCE INDEX (PRIMARY)", dialect)
    return statement


def parameters_of_changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The parameters of `UPDATE_ACCOUNT`, one set an account."""
    return [
        {
            "b_user_id": change.key.user_id,
            "b_asset": change.key.asset,
            "b_kind": change.key.kind,
            "b_seq_before": change.seq_before,
            "b_balance": change.balance,
            "b_seq": change.seq,
        }
        for change in changes
    ]


def parameters_of_rows(
    rows: Iterable[TransferRow | PostingRow | PlatformPostingRow],
) -> list[dict[str, Any]]:
    """The parameters of an insert of a sheet's rows."""
    return [row._asdict() for row in rows]


def insert_hold(*, trade_id: UUID, seller_id: UUID, asset: str, amount: int) -> Executable:
    """A new unresolved hold; a second one of the same trade breaks the primary key."""
    return insert(Hold).values(trade_id=trade_id, seller_id=seller_id, asset=asset, amount=amount)


def resolve_hold(
    trade_id: UUID, *, amount: int, resolution: str, parts: Parts, now: datetime
) -> Executable:
    """Resolve a hold that is not resolved yet and has the expected amount."""
    return (
        update(Hold)
        .where(Hold.trade_id == trade_id, Hold.resolution.is_(None), Hold.amount == amount)
        .values(resolution=resolution, resolved_at=now, **parts._asdict())
    )


def insert_lot(
    *, trade_id: UUID, user_id: UUID, asset: str, amount: int, release_at: datetime
) -> Executable:
    """A lot that waits for its release time."""
    return insert(Lot).values(
        trade_id=trade_id, user_id=user_id, asset=asset, amount=amount, release_at=release_at
    )


def find_due_lots(now: datetime, limit: int) -> Executable:
    """Lots whose time has come, longest overdue first. Not locked."""
    return (
        select(Lot.trade_id)
        .where(Lot.released_at.is_(None), Lot.release_at <= now, Lot.frozen_at.is_(None))
        .order_by(Lot.release_at)
        .limit(limit)
    )


def find_due_lot(trade_id: UUID, now: datetime) -> Executable:
    """The lot of a trade if its time has come. Not locked."""
    return select(Lot.trade_id).where(
        Lot.trade_id == trade_id,
        Lot.released_at.is_(None),
        Lot.release_at <= now,
        Lot.frozen_at.is_(None),
    )


def lock_lots(trade_ids: Iterable[UUID]) -> Executable:
    """Lock those of the lots that nobody else works on, ascending."""
    return (
        select(Lot.trade_id, Lot.user_id, Lot.asset, Lot.amount)
        .where(
            Lot.trade_id.in_(list(trade_ids)), Lot.released_at.is_(None), Lot.frozen_at.is_(None)
        )
        .order_by(Lot.trade_id)
        .with_for_update(skip_locked=True)
    )


def release_lot(trade_id: UUID, now: datetime) -> Executable:
    """Release a lot that is neither released nor frozen."""
    return (
        update(Lot)
        .where(Lot.trade_id == trade_id, Lot.released_at.is_(None), Lot.frozen_at.is_(None))
        .values(released_at=now)
    )


def freeze_lot(trade_id: UUID, now: datetime) -> Executable:
    """Freeze a lot that is neither released nor frozen."""
    return (
        update(Lot)
        .where(Lot.trade_id == trade_id, Lot.released_at.is_(None), Lot.frozen_at.is_(None))
        .values(frozen_at=now)
    )


def lock_lot(trade_id: UUID) -> Executable:
    """Lock the lot of a trade that is not released."""
    return (
        select(Lot.user_id, Lot.asset, Lot.amount, Lot.release_at)
        .where(Lot.trade_id == trade_id, Lot.released_at.is_(None))
        .with_for_update()
    )


def award_lot(trade_id: UUID, now: datetime) -> Executable:
    """Release a frozen lot to somebody else."""
    return (
        update(Lot)
        .where(Lot.trade_id == trade_id, Lot.released_at.is_(None), Lot.frozen_at.is_not(None))
        .values(released_at=now, frozen_at=None)
    )


def unfreeze_lot(trade_id: UUID) -> Executable:
    """Let a frozen lot run again."""
    return (
        update(Lot)
        .where(Lot.trade_id == trade_id, Lot.released_at.is_(None), Lot.frozen_at.is_not(None))
        .values(frozen_at=None)
    )


def list_postings(
    user_id: UUID, *, newest: UUID | None, oldest: UUID | None, limit: int
) -> Executable:
    """A user's postings with their transfers, newest first, between two transfers inclusive.

    The page is cut before it meets the transfers: joined first, their range beside the user's would
    look like a way in and reads everybody's.
    """
    found = (
        select(
            Posting.transfer_id, Posting.asset, Posting.kind, Posting.amount, Posting.balance_after
        )
        .where(Posting.user_id == user_id)
        .order_by(Posting.transfer_id.desc(), Posting.kind.desc())
        .limit(limit)
    )
    if newest is not None:
        found = found.where(Posting.transfer_id <= newest)
    if oldest is not None:
        found = found.where(Posting.transfer_id >= oldest)
    for dialect in MARIADB:
        # Left alone, MariaDB reads and sorts all that a user ever had.
        hint = "FORCE INDEX (uq_postings_user_id_transfer_id_kind)"
        found = found.with_hint(Posting, hint, dialect)
    page = found.subquery("page")
    return (
        select(page, Transfer.reason, Transfer.subject_id, Transfer.created_at)
        .join(Transfer, Transfer.id == page.c.transfer_id)
        .order_by(page.c.transfer_id.desc(), page.c.kind.desc())
    )


def list_balances(user_id: UUID) -> Executable:
    """Every account of a user."""
    return select(Account.asset, Account.kind, Account.balance, Account.seq).where(
        Account.user_id == user_id
    )


def list_lots(user_id: UUID, limit: int) -> Executable:
    """A user's lots that are not released, soonest first."""
    return (
        select(Lot.trade_id, Lot.asset, Lot.amount, Lot.release_at, Lot.frozen_at)
        .where(Lot.user_id == user_id, Lot.released_at.is_(None))
        .order_by(Lot.release_at, Lot.trade_id)
        .limit(limit)
    )


def find_next_platform_account(account: str) -> Executable:
    """The first platform account after `account` by name; none is None."""
    return select(func.min(PlatformPosting.account)).where(PlatformPosting.account > account)


def find_rollup(account: str, asset: str) -> Executable:
    """The roll-up of a platform account in an asset."""
    return select(PlatformRollup.balance, PlatformRollup.through_transfer_id).where(
        PlatformRollup.account == account, PlatformRollup.asset == asset
    )


def sum_platform_postings(
    account: str, asset: str, *, after: UUID, through: UUID, limit: int
) -> Executable:
    """Sum, number and last transfer of the next `limit` postings, `through` included."""
    chunk = (
        select(PlatformPosting.amount, PlatformPosting.transfer_id)
        .where(
            PlatformPosting.account == account,
            PlatformPosting.asset == asset,
            PlatformPosting.transfer_id > after,
            PlatformPosting.transfer_id <= through,
        )
        .order_by(PlatformPosting.transfer_id)
        .limit(limit)
        .subquery()
    )
    return select(
        func.coalesce(func.sum(chunk.c.amount), 0).label("amount"),
        func.count().label("number"),
        func.max(chunk.c.transfer_id).label("last"),
    )


def insert_rollup(account: str, asset: str, *, balance: int, through: UUID) -> Executable:
    """The first roll-up of a platform account in an asset."""
    return insert(PlatformRollup).values(
        account=account, asset=asset, balance=balance, through_transfer_id=through
    )


def update_rollup(
    account: str, asset: str, *, was_through: UUID, balance: int, through: UUID
) -> Executable:
    """Move a roll-up on, if nobody else did."""
    return (
        update(PlatformRollup)
        .where(
            PlatformRollup.account == account,
            PlatformRollup.asset == asset,
            PlatformRollup.through_transfer_id == was_through,
        )
        .values(balance=balance, through_transfer_id=through)
    )
