"""Finds what is wrong with a lifecycle table; the real one is checked when it is imported."""

from models.trades import TradeStatus
from server.trades.facts import Actor
from server.trades.row import FINAL, RUNNING, Escrow, Row, no_clock


def list_faults(rows: tuple[Row, ...]) -> list[str]:
    """What is wrong with the table, in sentences; empty is good."""
    faults = [fault for row in rows for fault in (*_list_own_faults(row), *_list_ends(row))]
    return faults + _list_clashes(rows) + _list_unreachable(rows)


def _list_own_faults(row: Row) -> list[str]:
    faults = []
    if not row.actors:
        faults.append(f"{row.event} has no actor")
    if (
        row.action is None
        and not row.by_case
        and not set(row.actors) <= {Actor.CLOCK, Actor.SYSTEM}
    ):
        faults.append(f"{row.event} is a person's and has no action")
    if row.by_case and (row.action or row.statuses != (TradeStatus.DISPUTED,)):
        faults.append(f"{row.event} is the case's and may be done without one")
    if row.versioned and FINAL & set(row.statuses):
        faults.append(f"{row.event} leaves a final status")
    if not row.versioned and (row.to or row.escrow is not Escrow.NONE or row.flag):
        faults.append(f"{row.event} is a note beside the trade and changes it")
    if not row.step_up <= set(row.actors):
        faults.append(f"{row.event} asks a proof of somebody who has no part in it")
    return faults


def _list_ends(row: Row) -> list[str]:
    """Escrow is locked by the opening, ended by ends, and every running status has a clock."""
    if not row.versioned:
        return []
    faults = []
    for to in {row.to} if row.to else set(row.statuses):
        if row.ends_escrow != (to in FINAL) or (row.escrow is Escrow.LOCK) == bool(row.statuses):
            faults.append(f"{row.event} to {to} does not fit what happens to the escrow")
        if (to in RUNNING) != (row.clock is not no_clock):
            faults.append(f"{row.event} to {to} has the wrong clock")
    return faults


def _list_clashes(rows: tuple[Row, ...]) -> list[str]:
    names = [
        (row.action or (row.event if row.by_case else row.actors), actor, status)
        for row in rows
        for actor in row.actors
        for status in row.statuses
    ]
    return [
        f"two rows for {actor} in {status}: {action}"
        for action, actor, status in sorted(set(names), key=str)
        if names.count((action, actor, status)) > 1
    ]


def _list_unreachable(rows: tuple[Row, ...]) -> list[str]:
    reached: set[TradeStatus] = set()
    for _ in TradeStatus:
        reached |= {
            row.to for row in rows if row.to and (not row.statuses or reached & {*row.statuses})
        }
    left = {status for row in rows if row.versioned for status in row.statuses}
    faults = [f"{status} is never reached" for status in TradeStatus if status not in reached]
    return faults + [
        f"{status} is neither final nor left by any row"
        for status in TradeStatus
        if status not in FINAL | left
    ]
