"""Style, types and layers, checked by the tools that own them."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.services import ROOT

BIN = Path(sys.executable).parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PARTS = [
    f"{package}.{path.stem}"
    for package in ("server",)
    for path in sorted((ROOT / package).iterdir())
    if path.suffix == ".py" or (path / "__init__.py").exists()
    if path.stem != "__init__"
]


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_code_is_in_house_style():
    done = run(str(BIN / "ruff"), "check", "--output-format=concise", ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_code_is_formatted():
    done = run(str(BIN / "ruff"), "format", "--check", ".")
    assert done.returncode == 0, f"{done.stdout}Run: make format"


def test_types_hold():
    packages = [
        argument
        for package in ("server", "models", "sockets", "seeds")
        for argument in ("-p", package)
    ]
    done = run(str(BIN / "mypy"), *packages)
    assert done.returncode == 0, done.stdout + done.stderr


def test_folders_import_in_one_direction():
    done = run(str(BIN / "lint-imports"), "--no-logo")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_layer(part: str):
    layers = PYPROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {
        name.strip(" ()")
        for layer in layers
        for group in layer.split("|")
        for name in group.split(":")
    }
    assert part in named, f"put {part} into the layers of pyproject.toml"


LAYERS = """[importlinter]
root_packages = high
    low
[importlinter:contract:1]
name = one direction
type = layers
layers = high
    low
"""


@pytest.mark.parametrize(("importer", "code"), [("high", 0), ("low", 1)])
def test_import_against_the_direction_is_caught(importer: str, code: int, tmp_path: Path):
    for package in ("high", "low"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    other = {"high": "low", "low": "high"}[importer]
    (tmp_path / importer / "x.py").write_text(f"import {other}\n")
    (tmp_path / ".importlinter").write_text(LAYERS)
    done = run(str(BIN / "lint-imports"), "--no-cache", "--no-logo", cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr


def test_untyped_function_is_caught(tmp_path: Path):
    (tmp_path / "x.py").write_text("def f(x):\n    return x\n")
    config = str(ROOT / "pyproject.toml")
    done = run(str(BIN / "mypy"), "--config-file", config, "x.py", cwd=tmp_path)
    assert "no-untyped-def" in done.stdout
