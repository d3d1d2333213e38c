"""One market's lane: its lease, its memory, its loop."""
# allowed: long-file, the lane is one loop and its steps are read together

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from server.core import fault
from server.core.clock import Clock
from server.core.events import room_of_market
from server.core.refusals import Invalid, Refusal, Unavailable
from server.db import Database, outbox
from server.db.errors import OutcomeUnknown
from server.http.endpoint import Reply
from server.matching.book import Book
from server.matching.orders import BUY, EXPIRED, FILLED, PAUSED, SELL, BookOrder
from server.matching.shelf import DepthLevel
from server.matching.standings import Standing
from server.orders.lane import loading
from server.orders.lane.batch import Batch, BatchUnsteadyError, Desk
from server.orders.lane.commands import (
    Command,
    Continue,
    Edit,
    FromInbox,
    Place,
    Recheck,
    SetTerms,
    Take,
)
from server.orders.lane.compose import Composed, Rails
from server.orders.lane.lease import Lease, give_up_lease, read_batch, take_lease
from server.orders.lane.living import load_living, paused_collector
from server.orders.lane.queue import CommandQueue
from server.orders.lane.records import MemberCard, OrderRecord, StandingRow
from server.orders.lane.replays import find_replays
from server.orders.lane.run import SCHEDULE, Run, Share
from server.orders.lane.store import (
    Fence,
    FenceLostError,
    LaneStore,
    StoreBusyError,
    StoreConflictError,
    StoreLostError,
)
from server.orders.lane.timers import Timers, is_scheduled_on, read_schedule
from server.orders.refusals import (
    CommandQuarantined,
    LaneBusy,
    LaneElsewhere,
    LaneLate,
    NotEligible,
)
from server.trades.rules import Limits

