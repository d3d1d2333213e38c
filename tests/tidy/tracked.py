"""The files of the repository, for the checks that read all of them."""

import subprocess

from tests.services import ROOT

TEXT_BYTES_MAX = 2_000_000
NOT_OURS = {".venv", ".run", "node_modules", "build", "dist"}


def list_tracked() -> list[str]:
    """The files that git tracks, and new ones that it does not ignore."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        # A source archive without git: everything in it is tracked.
        return [
            path.relative_to(ROOT).as_posix()
            for path in ROOT.rglob("*")
            if path.is_file() and not NOT_OURS & set(path.parts)
        ]
    return sorted(filter(None, done.stdout.split("\0")))


def read_texts() -> dict[str, str]:
    """The text of each tracked file that is text, by its path."""
    texts = {}
    for name in list_tracked():
        path = ROOT / name
        if path.is_file() and path.stat().st_size < TEXT_BYTES_MAX:
            try:
                texts[name] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return texts
