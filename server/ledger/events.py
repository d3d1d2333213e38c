"""What the ledger tells users."""

from typing import Any
from uuid import UUID

from models.ledger import AccountKind
from server.core.events import Event, room_of_user
from server.core.money import format_usdt
from server.ledger.sheet import AVAILABLE, AccountKey, Sheet


def balances_of(sheet: Sheet, user_id: UUID, asset: str) -> dict[str, Any]:
    """A wallet's buckets of one asset as decimal strings, and `locked` = all but available.

    `version` grows with every posting, so that a reader can tell the newer of two answers.
    All the user's accounts of the asset must be loaded.
    """
    keys = [AccountKey(user_id, asset, kind.value) for kind in AccountKind]
    balances = {key.kind: sheet.balance(key) for key in keys}
    body: dict[str, Any] = {kind: format_usdt(amount) for kind, amount in balances.items()}
    body["asset"] = asset
    body["locked"] = format_usdt(sum(balances.values()) - balances[AVAILABLE])
    body["version"] = sum(sheet.seq(key) for key in keys)
    return body


def balances_updated(sheet: Sheet) -> list[Event]:
    """One `balance_updated` for each touched user and asset, ascending."""
    wallets = sorted({(change.key.user_id, change.key.asset) for change in sheet.changes()})
    return [
        Event(room_of_user(user_id), "balance_updated", balances_of(sheet, user_id, asset), user_id)
        for user_id, asset in wallets
    ]
