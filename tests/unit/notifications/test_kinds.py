"""Every kind has its words in every language, and every row of a trade says whom it tells."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from models.disputes import DisputeStatus
from models.trades import TradeStatus
from server.disputes.claim_lifecycle import CLAIMS
from server.disputes.lifecycle import CASES
from server.messages.texts import NOTICES, PLACE
from server.notifications.case_texts import CASE_REASONS
from server.notifications.cases import decide_case, decide_claim
from server.notifications.deciding import (
    BUYER,
    ENDS,
    OPENED,
    SELLER,
    STEPS,
    Parties,
    TradeStep,
    params_of_trade,
    tell_whom,
)
from server.notifications.kinds import KINDS, Topic
from server.notifications.reminders import TURNS
from server.notifications.rendering import find_locale as find
from server.notifications.rendering import render, write_fiat, write_time_left, write_usdt
from server.trades.lifecycle import OUTAGE_CREDITED, ROWS
from server.trades.row import FINAL, RUNNING

LANGUAGES = ("en", "vi")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PARAMS = {
    "market": "USDT-VND",
    "amount": "1250.500000",
    "remaining": "10.000000",
    "buyer_amount": "600.250000",
    "fiat": "32513000",
    "currency": "VND",
    "counterparty": "lan",
    "deadline": (NOW + timedelta(minutes=14, seconds=50)).isoformat(),
    "count": "3",
    "reason": "guard",
}


def example_of(kind):
    """Parameters that the kind's texts can be written with."""
    return PARAMS | {name: "x" for name in kind.params if name not in PARAMS}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_written_in_every_language(name):
    kind = KINDS[name]
    assert kind.said.keys() == set(LANGUAGES)
    titles = set()
    for language in LANGUAGES:
        text = render(name, language, example_of(kind), NOW)
        assert text.subject
        assert text.body
        assert "{" not in text.subject + text.body
        assert len(text.subject) <= 80, "a title fits on a screen"
        titles.add((text.subject, text.body))
    assert len(titles) == len(LANGUAGES)
    places = [set(PLACE.findall("".join(kind.said[one]))) for one in LANGUAGES]
    assert places[0] == places[1] == kind.params.keys()


def test_notices_of_accounts_are_kinds_in_the_words_of_their_mails():
    assert NOTICES.keys() <= KINDS.keys()
    assert all(KINDS[name].fixed for name in NOTICES)
    assert KINDS["password_changed"].topic is Topic.SECURITY
    assert KINDS["kyc_approved"].topic is Topic.ACCOUNT


@pytest.mark.parametrize("row", [*ROWS, OUTAGE_CREDITED], ids=lambda row: row.event)
def test_every_row_of_the_lifecycle_says_whom_it_tells(row):
    """A row that nobody wrote down tells both sides as soon as it changes the status for good."""
    for actor in row.actors:
        for status in row.statuses or (None,):
            to = row.to or status
            told = tell_whom(TradeStep(row.event, actor.value, status, to))
            assert actor.value not in told
            assert set(told.values()) <= KINDS.keys()
            if to is not status and row.event != "opened" and row.actors[0] != BUYER:
                assert told or to not in {*FINAL, TradeStatus.DISPUTED}


QUIET_CASES = frozenset(
    {"opened", "evidence_given", "said_done", "assigned", "ruling_overdue", "outage_credited"}
)
"""Rows of a case that are no news: what opens it is a row of the trade."""
QUIET_CLAIMS = frozenset({"evidence_given", "uphold_approved", "decision_overdue"})


@pytest.mark.parametrize("row", CASES.rows, ids=lambda row: row.event)
def test_every_row_of_a_case_tells_the_other_side_or_is_no_news(row):
    for kind in ("release", "refund", "split"):
        for actor in row.actors:
            status = (row.statuses or (None,))[0]
            detail = orjson.dumps({"kind": kind}).decode()
            step = TradeStep(row.event, actor.value, status, row.to or status, detail)
            wanted = list(decide_case(CASE, PARTIES, NAMES, step))
            ends = (row.to or status) is DisputeStatus.CLOSED
            assert bool(wanted) != (row.event in QUIET_CASES or ends), row.event
            check_sides(wanted, actor)


