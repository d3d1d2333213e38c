"""Which passwords are too easily guessed."""

from pathlib import Path

import pytest

from server.identity.strength import SERVICE_WORDS, measure_password

HANDBOOK = Path(__file__).resolve().parents[3] / "docs/security/handbook.md"


@pytest.mark.parametrize(
    "password", ["iqxescrow", "escrow2026", "tether123", "usdt1234", "peer2peer"]
)
def test_words_of_the_service_are_no_passwords(password):
    assert not measure_password(password).enough


@pytest.mark.parametrize("password", ["correct horse battery", "usdt-for-everyone"])
def test_words_of_the_service_within_a_long_password_do_no_harm(password):
    assert measure_password(password).enough


def test_own_names_are_no_passwords():
    assert measure_password("wintergreen-falls").enough
    assert not measure_password("wintergreen1", ("wintergreen",)).enough


def test_handbook_lists_the_words_that_count_as_known():
    text = HANDBOOK.read_text(encoding="utf-8")
    assert (
        f"Words of the service that are no passwords: {', '.join(SERVICE_WORDS)}."
        in text.replace("\n", " ")
    )
