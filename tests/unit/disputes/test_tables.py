"""The lifecycle tables of cases, freezes and claims, and what is computed from them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from models.claims import ClaimKind, ClaimStatus
from models.disputes import DisputeStatus, FreezeStatus
from server.core.refusals import Refusal
from server.disputes import refusals, rules, staff_rules
from server.disputes.claim_lifecycle import CLAIMS, ClaimAction, ClaimFacts
from server.disputes.drawing import draw_lifecycles
from server.disputes.facts import CaseAction, CaseFacts
from server.disputes.freeze_lifecycle import FREEZES, FreezeAction, FreezeFacts
from server.disputes.lifecycle import CASES, ENDED_BY
from server.disputes.table import (
    Table,
    find_due_row,
    find_event,
    find_row,
    list_allowed,
    list_faults,
)
from server.trades.facts import Actor
from server.trades.lifecycle import ROWS as TRADE_ROWS
from server.trades.refusals import OtherSidesPart, TradeFrozen
from server.trades.row import DISPUTED
from tests.services import ROOT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
D, C, F = DisputeStatus, ClaimStatus, FreezeStatus
B, S, STAFF = Actor.BUYER, Actor.SELLER, Actor.STAFF
UNDECIDED = {D.OPEN, D.EVIDENCE, D.RULED, D.OBJECTED}

CASE_RULES = {
    "evidence_given": ({B, S}, {D.OPEN, D.RULED, D.OBJECTED}, None),
    "said_done": ({B, S}, {D.OPEN}, None),
    "evidence_over": ({Actor.CLOCK}, {D.OPEN}, D.EVIDENCE),
    "evidence_ended": ({STAFF}, {D.OPEN}, D.EVIDENCE),
    "offer_made": ({B, S}, UNDECIDED, None),
    "offer_declined": ({B, S}, UNDECIDED, None),
    "offer_accepted": ({B, S}, UNDECIDED, D.CLOSED),
    "released": ({S}, UNDECIDED, D.CLOSED),
    "conceded": ({B, S}, UNDECIDED, D.CLOSED),
    "ruled": ({STAFF}, {D.EVIDENCE}, D.RULED),
    "objected": ({B, S}, {D.RULED}, D.OBJECTED),
    "ruled_again": ({STAFF}, {D.OBJECTED}, D.RULED),
    "ruling_overdue": ({Actor.CLOCK}, {D.EVIDENCE, D.OBJECTED}, None),
    "carried_out": ({Actor.CLOCK}, {D.RULED}, D.CLOSED),
    "opened": ({B, S, STAFF, Actor.CLOCK}, set(), D.OPEN),
    "outage_credited": ({Actor.SYSTEM}, UNDECIDED, None),
}
FREEZE_RULES = {
    "frozen": ({STAFF}, set(), F.ACTIVE),
    "freeze_lifted": ({STAFF}, {F.ACTIVE}, F.LIFTED),
    "freeze_over": ({Actor.CLOCK}, {F.ACTIVE}, F.OVER),
}
CLAIM_RULES = {
    "opened": ({B, S}, set(), C.OPEN),
    "evidence_given": ({B, S}, {C.OPEN}, None),
    "answered": ({B, S}, {C.OPEN}, C.REVIEW),
    "answer_time_over": ({Actor.CLOCK}, {C.OPEN}, C.REVIEW),
    "withdrawn": ({B, S}, {C.OPEN, C.REVIEW}, C.CLOSED),
    "funds_held": ({STAFF}, {C.OPEN, C.REVIEW}, None),
    "uphold_approved": ({STAFF}, {C.REVIEW}, None),
    "upheld": ({STAFF}, {C.REVIEW}, C.CLOSED),
    "rejected": ({STAFF}, {C.OPEN, C.REVIEW}, C.CLOSED),
    "decision_overdue": ({Actor.CLOCK}, {C.REVIEW}, None),
    "outage_credited": ({Actor.SYSTEM}, {C.OPEN, C.REVIEW}, None),
}
"""Who may do what when and where it leads, written a second time on purpose."""


def case(status=D.OPEN, **changes):
    facts = CaseFacts(
        status=status,
        deadline_at=None if status is D.CLOSED else NOW + HOUR,
        buyer_evidence_until=NOW + HOUR,
        seller_evidence_until=NOW + HOUR,
        offered_by=frozenset({B, S}),
    )
    return replace(facts, **changes)


def freeze(status=F.ACTIVE):
    return FreezeFacts(status=status, deadline_at=NOW + HOUR)


def claim(status=C.OPEN, **changes):
    facts = ClaimFacts(
        status=status,
        deadline_at=None if status is C.CLOSED else NOW + HOUR,
        kind=ClaimKind.HOLD,
        held_amount=1,
    )
    return replace(facts, **changes)


TABLES = {
    "case": (CASES, CASE_RULES, CaseAction, D, case),
    "freeze": (FREEZES, FREEZE_RULES, FreezeAction, F, freeze),
    "claim": (CLAIMS, CLAIM_RULES, ClaimAction, C, claim),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_its_rule_and_no_other(name):
    table, told, *_ = TABLES[name]
    rows = {row.event: (set(row.actors), set(row.statuses), row.to) for row in table.rows}
    assert rows == told


@pytest.mark.parametrize("name", TABLES)
def test_every_action_of_every_actor_in_every_status_is_allowed_or_refused_as_told(name):
    table, told, actions, statuses, make = TABLES[name]
    for action, actor, status in product(actions, Actor, statuses):
        row = next(row for row in table.rows if row.action is action)
        actors, places, _ = told[row.event]
        facts = make(status)
        if actor in actors and status in places:
            if row.guard(facts, actor, NOW) is None:
                assert find_row(table, action, actor, facts, NOW) is row
                assert action.value in list_allowed(table, actor, facts, NOW)
                continue
            expected = type(row.guard(facts, actor, NOW))
        else:
            expected = refusals.WrongCaseStatus if actor in actors else OtherSidesPart
        with pytest.raises(Refusal) as refused:
            find_row(table, action, actor, facts, NOW)
        assert type(refused.value) is expected, (action, actor, status)
        assert action.value not in list_allowed(table, actor, facts, NOW)


@pytest.mark.parametrize("name", TABLES)
def test_clock_strikes_at_the_deadline_and_not_before_and_never_in_the_end(name):
    table, told, _, statuses, make = TABLES[name]
    for status in statuses:
        facts = make(status)
        if status in table.final:
            assert find_due_row(table, facts, NOW + 1000 * HOUR) is None
            continue
        assert find_due_row(table, facts, NOW + HOUR - timedelta(microseconds=1)) is None
        due = find_due_row(table, facts, NOW + HOUR)
        assert Actor.CLOCK in told[due.event][0]
        assert status in told[due.event][1]


@pytest.mark.parametrize(
    ("event", "changes", "fault"),
    [
        ("ruled", {"actors": ()}, "ruled has no actor"),
        ("ruled", {"action": None}, "is a person's and has no action"),
        ("ruled", {"statuses": (D.CLOSED,)}, "leaves a final status"),
        ("conceded", {"step_up": frozenset({STAFF})}, "asks a proof of somebody"),
        ("opened", {"to": None}, "begins nowhere"),
        ("carried_out", {"to": D.OPEN}, "carried_out has the wrong clock"),
        ("offer_made", {"action": CaseAction.CONCEDE}, "two rows for buyer"),
        ("ruling_overdue", {"actors": (Actor.SYSTEM,)}, "evidence has no clock"),
        ("objected", {"to": D.RULED}, "objected is never reached"),
        ("evidence_ended", {"actors": (B,)}, "open is left neither by staff nor by the clock"),
    ],
)
def test_broken_table_is_found_out(event, changes, fault):
    rows = tuple(replace(row, **changes) if row.event == event else row for row in CASES.rows)
    broken = object.__new__(Table)
    for name, value in (("statuses", D), ("final", CASES.final), ("rows", rows)):
        object.__setattr__(broken, name, value)
    assert any(fault in found for found in list_faults(broken)), list_faults(broken)
    assert list_faults(CASES) == []


def test_each_side_has_its_own_time_for_evidence_and_the_last_one_ends_it():
    facts = case(seller_evidence_until=NOW + 2 * HOUR)
    assert find_due_row(CASES, facts, NOW + HOUR) is None
    with pytest.raises(refusals.EvidenceTimeOver):
        find_row(CASES, CaseAction.GIVE_EVIDENCE, B, facts, NOW + HOUR)
    assert find_row(CASES, CaseAction.GIVE_EVIDENCE, S, facts, NOW + HOUR)
    done = replace(facts, seller_done=True)
    assert find_due_row(CASES, done, NOW + HOUR).event == "evidence_over"
    assert find_due_row(CASES, case(buyer_done=True, seller_done=True), NOW)
    with pytest.raises(refusals.EvidenceTimeOver):
        find_row(CASES, CaseAction.SAY_DONE, B, case(buyer_done=True), NOW)


def test_only_the_other_side_accepts_an_offer():
    facts = case(offered_by=frozenset({B}))
    assert find_row(CASES, CaseAction.ACCEPT_OFFER, S, facts, NOW)
    with pytest.raises(refusals.OwnOffer):
        find_row(CASES, CaseAction.ACCEPT_OFFER, B, facts, NOW)
    for action in (CaseAction.ACCEPT_OFFER, CaseAction.DECLINE_OFFER):
        with pytest.raises(refusals.NoOffer):
            find_row(CASES, action, S, case(offered_by=frozenset()), NOW)


def test_frozen_case_moves_no_money_and_its_ruling_waits():
    facts = case(D.RULED, frozen_until=NOW + 3 * HOUR)
    for action, actor in product(
        (CaseAction.ACCEPT_OFFER, CaseAction.CONCEDE, CaseAction.RELEASE), (B, S)
    ):
        if (action, actor) != (CaseAction.RELEASE, B):
            with pytest.raises(TradeFrozen):
                find_row(CASES, action, actor, facts, NOW)
    assert find_due_row(CASES, facts, NOW + 2 * HOUR) is None
    assert find_due_row(CASES, facts, NOW + 3 * HOUR).event == "carried_out"


def test_ruling_is_objected_to_once_and_in_time():
    assert find_row(CASES, CaseAction.OBJECT, B, case(D.RULED), NOW)
    with pytest.raises(refusals.ObjectionUsed):
        find_row(CASES, CaseAction.OBJECT, S, case(D.RULED, objected=True), NOW)
    with pytest.raises(refusals.ObjectionTimeOver):
        find_row(CASES, CaseAction.OBJECT, B, case(D.RULED), NOW + HOUR)
    again = find_event(CASES, "ruled_again")
    assert again.clock(case(D.OBJECTED), NOW) == NOW
    assert find_event(CASES, "ruled").clock(case(), NOW) == NOW + rules.OBJECTION_TIME


def test_every_end_of_a_disputed_trade_closes_its_case():
    ends = {row.event for row in TRADE_ROWS if DISPUTED in row.statuses and row.ends_escrow}
    assert ends == set(ENDED_BY)
    assert {CASES.final} == {frozenset({find_event(CASES, e).to}) for e in ENDED_BY.values()}


def test_claimant_withdraws_and_the_other_side_answers():
    for kind, claimant, other in ((ClaimKind.HOLD, S, B), (ClaimKind.LATE, B, S)):
        facts = claim(kind=kind)
        assert find_row(CLAIMS, ClaimAction.WITHDRAW, claimant, facts, NOW)
        assert find_row(CLAIMS, ClaimAction.ANSWER, other, facts, NOW)
        for action, actor in ((ClaimAction.WITHDRAW, other), (ClaimAction.ANSWER, claimant)):
            with pytest.raises(OtherSidesPart):
                find_row(CLAIMS, action, actor, facts, NOW)


def test_funds_are_held_once_and_for_late_claims_alone():
    late = claim(kind=ClaimKind.LATE, held_amount=0)
    assert find_row(CLAIMS, ClaimAction.HOLD_FUNDS, STAFF, late, NOW)
    with pytest.raises(refusals.AlreadyHeld):
        find_row(CLAIMS, ClaimAction.HOLD_FUNDS, STAFF, replace(late, held_amount=1), NOW)
    with pytest.raises(refusals.NothingToHold):
        find_row(CLAIMS, ClaimAction.HOLD_FUNDS, STAFF, claim(), NOW)


def test_claim_about_more_than_the_limit_takes_two_people():
    limit = staff_rules.RULED_ALONE_MAX_MICRO
    at, above = claim(C.REVIEW, held_amount=limit), claim(C.REVIEW, held_amount=limit + 1)
    assert find_row(CLAIMS, ClaimAction.UPHOLD, STAFF, at, NOW)
    with pytest.raises(refusals.WrongCaseStatus):
        find_row(CLAIMS, ClaimAction.APPROVE, STAFF, at, NOW)
    with pytest.raises(refusals.SecondPersonNeeded):
        find_row(CLAIMS, ClaimAction.UPHOLD, STAFF, above, NOW)
    assert find_row(CLAIMS, ClaimAction.APPROVE, STAFF, above, NOW)
    assert find_row(CLAIMS, ClaimAction.UPHOLD, STAFF, replace(above, first_approved=True), NOW)


def test_page_of_the_documentation_is_the_tables():
    page = (ROOT / "docs" / "lifecycle-cases.md").read_text(encoding="utf-8")
    assert page == draw_lifecycles()
