"""The port to a company that checks identities, and what it tells."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class Answer(enum.StrEnum):
    """What a provider says of an applicant."""

    PENDING = "pending"
    """It looks at him."""
    GREEN = "green"
    RETRY = "retry"
    """Something is missing or unreadable."""
    RED = "red"


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the provider, whose signature was found good."""

    applicant_ref: str
    """The provider's name of the applicant."""
    external_ref: str
    """Our name: the application."""
    answer: Answer | None
    """Nothing for messages that concern us not."""
    comment: str | None
    """What the applicant may be told."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who an applicant is by his documents, as the provider read them."""

    full_name: str
    birth_date: date | None
    document_number: str | None
    document_expires_on: date | None


class Provider(Protocol):
    """A company that checks identities. Every call but `read_message` asks the network."""

    name: str

    async def create_applicant(self, external_ref: str) -> str:
        """The provider's name of a new, or of the known, applicant. Refuses `Unavailable`."""
        ...

    async def make_token(self, external_ref: str) -> tuple[str, int]:
        """A token for the applicant's own device, and the seconds that it lives."""
        ...

    async def read_person(self, applicant_ref: str) -> Person:
        """What the documents of an applicant say. Refuses `Unavailable`."""
        ...

    def read_message(self, raw: bytes, headers: Mapping[str, str]) -> Message:
        """A message as it came. Refuses `MessageRefused` and `MessageStale`."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
