"""What lifecycle tables of cases, claims and freezes are made of, and how they are asked.

The same shape as the trades' own table: a row says who may do what in which statuses, under which
guard, where that leads and which clock runs then. A table is checked when it is made.
"""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from server.core.refusals import Refusal
from server.disputes.refusals import WrongCaseStatus
from server.trades.facts import Actor
from server.trades.refusals import OtherSidesPart

BUYER, SELLER, STAFF, CLOCK = Actor.BUYER, Actor.SELLER, Actor.STAFF, Actor.CLOCK
PARTIES = (BUYER, SELLER)


class StepFacts(Protocol):
    """What every lifecycle knows of its subject."""

    @property
    def status(self) -> enum.StrEnum:
        """Where it stands."""
        ...

    @property
    def deadline_at(self) -> datetime | None:
        """When the clock of the present status strikes."""
        ...


F = TypeVar("F", bound=StepFacts)
Guard = Callable[[F, Actor, datetime], Refusal | None]
Clock = Callable[[F, datetime], datetime | None]


def always(_facts: StepFacts, _actor: Actor, _now: datetime) -> Refusal | None:
    """No further condition."""
    return None


def deadline_over(facts: StepFacts, _actor: Actor, now: datetime) -> Refusal | None:
    """The time of the present status has run out."""
    assert facts.deadline_at is not None, "a status with a clock has a deadline"
    return None if now >= facts.deadline_at else WrongCaseStatus()


def same_clock(facts: StepFacts, _now: datetime) -> datetime | None:
    """The deadline stays."""
    return facts.deadline_at


def no_clock(_facts: StepFacts, _now: datetime) -> datetime | None:
    """No clock decides any more."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Generic[F]):
    """One row of a lifecycle."""

    event: str
    """What happened, as the history keeps it."""
    actors: tuple[Actor, ...]
    statuses: tuple[enum.StrEnum, ...]
    """None: it begins."""
    to: enum.StrEnum | None = None
    """None: the status stays."""
    action: enum.StrEnum | None = None
    """None: no person does it."""
    guard: Guard[F] = always
    clock: Clock[F] = same_clock
    step_up: frozenset[Actor] = frozenset()
    """Who must prove that it is him."""
    money: str = "-"
    """What becomes of the money."""

    def leads_to(self, status: enum.StrEnum) -> enum.StrEnum:
        """The status after the row."""
        return self.to or status


def credited(statuses: tuple[enum.StrEnum, ...]) -> Row[Any]:
    """The row by which an outage is given back; its deadline comes from the outage's length."""
    return Row(event="outage_credited", actors=(Actor.SYSTEM,), statuses=statuses)


@dataclass(frozen=True, slots=True)
class Table(Generic[F]):
    """A whole lifecycle, checked when it is made."""

    subject: str
    """What it is the lifecycle of, in a word."""
    statuses: type[enum.StrEnum]
    final: frozenset[enum.StrEnum]
    rows: tuple[Row[F], ...]

    def __post_init__(self) -> None:
        faults = list_faults(self)
        assert not faults, f"the lifecycle of a {self.subject} is broken: {faults}"


def find_row(
    table: Table[F], action: enum.StrEnum, actor: Actor, facts: F, now: datetime
) -> Row[F]:
    """The row by which `actor` does `action` now. Refuses with the rule that forbids it."""
    known = [row for row in table.rows if row.action is action and actor in row.actors]
    if not known:
        raise OtherSidesPart(action=action.value)
    row = next((row for row in known if facts.status in row.statuses), None)
    if row is None:
        raise WrongCaseStatus(action=action.value, status=facts.status.value)
    refusal = row.guard(facts, actor, now)
    if refusal is not None:
        refusal.params.setdefault("status", facts.status.value)
        raise refusal
    return row


def is_allowed(
    table: Table[F], action: enum.StrEnum, actor: Actor, facts: F, now: datetime
) -> bool:
    """Whether `find_row` would find one."""
    try:
        find_row(table, action, actor, facts, now)
    except Refusal:
        return False
    return True


def list_allowed(table: Table[F], actor: Actor, facts: F, now: datetime) -> list[str]:
    """The actions that `actor` may do now, in the table's order."""
    actions = dict.fromkeys(row.action for row in table.rows if row.action is not None)
    return [action.value for action in actions if is_allowed(table, action, actor, facts, now)]


def find_due_row(table: Table[F], facts: F, now: datetime) -> Row[F] | None:
    """The clock's row that is due, if any."""
    for row in table.rows:
        if CLOCK in row.actors and facts.status in row.statuses:
            return row if row.guard(facts, CLOCK, now) is None else None
    return None


def find_event(table: Table[F], event: str) -> Row[F]:
    """The row of that name; there must be one."""
    return next(row for row in table.rows if row.event == event)


def list_faults(table: Table[Any]) -> list[str]:
    """What is wrong with a table, in sentences; empty is good."""
    own = [fault for row in table.rows for fault in _list_own_faults(row, table.final)]
    return [*own, *_list_clashes(table.rows), *_list_stuck(table)]


def _list_own_faults(row: Row[Any], final: frozenset[enum.StrEnum]) -> list[str]:
    faults = []
    if not row.actors:
        faults.append(f"{row.event} has no actor")
    if row.action is None and row.statuses and not set(row.actors) <= {CLOCK, Actor.SYSTEM}:
        faults.append(f"{row.event} is a person's and has no action")
    if final & set(row.statuses):
        faults.append(f"{row.event} leaves a final status")
    if not row.step_up <= set(row.actors):
        faults.append(f"{row.event} asks a proof of somebody who has no part in it")
    if not row.statuses and row.to is None:
        faults.append(f"{row.event} begins nowhere")
    if (row.to in final) != (row.clock is no_clock):
        faults.append(f"{row.event} has the wrong clock")
    return faults


def _list_clashes(rows: Iterable[Row[Any]]) -> list[str]:
    names = [
        (row.action or "the clock", actor, status)
        for row in rows
        for actor in row.actors
        for status in row.statuses
        if row.action or actor is CLOCK
    ]
    return [
        f"two rows for {actor} in {status}: {action}"
        for action, actor, status in sorted(set(names))
        if names.count((action, actor, status)) > 1
    ]


def _list_stuck(table: Table[Any]) -> list[str]:
    """Statuses that are never reached, and open ones without a clock or without a way out."""
    reached: set[enum.StrEnum] = set()
    for _ in table.statuses:
        reached |= {
            row.to
            for row in table.rows
            if row.to and (not row.statuses or reached & {*row.statuses})
        }
    faults = [f"{status} is never reached" for status in table.statuses if status not in reached]
    for status in table.statuses:
        if status in table.final:
            continue
        leaving = [row for row in table.rows if status in row.statuses]
        clocks = [row for row in leaving if CLOCK in row.actors]
        if not clocks:
            faults.append(f"{status} has no clock")
        by_staff = any(STAFF in row.actors and row.to not in (None, status) for row in leaving)
        if not by_staff and not any(row.to in table.final for row in clocks):
            faults.append(f"{status} is left neither by staff nor by the clock's end")
    return faults
