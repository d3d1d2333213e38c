"""The lifecycle table and what is computed from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from models.identity import Speed
from models.trades import TradeStatus
from server.core.refusals import Refusal
from server.monitor.invariants import ALLOWED_STEPS
from server.trades import refusals, row
from server.trades.check import list_faults
from server.trades.drawing import draw_lifecycle
from server.trades.facts import Actor, Facts
from server.trades.lifecycle import (
    OUTAGE_CREDITED,
    ROWS,
    allowed_actions,
    find_due_row,
    find_row,
    is_allowed,
)
from server.trades.row import FINAL, Action

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
S = TradeStatus


def make_facts(status=S.AWAITING_PAYMENT, **changes):
    facts = Facts(
        status=status,
        deadline_at=None if status in FINAL | {S.DISPUTED} else NOW + timedelta(minutes=5),
        window_ends_at=NOW + timedelta(minutes=5),
        window_s=900,
        speed=Speed.INSTANT,
        payer_declared=True,
        paid_at=NOW - timedelta(minutes=1) if status is S.PAID else None,
        ended_at=NOW - timedelta(minutes=1) if status in FINAL else None,
    )
    return replace(facts, **changes)


def event_of(action, actor, facts, now=NOW):
    return find_row(action, actor, facts, now).event


def break_row(event, **changes):
    return tuple(replace(entry, **changes) if entry.event == event else entry for entry in ROWS)


def test_the_table_has_no_faults():
    assert list_faults((*ROWS, OUTAGE_CREDITED)) == []


@pytest.mark.parametrize(
    ("event", "changes", "fault"),
    [
        ("released", {"actors": ()}, "released has no actor"),
        ("cancelled", {"action": None}, "is a person's and has no action"),
        ("fault_contested", {"versioned": True}, "leaves a final status"),
        ("cancel_requested", {"to": S.GRACE}, "is a note beside the trade and changes it"),
        ("released", {"step_up": frozenset({Actor.BUYER})}, "asks a proof of somebody"),
        ("grace_over", {"escrow": row.Escrow.NONE}, "does not fit what happens to the escrow"),
        ("window_over", {"escrow": row.Escrow.RETURN}, "does not fit what happens to the escrow"),
        ("disputed", {"clock": row.same_clock}, "has the wrong clock"),
        ("marked_paid", {"clock": row.no_clock}, "has the wrong clock"),
        ("marked_paid_late", {"statuses": (S.AWAITING_PAYMENT,)}, "two rows for buyer"),
        ("grace_over", {"to": S.CANCELLED}, "expired is never reached"),
        ("agreed_split", {"statuses": (S.PAID,)}, "is the case's and may be done without one"),
    ],
)
def test_a_broken_table_is_found_out(event, changes, fault):
    assert any(fault in found for found in list_faults(break_row(event, **changes)))


def test_a_status_without_a_way_out_is_found_out():
    rows = tuple(entry for entry in ROWS if S.DISPUTED not in entry.statuses)
    assert "disputed is neither final nor left by any row" in list_faults(rows)


def test_the_page_of_the_documentation_is_the_table():
    page = Path(__file__).parents[3] / "docs" / "lifecycle.md"
    assert page.read_text() == draw_lifecycle()


@pytest.mark.parametrize(("status", "actor"), list(product(TradeStatus, Actor)))
def test_an_action_is_listed_exactly_when_it_is_accepted(status, actor):
    variants = [
        make_facts(
            status,
            payer_declared=declared,
            cancel_requested=asked,
            split_offered_by=offered,
            late=late,
            name_mismatch=late,
            seller_fault_named=asked,
            extended_by_seller=late,
            extended_by_buyer=late,
        )
        for declared, asked, offered, late in product(
            (True, False), (True, False), (None, Actor.BUYER, Actor.SELLER), (True, False)
        )
    ]
    for facts in variants:
        accepted = []
        for action in Action:
            try:
                find_row(action, actor, facts, NOW)
            except Refusal:
                continue
            accepted.append(action)
        assert allowed_actions(facts, actor, NOW) == accepted


def test_final_trades_offer_nothing_but_contesting_a_named_fault():
    for status, actor in product(FINAL, (Actor.BUYER, Actor.SELLER, Actor.STAFF)):
        assert allowed_actions(make_facts(status), actor, NOW) == []
    named = make_facts(S.CANCELLED, seller_fault_named=True)
    assert allowed_actions(named, Actor.SELLER, NOW) == [Action.CONTEST_FAULT]
    assert allowed_actions(named, Actor.BUYER, NOW) == []


def test_a_fault_is_contested_within_24_hours():
    facts = make_facts(S.CANCELLED, seller_fault_named=True, ended_at=NOW)
    last = NOW + timedelta(hours=24)
    assert is_allowed(Action.CONTEST_FAULT, Actor.SELLER, facts, last - timedelta(microseconds=1))
    with pytest.raises(refusals.NothingToContest):
        find_row(Action.CONTEST_FAULT, Actor.SELLER, facts, last)


def test_buyer_cannot_release_escrow():
    with pytest.raises(refusals.OtherSidesPart):
        find_row(Action.RELEASE, Actor.BUYER, make_facts(S.PAID), NOW)


@pytest.mark.parametrize("status", [S.AWAITING_PAYMENT, S.GRACE, S.PAID, S.DISPUTED])
def test_seller_may_release_while_the_trade_is_open(status):
    assert event_of(Action.RELEASE, Actor.SELLER, make_facts(status)) == "released"


def test_paid_needs_a_declared_payer():
    for status in (S.AWAITING_PAYMENT, S.GRACE):
        with pytest.raises(refusals.PayerNotDeclared):
            find_row(Action.MARK_PAID, Actor.BUYER, make_facts(status, payer_declared=False), NOW)


def test_the_payer_is_declared_once():
    with pytest.raises(refusals.PayerAlreadyDeclared):
        find_row(Action.DECLARE_PAYER, Actor.BUYER, make_facts(), NOW)
    fresh = make_facts(payer_declared=False)
    assert event_of(Action.DECLARE_PAYER, Actor.BUYER, fresh) == "payer_declared"


def test_paid_in_grace_is_late():
    found = find_row(Action.MARK_PAID, Actor.BUYER, make_facts(S.GRACE), NOW)
    assert (found.to, found.flag) == (S.PAID, "late")


def test_paid_is_undone_once_and_only_before_the_window_ends():
    facts = make_facts(S.PAID)
    edge = facts.window_ends_at
    assert event_of(Action.UNDO_PAID, Actor.BUYER, facts) == "paid_undone"
    assert is_allowed(Action.UNDO_PAID, Actor.BUYER, facts, edge - timedelta(microseconds=1))
    for refused, now in (
        (facts, edge),
        (replace(facts, paid_undone=True), NOW),
        (replace(facts, late=True), NOW),
    ):
        with pytest.raises(refusals.UndoNotOffered):
            find_row(Action.UNDO_PAID, Actor.BUYER, refused, now)


def test_undone_paid_returns_to_the_original_deadline():
    found = find_row(Action.UNDO_PAID, Actor.BUYER, make_facts(S.PAID), NOW)
    assert found.clock(make_facts(S.PAID), NOW) == make_facts().window_ends_at


def test_cancel_ends_after_paid_with_the_words_i_did_not_pay():
    with pytest.raises(refusals.WrongTradeStatus):
        find_row(Action.CANCEL, Actor.BUYER, make_facts(S.PAID), NOW)
    assert event_of(Action.DID_NOT_PAY, Actor.BUYER, make_facts(S.PAID)) == "payment_denied"


def test_seller_cannot_cancel_alone():
    for status in TradeStatus:
        with pytest.raises(refusals.OtherSidesPart):
            find_row(Action.CANCEL, Actor.SELLER, make_facts(status), NOW)


def test_cancel_by_agreement_needs_the_sellers_request():
    with pytest.raises(refusals.NoCancelRequest):
        find_row(Action.ACCEPT_CANCEL, Actor.BUYER, make_facts(S.PAID), NOW)
    asked = make_facts(S.PAID, cancel_requested=True)
    assert event_of(Action.ACCEPT_CANCEL, Actor.BUYER, asked) == "cancel_agreed"
    with pytest.raises(refusals.CancelRequestOpen):
        find_row(Action.REQUEST_CANCEL, Actor.SELLER, asked, NOW)


@pytest.mark.parametrize(
    ("speed", "minutes"), [(Speed.INSTANT, 10), (Speed.DOMESTIC, 30), (Speed.OTHER, 30)]
)
def test_a_case_opens_after_the_waiting_time_of_the_rail(speed, minutes):
    facts = make_facts(S.PAID, paid_at=NOW, speed=speed)
    opens_at = NOW + timedelta(minutes=minutes)
    for actor in (Actor.BUYER, Actor.SELLER):
        assert is_allowed(Action.OPEN_DISPUTE, actor, facts, opens_at)
        with pytest.raises(refusals.DisputeTooEarly):
            find_row(Action.OPEN_DISPUTE, actor, facts, opens_at - timedelta(microseconds=1))


def test_a_name_mismatch_opens_a_case_at_once():
    facts = make_facts(S.PAID, paid_at=NOW, name_mismatch=True)
    assert event_of(Action.OPEN_DISPUTE, Actor.SELLER, facts) == "disputed"


def test_each_side_extends_once():
    assert event_of(Action.EXTEND, Actor.SELLER, make_facts()) == "window_extended"
    assert event_of(Action.EXTEND, Actor.BUYER, make_facts(S.PAID)) == "release_time_extended"
    for actor, facts in (
        (Actor.SELLER, make_facts(S.GRACE, extended_by_seller=True)),
        (Actor.BUYER, make_facts(S.PAID, extended_by_buyer=True)),
    ):
        with pytest.raises(refusals.AlreadyExtended):
            find_row(Action.EXTEND, actor, facts, NOW)


def test_the_sellers_extension_is_one_window_more_from_now():
    found = find_row(Action.EXTEND, Actor.SELLER, make_facts(S.GRACE), NOW)
    assert found.clock(make_facts(S.GRACE), NOW) == NOW + timedelta(minutes=15)


def test_an_extension_never_shortens_a_window():
    facts = make_facts(window_ends_at=NOW + timedelta(hours=2))
    found = find_row(Action.EXTEND, Actor.SELLER, facts, NOW)
    assert found.clock(facts, NOW) == NOW + timedelta(hours=2)


def test_the_buyers_extension_adds_30_minutes():
    facts = make_facts(S.PAID)
    found = find_row(Action.EXTEND, Actor.BUYER, facts, NOW)
    assert found.clock(facts, NOW) == facts.deadline_at + timedelta(minutes=30)


def test_an_offer_to_split_is_answered_by_the_other_side():
    offered = make_facts(S.PAID, split_offered_by=Actor.BUYER)
    assert event_of(Action.ACCEPT_SPLIT, Actor.SELLER, offered) == "split_agreed"
    with pytest.raises(refusals.OwnSplitOffer):
        find_row(Action.ACCEPT_SPLIT, Actor.BUYER, offered, NOW)
    with pytest.raises(refusals.SplitOfferOpen):
        find_row(Action.PROPOSE_SPLIT, Actor.SELLER, offered, NOW)
    with pytest.raises(refusals.NoSplitOffer):
        find_row(Action.DECLINE_SPLIT, Actor.SELLER, make_facts(S.PAID), NOW)


@pytest.mark.parametrize(
    ("status", "event", "to"),
    [
        (S.AWAITING_PAYMENT, "window_over", S.GRACE),
        (S.GRACE, "grace_over", S.EXPIRED),
        (S.PAID, "release_time_over", S.DISPUTED),
    ],
)
def test_the_clock_strikes_at_the_deadline_and_not_before(status, event, to):
    facts = make_facts(status)
    assert find_due_row(facts, facts.deadline_at - timedelta(microseconds=1)) is None
    found = find_due_row(facts, facts.deadline_at)
    assert (found.event, found.to) == (event, to)


@pytest.mark.parametrize("status", [S.DISPUTED, *sorted(FINAL)])
def test_no_clock_decides_a_case_or_an_ended_trade(status):
    assert find_due_row(make_facts(status), NOW + timedelta(days=365)) is None


def test_grace_is_15_minutes_after_the_window_however_late_the_tick():
    facts = make_facts()
    found = find_due_row(facts, NOW + timedelta(hours=5))
    assert found.clock(facts, NOW + timedelta(hours=5)) == facts.window_ends_at + timedelta(
        minutes=15
    )


def test_a_paid_trade_is_moved_by_the_clock_to_disputed_only():
    moved = [
        entry.to
        for entry in ROWS
        if Actor.CLOCK in entry.actors and S.PAID in entry.statuses and entry.to
    ]
    assert moved == [S.DISPUTED]


def test_release_split_and_concede_ask_for_a_proof():
    asked = {entry.event for entry in ROWS if entry.step_up}
    assert asked == {
        *("released", "split_proposed", "split_agreed", "conceded", "conceded_by_seller"),
    }


def test_a_refusal_names_the_present_status():
    with pytest.raises(Refusal) as refused:
        find_row(Action.MARK_PAID, Actor.BUYER, make_facts(S.COMPLETED), NOW)
    assert refused.value.params["status"] == "completed"


def test_the_verifier_knows_every_step_of_the_table():
    steps = {
        (status.value, entry.leads_to(status).value)
        for entry in (*ROWS, OUTAGE_CREDITED)
        if entry.versioned
        for status in entry.statuses
    }
    known = {(status, to) for status, follow in ALLOWED_STEPS.items() for to in follow}
    assert steps <= known
