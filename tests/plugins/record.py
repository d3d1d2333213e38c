"""Keeps the record of what ran, and fails a complete run that shrank silently.

With `--complete` (what `make test` gives) the run also fails when a test was skipped, when the
database-bound tests that ran on SQLite and on MariaDB differ, or when docs/rules.md or
docs/security/asvs.md names a test that did not run and pass.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests import asvs_document
from tests.plugins.databases import DATABASES, is_worker
from tests.rules_document import gather_outcomes, list_faults

RECORD = Path(".run") / "tests-ran.txt"
RULES = Path("docs") / "rules.md"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that makes the run answer for everything."""
    parser.addoption(
        "--complete",
        action="store_true",
        help="this run is the whole suite: compare databases, refuse skips, check documents",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Only the process that hears of every test keeps the record."""
    if not is_worker(config):
        config.pluginmanager.register(Record(config), "iqx-record")


def compare_databases(ran: Iterable[str]) -> list[str]:
    """Sentences about tests that ran on one database and not on the other."""
    by_kind: dict[str, set[str]] = {kind: set() for kind in DATABASES}
    for node_id in ran:
        for kind in DATABASES:
            for end in (f"[{kind}]", f"-{kind}]"):
                if node_id.endswith(end):
                    by_kind[kind].add(node_id.removesuffix(end))
    return [
        f"{test} ran on {here} and not on {there}"
        for here, there in (DATABASES, DATABASES[::-1])
        for test in sorted(by_kind[here] - by_kind[there])
    ]


class Record:
    """The outcomes of this run: a test is passed only when all its phases passed."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of one test."""
        if hasattr(report, "wasxfail"):
            self.outcomes[report.nodeid] = "skipped"
            return
        known = self.outcomes.get(report.nodeid, "passed")
        if known == "passed" and (report.when == "call" or report.outcome != "passed"):
            self.outcomes[report.nodeid] = report.outcome

    def list_complaints(self) -> list[tuple[str, list[str]]]:
        """The checks of a complete run that failed, each with its sentences."""
        rules = self.config.rootpath / RULES
        outcomes = gather_outcomes((outcome, test) for test, outcome in self.outcomes.items())
        document = rules.read_text() if rules.exists() else ""
        checks = {
            "no_test_is_skipped": [
                f"{test} was skipped" for test, how in self.outcomes.items() if how == "skipped"
            ],
            "the_same_tests_ran_on_both_databases": compare_databases(
                test for test, how in self.outcomes.items() if how != "skipped"
            ),
            "every_rule_is_shown_by_tests_that_passed": [
                f"{RULES}, {fault}" for fault in list_faults(document, outcomes)
            ],
            "every_item_of_asvs_is_shown_or_has_its_reason": [
                f"{asvs_document.DOCUMENT}, {fault}"
                for fault in asvs_document.list_faults_below(self.config.rootpath, outcomes)
            ],
        }
        return [(name, faults) for name, faults in checks.items() if faults]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the record and let the failed checks count as failed tests."""
        record = self.config.rootpath / RECORD
        record.parent.mkdir(exist_ok=True)
        record.write_text("".join(f"{how} {test}\n" for test, how in sorted(self.outcomes.items())))
        if not self.config.getoption("--complete"):
            return
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        assert terminal is not None
        for name, faults in self.list_complaints():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            report = pytest.TestReport(
                nodeid=f"make test::{name}",
                location=(str(RULES), 0, name),
                keywords={},
                outcome="failed",
                longrepr="\n".join(faults),
                when="call",
            )
            terminal.stats.setdefault("failed", []).append(report)
