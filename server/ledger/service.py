"""What may be done with accounts, holds and lots, always inside the caller's unit of work."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.ledger import AccountKind, Resolution
from server.core import fault
from server.db import Unit
from server.ledger import queries
from server.ledger.events import balances_updated
from server.ledger.reasons import Reason
from server.ledger.rules import Parts, TradeTerms, compute_hold, divide_hold
from server.ledger.sheet import AccountKey, Sheet

FEES = "fees"
"""The platform account that fees are booked on."""
LOTS_PER_UNIT_MAX = 50
"""How many lots one unit releases: it locks the accounts of all their owners."""


class LotRow(NamedTuple):
    """A lot that is not released; the amount in micro-units."""

    user_id: UUID
    asset: str
    amount: int
    release_at: datetime


async def open_accounts(unit: Unit, user_id: UUID) -> None:
    """Give a new user his empty accounts: every kind in every asset."""
    await unit.execute(queries.INSERT_ACCOUNTS, queries.rows_of_new_accounts(user_id))


async def lock_sheet(unit: Unit, keys: Iterable[AccountKey]) -> Sheet:
    """Lock the accounts and return a sheet with their balances.

    For each named account, all accounts of that user and asset are locked, ascending, by one
    statement: the event about a wallet shows every bucket. Lock accounts last, and once a unit.
    """
    wanted = set(keys)
    wallets = sorted({(key.user_id, key.asset) for key in wanted})
    sheet = Sheet(new_id=unit.ids.new_id, now=unit.now)
    if not wallets:
        return sheet
    rows = (await unit.execute(queries.lock_accounts(wallets))).all()
    # The wait for the locks may have been long, and the unit's time was taken anew if it just
    # began; transfers carry the time that the unit has now.
    sheet.now = unit.now
    for row in rows:
        sheet.load(AccountKey(row.user_id, row.asset, row.kind), row.balance, row.seq)
    missing = [key for key in wanted if not sheet.is_loaded(key)]
    assert not missing, f"accounts do not exist: {missing}"
    return sheet


async def write_sheet(unit: Unit, sheet: Sheet) -> None:
    """Write a sheet's moves and final balances, and tell each touched user.

    Balances are written as final values and only where the sequence number is still the one
    that was locked.
    """
    changes = sheet.changes()
    if not sheet.transfers:
        return

    fault.point("ledger.before_transfers")
    await unit.execute(queries.INSERT_TRANSFERS, queries.parameters_of_rows(sheet.transfers))
    fault.point("ledger.before_postings")
    if sheet.postings:
        await unit.execute(queries.INSERT_POSTINGS, queries.parameters_of_rows(sheet.postings))
    if sheet.platform_postings:
        await unit.execute(
            queries.INSERT_PLATFORM_POSTINGS, queries.parameters_of_rows(sheet.platform_postings)
        )
    fault.point("ledger.before_balances")
    for parameters in queries.parameters_of_changes(changes):
        written = await unit.execute(queries.UPDATE_ACCOUNT, parameters)
        assert written.rowcount == 1, "an account changed although it was locked"
    for event in balances_updated(sheet):
        unit.emit(event)


async def open_hold(unit: Unit, sheet: Sheet, *, trade: TradeTerms) -> int:
    """Lock the seller's USDT for a trade: reserved to escrow. Returns the micro-units held.

    The amount and the seller's fee are held; the caller writes the sheet.
    """
    amount = compute_hold(trade.amount, trade.seller_fee_ppm)
    sheet.move(
        asset=trade.asset,
        amount=amount,
        debit=AccountKey(trade.seller_id, trade.asset, AccountKind.RESERVED),
        credit=AccountKey(trade.seller_id, trade.asset, AccountKind.ESCROW),
        reason=Reason.TRADE_OPENED,
        subject_id=trade.id,
    )
    await unit.execute(
        queries.insert_hold(
            trade_id=trade.id, seller_id=trade.seller_id, asset=trade.asset, amount=amount
        )
    )
    return amount


async def resolve_hold(
    unit: Unit,
    sheet: Sheet,
    *,
    trade: TradeTerms,
    resolution: Resolution,
    buyer_part: int | None = None,
    release_at: datetime | None = None,
) -> Parts:
    """End a trade's escrow, once: release, refund or split. Returns where it went.

    `sheet` holds the locked accounts of both parties (of the seller alone for a refund); the
    caller writes it. `buyer_part` (micro-units, before the buyer's fee) belongs to a split alone.
    With `release_at` the buyer's USDT goes to a lot that is withdrawable from then on, otherwise
    to his available account. What is given back goes to the seller's reserved account, from where
    the lane returns it to the order or to the seller.
    """
    awarded = _award(trade, resolution, buyer_part)
    parts = divide_hold(
        trade.amount,
        buyer_part=awarded,
        buyer_fee_ppm=trade.buyer_fee_ppm,
        seller_fee_ppm=trade.seller_fee_ppm,
    )
    fault.point("ledger.before_resolve")
    await unit.execute_guarded(
        queries.resolve_hold(
            trade.id,
            amount=compute_hold(trade.amount, trade.seller_fee_ppm),
            resolution=resolution.value,
            parts=parts,
            now=unit.now,
        )
    )
    escrow = AccountKey(trade.seller_id, trade.asset, AccountKind.ESCROW)
    bought = AccountKind.AVAILABLE if release_at is None else AccountKind.HELD
    for amount, credit, reason in (
        (parts.paid_out, AccountKey(trade.buyer_id, trade.asset, bought), Reason.TRADE_RELEASED),
        (parts.fees, FEES, Reason.TRADE_FEE),
        (
            parts.given_back,
            AccountKey(trade.seller_id, trade.asset, AccountKind.RESERVED),
            Reason.TRADE_RETURNED,
        ),
    ):
        sheet.move(
            asset=trade.asset,
            amount=amount,
            debit=escrow,
            credit=credit,
            reason=reason,
            subject_id=trade.id,
        )
    if release_at is not None and parts.paid_out > 0:
        await open_lot(
            unit,
            trade_id=trade.id,
            user_id=trade.buyer_id,
            asset=trade.asset,
            amount=parts.paid_out,
            release_at=release_at,
        )
    return parts


def _award(trade: TradeTerms, resolution: Resolution, buyer_part: int | None) -> int:
    if resolution is Resolution.SPLIT:
        assert buyer_part is not None, "a split names the buyer's part"
        assert 0 < buyer_part < trade.amount, "a split gives something to both"
        return buyer_part
    assert buyer_part is None, "only a split names a part"
    return trade.amount if resolution is Resolution.RELEASED else 0


async def open_lot(
    unit: Unit, *, trade_id: UUID, user_id: UUID, asset: str, amount: int, release_at: datetime
) -> None:
    """Note that `amount` of the user's held account becomes withdrawable at `release_at`."""
    await unit.execute(
        queries.insert_lot(
            trade_id=trade_id, user_id=user_id, asset=asset, amount=amount, release_at=release_at
        )
    )


async def release_due_lots(unit: Unit, limit: int = LOTS_PER_UNIT_MAX) -> int:
    """Release at most `limit` lots whose time has come: held to available. Returns how many.

    Lots that are frozen, or that another unit works on, are left alone.
    """
    due = [
        row.trade_id for row in (await unit.execute(queries.find_due_lots(unit.now, limit))).all()
    ]
    return await _release_lots(unit, due) if due else 0


async def release_due_lot(unit: Unit, trade_id: UUID) -> bool:
    """Release the lot of one trade if its time has come; whether it was. Locks accounts."""
    due = (await unit.execute(queries.find_due_lot(trade_id, unit.now))).first()
    return due is not None and await _release_lots(unit, [trade_id]) == 1


async def _release_lots(unit: Unit, due: list[UUID]) -> int:
    lots = (await unit.execute(queries.lock_lots(due))).all()
    sheet = await lock_sheet(
        unit, [AccountKey(lot.user_id, lot.asset, AccountKind.HELD) for lot in lots]
    )
    for lot in lots:
        await unit.execute_guarded(queries.release_lot(lot.trade_id, unit.now))
        sheet.move(
            asset=lot.asset,
            amount=lot.amount,
            debit=AccountKey(lot.user_id, lot.asset, AccountKind.HELD),
            credit=AccountKey(lot.user_id, lot.asset, AccountKind.AVAILABLE),
            reason=Reason.LOT_RELEASED,
            subject_id=lot.trade_id,
        )
    await write_sheet(unit, sheet)
    return len(lots)


async def freeze_lot(unit: Unit, trade_id: UUID) -> bool:
    """Keep a lot from being released while a claim is open. False when it is too late for that."""
    return (await unit.execute(queries.freeze_lot(trade_id, unit.now))).rowcount == 1


async def unfreeze_lot(unit: Unit, trade_id: UUID) -> bool:
    """Let a frozen lot run again. False when there is no frozen lot."""
    return (await unit.execute(queries.unfreeze_lot(trade_id))).rowcount == 1


async def find_lot(unit: Unit, trade_id: UUID) -> LotRow | None:
    """Lock the lot of a trade, if it has one that is not released."""
    row = (await unit.execute(queries.lock_lot(trade_id))).first()
    return None if row is None else LotRow(row.user_id, row.asset, row.amount, row.release_at)


async def hold_for_claim(
    unit: Unit, *, trade_id: UUID, user_id: UUID, asset: str, amount_max: int
) -> int:
    """Move at most `amount_max` of a user's available to a frozen lot; the micro-units moved.

    Zero when he has nothing. The trade must have no lot yet. Locks accounts, so it comes last.
    """
    available = AccountKey(user_id, asset, AccountKind.AVAILABLE)
    sheet = await lock_sheet(unit, [available])
    amount = min(amount_max, sheet.balance(available))
    if amount == 0:
        return 0
    sheet.move(
        asset=asset,
        amount=amount,
        debit=available,
        credit=AccountKey(user_id, asset, AccountKind.HELD),
        reason=Reason.CLAIM_HELD,
        subject_id=trade_id,
    )
    await open_lot(
        unit, trade_id=trade_id, user_id=user_id, asset=asset, amount=amount, release_at=unit.now
    )
    frozen = await freeze_lot(unit, trade_id)
    assert frozen, "a new lot can be frozen"
    await write_sheet(unit, sheet)
    return amount


async def award_lot(unit: Unit, trade_id: UUID, to_user_id: UUID) -> int:
    """A claim was upheld: a frozen lot goes to the claimant's available; the micro-units moved.

    The lot must be there and frozen. Locks accounts, so it comes last.
    """
    lot = await find_lot(unit, trade_id)
    assert lot is not None, "only a lot that is there is awarded"
    assert lot.user_id != to_user_id, "a lot goes to the other side"
    await unit.execute_guarded(queries.award_lot(trade_id, unit.now))
    held = AccountKey(lot.user_id, lot.asset, AccountKind.HELD)
    claimed = AccountKey(to_user_id, lot.asset, AccountKind.AVAILABLE)
    sheet = await lock_sheet(unit, [held, claimed])
    sheet.move(
        asset=lot.asset,
        amount=lot.amount,
        debit=held,
        credit=claimed,
        reason=Reason.CLAIM_AWARDED,
        subject_id=trade_id,
    )
    await write_sheet(unit, sheet)
    return lot.amount
