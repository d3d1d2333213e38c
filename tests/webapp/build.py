"""The built web app: made once for all who ask, and again when a source is newer."""

import fcntl
import subprocess
from pathlib import Path

from tests.services import ROOT

WEBAPP = ROOT / "webapp"
DIST = WEBAPP / "dist"
BUILD_MAX_S = 240
SOURCES = ("webapp/src", "webapp/public", "contract/ts/src")
SINGLE = ("webapp/index.html", "webapp/vite.config.ts", "package-lock.json")


def _newest() -> float:
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.is_file()]
    return max(path.stat().st_mtime for path in [*files, *(ROOT / name for name in SINGLE)])


def build_webapp() -> Path:
    """The folder of the built app. Processes that ask at once wait for one build."""
    lock = ROOT / ".run" / "webapp-build.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        page = DIST / "index.html"
        if not page.exists() or page.stat().st_mtime < _newest():
            done = subprocess.run(
                [ROOT / "node_modules" / ".bin" / "vite", "build"],
                cwd=WEBAPP,
                capture_output=True,
                text=True,
                timeout=BUILD_MAX_S,
                check=False,
            )
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return DIST
