"""What the trades' actions need from others; the wiring fills it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import web

from server.core.clock import Clock
from server.db import Database, Unit
from server.http.endpoint import Actor as User
from server.identity.hooks import Hooks
from server.identity.sealing import Sealer
from server.trades.case_port import CaseKeeper
from server.trades.facts import Actor
from server.trades.rules import Limits
from server.trades.trade import TradeRow


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for an action, and his proof if he gave one."""

    user: User
    proof: str | None = None
    """The `Step-Up` header."""

    @property
    def user_id(self) -> UUID:
        """The user who asks."""
        return self.user.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A row of the lifecycle that was applied to a trade, or a note that was left beside it."""

    event: str
    actor: Actor
    detail: Mapping[str, Any]
    """What the history keeps of it."""


AnnounceTrade = Callable[[Unit, UUID], Awaitable[None]]
AnnounceStep = Callable[[Unit, TradeRow, Happened], Awaitable[None]]
CreditOutage = Callable[["Desk", Any], Awaitable[int]]
"""The trades' surroundings and a row of `outages`; how many deadlines were moved."""


@dataclass(slots=True)
class TradeHooks:
    """What higher parts do inside the trades' units of work; called in order."""

    cases: CaseKeeper | None = None
    """Keeps the cases; no trade is disputed without it."""
    on_disputed: list[AnnounceTrade] = field(default_factory=list)
    """unit, trade: a case was opened."""
    on_dispute_closed: list[AnnounceTrade] = field(default_factory=list)
    """unit, trade: the case and its trade have ended."""
    on_completed: list[AnnounceTrade] = field(default_factory=list)
    """unit, trade: the escrow went to the buyer, wholly or in part."""
    on_step: list[AnnounceStep] = field(default_factory=list)
    """unit, trade as it is now, what happened: at the end of every unit that changed a trade."""
    on_outage_over: list[CreditOutage] = field(default_factory=list)
    """Gives other deadlines back what an outage took from them, once an outage."""
    on_fault: list[AnnounceTrade] = field(default_factory=list)
    """unit, user: a real trade ended without him because of his fault."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The trades' surroundings."""

    database: Database
    real_clock: Clock
    """Real time for heartbeats and leases, whatever the domain's clock does."""
    sealer: Sealer
    identity_hooks: Hooks = field(default_factory=Hooks)
    hooks: TradeHooks = field(default_factory=TradeHooks)
    limits: Limits = field(default_factory=Limits)
    is_steady: Callable[[], bool] = lambda: True
    """False while the clock has jumped and clocks must not decide."""
    clock_speed: int = 1
    """How many times as fast as real time the domain's clock runs."""


DESK = web.AppKey("trade_desk", Desk)
