"""The lifecycle of a case as one table; everything else asks it. Checked when imported.

The trade's own table says what becomes of the escrow; here stands when that may happen. Rows that
close the case are applied together with the row of the trade that `money` names.
"""

from datetime import datetime

from models.disputes import DisputeStatus
from server.disputes import guards, rules
from server.disputes.facts import CaseAction, CaseFacts
from server.disputes.table import (
    BUYER,
    CLOCK,
    PARTIES,
    SELLER,
    STAFF,
    Row,
    Table,
    credited,
    deadline_over,
    no_clock,
)

OPEN, EVIDENCE = DisputeStatus.OPEN, DisputeStatus.EVIDENCE
RULED, OBJECTED, CLOSED = DisputeStatus.RULED, DisputeStatus.OBJECTED, DisputeStatus.CLOSED
FINAL = frozenset({CLOSED})
UNDECIDED = (OPEN, EVIDENCE, RULED, OBJECTED)
"""Every open status: until the money has moved the parties may still agree."""


def evidence_time(facts: CaseFacts, now: datetime) -> datetime | None:
    """The end of the evidence of whoever is not done; now when both are."""
    return facts.evidence_ends_at or now


def ruling_time(_facts: CaseFacts, now: datetime) -> datetime | None:
    """24 hours from now for the desk."""
    return now + rules.RULING_TIME


def objection_time(_facts: CaseFacts, now: datetime) -> datetime | None:
    """24 hours from now to object."""
    return now + rules.OBJECTION_TIME


def at_once(_facts: CaseFacts, now: datetime) -> datetime | None:
    """Now: nobody objects a second time."""
    return now


ROWS: tuple[Row[CaseFacts], ...] = (
    Row(
        event="opened",
        actors=(BUYER, SELLER, STAFF, CLOCK),
        statuses=(),
        to=OPEN,
        clock=evidence_time,
    ),
    Row(
        event="evidence_given",
        action=CaseAction.GIVE_EVIDENCE,
        actors=PARTIES,
        statuses=(OPEN, RULED, OBJECTED),
        guard=guards.may_give,
    ),
    Row(
        event="said_done",
        action=CaseAction.SAY_DONE,
        actors=PARTIES,
        statuses=(OPEN,),
        guard=guards.may_show,
        clock=evidence_time,
    ),
    Row(
        event="evidence_over",
        actors=(CLOCK,),
        statuses=(OPEN,),
        to=EVIDENCE,
        guard=guards.evidence_over,
        clock=ruling_time,
    ),
    Row(
        event="evidence_ended",
        action=CaseAction.END_EVIDENCE,
        actors=(STAFF,),
        statuses=(OPEN,),
        to=EVIDENCE,
        clock=ruling_time,
    ),
    Row(
        event="offer_made",
        action=CaseAction.MAKE_OFFER,
        actors=PARTIES,
        statuses=UNDECIDED,
    ),
    Row(
        event="offer_declined",
        action=CaseAction.DECLINE_OFFER,
        actors=PARTIES,
        statuses=UNDECIDED,
        guard=guards.offer_open,
    ),
    Row(
        event="offer_accepted",
        action=CaseAction.ACCEPT_OFFER,
        actors=PARTIES,
        statuses=UNDECIDED,
        to=CLOSED,
        guard=guards.offered_by_other,
        clock=no_clock,
        step_up=frozenset(PARTIES),
        money="agreed_release, agreed_refund or agreed_split",
    ),
    Row(
        event="released",
        action=CaseAction.RELEASE,
        actors=(SELLER,),
        statuses=UNDECIDED,
        to=CLOSED,
        guard=guards.not_frozen,
        clock=no_clock,
        step_up=frozenset({SELLER}),
        money="released",
    ),
    Row(
        event="conceded",
        action=CaseAction.CONCEDE,
        actors=PARTIES,
        statuses=UNDECIDED,
        to=CLOSED,
        guard=guards.not_frozen,
        clock=no_clock,
        step_up=frozenset(PARTIES),
        money="conceded by the buyer, conceded_by_seller",
    ),
    Row(
        event="ruled",
        action=CaseAction.RULE,
        actors=(STAFF,),
        statuses=(EVIDENCE,),
        to=RULED,
        clock=objection_time,
    ),
    Row(
        event="objected",
        action=CaseAction.OBJECT,
        actors=PARTIES,
        statuses=(RULED,),
        to=OBJECTED,
        guard=guards.may_object,
        clock=ruling_time,
    ),
    Row(
        event="ruled_again",
        action=CaseAction.RULE_AGAIN,
        actors=(STAFF,),
        statuses=(OBJECTED,),
        to=RULED,
        clock=at_once,
    ),
    Row(
        event="ruling_overdue",
        actors=(CLOCK,),
        statuses=(EVIDENCE, OBJECTED),
        guard=deadline_over,
        clock=ruling_time,
    ),
    Row(
        event="carried_out",
        actors=(CLOCK,),
        statuses=(RULED,),
        to=CLOSED,
        guard=guards.ruling_due,
        clock=no_clock,
        money="ruled_release, ruled_refund or ruled_split",
    ),
)
OUTAGE_CREDITED: Row[CaseFacts] = credited(UNDECIDED)
"""Applied by the crediting of an outage alone."""
CASES = Table("case", DisputeStatus, FINAL, (*ROWS, OUTAGE_CREDITED))
ENDED_BY = {
    "released": "released",
    "conceded": "conceded",
    "conceded_by_seller": "conceded",
    "agreed_release": "offer_accepted",
    "agreed_refund": "offer_accepted",
    "agreed_split": "offer_accepted",
    "ruled_release": "carried_out",
    "ruled_refund": "carried_out",
    "ruled_split": "carried_out",
}
"""The row of the trade by which a case may end, and the row of the case that goes with it."""
