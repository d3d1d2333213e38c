"""The checker of docs/security/asvs.md refuses what it must refuse."""

import pytest

from tests.asvs_document import (
    DOCUMENT,
    LEVELS,
    count_kinds,
    list_faults,
    list_faults_below,
    read_items,
    read_levels,
)
from tests.rules_document import gather_outcomes
from tests.services import ROOT

NUMBERS = {"V1.1.1": 1, "V1.1.2": 2, "V1.2.1": 3, "V2.1.1": 2}
RAN = gather_outcomes(
    [
        ("passed", "tests/a.py::test_one[sqlite]"),
        ("failed", "tests/a.py::test_two[mariadb]"),
        ("skipped", "tests/a.py::test_three"),
    ]
)
COUNTS = "| level 1 | 1 | 0 | 0 |\n| level 2 | 0 | 1 | 1 |\n| level 3 | 0 | 0 | 0 |"
WHOLE = [
    "| V1.1.1 | Words. | `tests/a.py::test_one` |",
    "| V1.1.2 | Words. | not yet: screens are missing |",
    "| V2 | Words. | not applicable: there are none |",
]


def faults_of(*rows: str, counts: str = COUNTS) -> list[str]:
    return list_faults("\n".join([counts, *rows]), NUMBERS, RAN)


def replaced(place: int, row: str) -> list[str]:
    """The faults when one of the good rows is another one, but for those of the counts."""
    rows = [*WHOLE[:place], row, *WHOLE[place + 1 :]]
    return [fault for fault in faults_of(*rows) if not fault.startswith("the counts")]


def test_whole_document_is_accepted():
    assert faults_of(*WHOLE) == []


def test_missing_number_of_levels_1_and_2_is_a_fault_and_of_level_3_is_none():
    assert replaced(1, "") == ["V1.1.2 of level 2 is missing"]
    assert "V1.2.1" not in str(faults_of(*WHOLE))


def test_number_twice_is_a_fault():
    assert replaced(1, WHOLE[1] + "\n" + WHOLE[1]) == [
        "V1.1.2 stands in lines 5, 6: once is enough"
    ]


def test_number_beside_its_section_is_a_fault():
    row = "| V2.1.1 | Words. | `tests/a.py::test_one` |"
    assert replaced(2, WHOLE[2] + "\n" + row) == ["V2.1.1 stands in lines 6, 7: once is enough"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| V1.1.1 | Words. | `tests/a.py::test_gone` |", "did not run"),
        ("| V1.1.1 | Words. | `tests/a.py` |", "did not run"),
        ("| V1.1.1 | Words. | `tests/a.py::test_two` |", "did not pass"),
        ("| V1.1.1 | Words. | `tests/a.py::test_three` |", "did not pass"),
        ("| V1.1.1 | Words. | `tests/a.py::test_one[sqlite]` |", "without its parameters"),
        ("| V1.1.1 | Words. | `tests/a.py::test_one` not yet: half of it |", "one of the two"),
        ("| V1.1.1 | Words. | server/x.py |", "names neither"),
        ("| V1.1.1 | Words. | not applicable |", "names neither"),
        ("| V1.1.1 | Words. | not applicable: no |", "names neither"),
        ("| V1.1.1 | Words. | not yet: |", "names neither"),
        ("| V1.1.1 |  | `tests/a.py::test_one` |", "has no words"),
        ("| V1.1.1, V1.1.2 | Words. | `tests/a.py::test_one` |", "not a row"),
        ("| A1 | Words. | `tests/a.py::test_one` |", "not a row"),
    ],
)
def test_row_that_shows_nothing_is_a_fault(row, fault):
    assert any(fault in found for found in replaced(0, row)), replaced(0, row)


def test_number_that_asvs_does_not_have_is_a_fault():
    row = "| V9.9.9 | Words. | `tests/a.py::test_one` |"
    assert replaced(2, WHOLE[2] + "\n" + row) == ["line 7: V9.9.9 is no number of ASVS 5.0"]


@pytest.mark.parametrize("shown", ["`tests/a.py::test_one`", "soon"])
def test_whole_section_may_only_be_given_a_reason(shown):
    assert "whole section" in replaced(2, f"| V2 | Words. | {shown} |")[0]


def test_wrong_or_missing_count_is_a_fault():
    wrong = COUNTS.replace("level 2 | 0", "level 2 | 1")
    assert faults_of(*WHOLE, counts=wrong) == ["the counts are to say | level 2 | 0 | 1 | 1 |"]
    assert len(faults_of(*WHOLE, counts="")) == 3


def test_numbers_and_levels_are_those_of_asvs_5():
    levels = read_levels((ROOT / LEVELS).read_text())
    assert len(levels) == 345
    assert [list(levels.values()).count(level) for level in (1, 2, 3)] == [70, 183, 92]


def test_missing_document_is_a_fault(tmp_path):
    assert list_faults_below(tmp_path, RAN) == [f"{DOCUMENT} or {LEVELS} is missing"]


def test_our_document_has_no_fault_but_for_tests_that_did_not_run_here():
    """The complete run compares with what ran; here every named test is taken for passed."""
    document = (ROOT / DOCUMENT).read_text()
    items, _ = read_items(document)
    levels = read_levels((ROOT / LEVELS).read_text())
    passed = {test: {"passed"} for item in items for test in item.tests}
    assert list_faults(document, levels, passed) == []
    assert count_kinds(items, levels)[2][0] > 0