@pytest.mark.parametrize("row", CLAIMS.rows, ids=lambda row: row.event)
def test_every_row_of_a_claim_tells_the_other_side_or_is_no_news(row):
    for actor in row.actors:
        status = (row.statuses or (None,))[0]
        step = TradeStep(row.event, actor.value, status, row.to or status)
        wanted = list(decide_claim(CASE, PARTIES, NAMES, step))
        assert bool(wanted) != (row.event in {*QUIET_CLAIMS, "outage_credited"}), row.event
        check_sides(wanted, actor)


CASE = {"id": str(UUID(int=7)), "trade_id": str(UUID(int=8)), "version": 3}
PARTIES = Parties(UUID(int=1), UUID(int=2))
NAMES = {PARTIES.buyer_id: "lan", PARTIES.seller_id: "minh"}


def check_sides(wanted, actor):
    """Nobody hears of what he did, and each hears the other's name and known words."""
    sides = {BUYER: PARTIES.buyer_id, SELLER: PARTIES.seller_id}
    for one in wanted:
        assert one.user_id != sides.get(actor.value)
        assert one.params["counterparty"] == NAMES[({*NAMES} - {one.user_id}).pop()]
        assert one.kind in KINDS
        assert one.params["reason"] in CASE_REASONS
    assert len(wanted) in (0, 1 if actor.value in sides else 2)


def test_row_that_is_new_tells_both_sides_of_its_end():
    step = TradeStep("ruled_for_seller", "staff", "disputed", "refunded")
    assert tell_whom(step) == {BUYER: "trade_refunded", SELLER: "trade_refunded"}
    assert tell_whom(TradeStep("noted", "staff", "disputed", "disputed")) == {}


def test_names_of_kinds_in_tables_are_kinds():
    named = {kind for told in STEPS.values() for kind in told.values()}
    named |= {*ENDS.values(), *OPENED.values(), *(kind for _, kind in TURNS.values())}
    assert named <= KINDS.keys()
    assert TURNS.keys() == RUNNING


@pytest.mark.parametrize(
    ("language", "usdt", "fiat"),
    [
        ("en", "1,250.5 USDT", "₫32,513,000"),
        ("vi", "1.250,5 USDT", "32.513.000\xa0₫"),
        ("vi-VN", "1.250,5 USDT", "32.513.000\xa0₫"),
        ("fr", "1,250.5 USDT", "₫32,513,000"),
    ],
)
def test_amounts_are_exact_and_written_as_in_the_locale(language, usdt, fiat):
    locale = find(language)
    assert write_usdt(PARAMS["amount"], "USDT", locale) == usdt
    assert write_fiat(PARAMS["fiat"], "VND", locale) == fiat
    assert write_usdt("0.000001", "USDT_TEST", find("en")) == "0.000001 USDT_TEST"
    assert write_fiat("12345678901234567.89", "EUR", find("en")) == "€12,345,678,901,234,567.89"


@pytest.mark.parametrize(
    ("left_s", "en", "vi"),
    [
        (890, "14 min left", "Còn 14 phút"),
        (59, "0 min left", "Còn 0 phút"),
        (0, "The time is over", "Đã hết giờ"),
        (-1, "The time is over", "Đã hết giờ"),
        (3600, "1 h 0 min left", "Còn 1 giờ 0 phút"),
        (7290, "2 h 1 min left", "Còn 2 giờ 1 phút"),
    ],
)
def test_time_left_is_that_of_the_reading_and_never_too_long(left_s, en, vi):
    until = NOW + timedelta(seconds=left_s)
    assert write_time_left(until, NOW, "en") == en
    assert write_time_left(until, NOW, "vi") == vi


def test_kind_or_parameters_of_another_release_are_told_by_a_true_sentence():
    unknown = render("unheard_of", "en", {}, NOW)
    assert "changed" in unknown.body
    assert render("trade_paid", "en", {"amount": "1"}, NOW) == unknown


def test_words_of_people_are_no_places_to_fill():
    text = render("trade_paid", "en", PARAMS | {"counterparty": "{amount}"}, NOW)
    assert text.subject.startswith("{amount} has paid")


def test_parameters_are_those_of_the_reader():
    body = {
        "market": "USDT-VND", "amount": "1.000000", "fiat": "26000", "buyer": "b", "seller": "s",
        "deadline": None,
    }  # fmt: skip
    assert params_of_trade(body, BUYER)["counterparty"] == "s"
    assert params_of_trade(body, SELLER)["counterparty"] == "b"
    assert "deadline" not in params_of_trade(body, BUYER)
