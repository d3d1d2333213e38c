"""The rules that link accounts, on people who were made up apart from them."""

import itertools
from collections import defaultdict
from datetime import timedelta
from random import Random

import pytest

from models.links import SignalKind as Kind
from server.identity.names import NameCheck, check_name
from server.trust.link_rules import PAIRS_MAX, Shared, score_pair
from server.trust.signals import list_place_signals, spell_payer
from tests.unit.trust.people import build_town

WEEK, MINUTE = timedelta(days=7), timedelta(minutes=1)


def list_signals(account):
    """What the product would note of an account."""
    found = {(Kind.PAYER, spell_payer(payer)) for payer in account.payers}
    for ip, device in account.places:
        found |= set(list_place_signals(ip, [device.encode()]))
    return found


def find_linked(accounts):
    """The pairs that the rules link, as the duty finds them."""
    signals = {account.name: list_signals(account) for account in accounts}
    owners = defaultdict(list)
    for account in accounts:
        for signal in signals[account.name]:
            owners[signal].append(account)
    compared = {
        tuple(sorted((one.name, other.name)))
        for having in owners.values()
        if len(having) <= PAIRS_MAX
        for one, other in itertools.combinations(having, 2)
    }
    by_name = {account.name: account for account in accounts}
    linked = set()
    for pair in compared:
        one, other = (by_name[name] for name in pair)
        shared = [
            Shared(kind, len(owners[kind, value]))
            for kind, value in signals[one.name] & signals[other.name]
        ]
        names = check_name(one.legal_name, other.legal_name)
        apart = abs(one.born_at - other.born_at)
        if score_pair(shared, born_apart=apart, names=names).is_linked:
            linked.add(pair)
    return linked


def list_true_pairs(accounts):
    by_owner = defaultdict(list)
    for account in accounts:
        by_owner[account.owner].append(account.name)
    return {
        tuple(sorted(pair))
        for names in by_owner.values()
        for pair in itertools.combinations(names, 2)
    }


@pytest.mark.parametrize("seed", range(5))
def test_links_are_found_among_households_cafes_and_farms(seed, record_property):
    accounts = build_town(Random(seed))
    true, found = list_true_pairs(accounts), find_linked(accounts)
    precision, recall = len(true & found) / len(found), len(true & found) / len(true)
    record_property("precision", round(precision, 3))
    record_property("recall", round(recall, 3))
    assert precision >= 0.9, (precision, recall)
    assert recall >= 0.9, (precision, recall)


def score(*shared, apart=WEEK, names=NameCheck.UNKNOWN):
    return score_pair([Shared(*one) for one in shared], born_apart=apart, names=names)


def test_people_of_one_household_are_not_linked_by_living_together():
    together = score((Kind.DEVICE, 3), (Kind.ADDRESS, 4), (Kind.NETWORK, 4))
    assert (together.is_suspected, together.is_linked) == (True, False)


def test_one_device_and_one_payer_are_one_person():
    found = score((Kind.DEVICE, 2), (Kind.PAYER, 2))
    assert found.is_linked
    assert [(one.signal, one.points, one.crowd) for one in found.reasons] == [
        ("device", 40, 2), ("payer", 35, 2),
    ]  # fmt: skip


def test_what_many_share_is_worth_nothing():
    assert score((Kind.DEVICE, 21), (Kind.PAYER, 21), (Kind.ADDRESS, 31)).points == 0
    assert score(apart=MINUTE).points == 0


def test_names_that_were_checked_tell_two_people_apart_and_one_person_twice():
    shared = (Kind.DEVICE, 2), (Kind.PAYER, 2)
    assert not score(*shared, names=NameCheck.DIFFERS).is_linked
    assert score((Kind.NETWORK, 2), names=NameCheck.AGREES).is_linked
    assert score(names=NameCheck.AGREES).points == 0


def test_accounts_opened_together_count_only_where_they_share_a_place():
    assert score((Kind.PAYER, 2), apart=MINUTE).points == 35
    assert score((Kind.ADDRESS, 2), apart=MINUTE).points == 30
    assert score((Kind.ADDRESS, 2), apart=timedelta(hours=24)).points == 25
