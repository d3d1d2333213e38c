"""The book against a brute-force reference, over thousands of random sequences of commands."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.matching.crowd import run_sequence, run_unfinished

CHUNKS = 40
SEQUENCES = 2_000
"""Sequences of 200 commands in a normal run; a campaign runs ten times as many."""
UNFINISHED = 400
CAMPAIGN_FACTOR = 10


def list_seeds(chunk, total, campaign):
    """The seeds of one chunk; campaign seeds continue where the normal ones end."""
    each = total // CHUNKS * (CAMPAIGN_FACTOR if campaign else 1)
    return range(chunk * each, (chunk + 1) * each)


@pytest.mark.fuzz
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_book_equals_its_reference_after_every_command(chunk, campaign):
    fill_count = 0
    for seed in list_seeds(chunk, SEQUENCES, campaign):
        try:
            fill_count += len(run_sequence(Random(seed)).fills)
        except AssertionError as fault:
            fault.add_note(f"seed {seed}")
            raise
    assert fill_count > 500, "the sequences trade"


@pytest.mark.fuzz
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_compatible_pair_stays_crossed_when_commands_come_between(chunk, campaign):
    for seed in list_seeds(chunk, UNFINISHED, campaign):
        try:
            run_unfinished(Random(seed))
        except AssertionError as fault:
            fault.add_note(f"seed {seed}")
            raise


@pytest.mark.fuzz
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_book_equals_its_reference_on_sequences_that_hypothesis_can_shrink(rng):
    run_sequence(rng, command_count=25)


def test_reference_is_short_and_stands_alone():
    source = (Path(__file__).parent / "reference_book.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 150
    assert "import" not in source
