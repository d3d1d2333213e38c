"""The radar and the check of payers, on payments that were made up apart from them."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from server.identity.names import NameCheck, check_name
from server.trust.radar_rules import HELD_AT, Sighted, score_sighting
from tests.unit.trust.payments import OTHER_NAMES, OWN_NAMES, make_fraud, make_honest


def is_held(two):
    sighted = Sighted(
        apart=two.apart, same_amount=two.same_amount, same_device=two.same_device,
        same_network=two.same_network, own_payments=two.payer_is_buyer,
    )  # fmt: skip
    return score_sighting(sighted)[0] >= HELD_AT


@pytest.mark.parametrize("seed", range(3))
def test_radar_finds_payments_that_are_claimed_twice(seed, record_property):
    rng = Random(seed)
    corpus = [make_fraud(rng) for _ in range(1000)] + [make_honest(rng) for _ in range(1000)]
    held = [two for two in corpus if is_held(two)]
    precision = sum(two.is_fraud for two in held) / len(held)
    recall = sum(two.is_fraud for two in held) / 1000
    record_property("precision", round(precision, 3))
    record_property("recall", round(recall, 3))
    assert precision >= 0.9, (precision, recall)
    assert recall >= 0.9, (precision, recall)


def test_payers_who_are_not_the_buyer_are_told_from_spellings_of_his_name(record_property):
    flagged = [
        pair for pair in (*OWN_NAMES, *OTHER_NAMES) if check_name(*pair) is NameCheck.DIFFERS
    ]
    right = sum(pair in OTHER_NAMES for pair in flagged)
    precision, recall = right / len(flagged), right / len(OTHER_NAMES)
    record_property("precision", round(precision, 3))
    record_property("recall", round(recall, 3))
    assert precision >= 0.9, set(flagged) & set(OWN_NAMES)
    assert recall >= 0.9, set(OTHER_NAMES) - set(flagged)


TWICE = Sighted(
    apart=timedelta(seconds=60), same_amount=True, same_device=True, same_network=True,
    own_payments=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 90),
        ({"apart": timedelta(seconds=61)}, 80),
        ({"apart": timedelta(minutes=30)}, 70),
        ({"apart": timedelta(minutes=30, microseconds=1)}, 0),
        ({"same_device": False}, 75),
        ({"same_device": False, "same_network": False}, 60),
        ({"same_amount": False}, 0),
        ({"own_payments": True}, 50),
    ],
)
def test_each_agreement_has_its_points(change, points):
    assert score_sighting(replace(TWICE, **change))[0] == points
