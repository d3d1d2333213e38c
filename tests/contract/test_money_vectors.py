"""The sums that other languages compare themselves with are the service's own."""

from tests.contract.vectors import MARKETS, make_vectors, scale_of, write_vectors
from tests.services import ROOT

FILE = ROOT / "contract" / "money-vectors.json"


def test_vectors_are_what_the_service_computes():
    assert FILE.read_text(encoding="utf-8") == write_vectors()


def test_vectors_round_and_refuse():
    vectors = make_vectors()
    assert {trade["currency"] for trade in vectors["trades"]} == set(MARKETS)
    assert any(case["value"] is None for case in vectors["texts"])
    assert any(case["value"] == "100000" for case in vectors["texts"])
    assert scale_of(2, 4) == (1, 100)
