"""One market's lane: what it holds, and the ways of others into it. `loop.py` runs it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from server.core.clock import Clock
from server.core.refusals import Refusal
from server.db import Database
from server.db.errors import OutcomeUnknown
from server.http.endpoint import Reply
from server.matching.orders import BUY, SELL
from server.matching.shelf import DepthLevel
from server.matching.standings import Standing
from server.orders.accounts import AccountBook
from server.orders.lane import loading
from server.orders.lane.batch import Desk
from server.orders.lane.commands import Command
from server.orders.lane.compose import Rails
from server.orders.lane.lease import Lease
from server.orders.lane.members import know_users
from server.orders.lane.queue import CommandQueue
from server.orders.lane.records import MemberCard, StandingRow
from server.orders.lane.store import LaneStore
from server.orders.lane.timers import Timers
from server.orders.refusals import LaneElsewhere, NotEligible
from server.trades.rules import Limits

BATCH_MAX = 512
OVERDUE_S = 1
"""How long after its deadline a caller waits for the batch that his command may be in."""
LEVELS_MAX = 50
"""How many levels of each side the depth shows, fixed prices and margins each."""


@dataclass(frozen=True, slots=True)
class Depth:
    """A market's best levels after its batch `number`; `seq` is its room's last event then."""

    number: int
    seq: int
    bids: list[DepthLevel]
    asks: list[DepthLevel]


class MarketPublisher(Protocol):
    """Where a lane tells what it committed."""

    def publish(self, market: str, events: list[tuple[int, str, str]]) -> None:
        """Send numbered events (number, name, JSON) to the market's room."""
        ...

    def note_depth(self, market: str) -> None:
        """The market's depth may have changed."""
        ...

    def wake_relay(self) -> None:
        """Rows for other rooms wait to be numbered."""
        ...


@dataclass(frozen=True, slots=True)
class LaneConfig:
    """What the wiring decides about lanes."""

    owner: str
    address: str
    lease_s: int
    limits: Limits
    batch_max: int = BATCH_MAX
    """Commands of one batch, those of the system apart."""
    is_steady: Callable[[], bool] = lambda: True
    """False while the clock has jumped: ends and hours of orders wait until it is understood."""


class Lane:
    """The memory of one market's lane while it serves, and what it needs to get one.

    `desk` is None while another process serves the market, and whenever the lane is in doubt.
    """

    def __init__(
        self,
        market: str,
        database: Database,
        store: LaneStore,
        *,
        clock: Clock,
        lease_clock: Clock,
        config: LaneConfig,
        publisher: MarketPublisher,
    ) -> None:
        self.market = market
        self.database = database
        self.store = store
        self.clock = clock
        self.lease_clock = lease_clock
        self.config = config
        self.publisher = publisher
        self.queue = CommandQueue()
        self.desk: Desk | None = None
        self.lease: Lease | None = None
        self.loaded: loading.LoadedMarket | None = None
        self.batches = 0
        self.quarantined: set[UUID] = set()
        self.accounts = AccountBook()
        self.recheck_due: set[UUID] = set()
        """Users whose standing could not be taken over, to be read again."""
        self.timers = Timers()
        self.inbox_due = True
        self.inbox_read_at = 0.0
        self.renewed_at = 0.0
        self.skips_written_at = 0.0
        self.in_doubt = False
        """Whether the batch under way may be committed without our knowing."""
        self.between_batches = asyncio.Lock()
        self.task: asyncio.Task[None] | None = None

    @property
    def serving(self) -> bool:
        """Whether commands may be given to this process."""
        return self.desk is not None

    @property
    def open_desk(self) -> Desk:
        """The memory of a lane that serves."""
        assert self.desk is not None, "the lane serves"
        return self.desk

    async def submit(self, command: Command) -> Reply:
        """Give a command to the lane and wait for its answer."""
        if self.desk is None:
            raise LaneElsewhere(retry_after_s=1)
        command.answer = asyncio.get_running_loop().create_future()
        self.queue.put(command)
        try:
            async with asyncio.timeout_at(command.deadline + OVERDUE_S):
                return await command.answer
        except TimeoutError:
            # It may be in a batch under way, whose end nobody can wait for.
            raise OutcomeUnknown(retry_after_s=2) from None

    def tell(self, command: Command) -> None:
        """Give the lane a system command that nobody waits for."""
        self.queue.put(command)

    @asynccontextmanager
    async def quiet(self, user_id: UUID | None = None) -> AsyncIterator[Desk]:
        """The lane's memory between two batches, with this user known; refuses `LaneElsewhere`."""
        async with self.between_batches:
            if self.desk is None:
                raise LaneElsewhere(retry_after_s=1)
            if user_id is not None:
                await know_users(self.database, self.desk, {user_id}, self.make_standing)
                if user_id not in self.desk.members:
                    raise NotEligible
            yield self.desk

    def make_standing(self, row: StandingRow, card: MemberCard, apart: frozenset[UUID]) -> Standing:
        """A user's standing as this market's book wants it, now."""
        assert self.loaded is not None
        return loading.make_standing(
            row, card, apart,
            asset=self.loaded.card.asset, now=self.clock.now(), limits=self.config.limits,
        )  # fmt: skip

    def read_depth(self) -> Depth:
        """The best levels of both sides; only between batches, or just after a commit."""
        desk = self.open_desk
        bids, asks = desk.book.list_depth(BUY, LEVELS_MAX), desk.book.list_depth(SELL, LEVELS_MAX)
        return Depth(self.batches, desk.seq, bids[0] + bids[1], asks[0] + asks[1])

    def take_rails(self, speeds: Mapping[str, dict[str, str]]) -> None:
        """Payment methods as they are now, by currency. Orders may name a rail that left the
        currency meanwhile, so the lane knows it until it begins anew."""
        if self.desk is None:
            return
        known = self.desk.rails.speed_of
        now = known | speeds.get(self.desk.market.currency, {})
        if now != known:
            self.desk.rails = Rails(now)

    def nudge(self) -> None:
        """Rows wait in the inbox."""
        self.inbox_due = True
        self.queue.nudge()

    def forget(self) -> None:
        """Discard all memory and answer everyone who waits."""
        self.desk = None
        self.accounts.begin_anew()
        self.recheck_due.clear()
        answer_all(self.queue.take(len(self.queue)), LaneElsewhere(retry_after_s=1))


def answer_all(commands: list[Command], refusal: Refusal) -> None:
    """Refuse every command that has no answer yet."""
    for command in commands:
        if command.answer is not None and not command.answer.done():
            command.answer.set_exception(refusal)
