"""Ten bugs, kept as patches; each names the test that has to catch it.

A patch begins with a sentence about the bug and a line `Caught by: TEST ID`.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.services import ROOT

FOLDER = Path(__file__).parent
CAUGHT_BY = re.compile(r"^Caught by: (\S+)$", re.MULTILINE)
CATCH_MAX_S = 300
COPIED = ("server", "models", "sockets", "seeds", "tests", "migrations")
COPIED_FILES = ("pyproject.toml", "alembic.ini")


@dataclass(frozen=True)
class Bug:
    """A patch, and the id of the test that fails with it."""

    name: str
    path: Path
    test: str


def list_bugs(folder=FOLDER):
    """Every seeded bug by its name."""
    bugs = []
    for path in sorted(folder.glob("*.patch")):
        (test,) = CAUGHT_BY.findall(path.read_text())
        bugs.append(Bug(path.stem, path, test))
    return bugs


def copy_tree(folder):
    """What tests need of the project, compiled files too, in a folder that is no repository."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    for name in COPIED_FILES:
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def apply_patch(bug, folder):
    """Put the bug into a copy of the project."""
    done = subprocess.run(
        ["git", "apply", "--verbose", str(bug.path)],
        cwd=folder,
        # Inside a repository, git would leave out what it does not track.
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Skipped" not in done.stderr, done.stderr


def run_test(test, folder, environment):
    """Run one test in a copy; the exit code of pytest and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfE", "--tb=line", test],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=CATCH_MAX_S,
    )
    return done.returncode, done.stdout + done.stderr