BATCH_MAX = 512
INBOX_POLL_S = 0.5
BUSY_TRIED_S = 0.5
"""How long a command is tried while rows that it needs are busy."""
BUSY_PAUSE_S = 0.005
OVERDUE_S = 1
"""How long after its deadline a caller waits for the batch that his command may be in."""
RETRY_PAUSE_S = 0.2
SKIPS_EVERY_S = 1
STOP_TRIES_MAX = 5
STOP_WAIT_S = 3
LEVELS_MAX = 50
"""How many levels of each side the depth shows, fixed prices and margins each."""
RESENT_MAX = 256
"""How many of the room's last events a new owner sends again."""
log = structlog.get_logger()


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
    """Serves one market while it holds the lease; otherwise waits for it."""

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
        self.removed_accounts: set[UUID] = set()
        """Payment accounts whose removal came through the inbox here: nobody may name them again,
        and what waits for the lane may name them still."""
        self.timers = Timers()
        self._inbox_due = True
        self._inbox_read_at = 0.0
        self._renewed_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self._between_batches = asyncio.Lock()
        self._skips_written_at = 0.0
        self._recheck_due: set[UUID] = set()

    @property
    def serving(self) -> bool:
        """Whether commands may be given to this process."""
        return self.desk is not None

    # From outside.

    def start(self) -> None:
        """Begin to serve in the background."""
        self._task = asyncio.create_task(self._run(), name=f"lane:{self.market}")

    async def stop(self) -> None:
        """Finish the batch under way, answer the rest with 503, give the lease up."""
        if self._task is not None:
            # A driver may swallow a cancellation that meets the end of its own wait.
            for _ in range(STOP_TRIES_MAX):
                self._task.cancel()
                done, _ = await asyncio.wait({self._task}, timeout=STOP_WAIT_S)
                if done:
                    break
        await self.store.close()
        lease = self.lease
        if lease is not None:
            try:
                await self.database.transact(
                    lambda unit: give_up_lease(unit, lease), name="give_up_lease"
                )
            except Unavailable as refusal:
                log.warning("lease_not_given_up", market=self.market, code=refusal.code)

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
        async with self._between_batches:
            if self.desk is None:
                raise LaneElsewhere(retry_after_s=1)
            if user_id is not None:
                await self._know_users({user_id})
                if user_id not in self.desk.members:
                    raise NotEligible
            yield self.desk

    def read_depth(self) -> Depth:
        """The best levels of both sides; only between batches, or just after a commit."""
        assert self.desk is not None
        book = self.desk.book
        bids, asks = book.list_depth(BUY, LEVELS_MAX), book.list_depth(SELL, LEVELS_MAX)
        return Depth(self.batches, self.desk.seq, bids[0] + bids[1], asks[0] + asks[1])

    def nudge(self) -> None:
        """Rows wait in the inbox."""
        self._inbox_due = True
        self.queue.nudge()

    # The loop.

    async def _run(self) -> None:
        while True:
            try:
                if await self._acquire():
                    await self._rebuild()
                    await self._serve()
            except (FenceLostError, StoreLostError, StoreBusyError, Unavailable) as error:
                log.warning("lane_stopped", market=self.market, error=error)
            except Exception:  # allowed: broad-except, the next line says why
                # In any doubt the lane discards its memory and reads it anew.
                log.exception("lane_fault", market=self.market)
            finally:
                await self.store.rollback()
                self._forget()
            await asyncio.sleep(RETRY_PAUSE_S)

    async def _acquire(self) -> bool:
        now = self.lease_clock.now()
        config = self.config
        lease = await self.database.transact(
            lambda unit: take_lease(
                unit, market=self.market, owner=config.owner, address=config.address, now=now,
                lease_s=config.lease_s,
            ),
            name="take_lease",
        )  # fmt: skip
        self.lease = lease
        return lease is not None

    async def _rebuild(self) -> None:
        with paused_collector():
            await self._load()

    async def _load(self) -> None:
        assert self.lease is not None
        async with self.database.read() as connection:
            loaded = await loading.load_market(connection, self.market)
            rails = Rails(await loading.load_speeds(connection, loaded.card.currency))
            living = await load_living(connection, self.market)
            users = sorted({order.user for order in living.orders})  # type: ignore[type-var]  # keys here are UUIDs
            members = await loading.load_members(connection, users)  # type: ignore[arg-type]  # keys here are UUIDs
            pairs = await loading.load_failed_pairs(connection, self.market)
            skips = await loading.load_skips(connection, self.market, loading.living())
            shares = await loading.load_shares(connection, self.market)
            unsent = await outbox.read_room_events(
                connection,
                room_of_market(self.market),
                after=max(0, self.lease.seq - RESENT_MAX),
                limit=RESENT_MAX,
            )
        book = Book(loaded.terms)
        self.loaded = loaded
        book.load(
            {
                user_id: self._standing_of(member.row, member.card, member.apart)
                for user_id, member in members.items()
            },
            living.orders,
            next_seq=self.lease.priority,
            index_ticks=loaded.index_ticks,
            is_floating_on=loaded.floating_on,
        )
        # What few orders have is looked up from its own side.
        for order_id, others in pairs.items():
            order = book.find_order(order_id)
            if order is not None:
                order.failed = frozenset(others)
        for order_id, amount in shares.values():
            order = book.find_order(order_id)
            if order is not None:
                order.new_unpaid_micro += amount
        for order_id, counts in skips.items():
            order = book.find_order(order_id)
            if order is not None:
                order.skips = counts
        desk = Desk(loaded.card, rails, book, seq=self.lease.seq)
        desk.records = living.records
        desk.members = {user_id: member.card for user_id, member in members.items()}
        desk.open_shares = shares
        self.timers = Timers()
        self.timers.load_orders(living.records, self.clock.now())
        self.batches = self.lease.batch
        self._inbox_due = True
        # Whatever was crossed when the last owner stopped is matched first.
        self.queue.put(SetTerms(terms=loaded.terms))
        self.desk = desk
        # The last owner may have died between a commit and its events. Readers know by their
        # numbers what is new, and ask where the first one is not the next.
        if unsent:
            self.publisher.publish(self.market, [(e.seq, e.name, e.body) for e in unsent])
        log.info("lane_serving", market=self.market, orders=len(living.orders))

    def _standing_of(self, row: StandingRow, card: MemberCard, apart: frozenset[UUID]) -> Standing:
        assert self.loaded is not None
        return loading.make_standing(
            row, card, apart,
            asset=self.loaded.card.asset, now=self.clock.now(), limits=self.config.limits,
        )  # fmt: skip

    async def _serve(self) -> None:
        while True:
            await self.queue.wait(self._idle_s())
            async with self._between_batches:
                commands = await self._gather()
                if commands or self._lease_is_due():
                    await self._run_batch(commands)

    def _idle_s(self) -> float:
        desk = self.desk
        assert desk is not None
        if desk.book.is_pending or self._inbox_due or self._recheck_due:
            return 0
        wait = min(INBOX_POLL_S, self.config.lease_s / 3)
        next_at = self.timers.next_at() if self.config.is_steady() else None
        if next_at is not None:
            wait = min(wait, max(0, (next_at - self.clock.now()).total_seconds()))
        return wait

    def _lease_is_due(self) -> bool:
        return self._loop_time() - self._renewed_at > self.config.lease_s / 3

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()

    async def _gather(self) -> list[Command]:
        """The commands of the next batch, with everything that they need in memory."""
        desk = self.desk
        assert desk is not None
        commands: list[Command] = []
        if desk.book.is_pending:
            commands.append(Continue())
        if self.config.is_steady():
            commands += self.timers.take_due(desk.records, self.clock.now())
        if self._recheck_due:
            commands += await self._read_standings(sorted(self._recheck_due))
            self._recheck_due.clear()
        commands += await self._read_inbox()
        taken = self.queue.take(self.config.batch_max)
        commands += [command for command in taken if not self._drop_late(command)]
        try:
            await self._know_users({c.user_id for c in commands if c.user_id is not None})
        except BaseException:  # allowed: broad-except, who waits is answered later
            self.queue.put_back(taken)
            raise
        commands = [
            command
            for command in commands
            if not (self._drop_stranger(command) or self._drop_removed(command))
        ]
        return self._wake_owners(commands) + commands

    def _drop_late(self, command: Command) -> bool:
        if command.answer is None:
            return False
        if command.answer.done():
            return True
        if self._loop_time() < command.deadline:
            return False
        command.answer.set_exception(LaneLate(retry_after_s=1))
        return True

    def _drop_stranger(self, command: Command) -> bool:
        """Refuse somebody without a standing, such as an account that was never completed."""
        assert self.desk is not None
        if command.user_id is None or command.user_id in self.desk.members:
            return False
        if command.answer is not None:
            command.answer.set_exception(NotEligible())
        return True

    def _drop_removed(self, command: Command) -> bool:
        """Refuse what names a payment account that was removed while the command waited."""
        if not self.removed_accounts:
            return False
        if isinstance(command, Place | Take):
            named = command.order.accounts
        elif isinstance(command, Edit):
            named = command.changes.get("accounts", {})
        else:
            return False
        if self.removed_accounts.isdisjoint(named.values()):
            return False
        if command.answer is not None:
            command.answer.set_exception(
                Invalid(errors={"payment_account_ids": ["This account was removed."]})
            )
        return True

    async def _read_inbox(self) -> list[Command]:
        time = self._loop_time()
        if not self._inbox_due and time - self._inbox_read_at < INBOX_POLL_S:
            return []
        self._inbox_read_at, self._inbox_due = time, False
        async with self.database.read() as connection:
            rows = await loading.load_inbox(connection, self.market)
        rows = [row for row in rows if row.inbox_id not in self.quarantined]
        if len(rows) == loading.INBOX_CHUNK:
            self._inbox_due = True
        if not rows:
            return []
        before = await self._prepare_inbox(rows)
        return [*before, *rows]

    async def _prepare_inbox(self, rows: list[FromInbox]) -> list[Command]:
        """Load what rows of the inbox need: ended orders, changed standings, market terms."""
        desk = self.desk
        assert desk is not None
        await self._load_ended(rows)
        self.removed_accounts.update(
            UUID(row.body["account_id"]) for row in rows if row.kind == "account_removed"
        )
        assert self.loaded is not None
        loading.mark_superseded(rows, self.loaded.index_read_at)
        commands: list[Command] = []
        changed = [
            UUID(row.body["user_id"])
            for row in rows
            if row.kind == "recheck" and UUID(row.body["user_id"]) in desk.members
        ]
        if changed:
            commands += await self._read_standings(changed)
        if any(row.kind == "terms" for row in rows):
            async with self.database.read() as connection:
                self.loaded = await loading.load_market(connection, self.market)
            commands.append(SetTerms(terms=self.loaded.terms))
        return commands

    async def _load_ended(self, rows: list[FromInbox]) -> None:
        """Read again the ended orders that these rows return something to."""
        desk = self.desk
        assert desk is not None
        for order_id in desk.ended:
            if desk.book.find_order(order_id) is None:
                desk.records.pop(order_id, None)
        desk.ended.clear()
        named = {
            UUID(row.body[side])
            for row in rows
            if row.kind == "return"
            for side in ("seller_order_id", "buyer_order_id")
        }
        wanted = {order_id for order_id in named if desk.book.find_order(order_id) is None}
        if not wanted:
            return
        async with self.database.read() as connection:
            found = await loading.load_orders(connection, self.market, loading.by_ids(wanted))
            pairs = await loading.load_failed_pairs(connection, self.market, wanted)
            skips = await loading.load_skips(connection, self.market, loading.by_ids(wanted))
        loading.complete_orders(found.orders, pairs, skips, desk.open_shares.values())
        await self._know_users({order.user for order in found.orders})  # type: ignore[misc]  # keys here are UUIDs
        for order in found.orders:
            assert isinstance(order.id, UUID)
            desk.ended[order.id] = order
            self._note_passed_time(order, found.records[order.id])
        desk.records.update(found.records)

    def _note_passed_time(self, order: BookOrder, record: OrderRecord) -> None:
        """No timer watches a filled order. What returns to one whose end has passed meanwhile, or
        outside of its hours, must not be on the market until the timers come to it."""
        now = self.clock.now()
        if order.status != FILLED or order.side != SELL or order.immediate:
            return
        if not self.config.is_steady():
            return
        if record.expires_at is not None and record.expires_at <= now:
            order.status = EXPIRED
        elif not is_scheduled_on(read_schedule(record.rules), now):
            order.status, order.reason = PAUSED, SCHEDULE

    async def _read_standings(self, users: list[UUID]) -> list[Command]:
        async with self.database.read() as connection:
            members = await loading.load_members(connection, users)
        commands: list[Command] = []
        for user_id, member in members.items():
            assert self.desk is not None
            self.desk.members[user_id] = member.card
            standing = self._standing_of(member.row, member.card, member.apart)
            commands.append(Recheck(subject=user_id, standing=standing))
        return commands

    async def _know_users(self, users: set[UUID]) -> None:
        """Load users whom the book has not met."""
        desk = self.desk
        assert desk is not None
        unknown = sorted(users - desk.members.keys())
        if not unknown:
            return
        async with self.database.read() as connection:
            members = await loading.load_members(connection, unknown)
        for user_id, member in members.items():
            desk.members[user_id] = member.card
            desk.book.set_standing(
                user_id, self._standing_of(member.row, member.card, member.apart)
            )
        desk.book.forget()

    def _wake_owners(self, commands: list[Command]) -> list[Command]:
        """Who gives a command is present, whatever his row says for the moment."""
        desk = self.desk
        assert desk is not None
        woken: dict[UUID, Command] = {}
        for command in commands:
            if command.user_id is None or command.user_id in woken:
                continue
            standing = desk.book.find_standing(command.user_id)
            if standing is not None and not standing.is_present:
                present = replace(standing, is_present=True)
                woken[command.user_id] = Recheck(subject=command.user_id, standing=present)
        return list(woken.values())

    # One batch.

    async def _recheck_moved(self, rows: list[StandingRow]) -> list[Recheck]:
        """Rows that moved since the book's standings were made, with the blocks of now."""
        desk = self.desk
        assert desk is not None
        async with self.database.read() as connection:
            apart = await loading.load_apart(connection, [row.user_id for row in rows])
        rechecks = []
        for row in rows:
            card = replace(desk.members[row.user_id], kyc_level=row.kyc_level)
            standing = self._standing_of(row, card, apart[row.user_id])
            known = desk.book.find_standing(row.user_id)
            if known is not None and known.is_present:
                standing.is_present = True
            rechecks.append(Recheck(subject=row.user_id, standing=standing))
        return rechecks

    async def _run_batch(self, commands: list[Command]) -> None:
        """Run one batch; commands that a constraint breaks are tried one at a time."""
        try:
            await self._run_together(commands)
        except BaseException:  # allowed: broad-except, callers are answered even when cancelled
            _answer_all(commands, LaneElsewhere(retry_after_s=1))
            raise

    async def _run_together(self, commands: list[Command]) -> None:
        try:
            await self._attempt(commands)
        except StoreBusyError:
            self._requeue(commands)
            await asyncio.sleep(BUSY_PAUSE_S)
        except StoreConflictError as error:
            rest = await self._answer_replays(commands) if error.is_unique else commands
            if len(rest) < len(commands):
                await self._run_together(rest)
            else:
                await self._run_one_by_one(commands)
        except BatchUnsteadyError:
            await self._run_one_by_one(commands)

    async def _run_one_by_one(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, FromInbox):
                # What it returns to may have ended with the command before.
                await self._load_ended([command])
            try:
                await self._attempt([command])
            except BatchUnsteadyError as error:
                self._quarantine(command, error)
            except StoreConflictError as error:
                # Two calls with one key may have come in the same batch.
                if not error.is_unique or await self._answer_replays([command]):
                    self._quarantine(command, error)
            except StoreBusyError:
                self._requeue([command])

    def _quarantine(self, command: Command, error: Exception) -> None:
        log.error(
            "lane_command_quarantined",
            market=self.market,
            command=type(command).__name__,
            error=str(error),
        )
        if isinstance(command, FromInbox):
            self.quarantined.add(command.inbox_id)
        if command.answer is not None and not command.answer.done():
            command.answer.set_exception(CommandQuarantined())

    async def _answer_replays(self, commands: list[Command]) -> list[Command]:
        """Answer commands whose keys have replies already; the others are returned."""
        replies = await find_replays(self.database, commands)
        for command, reply in replies.items():
            if command.answer is None or command.answer.done():
                continue
            if isinstance(reply, Refusal):
                command.answer.set_exception(reply)
            else:
                command.answer.set_result(reply)
        return [command for command in commands if command not in replies]

    async def _attempt(self, commands: list[Command]) -> None:
        desk, lease = self.desk, self.lease
        assert desk is not None
        assert lease is not None
        fence = Fence(
            self.market, lease.owner, lease.epoch, self.batches,
            self.lease_clock.now() + timedelta(seconds=self.config.lease_s),
        )  # fmt: skip
        batch = Batch(
            desk, self.store,
            new_id=self.database.ids.open_series(), now=self.clock.now(),
            recheck_of=self._recheck_moved,
        )  # fmt: skip
        mark = desk.book.mark()
        committed = False
        try:
            run, postponed = await batch.prepare(commands, fence)
            composed = await batch.write(run, batch=self.batches + 1, skips=self._skips_to_write())
            fault.point("lane.before_commit")
            committed = await self._commit(fence)
        finally:
            if not committed:
                await self.store.rollback()
                desk.book.undo(mark)
                self._drop_records(commands)
        fault.point("lane.after_commit")
        self._renewed_at = self._loop_time()
        self._apply(run, composed, batch.runner.share_changes)
        self._answer(run, composed)
        self._requeue(postponed)
        fault.point("lane.before_publish")
        self._publish(run, composed)
        if postponed and not run.steps:
            await asyncio.sleep(BUSY_PAUSE_S)

    def _skips_to_write(self) -> list[BookOrder]:
        """The orders whose skip counts changed, once a second: counts are for reading only."""
        assert self.desk is not None
        book, time = self.desk.book, self._loop_time()
        changed = book.state.skips_changed
        if not changed or time - self._skips_written_at < SKIPS_EVERY_S:
            return []
        self._skips_written_at = time
        found = [book.find_order(key) for key in changed]
        changed.clear()
        return [order for order in found if order is not None]

    async def _commit(self, fence: Fence) -> bool:
        """Commit; an answer that was lost is read from the lane's row, never guessed."""
        try:
            await self.store.commit()  # allowed: commit, the batch is the unit of work
        except StoreLostError:
            epoch, batch = await self.database.transact(
                lambda unit: read_batch(unit, self.market), name="read_batch"
            )
            if epoch != fence.epoch or batch != fence.batch + 1:
                raise
        return True

    def _drop_records(self, commands: list[Command]) -> None:
        assert self.desk is not None
        for command in commands:
            if isinstance(command, Place | Take):
                self.desk.records.pop(command.order.id, None)  # type: ignore[call-overload]  # keys here are UUIDs

    def _apply(self, run: Run, composed: Composed, share_changes: dict[UUID, Share | None]) -> None:
        desk = self.desk
        assert desk is not None
        self.batches += 1
        desk.seq = composed.seq
        desk.records.update(composed.new_records)
        desk.open_shares.update(composed.shares)
        for trade_id, share in share_changes.items():
            if share is None:
                desk.open_shares.pop(trade_id, None)
            else:
                desk.open_shares[trade_id] = share
        for user_id, version in composed.versions.items():
            desk.book.stamp_version(user_id, version)
        desk.book.forget()
        for command in run.refused:
            if isinstance(command, Place | Take):
                desk.records.pop(command.order.id, None)  # type: ignore[call-overload]  # keys here are UUIDs
        now = self.clock.now()
        for order_id, record in composed.new_records.items():
            if desk.book.find_order(order_id) is None:
                del desk.records[order_id]
                desk.ended.pop(order_id, None)
                self.timers.drop_order(order_id)
            else:
                self.timers.note_order(order_id, record, now)

    def _answer(self, run: Run, composed: Composed) -> None:
        for command, reply in composed.replies.items():
            if command.answer is not None and not command.answer.done():
                command.answer.set_result(reply)
        for command, refusal in run.refused.items():
            if command.answer is not None and not command.answer.done():
                command.answer.set_exception(refusal)

    def _requeue(self, commands: list[Command]) -> None:
        """Set commands back whose rows are busy, until they were tried long enough."""
        time = self._loop_time()
        again: list[Command] = []
        for command in commands:
            if isinstance(command, FromInbox):
                self._inbox_due = True
            elif isinstance(command, Recheck):
                # Read anew: what it brings may be old by then, and its row is consumed.
                self._recheck_due.add(command.subject)
            elif command.answer is None:
                again.append(command)
            elif command.give_up_at == 0.0:
                command.give_up_at = min(command.deadline, time + BUSY_TRIED_S)
                again.append(command)
            elif time < command.give_up_at:
                again.append(command)
            elif not command.answer.done():
                command.answer.set_exception(LaneBusy(retry_after_s=1))
        self.queue.put_back([c for c in again if not isinstance(c, Continue)])

    def _publish(self, run: Run, composed: Composed) -> None:
        if composed.room_events:
            self.publisher.publish(self.market, composed.room_events)
        if run.steps:
            self.publisher.note_depth(self.market)
            self.publisher.wake_relay()

    def _forget(self) -> None:
        """Discard all memory and answer everyone who waits."""
        self.desk = None
        self._recheck_due.clear()
        _answer_all(self.queue.take(len(self.queue)), LaneElsewhere(retry_after_s=1))


def _answer_all(commands: list[Command], refusal: Refusal) -> None:
    for command in commands:
        if command.answer is not None and not command.answer.done():
            command.answer.set_exception(refusal)
