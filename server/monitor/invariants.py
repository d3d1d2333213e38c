"""The invariants, one function each. Every function returns the breaches that it finds."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from models.trades import TradeStatus
from server.core.money import format_usdt
from server.monitor.audit_check import check_audit
from server.monitor.breach import Breach
from server.monitor.chat_check import check_chats
from server.monitor.queries import deals, ledger, service
from server.monitor.reader import Reader

_OPEN = TradeStatus.AWAITING_PAYMENT, TradeStatus.GRACE, TradeStatus.PAID
ALLOWED_STEPS: dict[str, tuple[str, ...]] = {
    "awaiting_payment": (*_OPEN, "disputed", "completed", "cancelled"),
    "grace": ("awaiting_payment", "grace", "paid", "disputed", "completed", "cancelled", "expired"),
    "paid": ("awaiting_payment", "paid", "disputed", "completed", "cancelled"),
    "disputed": ("completed", "refunded"),
}
"""Which status may follow which; nothing follows a final one. Written here a second time on
purpose: a fault in the lifecycle table must not excuse itself."""

Check = Callable[[Reader], Awaitable[list[Breach]]]


def _show(identifier: Any) -> str:
    return str(UUID(bytes=bytes(identifier)))


def _account(row: Any) -> str:
    return f"account:{_show(row.user_id)}/{row.asset}/{row.kind}"


def _trade(row: Any) -> str:
    return f"trade:{_show(row.trade_id)}"


async def check_sum_is_zero(reader: Reader) -> list[Breach]:
    """I1: user and platform postings sum to zero; every transfer has its two postings."""
    breaches = [
        Breach("I1", f"transfer:{_show(row.id)}", "A side of the transfer is missing or differs.")
        for row in await reader.ask(ledger.TRANSFERS_WITHOUT_SIDES)
    ]
    if not reader.full:
        return breaches
    for row in await reader.ask(ledger.UNBALANCED_ASSETS):
        difference = format_usdt(int(row.difference))
        breaches.append(
            Breach("I1", f"asset:{row.asset}", f"The postings sum to {difference}, not to zero.")
        )
    for row in await reader.ask(ledger.POSTINGS_WITHOUT_TRANSFER):
        detail = f"Posting {row.account_seq} belongs to no transfer."
        breaches.append(Breach("I1", _account(row), detail))
    for row in await reader.ask(ledger.PLATFORM_POSTINGS_WITHOUT_TRANSFER):
        detail = f"The posting of {_show(row.transfer_id)} belongs to no transfer."
        breaches.append(Breach("I1", f"platform:{row.account}", detail))
    for row in await reader.ask(ledger.ROLLUPS_WRONG):
        detail = f"The roll-up in {row.asset} is not the sum of what it counted."
        breaches.append(Breach("I1", f"platform:{row.account}", detail))
    return breaches


async def check_balances(reader: Reader) -> list[Breach]:
    """I2: a cached balance is the sum of the postings and the last balance after them."""
    breaches = []
    for row in await reader.ask(ledger.CHAINS_BROKEN):
        detail = f"Posting {row.account_seq} does not follow the one before it."
        breaches.append(Breach("I2", _account(row), detail))
    breaches += [
        Breach("I2", _account(row), "The balance is not that of the postings.")
        for row in await reader.ask(ledger.ACCOUNTS_OFF)
    ]
    for row in await reader.ask(ledger.POSTINGS_BEYOND):
        detail = f"The account does not know posting {row.account_seq}."
        breaches.append(Breach("I2", _account(row), detail))
    return breaches


async def check_no_account_below_zero(reader: Reader) -> list[Breach]:
    """I3: no user account is below zero."""
    breaches = [
        Breach("I3", _account(row), "The balance is below zero.")
        for row in await reader.ask(ledger.ACCOUNTS_BELOW_ZERO)
    ]
    for row in await reader.ask(ledger.POSTINGS_BELOW_ZERO):
        detail = f"The balance was below zero after posting {row.account_seq}."
        breaches.append(Breach("I3", _account(row), detail))
    return breaches


async def check_holds_match_trades(reader: Reader) -> list[Breach]:
    """I4: escrow is what the unresolved holds say; each trade has one over amount and fee."""
    breaches = [
        Breach("I4", _trade(row), "The hold is missing, or not the amount and the seller's fee.")
        for row in await reader.ask(deals.HOLDS_UNLIKE_TRADES)
    ]
    breaches += [
        Breach("I4", _trade(row), "What went into escrow is not what is held.")
        for row in await reader.ask(ledger.OPENINGS_UNLIKE_HOLDS)
    ]
    if reader.full:
        for row in await reader.ask(ledger.ESCROW_TOTALS):
            detail = f"Escrow and unresolved holds differ by {format_usdt(int(row.difference))}."
            breaches.append(Breach("I4", f"asset:{row.asset}", detail))
    return breaches


async def check_holds_resolved_once(reader: Reader) -> list[Breach]:
    """I5: a hold is resolved when and as its trade ended; an ended order reserves nothing."""
    breaches = [
        Breach("I5", _trade(row), "The hold's resolution does not fit the trade's status.")
        for row in await reader.ask(deals.HOLDS_RESOLVED_WRONGLY)
    ]
    breaches += [
        Breach("I5", _trade(row), "There is a hold and no trade.")
        for row in await reader.ask(deals.HOLDS_WITHOUT_TRADE)
    ]
    for row in await reader.ask(deals.ENDED_ORDERS_RESERVING):
        detail = "The order has ended and still keeps something."
        breaches.append(Breach("I5", f"order:{_show(row.order_id)}", detail))
    return breaches


async def check_holds_were_moved(reader: Reader) -> list[Breach]:
    """I6: what was moved out of escrow for a trade is payout, fees and return of its hold."""
    return [
        Breach("I6", _trade(row), "The transfers out of escrow are not the parts of the hold.")
        for row in await reader.ask(ledger.HOLDS_UNLIKE_TRANSFERS)
    ]


async def check_trade_history(reader: Reader) -> list[Breach]:
    """I7: a trade's history is a path of the lifecycle, without gaps, up to its status."""
    breaches = []
    for row in await reader.ask(deals.STEPS_BROKEN):
        detail = f"Version {row.version} does not follow the one before it."
        breaches.append(Breach("I7", _trade(row), detail))
    for row in await reader.ask(deals.forbid_steps_but(ALLOWED_STEPS)):
        detail = f"Version {row.version} is a step that the lifecycle does not know."
        breaches.append(Breach("I7", _trade(row), detail))
    breaches += [
        Breach("I7", _trade(row), "The last event is not the present status.")
        for row in await reader.ask(deals.TRADES_UNLIKE_HISTORY)
    ]
    return breaches


