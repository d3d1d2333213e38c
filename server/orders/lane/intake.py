"""The commands of a lane's next batch, with everything that they need in memory."""

import asyncio
from uuid import UUID

from server.core.refusals import Invalid
from server.matching.orders import EXPIRED, FILLED, PAUSED, SELL, BookOrder
from server.orders.lane import loading
from server.orders.lane.commands import Command, Continue, Edit, FromInbox, Place, SetTerms, Take
from server.orders.lane.lane import Lane
from server.orders.lane.members import forget_idle, know_users, read_standings, wake_owners
from server.orders.lane.records import OrderRecord
from server.orders.lane.run import SCHEDULE
from server.orders.lane.timers import is_scheduled_on, read_schedule
from server.orders.refusals import LaneLate, NotEligible

INBOX_POLL_S = 0.5


async def gather(lane: Lane) -> list[Command]:
    """What is due, what waits in the inbox, and what callers gave, in this order."""
    desk = lane.open_desk
    forget_idle(desk)
    commands: list[Command] = []
    if desk.book.is_pending:
        commands.append(Continue())
    if lane.config.is_steady():
        commands += lane.timers.take_due(desk.records, lane.clock.now())
    if lane.recheck_due:
        due = sorted(lane.recheck_due)
        commands += await read_standings(lane.database, desk, due, lane.make_standing)
        lane.recheck_due.clear()
    commands += await _read_inbox(lane)
    taken = lane.queue.take(lane.config.batch_max)
    _renew_terms(lane, taken)
    commands += [command for command in taken if not _drop_late(command)]
    users = {command.user_id for command in commands if command.user_id is not None}
    try:
        await know_users(lane.database, desk, users, lane.make_standing)
    except BaseException:  # allowed: broad-except, who waits is answered later
        lane.queue.put_back(taken)
        raise
    commands = [
        command
        for command in commands
        if not (_drop_stranger(lane, command) or _drop_removed(lane, command))
    ]
    return wake_owners(desk, commands) + commands


def _renew_terms(lane: Lane, taken: list[Command]) -> None:
    """Terms that waited may be old by now: a switch that was set meanwhile must hold."""
    assert lane.loaded is not None
    for command in taken:
        if isinstance(command, SetTerms):
            command.terms = lane.loaded.terms


def _drop_late(command: Command) -> bool:
    if command.answer is None:
        return False
    if command.answer.done():
        return True
    if asyncio.get_running_loop().time() < command.deadline:
        return False
    command.answer.set_exception(LaneLate(retry_after_s=1))
    return True


def _drop_stranger(lane: Lane, command: Command) -> bool:
    """Refuse somebody without a standing, such as an account that was never completed."""
    if command.user_id is None or command.user_id in lane.open_desk.members:
        return False
    if command.answer is not None:
        command.answer.set_exception(NotEligible())
    return True


def _drop_removed(lane: Lane, command: Command) -> bool:
    """Refuse what names a payment account that was removed while the command waited."""
    if isinstance(command, Place | Take):
        named = command.order.accounts
    elif isinstance(command, Edit):
        named = command.changes.get("accounts", {})
    else:
        return False
    if not lane.accounts.names_removed(named.values()):
        return False
    if command.answer is not None:
        command.answer.set_exception(
            Invalid(errors={"payment_account_ids": ["This account was removed."]})
        )
    return True


async def _read_inbox(lane: Lane) -> list[Command]:
    time = asyncio.get_running_loop().time()
    if not lane.inbox_due and time - lane.inbox_read_at < INBOX_POLL_S:
        return []
    lane.inbox_read_at, lane.inbox_due = time, False
    async with lane.database.read() as connection:
        rows = await loading.load_inbox(connection, lane.market)
    rows = [row for row in rows if row.inbox_id not in lane.quarantined]
    if len(rows) == loading.INBOX_CHUNK:
        lane.inbox_due = True
    if not rows:
        return []
    before = await _prepare_inbox(lane, rows)
    return [*before, *rows]


async def _prepare_inbox(lane: Lane, rows: list[FromInbox]) -> list[Command]:
    """Load what rows of the inbox need: ended orders, changed standings, market terms."""
    desk = lane.open_desk
    await load_ended(lane, rows)
    lane.accounts.hear_removed(
        UUID(row.body["account_id"]) for row in rows if row.kind == "account_removed"
    )
    assert lane.loaded is not None
    loading.mark_superseded(rows, lane.loaded.index_read_at, lane.clock.now())
    commands: list[Command] = []
    changed = [
        UUID(row.body["user_id"])
        for row in rows
        if row.kind == "recheck" and UUID(row.body["user_id"]) in desk.members
    ]
    if changed:
        commands += await read_standings(lane.database, desk, changed, lane.make_standing)
    if any(row.kind == "terms" for row in rows):
        async with lane.database.read() as connection:
            lane.loaded = await loading.load_market(connection, lane.market, lane.clock.now())
        commands.append(SetTerms(terms=lane.loaded.terms))
    return commands


async def load_ended(lane: Lane, rows: list[FromInbox]) -> None:
    """Read again the ended orders that these rows return something to."""
    desk = lane.open_desk
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
    async with lane.database.read() as connection:
        found = await loading.load_orders(connection, lane.market, loading.by_ids(wanted))
        pairs = await loading.load_failed_pairs(connection, lane.market, wanted)
        skips = await loading.load_skips(connection, lane.market, loading.by_ids(wanted))
    loading.complete_orders(found.orders, pairs, skips, desk.open_shares.values())
    owners: set[UUID] = {order.user for order in found.orders}  # type: ignore[misc]  # keys here are UUIDs
    await know_users(lane.database, desk, owners, lane.make_standing)
    for order in found.orders:
        assert isinstance(order.id, UUID)
        desk.ended[order.id] = order
        _note_passed_time(lane, order, found.records[order.id])
    desk.records.update(found.records)


def _note_passed_time(lane: Lane, order: BookOrder, record: OrderRecord) -> None:
    """No timer watches a filled order. What returns to one whose end has passed meanwhile, or
    outside of its hours, must not be on the market until the timers come to it."""
    now = lane.clock.now()
    if order.status != FILLED or order.side != SELL or order.immediate:
        return
    if not lane.config.is_steady():
        return
    if record.expires_at is not None and record.expires_at <= now:
        order.status = EXPIRED
    elif not is_scheduled_on(read_schedule(record.rules), now):
        order.status, order.reason = PAUSED, SCHEDULE
