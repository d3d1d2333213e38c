"""The port to a list of people with whom nobody may deal: sanctions and the like."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson


@dataclass(frozen=True, slots=True)
class Screened:
    """Who is looked for."""

    full_name: str
    birth_date: str
    """As in ISO 8601."""
    country: str
    """Two letters."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list that may be the person."""

    source: str
    """The list."""
    entry_id: str
    """Its name in the list."""
    names: tuple[str, ...]
    birth_dates: tuple[str, ...]
    countries: tuple[str, ...]
    topics: tuple[str, ...]
    """Why he is on the list, in its words."""

    def digest(self) -> bytes:
        """Another one when the entry says something else: then it is looked at again."""
        content = [
            self.source, self.entry_id, sorted(self.names), sorted(self.birth_dates),
            sorted(self.countries), sorted(self.topics),
        ]  # fmt: skip
        return hashlib.sha256(orjson.dumps(content)).digest()


class ScreeningPort(Protocol):
    """A list of names. Every call may read a file or ask the network, never in a transaction."""

    async def read_version(self) -> str:
        """What the list is like now, at most 64 ASCII characters; another one when it changed.

        Refuses `Unavailable`: what is not known is waited for.
        """
        ...

    async def screen(self, people: Sequence[Screened]) -> list[list[Listed]]:
        """For each of the people the entries that may be he. Refuses `Unavailable`."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
