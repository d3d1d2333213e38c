"""What may not stand in any tracked file, and what every file of a kind must keep."""

import re

import pytest

from tests.tidy.tracked import read_texts

# Written in pieces, so that this file keeps its own rules.
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:ro" + r"ot|home/\w+|Us" + r"ers/\w+|wo" + r"rk)/")
REGISTRY = re.compile(
    r"\b(?:pyp" + r"i\.org|pythonhost" + r"ed\.org|registry\.npm" + r"js\.org|registry\.yarn"
    r"pkg\.com|np" + r"m\.pkg\.github\.com)\b"
    r"|--(?:extra-)?index" + r"-url\s+\S|--find" + r"-links\s+\S"
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
SKIPPED = re.compile(
    r"pytest\.(?:mark\.)?(?:sk" + r"ip|xf" + r"ail)|import" + r"orskip|\b(?:it|test|describe)\.sk"
    r"ip\(|un" + r"ittest\.skip"
)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    found = read_texts()
    assert len(found) > 50
    return found


def find_in(texts: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"
        for name, text in texts.items()
        for found in pattern.finditer(text)
    ]


def test_no_file_names_a_path_of_somebodys_machine(texts):
    assert find_in(texts, MACHINE_PATH) == []


def test_no_file_names_a_package_registry(texts):
    assert find_in(texts, REGISTRY) == []


def test_nothing_is_left_unfinished(texts):
    assert find_in(texts, UNFINISHED) == []


def test_no_test_is_switched_off(texts):
    own = {"tests/tidy/test_record.py", "tests/tidy/test_tracked_files.py"}
    code = {
        name: text
        for name, text in texts.items()
        if name.endswith((".py", ".mjs", ".js", ".ts", ".tsx")) and name not in own
    }
    assert find_in(code, SKIPPED) == []


@pytest.mark.parametrize(
    ("pattern", "offender"),
    [
        (MACHINE_PATH, "see /ro" + "ot/x"),
        (MACHINE_PATH, "path=/home" + "/ann/iqx"),
        (MACHINE_PATH, '"/Us' + 'ers/ann/iqx"'),
        (REGISTRY, "https://pyp" + "i.org/simple"),
        (REGISTRY, '"resol' + 'ved": "https:' + "//regis" + "try.npm" + 'js.org/x.tgz"'),
        (REGISTRY, "--index" + "-url https://mirror/simple"),
        (UNFINISHED, "# TO" + "DO later"),
        (UNFINISHED, "// FIX" + "ME"),
        (SKIPPED, "@pytest.mark.sk" + "ip(reason='later')"),
        (SKIPPED, "pytest.import" + "orskip('redis')"),
        (SKIPPED, "it.sk" + "ip('later')"),
    ],
)
def test_offender_is_caught(pattern, offender):
    assert pattern.search(offender)


def test_packages_are_locked_with_hashes(texts):
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        for entry in re.split(r"\n(?=[a-z0-9])", texts[name], flags=re.IGNORECASE):
            if not entry.startswith("#"):
                assert "==" in entry.splitlines()[0], entry
                assert "--hash=sha256:" in entry, entry


def test_what_runs_is_locked_the_same_for_tests(texts):
    run, test = (
        dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", texts[name], flags=re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert len(run) > 50
    assert {name: test.get(name) for name in run} == run


def test_repository_has_what_a_newcomer_looks_for(texts):
    assert "Apache License" in texts["LICENSE"]
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", ".env.example"} <= texts.keys()
    assert "make" in texts[".ci/run"]
    assert texts["Makefile"].count(" ## ") > 15
