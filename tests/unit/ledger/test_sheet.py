"""The sheet: whatever is moved sums to zero, and an undo leaves no trace."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ledger import AccountKind
from server.core.refusals import InsufficientFunds
from server.ledger.sheet import AccountKey, Sheet

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USERS = [UUID(int=number) for number in (1, 2, 3)]
KINDS = [kind.value for kind in AccountKind]
PLATFORM = ["fees", "suspense", "custody:dev"]


def make_sheet(balance=0, seq=0, asset="USDT"):
    numbers = count(1000)
    sheet = Sheet(new_id=lambda: UUID(int=next(numbers)), now=NOW)
    for user in USERS:
        for kind in KINDS:
            sheet.load(AccountKey(user, asset, kind), balance, seq)
    return sheet


def account(user=0, kind="available", asset="USDT"):
    return AccountKey(USERS[user], asset, kind)


def move(sheet, amount, debit, credit, asset="USDT"):
    sheet.move(
        asset=asset, amount=amount, debit=debit, credit=credit, reason="test", subject_id=None
    )


def snapshot(sheet):
    keys = [AccountKey(user, "USDT", kind) for user in USERS for kind in KINDS]
    return (
        [(sheet.balance(key), sheet.seq(key)) for key in keys],
        list(sheet.transfers),
        list(sheet.postings),
        list(sheet.platform_postings),
    )


sides = st.one_of(
    st.builds(account, st.integers(0, 2), st.sampled_from(KINDS)),
    st.sampled_from(PLATFORM),
)
moves = st.tuples(st.integers(0, 60), sides, sides)


def apply_moves(sheet, steps):
    for wanted, debit, credit in steps:
        if debit == credit:
            continue
        amount = wanted
        if not isinstance(debit, str) and debit.kind != "available":
            amount = min(wanted, sheet.balance(debit))
        try:
            move(sheet, amount, debit, credit)
        except InsufficientFunds:
            assert sheet.balance(debit) < amount


@given(st.lists(moves, max_size=60))
def test_any_moves_sum_to_zero(steps):
    sheet = make_sheet(balance=100, seq=7)

    apply_moves(sheet, steps)

    posted = sum(row.amount for row in sheet.postings)
    assert posted + sum(row.amount for row in sheet.platform_postings) == 0


@given(st.lists(moves, max_size=60))
def test_every_posting_continues_its_account(steps):
    sheet = make_sheet(balance=100, seq=7)

    apply_moves(sheet, steps)

    last = defaultdict(lambda: (7, 100))
    for row in sheet.postings:
        key = (row.user_id, row.asset, row.kind)
        seq, balance = last[key]
        assert (row.account_seq, row.balance_after) == (seq + 1, balance + row.amount)
        assert row.balance_after >= 0
        last[key] = (row.account_seq, row.balance_after)
    finals = {tuple(change.key): (change.seq, change.balance) for change in sheet.changes()}
    assert finals == dict(last)


@given(st.lists(moves, max_size=30), st.lists(moves, max_size=30))
def test_undo_returns_to_the_mark(before, after):
    sheet = make_sheet(balance=100)
    apply_moves(sheet, before)
    mark, expected = sheet.mark(), snapshot(sheet)

    apply_moves(sheet, after)
    sheet.undo(mark)

    assert snapshot(sheet) == expected


@given(st.lists(moves, max_size=30))
def test_changes_are_ascending_and_guarded_by_the_loaded_number(steps):
    sheet = make_sheet(balance=100, seq=7)

    apply_moves(sheet, steps)

    changes = sheet.changes()
    assert [change.key for change in changes] == sorted(change.key for change in changes)
    assert all(change.seq_before == 7 < change.seq for change in changes)


def test_zero_moves_nothing():
    sheet = make_sheet()

    move(sheet, 0, account(), account(kind="reserved"))

    assert sheet.transfers == []
    assert sheet.changes() == []


def test_available_below_zero_is_refused_and_changes_nothing():
    sheet = make_sheet(balance=10)
    before = snapshot(sheet)

    with pytest.raises(InsufficientFunds) as refused:
        move(sheet, 11, account(), account(kind="reserved"))

    assert refused.value.params == {
        "asset": "USDT",
        "available": "0.000010",
        "needed": "0.000011",
    }
    assert snapshot(sheet) == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "available"])
def test_locked_account_below_zero_is_a_fault(kind):
    sheet = make_sheet(balance=10)

    with pytest.raises(AssertionError):
        move(sheet, 11, account(kind=kind), "fees")


def test_negative_amount_is_a_fault():
    with pytest.raises(AssertionError):
        move(make_sheet(balance=10), -1, account(), "fees")


def test_transfer_stays_in_one_asset():
    sheet = make_sheet(balance=10)
    sheet.load(account(asset="USDT_TEST"), 0, 0)

    with pytest.raises(AssertionError):
        move(sheet, 1, account(), account(asset="USDT_TEST"))


def test_account_that_is_not_locked_cannot_be_credited():
    stranger = AccountKey(UUID(int=99), "USDT", "available")

    with pytest.raises(AssertionError):
        move(make_sheet(balance=10), 1, account(), stranger)


def test_account_is_not_loaded_again_after_a_move():
    sheet = make_sheet(balance=10)
    move(sheet, 1, account(), "fees")

    with pytest.raises(AssertionError):
        sheet.load(account(), 10, 0)
