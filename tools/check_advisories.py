"""Looks for known advisories about what is locked here: what `make advisories` calls.

The database is local, in the OSV format: a JSON file (one advisory or a list), a folder of such
files, or a ZIP of them as https://osv.dev hands it out for PyPI and for npm. The locks say what is
installed: requirements*.txt and package-lock.json. Exit status: 0 nothing was found, 1 something
was, 2 the database holds nothing about the packages of an ecosystem.
"""

import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
PYTHON, NPM = "PyPI", "npm"
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s\\;]+)", re.MULTILINE)
SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")


@dataclass(frozen=True, order=True)
class Pin:
    """One version of one package."""

    ecosystem: str
    name: str
    version: str


@dataclass(frozen=True)
class Finding:
    """A pin that an advisory names."""

    pin: Pin
    advisory: str
    fixed: tuple[str, ...]
    summary: str

    def __str__(self) -> str:
        repaired = f"repaired in {', '.join(self.fixed)}" if self.fixed else "not repaired"
        return f"{self.pin.name} {self.pin.version}: {self.advisory}, {repaired}: {self.summary}"


def normalise(ecosystem: str, name: str) -> str:
    """A package's name as its ecosystem compares it."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == PYTHON else name


def read_pins(root: Path) -> set[Pin]:
    """Every package that the locks of a folder name."""
    pins = {
        Pin(PYTHON, normalise(PYTHON, name), version)
        for path in sorted(root.glob("requirements*.txt"))
        for name, version in LOCKED.findall(path.read_text(encoding="utf-8"))
    }
    for path in sorted(root.glob("**/package-lock.json")):
        if "node_modules" in path.parts:
            continue
        for place, package in json.loads(path.read_text(encoding="utf-8"))["packages"].items():
            name = package.get("name") or place.rpartition("node_modules/")[2]
            if "node_modules/" in place and "version" in package:
                pins.add(Pin(NPM, name, package["version"]))
    return pins


def read_advisories(database: Path) -> Iterator[dict[str, Any]]:
    """The advisories of a local database that were not withdrawn."""
    for text in _read_texts(database):
        found = json.loads(text)
        for advisory in found if isinstance(found, list) else [found]:
            if "withdrawn" not in advisory:
                yield advisory


def _read_texts(database: Path) -> Iterator[bytes]:
    if database.is_dir():
        for path in sorted(database.rglob("*.json")):
            yield path.read_bytes()
    elif zipfile.is_zipfile(database):
        with zipfile.ZipFile(database) as packed:
            for name in sorted(packed.namelist()):
                if name.endswith(".json"):
                    yield packed.read(name)
    else:
        yield database.read_bytes()


def find_affected(pins: set[Pin], advisories: Iterator[dict[str, Any]]) -> list[Finding]:
    """Each pin that an advisory names, in order."""
    by_name: dict[tuple[str, str], list[Pin]] = {}
    for pin in sorted(pins):
        by_name.setdefault((pin.ecosystem, pin.name), []).append(pin)
    found = []
    for advisory in advisories:
        for affected in advisory.get("affected", []):
            package = affected.get("package", {})
            ecosystem = package.get("ecosystem", "")
            name = normalise(ecosystem, package.get("name", ""))
            for pin in by_name.get((ecosystem, name), []):
                if is_affected(pin, affected):
                    summary = advisory.get("summary") or advisory.get("details", "")[:80]
                    found.append(Finding(pin, advisory["id"], list_fixes(affected), summary))
    return sorted(found, key=lambda one: (one.pin, one.advisory))


def is_affected(pin: Pin, affected: Mapping[str, Any]) -> bool:
    """Whether a version is listed, or lies in a range, as OSV decides it.

    A version that cannot be read counts as affected: somebody must look.
    """
    if pin.version in affected.get("versions", []):
        return True
    for each in affected.get("ranges", []):
        if each.get("type") not in ("ECOSYSTEM", "SEMVER"):
            continue
        if _lies_in(pin, each.get("events", [])):
            return True
    return False


def _lies_in(pin: Pin, events: list[Mapping[str, str]]) -> bool:
    here = read_version(pin.ecosystem, pin.version)
    if here is None:
        return True
    steps = []
    for event in events:
        for kind, said in event.items():
            if kind not in ("introduced", "fixed", "last_affected"):
                continue
            at = read_version(pin.ecosystem, "0.0.0" if said == "0" else said)
            if at is None:
                return True
            steps.append((at, kind, said == "0"))
    is_in = False
    for at, kind, from_start in sorted(steps, key=lambda step: (not step[2], step[0])):
        if kind == "introduced" and (from_start or here >= at):
            is_in = True
        elif (kind == "fixed" and here >= at) or (kind == "last_affected" and here > at):
            is_in = False
    return is_in


def read_version(ecosystem: str, text: str) -> Any:
    """Something that compares as versions of an ecosystem do; None for what is no version."""
    if ecosystem == PYTHON:
        try:
            return Version(text)
        except InvalidVersion:
            return None
    found = SEMVER.fullmatch(text)
    if found is None:
        return None
    parts = () if found[4] is None else tuple(map(_read_part, found[4].split(".")))
    # What comes before a release is older than the release.
    return (int(found[1]), int(found[2]), int(found[3]), found[4] is None, parts)


def _read_part(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


def list_fixes(affected: Mapping[str, Any]) -> tuple[str, ...]:
    """The versions in which it is repaired."""
    return tuple(
        event["fixed"]
        for each in affected.get("ranges", [])
        if each.get("type") in ("ECOSYSTEM", "SEMVER")
        for event in each.get("events", [])
        if "fixed" in event
    )


def main(arguments: list[str]) -> int:
    """Say what was found; the exit status."""
    if not arguments:
        print("iqx: name a database: make advisories ADVISORIES='pypi.zip npm.zip'")
        return 2
    pins = read_pins(ROOT)
    advisories = [one for path in arguments for one in read_advisories(Path(path))]
    told_of = {
        affected.get("package", {}).get("ecosystem")
        for advisory in advisories
        for affected in advisory.get("affected", [])
    }
    missing = {pin.ecosystem for pin in pins} - told_of
    findings = find_affected(pins, iter(advisories))
    for finding in findings:
        print(f"iqx: {finding}")
    newest = max((one.get("modified", "") for one in advisories), default="")
    print(
        f"iqx: {len(findings)} of {len(pins)} pins are named;"
        f" {len(advisories)} advisories, the newest of {newest or 'no day'}"
    )
    for ecosystem in sorted(missing):
        print(f"iqx: the database says nothing about {ecosystem}; give that one too")
    return 1 if findings else 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
