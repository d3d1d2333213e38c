"""One batch from the commands to the commit.

The commands are first run dry on the standings that the book has. Then the rows of everyone
touched are locked without waiting; commands whose rows are busy leave the batch, standings that
moved are taken over, and the rest is run again until nothing is left to correct. Only then the
end state is written.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.core import fault
from server.core.refusals import Refusal
from server.ledger.sheet import Sheet
from server.matching.book import Book
from server.matching.orders import BookOrder
from server.orders.lane.commands import Command, Place, Recheck, Take
from server.orders.lane.compose import Composed, Composer, Rails
from server.orders.lane.records import MarketCard, MemberCard, OrderRecord, StandingRow
from server.orders.lane.run import Run, Runner
from server.orders.lane.settle import Settlement
from server.orders.lane.store import Fence, LaneStore, Locked

RUNS_MAX = 12
"""How often a batch is corrected before its commands are tried one at a time."""
MEMBERS_MAX = 50_000
"""How many users a lane remembers besides those who have living orders in its market."""


class BatchUnsteadyError(Exception):
    """The batch was still not steady after `RUNS_MAX` corrections."""


@dataclass(slots=True)
class Desk:
    """What a lane holds in memory; changed only after a commit, the book by its journal."""

    market: MarketCard
    rails: Rails
    book: Book
    records: dict[UUID, OrderRecord] = field(default_factory=dict)
    members: dict[UUID, MemberCard] = field(default_factory=dict)
    members_max: int = MEMBERS_MAX
    """More than so many are looked through for users who have no living order."""
    open_shares: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    ended: dict[UUID, BookOrder] = field(default_factory=dict)
    """Orders that had ended and were read again for returns to them; not in the book."""
    seq: int = 0
    """The last number given in the market's room."""


RowToStanding = Callable[[list[StandingRow]], Awaitable[list[Recheck]]]
"""Reads what else belongs to rows that moved, such as blocks, now that they are locked."""


