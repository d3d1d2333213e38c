"""The tests can fail: each of ten bugs is caught by the test that is named for it."""

import ast
import os

import pytest

from tests.seeded.bugs import apply_patch, copy_tree, list_bugs, run_test
from tests.services import ROOT

BUGS = list_bugs()
PASSED, FAILED = 0, 1
"""Exit codes of pytest; others mean that nothing was tested."""


@pytest.fixture
def environment(mariadb_server_url, redis_url):
    """The services of this run, for runs inside it."""
    inherited = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return {
        **inherited,
        "IQX_TEST_MARIADB_URL": mariadb_server_url,
        "IQX_TEST_REDIS_URL": redis_url,
    }


def test_there_are_ten_bugs():
    assert [bug.name for bug in BUGS] == [
        "event-before-commit",
        "fence-not-checked",
        "float-fee",
        "full-row-write",
        "missing-undo",
        "no-lock",
        "no-unique",
        "seq-from-row-id",
        "stale-standing",
        "wrong-rounding-side",
    ]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_named_test_exists(bug):
    path, _, name = bug.test.partition("::")
    tree = ast.parse((ROOT / path).read_text())

    assert name.partition("[")[0] in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_seeded_bug_is_caught(bug, tmp_path, environment, campaign):
    """A complete run has run the named tests without the bugs; a campaign runs them itself."""
    copy = copy_tree(tmp_path)
    if campaign:
        code, said = run_test(bug.test, copy, environment)
        assert code == PASSED, said

    apply_patch(bug, copy)
    code, said = run_test(bug.test, copy, environment)

    assert code == FAILED, f"{bug.name} is not caught by {bug.test}\n{said}"
    assert f"FAILED {bug.test}" in said, said
    assert "ERROR " not in said, said
