"""What higher parts want to do inside identity's units of work; the wiring fills the lists."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.db import Unit


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the owner of an account must hear, with his contact as it was before."""

    id: UUID
    user_id: UUID
    kind: str
    params: Mapping[str, str]
    created_at: datetime
    email: str
    email_verified: bool
    phone: str | None
    """Only one that was verified."""
    language: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What an account was seen with; others may have been seen with the same."""

    user_id: UUID
    ip: str | None = None
    devices: tuple[bytes, ...] = ()
    """Digests of the tokens that the device had before the sign-in and has after it."""
    payment_account: bytes | None = None
    """The fingerprint of an account that two people gave."""


UserHook = Callable[[Unit, UUID], Awaitable[None]]
AccountHook = Callable[[Unit, UUID, UUID, str], Awaitable[None]]
RecheckHook = Callable[[Unit, UUID], Awaitable[datetime | None]]
SeenHook = Callable[[Unit, Seen], Awaitable[None]]
NoticeHook = Callable[[Unit, Notice], Awaitable[None]]


@dataclass(slots=True)
class Hooks:
    """Each list is called in order, in the transaction of the change."""

    on_registered: list[UserHook] = field(default_factory=list)
    """unit, user: a new user; the ledger opens accounts."""
    on_standing_changed: list[UserHook] = field(default_factory=list)
    """unit, user: what matching knows of the user has changed; the lanes recheck."""
    on_recheck: list[RecheckHook] = field(default_factory=list)
    """unit, user: apply what time has changed in what is kept beside the standing; when to look
    again, if ever."""
    on_account_removing: list[AccountHook] = field(default_factory=list)
    """unit, user, payment account, currency: refuse it while something uses the account."""
    on_account_removed: list[AccountHook] = field(default_factory=list)
    """unit, user, payment account, currency: the lanes take the account off the user's orders."""
    on_factor_shown: list[UserHook] = field(default_factory=list)
    """unit, user: a second factor opened a session or proved an act, so it is not lost."""
    on_seen: list[SeenHook] = field(default_factory=list)
    """unit, what: a session was opened, or an account was given that is another's."""
    on_notice: list[NoticeHook] = field(default_factory=list)
    """unit, notice: mail, message and push of what was emitted as `notification_created`."""
