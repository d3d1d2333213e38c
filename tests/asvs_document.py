"""Reads docs/security/asvs.md and compares it with OWASP ASVS 5.0 and with the tests that ran.

An item is a table row `| V6.2.1 | our words | evidence |`. Evidence is ids of tests in backquotes,
as in docs/rules.md, or `not applicable: reason`, or `not yet: reason`. A row may stand for a whole
section or chapter (`V10.4`, `V17`) when all of it does not apply. Every item of levels 1 and 2
stands in exactly one row; items of level 3 may. The numbers and levels are those of
docs/security/asvs-levels.txt; the counts at the head of the document are checked too.
"""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.rules_document import (
    TABLE_HEAD,
    TEST_ID,
    gather_outcomes,
    list_test_faults,
    read_record,
)

DOCUMENT = Path("docs") / "security" / "asvs.md"
LEVELS = Path("docs") / "security" / "asvs-levels.txt"
ROW = re.compile(r"^\|\s*(?P<number>V\d+(?:\.\d+){0,2})\s*\|(?P<text>.*)\|(?P<shown>[^|]*)\|\s*$")
REASON = re.compile(r"^(?P<kind>not applicable|not yet): (?P<words>\S+(?: \S+)+)$")
COUNT = re.compile(r"^\| level (?P<level>\d) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
OBLIGATORY = (1, 2)
COUNT_HEAD = "| items | met | not applicable | not yet |"
KINDS = ("met", "not applicable", "not yet")


@dataclass(frozen=True)
class Item:
    """One row: a number, or a section or chapter that stands for all numbers below it."""

    number: str
    line: int
    text: str
    shown: str

    @property
    def tests(self) -> list[str]:
        return TEST_ID.findall(self.shown)

    @property
    def kind(self) -> str:
        reason = REASON.match(self.shown)
        return reason["kind"] if reason and not self.tests else "met"

    def covers(self, number: str) -> bool:
        return number == self.number or number.startswith(f"{self.number}.")


def read_levels(text: str) -> dict[str, int]:
    """The level of each number: lines `V1.1.1 2`."""
    return {number: int(level) for number, level in map(str.split, text.splitlines())}


def read_items(document: str) -> tuple[list[Item], list[str]]:
    """The rows of the document, and sentences about rows that are not understood."""
    items, faults = [], []
    for number, line in enumerate(document.splitlines(), start=1):
        if not line.startswith("| V"):
            known = TABLE_HEAD.match(line) or COUNT.match(line) or line == COUNT_HEAD
            if line.startswith("|") and not known:
                faults.append(f"line {number}: not a row of the form | V1.1.1 | words | evidence |")
            continue
        row = ROW.match(line)
        if row is None:
            faults.append(f"line {number}: not a row of the form | V1.1.1 | words | evidence |")
            continue
        items.append(Item(row["number"], number, row["text"].strip(), row["shown"].strip()))
    return items, faults


def count_kinds(items: list[Item], levels: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    """How many numbers of each level are met, not applicable, not yet."""
    counts = {level: Counter[str]() for level in sorted(set(levels.values()))}
    for item in items:
        for number, level in levels.items():
            counts[level][item.kind] += item.covers(number)
    return {level: tuple(counted[kind] for kind in KINDS) for level, counted in counts.items()}


def list_faults(
    document: str, levels: Mapping[str, int], outcomes: Mapping[str, set[str]]
) -> list[str]:
    """Every way in which the document is incomplete or not borne out; empty is good."""
    items, faults = read_items(document)
    for item in items:
        faults += list_item_faults(item, levels, outcomes)
    for number, level in levels.items():
        lines = [item.line for item in items if item.covers(number)]
        if len(lines) > 1:
            faults.append(f"{number} stands in lines {', '.join(map(str, lines))}: once is enough")
        if not lines and level in OBLIGATORY:
            faults.append(f"{number} of level {level} is missing")
    written = {
        int(found["level"]): tuple(map(int, found.groups()[1:]))
        for found in COUNT.finditer(document)
    }
    for level, counted in count_kinds(items, levels).items():
        if written.get(level) != counted:
            row = " | ".join(map(str, counted))
            faults.append(f"the counts are to say | level {level} | {row} |")
    return faults


def list_item_faults(
    item: Item, levels: Mapping[str, int], outcomes: Mapping[str, set[str]]
) -> list[str]:
    """What is wrong with one row."""
    where = f"line {item.line}: {item.number}"
    faults = []
    if not item.text:
        faults.append(f"{where} has no words")
    if not any(item.covers(number) for number in levels):
        faults.append(f"{where} is no number of ASVS 5.0")
    elif item.number not in levels and item.kind == "met":
        faults.append(f"{where} is a whole section: only 'not applicable: reason' may stand for it")
    if item.tests and ("not yet" in item.shown or "not applicable" in item.shown):
        faults.append(f"{where} has tests and a reason: one of the two")
    elif not item.tests and not REASON.match(item.shown):
        faults.append(f"{where} names neither a test nor 'not applicable:' nor 'not yet: reason'")
    return faults + list_test_faults(where, item.tests, outcomes)


def list_faults_below(root: Path, outcomes: Mapping[str, set[str]]) -> list[str]:
    """The faults of the document of the project at `root`."""
    if not (root / DOCUMENT).exists() or not (root / LEVELS).exists():
        return [f"{DOCUMENT} or {LEVELS} is missing"]
    levels = read_levels((root / LEVELS).read_text())
    return list_faults((root / DOCUMENT).read_text(), levels, outcomes)


def main() -> int:
    """Check the document against the last run, and count."""
    root = Path(__file__).resolve().parent.parent
    outcomes = gather_outcomes(read_record(root / ".run" / "tests-ran.txt"))
    faults = list_faults_below(root, outcomes)
    for fault in faults:
        print(f"{DOCUMENT}, {fault}")
    items, _ = read_items((root / DOCUMENT).read_text())
    for level, counted in count_kinds(items, read_levels((root / LEVELS).read_text())).items():
        words = ", ".join(f"{count} {kind}" for count, kind in zip(counted, KINDS, strict=True))
        print(f"ASVS 5.0 level {level}: {words}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
