"""The built web app: read once when the process starts, so that no request names a file."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

SHELL = "index.html"
"""The page that every address of the app begins with."""
HASHED = "assets/"
"""The folder of files whose names change with their contents."""
META = "<!--meta-->"
"""Where the page's title and what else is told to crawlers goes."""
PACKED_SUFFIXES = {"br": ".br", "gzip": ".gz"}
"""Packed copies that the build puts beside a file, best first."""
UNSERVED = (".map", ".br", ".gz")
PACKABLE = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
PACKABLE_BYTES_MIN = 512
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_TITLE = re.compile(r"[ \t]*<title>.*?</title>\s*", re.DOTALL)
_LANGUAGE = re.compile(r'(<html\b[^>]*\blang=")[^"]*')


class WebFile(NamedTuple):
    """A file of the app, plain and packed."""

    content: bytes
    packed: Mapping[str, bytes]
    """Packed contents by content coding, best first."""
    media: str
    mark: str
    """Its ETag: the same for every coding, so it is a weak one."""


@dataclass(frozen=True, slots=True)
class Build:
    """The built app."""

    files: Mapping[str, WebFile]
    """By address, such as /assets/index-4f2a.js; the shell is not among them."""
    shell: str

    def make_page(self, head: str, language: str) -> WebFile:
        """The shell with `head` in its head, declared to be in `language`."""
        text = _LANGUAGE.sub(rf"\g<1>{language}", self.shell, count=1)
        return pack(text.replace(META, head, 1).encode(), MEDIA[".html"])


class BuildError(Exception):
    """The folder holds something else than a built web app; the text says what is missing."""


def read_build(folder: Path) -> Build | None:
    """The app in `folder`; None where none was built. Raises `BuildError`."""
    shell = folder / SHELL
    if not shell.is_file():
        return None
    text = shell.read_text(encoding="utf-8")
    if META not in text:
        raise BuildError(f"{shell} has no place for {META}: build the web app again.")
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and not hidden and name != SHELL and path.suffix not in UNSERVED:
            files[f"/{name}"] = _read_file(path)
    return Build(MappingProxyType(files), _TITLE.sub("", text, count=1))


def _read_file(path: Path) -> WebFile:
    media = MEDIA.get(path.suffix, "application/octet-stream")
    beside = {
        coding: path.with_name(path.name + suffix) for coding, suffix in PACKED_SUFFIXES.items()
    }
    ready = {coding: packed.read_bytes() for coding, packed in beside.items() if packed.is_file()}
    return pack(path.read_bytes(), media, ready)


def pack(content: bytes, media: str, ready: Mapping[str, bytes] | None = None) -> WebFile:
    """A file with its packed copies: those that are `ready`, else one by gzip."""
    packed = dict(ready or {})
    if not packed and media.startswith(PACKABLE) and len(content) >= PACKABLE_BYTES_MIN:
        packed["gzip"] = gzip.compress(content, mtime=0)
    mark = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    return WebFile(content, MappingProxyType(packed), media, mark)
