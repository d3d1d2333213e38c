"""What the ledger tells users."""

from collections.abc import Mapping
from typing import Any

from models.ledger import AccountKind
from server.core.events import Event, room_of_user
from server.core.money import format_usdt
from server.ledger.sheet import AVAILABLE, BALANCE, SEQ, Sheet

ALL_KINDS = tuple(kind.value for kind in AccountKind)


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
    for (user_id, asset), wallet in sheet.list_touched():
        accounts = {kind: (wallet[kind][BALANCE], wallet[kind][SEQ]) for kind in ALL_KINDS}
        room = room_of_user(user_id)
        events.append(Event(room, "balance_updated", write_balances(asset, accounts), user_id))
    return events
