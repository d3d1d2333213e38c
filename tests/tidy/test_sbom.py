"""`make sbom` names every package that runs, with version, hashes and licence."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.services import ROOT

LOCKED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("build")
    command = [sys.executable, str(ROOT / "tools" / "write_sbom.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        kind: json.loads(Path(folder / f"sbom-{kind}.json").read_text())
        for kind in ("python", "javascript")
    }


def test_sbom_names_every_python_package_with_its_version_and_hashes(documents):
    text = (ROOT / "requirements.txt").read_text()
    wanted = {normal(name): version for name, version in LOCKED.findall(text)}
    components = {normal(each["name"]): each for each in documents["python"]["components"]}
    assert len(wanted) > 100
    assert {name: each["version"] for name, each in components.items()} == wanted
    for each in components.values():
        hashes = {
            found["content"]
            for reference in each["externalReferences"]
            for found in reference.get("hashes", [])
        }
        assert hashes, each["name"]
        assert all(f"--hash=sha256:{found}" in text for found in hashes)


def test_sbom_names_the_licence_of_every_python_package(documents):
    silent = [each["name"] for each in documents["python"]["components"] if not each["licenses"]]
    assert silent == []


def test_sbom_names_every_javascript_package_with_its_version_and_hash(documents):
    lock = json.loads((ROOT / "package-lock.json").read_text())
    wanted = {
        (path.rpartition("node_modules/")[2], entry["version"])
        for path, entry in lock["packages"].items()
        if "node_modules/" in path and not entry.get("link")
    }
    components = documents["javascript"]["components"]
    assert {(name_of(each), each["version"]) for each in components} == wanted
    assert all(each["hashes"] for each in components)


def name_of(component: dict[str, Any]) -> str:
    """The name with its scope, which the document may keep apart."""
    name, group = str(component["name"]), component.get("group")
    return name if group is None or name.startswith("@") else f"{group}/{name}"


@pytest.mark.parametrize(
    ("kind", "version"), [("python", SchemaVersion.V1_6), ("javascript", SchemaVersion.V1_5)]
)
def test_sbom_keeps_the_schema_of_cyclonedx(documents, kind, version):
    assert JsonStrictValidator(version).validate_str(json.dumps(documents[kind])) is None
