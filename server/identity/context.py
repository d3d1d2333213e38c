"""What the functions of identity work with, put together once by the wiring."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from server.core.clock import Clock
from server.db import Database
from server.identity.hooks import Hooks
from server.identity.key_ring import Bearers, KeyRing
from server.identity.passwords import PasswordHasher
from server.identity.presence import PresenceRecorder
from server.identity.revocations import Revocations
from server.identity.sealing import Sealer
from server.identity.sign_in_limits import SignInLimits
from server.identity.tokens import AccessTokens
from server.messages.toll import SmsLimits


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings decide."""

    new_account_level: int
    step_up_by_password: bool
    """A password proves any act. Development only."""
    session_life: timedelta = timedelta(days=30)
    """The absolute end of a session."""
    session_idle: timedelta = timedelta(days=7)
    """A session that is not refreshed for so long ends."""
    terms_version: int = 0
    """The terms that count now; 0 is none."""
    blocked_countries: frozenset[str] = frozenset()
    """Two letters each; their people neither register nor sign in."""
    secure_cookies: bool = False
    """Whether cookies travel over TLS only."""
    device_hold: timedelta = timedelta(0)
    """How long a device that is new to an account releases nothing; zero watches no devices."""
    change_hold: timedelta = timedelta(0)
    """How long no money leaves and nothing new is sold after a change of the sign-in or of where
    money is paid."""


@dataclass(frozen=True, slots=True)
class PasskeySite:
    """Where passkeys are made and used."""

    domain: str
    """What they belong to: the site's host name, or a parent of it."""
    origins: tuple[str, ...]
    """The pages and apps that may use them."""


@dataclass(slots=True)
class Identity:
    """The parts of identity."""

    database: Database
    clock: Clock
    hasher: PasswordHasher
    tokens: AccessTokens
    keys: KeyRing
    revocations: Revocations
    sealer: Sealer
    fingerprint_secret: bytes
    limits: SignInLimits
    presence: PresenceRecorder
    policy: Policy
    passkeys: PasskeySite
    sms_limits: SmsLimits
    sends_sms: bool
    """Whether anything here sends text messages."""
    hooks: Hooks = field(default_factory=Hooks)

    @property
    def bearers(self) -> Bearers:
        """Tells who shows an access token or an API key."""
        return Bearers(self.tokens, self.keys)


IDENTITY = web.AppKey("identity", Identity)


async def follow_identity(app: web.Application) -> AsyncIterator[None]:
    """A cleanup context: reads the revocations, writes presence and uses of keys meanwhile.

    The revocations are read once before the first request, so that a restart forgets none.
    """
    identity = app[IDENTITY]
    await identity.revocations.read_feed(identity.database)
    tasks = [
        asyncio.create_task(identity.revocations.follow_feed(identity.database)),
        asyncio.create_task(identity.presence.follow(identity.database, identity.hooks)),
        asyncio.create_task(identity.keys.follow()),
    ]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await identity.limits.close()