async def check_holds_divided(reader: Reader) -> list[Breach]:
    """I8: the parts of a resolved hold sum to it and fit its resolution."""
    return [
        Breach("I8", _trade(row), "The parts of the hold do not sum to it or do not fit.")
        for row in await reader.ask(ledger.HOLDS_MISDIVIDED)
    ]


async def check_orders_accounted(reader: Reader) -> list[Breach]:
    """I9: amount = remaining + matched - returned + closed; matched is the sum of the trades."""
    return [
        Breach("I9", f"order:{_show(row.order_id)}", "The parts of the order do not add up.")
        for row in await reader.ask(deals.ORDERS_UNACCOUNTED)
    ]


async def check_replies_had_effects(reader: Reader) -> list[Breach]:
    """I19: only replies to calls that had an effect are kept under their keys."""
    return [
        Breach("I19", f"user:{_show(row.user_id)}", "A reply without an effect was kept.")
        for row in await reader.ask(service.KEYS_WITHOUT_EFFECT)
    ]


async def check_events(reader: Reader) -> list[Breach]:
    """I20: numbers in a room have no gap; every step of a trade has its event."""
    breaches = [
        Breach("I20", f"room:{row.room}", f"There is no event before number {row.seq}.")
        for row in await reader.ask(service.ROOMS_WITH_GAPS)
    ]
    for row in await reader.ask(service.ROOMS_AHEAD):
        detail = f"Number {row.seq} is ahead of the relay's own count."
        breaches.append(Breach("I20", f"room:{row.room}", detail))
    told = {row.created_at for row in await reader.ask(service.TRADE_EVENT_TIMES, bounded=False)}
    for row in await reader.ask(service.STEP_TIMES, bounded=False):
        if row.created_at not in told:
            detail = f"No event was written with version {row.version}."
            breaches.append(Breach("I20", _trade(row), detail))
    return breaches


