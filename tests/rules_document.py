"""Reads docs/rules.md and compares it with the tests that ran.

A rule is a table row `| A12 | the rule | the tests or not yet: reason |`. Tests are written as ids
in backquotes without the parameter part, separated by spaces or <br>; a test counts when every
variant of it that ran has passed, and at least one has. A whole file or class may not be named: a
rule is shown by tests, not by folders.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROW = re.compile(r"^\|\s*(?P<id>[A-Z]+\d+)\s*\|(?P<text>.*)\|(?P<shown>[^|]*)\|\s*$")
TEST_ID = re.compile(r"`([^`]+)`")
NOT_YET = re.compile(r"^not yet: \S")
TABLE_HEAD = re.compile(r"^\|\s*(no\.?|:?-+:?)\s*\|", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """One numbered rule, with the ids of its tests or the reason why there are none yet."""

    id: str
    line: int
    text: str
    shown: str

    @property
    def tests(self) -> list[str]:
        return TEST_ID.findall(self.shown)

    @property
    def is_open(self) -> bool:
        return bool(NOT_YET.match(self.shown))


def read_rules(document: str) -> tuple[list[Rule], list[str]]:
    """The rules of the document, and sentences about rows that are not understood."""
    rules, faults = [], []
    for number, line in enumerate(document.splitlines(), start=1):
        if not line.startswith("|") or TABLE_HEAD.match(line):
            continue
        row = ROW.match(line)
        if row is None:
            faults.append(f"line {number}: not a row of the form | A1 | rule | tests or not yet |")
            continue
        rules.append(Rule(row["id"], number, row["text"].strip(), row["shown"].strip()))
    seen: dict[str, int] = {}
    for rule in rules:
        if rule.id in seen:
            faults.append(f"line {rule.line}: {rule.id} is taken by line {seen[rule.id]}")
        seen.setdefault(rule.id, rule.line)
        if not rule.text:
            faults.append(f"line {rule.line}: {rule.id} states no rule")
    return rules, faults


def without_parameters(node_id: str) -> str:
    """`tests/x.py::test_y[a-sqlite]` -> `tests/x.py::test_y`."""
    return node_id.partition("[")[0]


def gather_outcomes(ran: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The outcomes of each test over all its variants."""
    outcomes: dict[str, set[str]] = {}
    for outcome, node_id in ran:
        outcomes.setdefault(without_parameters(node_id), set()).add(outcome)
    return outcomes


def list_test_faults(
    where: str, tests: Iterable[str], outcomes: Mapping[str, set[str]]
) -> list[str]:
    """Sentences about named tests that did not run and pass."""
    faults = []
    for test in tests:
        if test != without_parameters(test):
            faults.append(f"{where}: write {test} without its parameters")
        elif test not in outcomes:
            faults.append(f"{where}: {test} did not run")
        elif outcomes[test] != {"passed"}:
            faults.append(f"{where}: {test} did not pass")
    return faults


def list_faults(document: str, outcomes: Mapping[str, set[str]]) -> list[str]:
    """Every way in which the document is not borne out by the tests that ran; empty is good."""
    rules, faults = read_rules(document)
    if not rules:
        faults.append("the document holds no rule")
    for rule in rules:
        where = f"line {rule.line}: {rule.id}"
        if rule.tests and "not yet" in rule.shown:
            faults.append(f"{where} has tests and says not yet: one of the two")
        elif rule.is_open:
            continue
        elif not rule.tests:
            faults.append(f"{where} names neither a test nor 'not yet: reason'")
        faults += list_test_faults(where, rule.tests, outcomes)
    return faults


def read_record(path: Path) -> list[tuple[str, str]]:
    """The (outcome, node id) pairs that the last run wrote."""
    return [
        (line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in path.read_text().splitlines()
    ]


def main() -> int:
    """Check the document against the last run, and count what is still open."""
    root = Path(__file__).resolve().parent.parent
    document = (root / "docs" / "rules.md").read_text()
    outcomes = gather_outcomes(read_record(root / ".run" / "tests-ran.txt"))
    faults = list_faults(document, outcomes)
    rules, _ = read_rules(document)
    for fault in faults:
        print(f"docs/rules.md, {fault}")
    print(
        f"{len(rules)} rules, {sum(rule.is_open for rule in rules)} not yet, {len(faults)} faults"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
