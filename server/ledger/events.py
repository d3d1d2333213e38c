"""What the ledger tells users."""

from collections.abc import Mapping
from typing import Any

from models.ledger import AccountKind
from server.core.events import Event, room_of_user
from server.core.money import format_usdt
from server.ledger.sheet import AVAILABLE, AccountKey, Sheet


def write_balances(asset: str, accounts: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """A wallet's buckets of one asset as decimal strings, and `locked` = all but available.

    `accounts` has the balance (micro-units) and the number of postings of each kind. `version`
    is the sum of those numbers: it grows with every posting, so that a reader can tell the newer
    of two answers.
    """
    body: dict[str, Any] = {kind: format_usdt(balance) for kind, (balance, _) in accounts.items()}
    body["asset"] = asset
    body["locked"] = format_usdt(
        sum(balance for kind, (balance, _) in accounts.items() if kind != AVAILABLE)
    )
    body["version"] = sum(seq for _, seq in accounts.values())
    return body


def balances_updated(sheet: Sheet) -> list[Event]:
    """One `balance_updated` for each touched user and asset, ascending.

    All accounts of those users in the asset must be loaded.
    """
    events = []
    for user_id, asset in sorted({change.key[:2] for change in sheet.changes()}):
        accounts = {}
        for kind in AccountKind:
            key = AccountKey(user_id, asset, kind.value)
            accounts[kind.value] = (sheet.balance(key), sheet.seq(key))
        room = room_of_user(user_id)
        events.append(Event(room, "balance_updated", write_balances(asset, accounts), user_id))
    return events
