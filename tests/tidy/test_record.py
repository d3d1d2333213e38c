"""A complete run that shrank fails, with the sentence that says what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import asvs_document
from tests.plugins.record import compare_databases
from tests.services import ROOT

CONFTEST = """
import sys
sys.path.insert(0, {root!r})
pytest_plugins = ["tests.plugins.databases", "tests.plugins.record"]
"""

BOTH = """
def test_both(database_kind):
    assert database_kind
"""
SHOWN = "| A1 | A rule. | `test_it.py::test_both` |"
ASVS = "| level 1 | 1 | 0 | 0 |\n| V1.1.1 | Words. | `test_it.py::test_both` |\n"


@pytest.fixture
def run_suite(tmp_path: Path):
    """Runs a suite of one file with the project's plugins: (exit code, output)."""

    def run(tests: str, rules: str, *arguments: str, asvs: str = ASVS) -> tuple[int, str]:
        (tmp_path / "conftest.py").write_text(CONFTEST.format(root=str(ROOT)))
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        (tmp_path / "test_it.py").write_text(tests)
        (tmp_path / "docs" / "security").mkdir(parents=True)
        (tmp_path / asvs_document.LEVELS).write_text("V1.1.1 1\n")
        (tmp_path / asvs_document.DOCUMENT).write_text(asvs)
        (tmp_path / "docs" / "rules.md").write_text(rules)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


def test_complete_run_passes_and_writes_the_record(run_suite, tmp_path):
    code, output = run_suite(BOTH, SHOWN, "--complete")
    assert (code, "2 passed" in output) == (0, True), output
    assert (tmp_path / ".run" / "tests-ran.txt").read_text() == (
        "passed test_it.py::test_both[mariadb]\npassed test_it.py::test_both[sqlite]\n"
    )


def test_rule_whose_test_did_not_run_fails_the_run(run_suite):
    code, output = run_suite(BOTH, "| A1 | A rule. | `test_it.py::test_gone` |", "--complete")
    assert code == 1
    assert "test_gone did not run" in output
    assert output.strip().splitlines()[-1].startswith("1 failed, 2 passed")


def test_item_of_asvs_whose_test_did_not_run_fails_the_run(run_suite):
    gone = ASVS.replace("test_both", "test_gone")
    code, output = run_suite(BOTH, SHOWN, "--complete", asvs=gone)
    assert code == 1
    assert "asvs.md, line 2: V1.1.1: test_it.py::test_gone did not run" in output


def test_run_in_parallel_is_checked_too(run_suite):
    code, output = run_suite(
        BOTH, "| A1 | A rule. | `test_it.py::test_gone` |", "--complete", "-n", "2"
    )
    assert code == 1
    assert "test_gone did not run" in output


def test_test_that_ran_on_one_database_only_fails_the_run(run_suite):
    code, output = run_suite(BOTH, SHOWN, "--complete", "-k", "sqlite")
    assert code == 1
    assert "test_it.py::test_both ran on sqlite and not on mariadb" in output


@pytest.mark.parametrize("how", ["pytest.skip('no')", "pytest.xfail('no')"])
def test_skipped_test_fails_the_run(run_suite, how):
    code, output = run_suite(
        f"{BOTH}\nimport pytest\ndef test_no():\n    {how}\n", SHOWN, "--complete"
    )
    assert code == 1
    assert "test_it.py::test_no was skipped" in output


def test_test_with_a_failed_teardown_did_not_pass(run_suite, tmp_path):
    tests = """
import pytest

@pytest.fixture
def breaks():
    yield
    raise RuntimeError

def test_both(breaks):
    pass
"""
    assert run_suite(tests, SHOWN)[0] == 1
    assert (tmp_path / ".run" / "tests-ran.txt").read_text() == "failed test_it.py::test_both\n"


def test_parameters_before_the_database_are_compared_too():
    assert compare_databases(["a.py::t[1-sqlite]", "a.py::t[2-sqlite]", "a.py::t[1-mariadb]"]) == [
        "a.py::t[2 ran on sqlite and not on mariadb"
    ]
