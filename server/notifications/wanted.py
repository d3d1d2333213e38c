"""What is to be told: the form in which every source hands its news to the channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that one user should hear, once for its cause."""

    user_id: UUID
    kind: str
    cause_id: UUID
    subject: str
    subject_id: UUID
    params: Mapping[str, str]
    merges: bool = False
    """While an equal one about the subject is unread, it counts there instead of a new row."""
    rests: bool = False
    """A state that may come and go: told again about the subject after `RESTS_FOR` at most."""

    @property
    def key(self) -> tuple[UUID, UUID, str]:
        """What a database has once."""
        return self.user_id, self.cause_id, self.kind


def cause_of_step(trade_id: UUID, version: int) -> UUID:
    """The cause of what a row of the lifecycle tells: the same whoever reads it, and when."""
    return uuid5(trade_id, f"step {version}")


def cause_of_deadline(trade_id: UUID, deadline: str) -> UUID:
    """The cause of a reminder: another deadline is another reminder."""
    return uuid5(trade_id, f"deadline {deadline}")


def cause_of_case(dispute_id: UUID, version: int) -> UUID:
    """The cause of what a version of a case tells."""
    return uuid5(dispute_id, f"case {version}")
