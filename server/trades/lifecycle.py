"""The lifecycle of a trade as one table; everything else asks it. Checked when imported.

A row says who may do what in which statuses, under which guard, where that leads, which clock
runs then, what happens to the escrow and which event tells of it. Rows without a version (asking,
offering, declining) are notes beside the trade: they change neither its status nor its version.
"""

from datetime import datetime

from server.core.clock import format_instant
from server.core.refusals import Refusal
from server.trades import guards
from server.trades.check import list_faults
from server.trades.facts import Actor, Facts
from server.trades.refusals import OtherSidesPart, TradeFrozen, WrongTradeStatus
from server.trades.row import (
    AWAITING,
    BUYER,
    CANCELLED,
    COMPLETED,
    DISPUTED,
    EXPIRED,
    GRACE,
    PAID,
    REFUNDED,
    SELLER,
    STAFF,
    Action,
    AtFault,
    Escrow,
    Row,
    grace_after_window,
    later_release_time,
    no_clock,
    release_time,
    window,
    window_from_now,
)

ROWS: tuple[Row, ...] = (
    Row(
        event="opened",
        actors=(Actor.SYSTEM,),
        statuses=(),
        to=AWAITING,
        clock=window,
        escrow=Escrow.LOCK,
        published="trade_created",
    ),
    Row(
        event="payer_declared",
        action=Action.DECLARE_PAYER,
        actors=(BUYER,),
        statuses=(AWAITING,),
        guard=guards.payer_not_yet_declared,
    ),
    Row(
        event="marked_paid",
        action=Action.MARK_PAID,
        actors=(BUYER,),
        statuses=(AWAITING,),
        to=PAID,
        guard=guards.payer_declared,
        clock=release_time,
        published="trade_paid",
    ),
    Row(
        event="marked_paid_late",
        action=Action.MARK_PAID,
        actors=(BUYER,),
        statuses=(GRACE,),
        to=PAID,
        guard=guards.payer_declared,
        clock=release_time,
        flag="late",
        published="trade_paid",
    ),
    Row(
        event="paid_undone",
        action=Action.UNDO_PAID,
        actors=(BUYER,),
        statuses=(PAID,),
        to=AWAITING,
        guard=guards.paid_may_be_undone,
        clock=window,
        flag="paid_undone",
    ),
    Row(
        event="cancelled",
        action=Action.CANCEL,
        actors=(BUYER,),
        statuses=(AWAITING, GRACE),
        to=CANCELLED,
        clock=no_clock,
        escrow=Escrow.RETURN,
        fault=AtFault.BY_REASON,
        published="trade_cancelled",
    ),
    Row(
        event="payer_refused",
        action=Action.REFUSE_PAYER,
        actors=(SELLER,),
        statuses=(AWAITING, GRACE),
        to=CANCELLED,
        guard=guards.third_party_pays,
        clock=no_clock,
        escrow=Escrow.RETURN,
        published="trade_cancelled",
    ),
    Row(
        event="payment_denied",
        action=Action.DID_NOT_PAY,
        actors=(BUYER,),
        statuses=(PAID,),
        to=CANCELLED,
        clock=no_clock,
        escrow=Escrow.RETURN,
        fault=AtFault.BUYER,
        published="trade_cancelled",
    ),
    Row(
        event="cancel_requested",
        action=Action.REQUEST_CANCEL,
        actors=(SELLER,),
        statuses=(AWAITING, GRACE, PAID),
        guard=guards.no_cancel_request,
        versioned=False,
    ),
    Row(
        event="cancel_agreed",
        action=Action.ACCEPT_CANCEL,
        actors=(BUYER,),
        statuses=(AWAITING, GRACE, PAID),
        to=CANCELLED,
        guard=guards.cancel_requested,
        clock=no_clock,
        escrow=Escrow.RETURN,
        published="trade_cancelled",
    ),
    Row(
        event="cancel_declined",
        action=Action.DECLINE_CANCEL,
        actors=(BUYER,),
        statuses=(AWAITING, GRACE, PAID),
        guard=guards.cancel_requested,
        versioned=False,
    ),
    Row(
        event="window_over",
        actors=(Actor.CLOCK,),
        statuses=(AWAITING,),
        to=GRACE,
        guard=guards.deadline_over,
        clock=grace_after_window,
    ),
    Row(
        event="grace_over",
        actors=(Actor.CLOCK,),
        statuses=(GRACE,),
        to=EXPIRED,
        guard=guards.deadline_over,
        clock=no_clock,
        escrow=Escrow.RETURN,
        fault=AtFault.BUYER,
        published="trade_expired",
    ),
    Row(
        event="window_extended",
        action=Action.EXTEND,
        actors=(SELLER,),
        statuses=(AWAITING, GRACE),
        to=AWAITING,
        guard=guards.seller_extends_once,
        clock=window_from_now,
        flag="extended_by_seller",
    ),
    Row(
        event="release_time_extended",
        action=Action.EXTEND,
        actors=(BUYER,),
        statuses=(PAID,),
        guard=guards.buyer_extends_once,
        clock=later_release_time,
        flag="extended_by_buyer",
    ),
    Row(
        event="released",
        action=Action.RELEASE,
        actors=(SELLER,),
        statuses=(AWAITING, GRACE, PAID, DISPUTED),
        to=COMPLETED,
        clock=no_clock,
        escrow=Escrow.RELEASE,
        step_up=frozenset({SELLER}),
        published="trade_released",
    ),
    Row(
        event="split_proposed",
        action=Action.PROPOSE_SPLIT,
        actors=(BUYER, SELLER),
        statuses=(PAID,),
        guard=guards.no_split_offer,
        step_up=frozenset({SELLER}),
        versioned=False,
    ),
    Row(
        event="split_agreed",
        action=Action.ACCEPT_SPLIT,
        actors=(BUYER, SELLER),
        statuses=(PAID,),
        to=COMPLETED,
        guard=guards.split_offered_by_other,
        clock=no_clock,
        escrow=Escrow.SPLIT,
        step_up=frozenset({SELLER}),
        published="trade_released",
    ),
    Row(
        event="split_declined",
        action=Action.DECLINE_SPLIT,
        actors=(BUYER, SELLER),
        statuses=(PAID,),
        guard=guards.split_offered,
        versioned=False,
    ),
    Row(
        event="disputed",
        action=Action.OPEN_DISPUTE,
        actors=(BUYER, SELLER),
        statuses=(PAID,),
        to=DISPUTED,
        guard=guards.waiting_time_over,
        clock=no_clock,
        published="trade_disputed",
    ),
    Row(
        event="release_time_over",
        actors=(Actor.CLOCK,),
        statuses=(PAID,),
        to=DISPUTED,
        guard=guards.deadline_over,
        clock=no_clock,
        published="trade_disputed",
    ),
    Row(
        event="case_opened",
        action=Action.OPEN_CASE,
        actors=(STAFF,),
        statuses=(AWAITING, GRACE, PAID),
        to=DISPUTED,
        clock=no_clock,
        published="trade_disputed",
    ),
    Row(
        event="conceded",
        action=Action.CONCEDE,
        actors=(BUYER,),
        statuses=(DISPUTED,),
        to=REFUNDED,
        clock=no_clock,
        escrow=Escrow.RETURN,
        fault=AtFault.BUYER,
        step_up=frozenset({BUYER}),
        published="trade_refunded",
    ),
    Row(
        event="conceded_by_seller",
        action=Action.CONCEDE,
        actors=(SELLER,),
        statuses=(DISPUTED,),
        to=COMPLETED,
        clock=no_clock,
        escrow=Escrow.RELEASE,
        step_up=frozenset({SELLER}),
        published="trade_released",
    ),
    *(
        Row(
            event=f"{how}_{award}",
            actors=actors,
            statuses=(DISPUTED,),
            to=to,
            clock=no_clock,
            escrow=escrow,
            by_case=True,
            published=published,
        )
        for how, actors in (("agreed", (BUYER, SELLER)), ("ruled", (Actor.CLOCK,)))
        for award, to, escrow, published in (
            ("release", COMPLETED, Escrow.RELEASE, "trade_released"),
            ("refund", REFUNDED, Escrow.RETURN, "trade_refunded"),
            ("split", COMPLETED, Escrow.SPLIT, "trade_released"),
        )
    ),
    Row(
        event="fault_contested",
        action=Action.CONTEST_FAULT,
        actors=(SELLER,),
        statuses=(CANCELLED,),
        guard=guards.fault_contestable,
        versioned=False,
    ),
)
OUTAGE_CREDITED = Row(
    event="outage_credited",
    actors=(Actor.SYSTEM,),
    statuses=(AWAITING, GRACE, PAID),
)
"""Applied by the crediting of an outage alone; its deadlines come from the outage's length."""