class Batch:
    """Runs, locks, corrects, settles and writes; the lane commits and tells."""

    def __init__(
        self,
        desk: Desk,
        store: LaneStore,
        *,
        new_id: Callable[[], UUID],
        now: datetime,
        recheck_of: RowToStanding,
    ) -> None:
        self.desk = desk
        self.store = store
        self.now = now
        self.new_id = new_id
        self.recheck_of = recheck_of
        self.runner = Runner(desk.book, desk.open_shares, desk.ended)
        self.refused: dict[Command, Refusal] = {}
        self.locked = Locked()
        self.busy: set[UUID] = set()
        self.asked: set[UUID] = set()
        self.asked_sellers: set[UUID] = set()
        self.rechecks: dict[UUID, Recheck] = {}
        self.sheet = self._fresh_sheet()
        self.settlement = self._fresh_settlement()

    def _fresh_sheet(self) -> Sheet:
        sheet = Sheet(new_id=self.new_id, now=self.now)
        asset = self.desk.market.asset
        for user_id, accounts in self.locked.wallets.items():
            sheet.load_wallet(user_id, asset, accounts)
        return sheet

    def _fresh_settlement(self) -> Settlement:
        return Settlement(self.desk.market.asset, self.sheet, self.desk.records, self.new_id)

    async def prepare(self, commands: list[Command], fence: Fence) -> tuple[Run, list[Command]]:
        """Run the commands and lock all rows until nothing is left to correct.

        Returns the steady run and the commands that left because their rows are busy. The store's
        transaction is open afterwards; the book shows the batch, to be undone if it is not
        committed.
        """
        desk = self.desk
        mark = desk.book.mark()
        postponed: list[Command] = []
        begun = False
        for _ in range(RUNS_MAX):
            rechecks: list[Command] = list(self.rechecks.values())
            added = self._add_records(commands)
            run = self.runner.run([*rechecks, *commands], self.refused)
            fault.point("lane.after_run")
            if not begun:
                await self.store.begin(fence)
                begun = True
            moved = await self._lock(run)
            leaving = self._find_leaving(run)
            unfunded: dict[Command, Refusal] = {}
            if not moved and not leaving:
                self.sheet = self._fresh_sheet()
                self.settlement = self._fresh_settlement()
                unfunded = self.settlement.settle(run)
                if not unfunded:
                    return run, postponed
            desk.book.undo(mark)
            for order_id in added:
                del desk.records[order_id]
            own = list(self.rechecks.values())
            postponed.extend(command for command in leaving if command not in own)
            self._leave_out_rechecks(leaving)
            commands = [command for command in commands if command not in leaving]
            self.refused.update(unfunded)
        raise BatchUnsteadyError

    def _add_records(self, commands: list[Command]) -> list[UUID]:
        added = []
        for command in commands:
            if isinstance(command, Place | Take):
                assert isinstance(command.order.id, UUID)
                self.desk.records[command.order.id] = command.record
                added.append(command.order.id)
        return added

    async def _lock(self, run: Run) -> bool:
        """Lock who is not locked yet; true when that changes what the batch must start from."""
        users = run.users - self.asked
        sellers = run.sellers - self.asked_sellers
        if not users and not sellers:
            return False
        self.asked |= users
        self.asked_sellers |= sellers
        locked = await self.store.lock(list(users), list(sellers), self.desk.market.asset)
        self.locked.standings.update(locked.standings)
        self.locked.wallets.update(locked.wallets)
        self.busy |= users - locked.standings.keys()
        # Another unit may hold one account of a seller: then he has no wallet here at all.
        self.busy |= sellers - locked.wallets.keys()
        moved = [
            row
            for user_id, row in locked.standings.items()
            if row.version != self._known_version(user_id)
        ]
        if moved:
            self.rechecks |= {found.subject: found for found in await self.recheck_of(moved)}
        return bool(moved)

    def _known_version(self, user_id: UUID) -> int:
        standing = self.desk.book.find_standing(user_id)
        assert standing is not None, "every touched user has a standing"
        return standing.version

    def _find_leaving(self, run: Run) -> list[Command]:
        """The commands that touch somebody whose rows are busy."""
        if not self.busy:
            return []
        leaving = []
        for step in run.steps:
            involved = {order.user for order in step.touched}
            for fill in step.outcome.fills:
                involved.update((fill.buyer, fill.seller))
            if step.command.user_id is not None:
                involved.add(step.command.user_id)
            if step.returned is not None:
                involved.add(step.returned.seller_id)
            if involved & self.busy:
                leaving.append(step.command)
        # Nobody is refused for a standing that could not be read.
        leaving += [c for c in run.refused if c.user_id in self.busy and c not in self.refused]
        return leaving

    def _leave_out_rechecks(self, leaving: list[Command]) -> None:
        """A standing that cannot be taken over now: its owner counts as busy for this batch."""
        for command in leaving:
            if isinstance(command, Recheck) and command is self.rechecks.get(command.subject):
                del self.rechecks[command.subject]
                self.busy.add(command.subject)

    async def write(self, run: Run, *, batch: int, skips: list[BookOrder]) -> Composed:
        """Compose the end state of a steady run and write it; the lane commits."""
        desk = self.desk
        composer = Composer(
            market=desk.market,
            rails=desk.rails,
            members=desk.members,
            settlement=self.settlement,
            standings=self.locked.standings,
            new_id=self.new_id,
            now=self.now,
            seq=desk.seq,
            batch=batch,
        )
        composed = composer.compose(run, self.sheet)
        for order in skips:
            for reason, count in order.skips.items():
                composed.rows.add("order_skips", (order.id, reason, count))
        fault.point("lane.before_write")
        await self.store.write(
            composed.rows,
            market=desk.market.id,
            priority=desk.book.state.next_seq,
            seq=composed.seq,
        )
        fault.point("lane.after_write")
        return composed
