"""The checker of docs/rules.md refuses what it must refuse."""

import pytest

from tests.rules_document import gather_outcomes, list_faults, read_rules

HEAD = "| no. | rule | shown by |\n| --- | --- | --- |\n"
RAN = gather_outcomes(
    [
        ("passed", "tests/a.py::test_one[sqlite]"),
        ("passed", "tests/a.py::test_one[mariadb]"),
        ("passed", "tests/a.py::test_half[sqlite]"),
        ("failed", "tests/a.py::test_half[mariadb]"),
        ("skipped", "tests/a.py::test_skipped"),
    ]
)


def faults_of(*rows: str) -> list[str]:
    return list_faults(HEAD + "\n".join(rows), RAN)


def test_rule_with_a_passed_test_is_accepted():
    assert faults_of("| A1 | Money is an integer. | `tests/a.py::test_one` |") == []


def test_rule_with_a_reason_is_accepted_and_counted_as_open():
    row = "| A1 | Money is an integer. | not yet: being built |"
    assert faults_of(row) == []
    assert [rule.is_open for rule in read_rules(row)[0]] == [True]


@pytest.mark.parametrize("shown", ["", "soon", "not yet", "not yet:", "tests/a.py::test_one"])
def test_rule_without_test_or_reason_is_refused(shown):
    assert "neither a test" in faults_of(f"| A1 | Money is an integer. | {shown} |")[0]


def test_test_that_did_not_run_is_refused():
    assert "did not run" in faults_of("| A1 | A rule. | `tests/a.py::test_gone` |")[0]


def test_file_is_not_a_test():
    assert "did not run" in faults_of("| A1 | A rule. | `tests/a.py` |")[0]


def test_test_of_which_one_variant_failed_is_refused():
    assert "did not pass" in faults_of("| A1 | A rule. | `tests/a.py::test_half` |")[0]


def test_skipped_test_is_refused():
    assert "did not pass" in faults_of("| A1 | A rule. | `tests/a.py::test_skipped` |")[0]


def test_parameters_in_an_id_are_refused():
    row = "| A1 | A rule. | `tests/a.py::test_one[sqlite]` |"
    assert "without its parameters" in faults_of(row)[0]


def test_second_test_of_a_rule_is_checked_too():
    row = "| A1 | A rule. | `tests/a.py::test_one` `tests/a.py::test_gone` |"
    assert "test_gone did not run" in faults_of(row)[0]


def test_tests_beside_not_yet_are_refused():
    row = "| A1 | A rule. | not yet: half `tests/a.py::test_one` |"
    assert "one of the two" in faults_of(row)[0]


def test_number_used_twice_is_refused():
    row = "| A1 | A rule. | `tests/a.py::test_one` |"
    assert "is taken by" in faults_of(row, row)[0]


def test_row_that_is_not_understood_is_refused():
    assert "not a row" in faults_of("| A1, A2 | two rules | `tests/a.py::test_one` |")[0]


def test_empty_rule_is_refused():
    assert "states no rule" in faults_of("| A1 |  | `tests/a.py::test_one` |")[0]


def test_document_without_rules_is_refused():
    assert list_faults("# Rules", RAN) == ["the document holds no rule"]
