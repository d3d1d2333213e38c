"""Screening against a file: CSV in the columns of OpenSanctions' `targets.simple.csv`.

The columns `id` and `name` are needed; `aliases`, `birth_date`, `countries` (several values are
separated by semicolons), `schema`, `sanctions` and `dataset` are read where they are. Rows of other
schemas than people are left out. The file is read again when it has changed.
"""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from server.core.refusals import Unavailable
from server.db import assert_outside_transaction
from server.identity.names import is_same_name, split_name
from server.kyc.screening_port import Listed, Screened

FILE_BYTES_MAX = 1024 * 1024 * 1024
YEAR_DIGITS = 4
YEARS_APART = 1
"""Years of birth that differ by more are two people's; lists guess them."""
PERSON = ("Person", "LegalEntity", "")
log = structlog.get_logger()


class ListBroken(Exception):  # noqa: N818 - says what is wrong, and is answered as Unavailable
    """The file is not such a list."""


@dataclass(slots=True)
class _Names:
    """The names of a list, found by what they begin and end with."""

    version: str
    by_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    joined: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    entries: list[Listed] = field(default_factory=list)

    def add(self, entry: Listed) -> None:
        number = len(self.entries)
        self.entries.append(entry)
        for name in entry.names:
            words = split_name(name)
            for word in set(words):
                self.by_word[word].add(number)
            self.joined["".join(words)].add(number)

    def find(self, person: Screened) -> list[Listed]:
        """Entries with a name that is the person's, longer or shorter, and no other birth year."""
        words = split_name(person.full_name)
        if not words:
            return []
        # Of two names that are one, the shorter has the first and the last word of the longer.
        near = self.by_word.get(words[0], set()) & self.by_word.get(words[-1], set())
        near = near | self.joined.get("".join(words), set())
        found = (self.entries[number] for number in sorted(near))
        return [each for each in found if _is_person(each, person)]


def _is_person(entry: Listed, person: Screened) -> bool:
    years = [
        int(date[:YEAR_DIGITS]) for date in entry.birth_dates if date[:YEAR_DIGITS].isdecimal()
    ]
    born = int(person.birth_date[:YEAR_DIGITS])
    if years and all(abs(year - born) > YEARS_APART for year in years):
        return False
    said = person.full_name
    return any(is_same_name(name, said) or is_same_name(said, name) for name in entry.names)


class NameList:
    """A file of names; reading it is slow work, done by `run_apart`."""

    def __init__(
        self, path: Path, run_apart: Callable[[Callable[[], Any]], Awaitable[Any]]
    ) -> None:
        self._path = path
        self._run_apart = run_apart
        self._stamp: tuple[int, int] | None = None
        self._names: _Names | None = None

    async def read_version(self) -> str:
        """The digest of the file."""
        return (await self._read()).version

    async def screen(self, people: Sequence[Screened]) -> list[list[Listed]]:
        """Entries by name, whatever the order, marks, case and script of its words."""
        names = await self._read()
        return [names.find(person) for person in people]

    async def close(self) -> None:
        """There is nothing to give back."""

    async def _read(self) -> _Names:
        assert_outside_transaction()
        try:
            known: _Names = await self._run_apart(self._load)
        except (OSError, UnicodeDecodeError, csv.Error, ListBroken) as error:
            log.warning("screening_list_unreadable", error=type(error).__name__)
            raise Unavailable(retry_after_s=60) from error
        return known

    def _load(self) -> _Names:
        found = self._path.stat()
        stamp = (found.st_mtime_ns, found.st_size)
        if self._names is None or stamp != self._stamp:
            if found.st_size > FILE_BYTES_MAX:
                raise ListBroken
            self._names = read_names(self._path.read_bytes())
            self._stamp = stamp
        return self._names


def read_names(content: bytes) -> _Names:
    """The names of a file's bytes. Raises `ListBroken`, `UnicodeDecodeError`, `csv.Error`."""
    names = _Names(hashlib.sha256(content).hexdigest())
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
    if not {"id", "name"} <= set(rows.fieldnames or ()):
        raise ListBroken
    for row in rows:
        if (row.get("schema") or "") in PERSON and row["name"]:
            names.add(_read_row(row))
    if not names.entries:
        # An empty list would let everybody pass.
        raise ListBroken
    return names


def _read_row(row: Mapping[str, Any]) -> Listed:
    return Listed(
        source=_parts(row, "dataset")[0] if _parts(row, "dataset") else "list",
        entry_id=str(row["id"]),
        names=(str(row["name"]), *_parts(row, "aliases")),
        birth_dates=_parts(row, "birth_date"),
        countries=_parts(row, "countries"),
        topics=_parts(row, "sanctions"),
    )


def _parts(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (row.get(column) or "").split(";") if part.strip())