_faults = list_faults((*ROWS, OUTAGE_CREDITED))
assert not _faults, f"the lifecycle is broken: {_faults}"


def find_row(action: Action, actor: Actor, facts: Facts, now: datetime) -> Row:
    """The row by which `actor` does `action` now. Refuses with the rule that forbids it."""
    known = [row for row in ROWS if row.action is action and actor in row.actors]
    if not known:
        raise OtherSidesPart(action=action.value)
    row = next((row for row in known if facts.status in row.statuses), None)
    if row is None:
        raise WrongTradeStatus(action=action.value, status=facts.status.value)
    refusal = row.guard(facts, actor, now)
    if refusal is None and row.ends_escrow and facts.is_frozen(now):
        assert facts.frozen_until is not None
        refusal = TradeFrozen(until=format_instant(facts.frozen_until))
    if refusal is not None:
        refusal.params.setdefault("status", facts.status.value)
        raise refusal
    return row


def is_allowed(action: Action, actor: Actor, facts: Facts, now: datetime) -> bool:
    """Whether `find_row` would find one."""
    try:
        find_row(action, actor, facts, now)
    except Refusal:
        return False
    return True


def allowed_actions(facts: Facts, actor: Actor, now: datetime) -> list[Action]:
    """What `actor` may do now, in the table's order."""
    return [action for action in Action if is_allowed(action, actor, facts, now)]


def find_due_row(facts: Facts, now: datetime) -> Row | None:
    """The clock's row that is due, if any; while the trade is frozen none that ends the escrow."""
    for row in ROWS:
        if Actor.CLOCK in row.actors and facts.status in row.statuses and not row.by_case:
            waits = row.ends_escrow and facts.is_frozen(now)
            return row if not waits and row.guard(facts, Actor.CLOCK, now) is None else None
    return None


def find_case_row(event: str) -> Row:
    """The row by which a case ends its trade, by its name."""
    return next(row for row in ROWS if row.by_case and row.event == event)
