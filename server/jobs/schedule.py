"""The schedule: which duty runs how often, in one process at a time.

APScheduler only says when to look; what is due is read from the database. So a late, doubled or
missed tick changes nothing but the moment. A lease in the database lets one process run a duty;
should two ever run it at once, each unit of work is still guarded by its rows.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import IntegrityError

from server.core.refusals import Unavailable
from server.db import Unit, is_unique_violation
from server.jobs import queries
from server.jobs.chain_audit import chain_audit
from server.jobs.end_overrides import end_overrides
from server.jobs.expire_proposals import expire_proposals
from server.jobs.fold_candles import fold_candles
from server.jobs.purge import purge
from server.jobs.recheck_standings import recheck_standings
from server.jobs.release_lots import release_lots
from server.jobs.roll_up import roll_up_accounts
from server.jobs.run_case_clocks import run_case_clocks
from server.jobs.run_clocks import beat_heart, run_clocks
from server.jobs.switch_off_stale import switch_off_stale
from server.jobs.thin_history import thin_history
from server.jobs.verify import verify_all, verify_new
from server.trades.desk import Desk

LEASE = timedelta(seconds=30)
"""After this long without a sign, another process takes a duty over."""
LOOK_EVERY_S = 600
"""A duty that runs less often is looked for this often: its lease tells when it last began, so a
process that never lives for a day runs what is due once a day, and two processes run it once."""
log = structlog.get_logger()
# The scheduler tells of every tick; ours are told by what they do.
logging.getLogger("apscheduler").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that is done again and again."""

    name: str
    every_s: int | float
    """Seconds of real time."""
    run: Callable[[Desk], Awaitable[int]]
    """Does it once; how many things it touched."""
    by_time: bool = False
    """Decides by what the time is, and so waits while the clock is not steady."""

    @property
    def every(self) -> timedelta:
        """As a span of time."""
        return timedelta(seconds=self.every_s)


DUTIES: tuple[Duty, ...] = (
    Duty("beat_heart", 5, beat_heart),
    Duty("chain_audit", 0.5, chain_audit),
    Duty("fold_candles", 1, fold_candles),
    Duty("run_clocks", 1, run_clocks, by_time=True),
    Duty("run_case_clocks", 1, run_case_clocks, by_time=True),
    Duty("recheck_standings", 1, recheck_standings, by_time=True),
    Duty("expire_proposals", 5, expire_proposals, by_time=True),
    Duty("release_lots", 5, release_lots, by_time=True),
    Duty("switch_off_stale", 5, switch_off_stale, by_time=True),
    Duty("end_overrides", 1, end_overrides, by_time=True),
    Duty("purge", 300, purge, by_time=True),
    Duty("thin_history", 60, thin_history, by_time=True),
    Duty("roll_up", 60, roll_up_accounts),
    Duty("verify_new", 60, verify_new),
    Duty("verify_all", 24 * 3600, verify_all),
)


class Schedule:
    """Runs duties in this process while it holds their leases. `owner` names the process.

    `is_dead` knows owners that ended without a word: nobody waits until their leases run out.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        owner: str,
        is_dead: Callable[[str], bool],
        duties: tuple[Duty, ...] = DUTIES,
    ) -> None:
        self._desk = desk
        self._owner = owner
        self._is_dead = is_dead
        self._duties = duties
        self._held_until: dict[str, datetime] = {}
        self._running: set[asyncio.Future[None]] = set()
        """One for each tick under way."""
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self.runs: dict[str, int] = dict.fromkeys((duty.name for duty in duties), 0)
        """How often this process ran each duty to its end."""
        self.failing: set[str] = set()
        """The duties whose last run here broke off."""

    async def start(self) -> None:
        """Beat the heart once, so that a gap is credited before any clock runs; then tick."""
        for duty in self._duties:
            if duty.run is beat_heart:
                await self.tick(duty)
            self._scheduler.add_job(
                self.tick,
                "interval",
                seconds=min(duty.every_s, LOOK_EVERY_S),
                args=[duty],
                id=duty.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop ticking, let what runs end, and give the leases back."""
        if self._scheduler.running:
            self._scheduler.pause()
            await asyncio.gather(*self._running, return_exceptions=True)
            self._scheduler.shutdown(wait=False)
        for name in sorted(self._held_until):

            async def free(unit: Unit, name: str = name) -> None:
                now = self._desk.real_clock.now()
                await unit.execute(queries.free_lease(name, owner=self._owner, now=now))

            try:
                await self._desk.database.transact(free, name="free_lease")
            except Unavailable as refusal:
                log.warning("lease_not_freed", duty=name, code=refusal.code)
        self._held_until.clear()

    async def tick(self, duty: Duty) -> bool:
        """Run a duty if its lease is or becomes ours and time is clear; whether it ran to its end.

        A tick is an edge: whatever fails is logged, and the next tick tries again.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running.add(done)
        try:
            if duty.by_time and not self._desk.is_steady():
                return False
            if not await self._hold(duty):
                return False
            await duty.run(self._desk)
        except Exception:
            log.exception("duty_failed", duty=duty.name)
            self.failing.add(duty.name)
            return False
        finally:
            self._running.discard(done)
            done.set_result(None)
        self.runs[duty.name] += 1
        self.failing.discard(duty.name)
        return True

    async def _hold(self, duty: Duty) -> bool:
        name, now = duty.name, self._desk.real_clock.now()
        held_until = self._held_until.get(name)
        if held_until is not None and held_until - now > LEASE / 2:
            return True

        async def work(unit: Unit) -> bool:
            until = now + LEASE
            lease = (await unit.execute(queries.find_lease(name))).first()
            if lease is None:
                await unit.execute(
                    queries.insert_lease(name, owner=self._owner, now=now, until=until)
                )
                return True
            if duty.every_s > LOOK_EVERY_S and now < lease.last_run_at + duty.every:
                return False
            owners = {self._owner, *filter(self._is_dead, {lease.owner})}
            taken = await unit.execute(
                queries.extend_lease(
                    name, owners=tuple(sorted(owners)), owner=self._owner, now=now, until=until
                )
            )
            return taken.rowcount == 1

        try:
            held = await self._desk.database.transact(work, name="hold_lease")
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
            held = False
        if held:
            self._held_until[name] = now + LEASE
        else:
            self._held_until.pop(name, None)
        return held