async def check_four_eyes(reader: Reader) -> list[Breach]:
    """I22: what takes more than one person was approved by enough others, in time."""
    return [
        Breach("I22", f"proposal:{_show(row.proposal_id)}", "It was done without its approvals.")
        for row in await reader.ask(service.PROPOSALS_UNDECIDED)
    ]


async def check_timers(reader: Reader) -> list[Breach]:
    """I25: unpaid trades end in time; a clock moves a paid trade only into a dispute."""
    breaches = [
        Breach("I25", _trade(row), "The trade is unpaid and long past its deadline.")
        for row in await reader.ask(deals.TIMERS_LATE)
    ]
    for row in await reader.ask(deals.TIMERS_TOO_FAR):
        detail = f"A clock moved the paid trade on with version {row.version}."
        breaches.append(Breach("I25", _trade(row), detail))
    return breaches


async def check_parties(reader: Reader) -> list[Breach]:
    """I26: buyer and seller are two people with different payment accounts."""
    return [
        Breach("I26", _trade(row), "Buyer and seller share a payment account, or it is not his.")
        for row in await reader.ask(deals.TRADES_WITH_ONESELF)
    ]


async def check_buckets(reader: Reader) -> list[Breach]:
    """I29: reserved, escrow and held of each user are what orders, holds and lots say."""
    expected: Counter[tuple[bytes, str, str]] = Counter()
    for question in (
        ledger.EXPECTED_RESERVED,
        ledger.EXPECTED_RETURNS,
        ledger.EXPECTED_ESCROW,
        ledger.EXPECTED_HELD,
    ):
        for row in await reader.ask(question, bounded=False):
            expected[bytes(row.user_id), row.asset, row.kind] += int(row.amount)
    breaches = []
    for row in await reader.ask(ledger.ACTUAL_BUCKETS, bounded=False):
        wanted = expected.pop((bytes(row.user_id), row.asset, row.kind), 0)
        if wanted != row.amount:
            detail = f"It has {format_usdt(row.amount)} and should have {format_usdt(wanted)}."
            breaches.append(Breach("I29", _account(row), detail))
    if reader.full:
        for (user_id, asset, kind), wanted in expected.items():
            detail = f"There is no account and it should have {format_usdt(wanted)}."
            breaches.append(Breach("I29", f"account:{_show(user_id)}/{asset}/{kind}", detail))
    return breaches


CHECKS: dict[str, Check] = {
    "I1": check_sum_is_zero,
    "I2": check_balances,
    "I3": check_no_account_below_zero,
    "I4": check_holds_match_trades,
    "I5": check_holds_resolved_once,
    "I6": check_holds_were_moved,
    "I7": check_trade_history,
    "I8": check_holds_divided,
    "I9": check_orders_accounted,
    "I19": check_replies_had_effects,
    "I20": check_events,
    "I21": check_audit,
    "I22": check_four_eyes,
    "I25": check_timers,
    "I26": check_parties,
    "I29": check_buckets,
    "I30": check_chats,
}
