"""`make advisories` finds a vulnerable pin and no other; every library of ours was looked at."""

import json
import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from tests.services import ROOT
from tests.tidy.tracked import list_tracked
from tools.check_advisories import NPM, PYTHON, Pin, find_affected, main, read_advisories, read_pins

FIXTURE = Path(__file__).parent / "advisories"
OURS = "@iqx/"
LIBRARIES = ROOT / "docs" / "security" / "libraries.md"
NAMED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?", re.MULTILINE)


def ids_of(*pins):
    return [one.advisory for one in find_affected(set(pins), read_advisories(FIXTURE))]


@pytest.mark.parametrize(
    ("version", "is_found"),
    [
        ("0.1", True), ("2.4.0", True), ("2.4.1rc1", True), ("2.4.1", False), ("2.9", False),
        ("3.0.0", True), ("3.0.1.post1", True), ("3.0.2", False), ("10.0", False),
        ("not a version", True),
    ],
)  # fmt: skip
def test_pin_in_a_range_is_found_and_a_repaired_one_is_not(version, is_found):
    found = ids_of(Pin(PYTHON, "left-pad-py", version))
    assert found == (["IQX-TEST-2026-1"] if is_found else [])


@pytest.mark.parametrize(
    ("name", "version", "is_found"),
    [
        ("forgotten", "0.9", False), ("forgotten", "1.4.0", True), ("forgotten", "1.4.1", False),
        ("stolen", "5.0.1", True), ("stolen", "5.0.2", False), ("unknown", "1.0", False),
    ],
)  # fmt: skip
def test_listed_versions_and_last_ones_count(name, version, is_found):
    assert bool(ids_of(Pin(PYTHON, name, version))) is is_found


@pytest.mark.parametrize(
    ("version", "is_found"),
    [
        ("1.1.9", False), ("1.2.0-beta.1", False), ("1.2.0-beta.2", True), ("1.2.0-beta.10", True),
        ("1.2.0", True), ("1.9.9", True), ("1.10.0-rc.1", True), ("1.10.0", False),
    ],
)  # fmt: skip
def test_versions_of_npm_compare_as_npm_compares_them(version, is_found):
    assert bool(ids_of(Pin(NPM, "@scope/left-pad", version))) is is_found


def test_package_of_one_ecosystem_is_not_that_of_the_other():
    assert ids_of(Pin(NPM, "stolen", "5.0.1"), Pin(PYTHON, "@scope/left-pad", "1.2.0")) == []


def write_locks(folder, *, version):
    (folder / "requirements.txt").write_text(
        f"left_pad.py[fast]=={version} \\\n    --hash=sha256:00\n    # via nothing\n"
    )
    packages = {
        "": {"name": "site", "version": "0.1.0"},
        "node_modules/@scope/left-pad": {"version": "1.9.0"},
        "node_modules/other/node_modules/@scope/left-pad": {"version": "1.10.0"},
    }
    (folder / "package-lock.json").write_text(json.dumps({"packages": packages}))


def test_pins_are_read_from_the_locks(tmp_path):
    write_locks(tmp_path, version="2.4.0")
    assert read_pins(tmp_path) == {
        Pin(PYTHON, "left-pad-py", "2.4.0"),
        Pin(NPM, "@scope/left-pad", "1.9.0"),
        Pin(NPM, "@scope/left-pad", "1.10.0"),
    }


def test_our_own_locks_are_read_whole():
    pins = read_pins(ROOT)
    assert len([pin for pin in pins if pin.ecosystem == PYTHON]) > 100
    assert {"aiohttp", "cryptography", "pytest", "uv"} <= {pin.name for pin in pins}
    assert "socket.io-client" in {pin.name for pin in pins if pin.ecosystem == NPM}


def test_command_says_what_it_found_and_fails(tmp_path, monkeypatch, capsys):
    write_locks(tmp_path, version="2.4.0")
    monkeypatch.setattr("tools.check_advisories.ROOT", tmp_path)
    assert main([str(FIXTURE)]) == 1
    said = capsys.readouterr().out
    assert "left-pad-py 2.4.0: IQX-TEST-2026-1, repaired in 2.4.1, 3.0.2" in said
    assert "@scope/left-pad 1.9.0: IQX-TEST-2026-5" in said
    assert "2 of 3 pins are named; 4 advisories, the newest of 2026-11-06" in said


def test_database_that_says_nothing_about_an_ecosystem_is_no_clean_answer(capsys):
    assert main([str(FIXTURE / "javascript.json")]) == 2
    assert "says nothing about PyPI" in capsys.readouterr().out
    assert main([]) == 2


def test_archive_is_read_as_a_folder_is_and_a_clean_lock_passes(tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in FIXTURE.iterdir():
            packed.write(path, path.name)
    command = [sys.executable, str(ROOT / "tools" / "check_advisories.py"), str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 of" in done.stdout


def list_direct():
    """Every library that we name ourselves, with the version that is locked."""
    locked = {(pin.ecosystem, pin.name): pin.version for pin in read_pins(ROOT)}
    direct = {}
    for path in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / path).read_text().splitlines():
            found = NAMED.match(line)
            if found is not None:
                name = re.sub(r"[-_.]+", "-", found[1]).lower()
                direct[name] = locked[PYTHON, name]
    direct["uv"] = locked[PYTHON, "uv"]
    for path in list_tracked():
        if path.rpartition("/")[2] == "package.json":
            package = json.loads((ROOT / path).read_text())
            for kind in ("dependencies", "devDependencies"):
                for name in package.get(kind, {}):
                    if not name.startswith(OURS):
                        direct[name] = locked[NPM, name]
    return direct


def list_reviewed():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in LIBRARIES.read_text().splitlines()
        if line.startswith("| ")
    ]
    return rows[2:]


def test_every_direct_library_was_reviewed_at_the_version_that_is_locked():
    rows = list_reviewed()
    reviewed = {row[0]: row[1] for row in rows}
    assert reviewed == list_direct()
    assert len(rows) == len(reviewed)


def test_every_review_has_its_day_and_what_the_library_is_for():
    for name, _, used_for, day in list_reviewed():
        assert used_for, name
        assert date.fromisoformat(day) >= date(2026, 1, 1), name
