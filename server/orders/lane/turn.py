"""One batch of a lane from its commands to the answers, whatever comes in between."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from server.core import fault
from server.core.refusals import Refusal
from server.db.errors import OutcomeUnknown
from server.matching.orders import BookOrder
from server.orders.lane.batch import Batch, BatchUnsteadyError
from server.orders.lane.commands import Command, Continue, FromInbox, Place, Recheck, Take
from server.orders.lane.compose import Composed
from server.orders.lane.intake import load_ended
from server.orders.lane.lane import Lane, answer_all
from server.orders.lane.lease import read_batch
from server.orders.lane.members import recheck_moved
from server.orders.lane.records import StandingRow
from server.orders.lane.replays import find_replays
from server.orders.lane.run import Run, Share
from server.orders.lane.store import Fence, StoreBusyError, StoreConflictError, StoreLostError
from server.orders.refusals import CommandQuarantined, LaneBusy, LaneElsewhere

BUSY_TRIED_S = 0.5
"""How long a command is tried while rows that it needs are busy."""
BUSY_PAUSE_S = 0.005
SKIPS_EVERY_S = 1
log = structlog.get_logger()


async def run_batch(lane: Lane, commands: list[Command]) -> None:
    """Run one batch; commands that a constraint breaks are tried one at a time."""
    try:
        await _run_together(lane, commands)
    except BaseException:  # allowed: broad-except, callers are answered even when cancelled
        # What may be committed is not said to be undone: its key will tell.
        unknown, elsewhere = OutcomeUnknown(retry_after_s=2), LaneElsewhere(retry_after_s=1)
        answer_all(commands, unknown if lane.in_doubt else elsewhere)
        raise


async def _run_together(lane: Lane, commands: list[Command]) -> None:
    try:
        await _attempt(lane, commands)
    except StoreBusyError:
        _requeue(lane, commands)
        await asyncio.sleep(BUSY_PAUSE_S)
    except StoreConflictError as error:
        rest = await _answer_replays(lane, commands) if error.is_unique else commands
        if len(rest) < len(commands):
            await _run_together(lane, rest)
        else:
            await _run_one_by_one(lane, commands)
    except BatchUnsteadyError:
        await _run_one_by_one(lane, commands)


async def _run_one_by_one(lane: Lane, commands: list[Command]) -> None:
    for command in commands:
        if isinstance(command, FromInbox):
            # What it returns to may have ended with the command before.
            await load_ended(lane, [command])
        try:
            await _attempt(lane, [command])
        except BatchUnsteadyError as error:
            _quarantine(lane, command, error)
        except StoreConflictError as error:
            # Two calls with one key may have come in the same batch.
            if not error.is_unique or await _answer_replays(lane, [command]):
                _quarantine(lane, command, error)
        except StoreBusyError:
            _requeue(lane, [command])


def _quarantine(lane: Lane, command: Command, error: Exception) -> None:
    log.error(
        "lane_command_quarantined",
        market=lane.market,
        command=type(command).__name__,
        error=str(error),
    )
    if isinstance(command, FromInbox):
        lane.quarantined.add(command.inbox_id)
    if command.answer is not None and not command.answer.done():
        command.answer.set_exception(CommandQuarantined())


async def _answer_replays(lane: Lane, commands: list[Command]) -> list[Command]:
    """Answer commands whose keys have replies already; the others are returned."""
    replies = await find_replays(lane.database, commands)
    for command, reply in replies.items():
        if command.answer is None or command.answer.done():
            continue
        if isinstance(reply, Refusal):
            command.answer.set_exception(reply)
        else:
            command.answer.set_result(reply)
    return [command for command in commands if command not in replies]


async def _attempt(lane: Lane, commands: list[Command]) -> None:
    desk, lease = lane.open_desk, lane.lease
    assert lease is not None
    lane.in_doubt = False
    fence = Fence(
        lane.market, lease.owner, lease.epoch, lane.batches,
        lane.lease_clock.now() + timedelta(seconds=lane.config.lease_s),
    )  # fmt: skip

    async def recheck(rows: list[StandingRow]) -> list[Recheck]:
        return await recheck_moved(lane.database, desk, rows, lane.make_standing)

    batch = Batch(
        desk, lane.store,
        new_id=lane.database.ids.open_series(), now=lane.clock.now(), recheck_of=recheck,
    )  # fmt: skip
    mark = desk.book.mark()
    committed = False
    try:
        run, postponed = await batch.prepare(commands, fence)
        composed = await batch.write(run, batch=lane.batches + 1, skips=_skips_to_write(lane))
        fault.point("lane.before_commit")
        committed = await _commit(lane, fence)
    finally:
        if not committed:
            await lane.store.rollback()
            desk.book.undo(mark)
            _drop_records(lane, commands)
    fault.point("lane.after_commit")
    lane.renewed_at = asyncio.get_running_loop().time()
    _apply(lane, run, composed, batch.runner.share_changes)
    _answer(run, composed)
    _requeue(lane, postponed)
    fault.point("lane.before_publish")
    _publish(lane, run, composed)
    if postponed and not run.steps:
        await asyncio.sleep(BUSY_PAUSE_S)


def _skips_to_write(lane: Lane) -> list[BookOrder]:
    """The orders whose skip counts changed, once a second: counts are for reading only."""
    book, time = lane.open_desk.book, asyncio.get_running_loop().time()
    changed = book.state.skips_changed
    if not changed or time - lane.skips_written_at < SKIPS_EVERY_S:
        return []
    lane.skips_written_at = time
    found = [book.find_order(key) for key in changed]
    changed.clear()
    return [order for order in found if order is not None]


async def _commit(lane: Lane, fence: Fence) -> bool:
    """Commit; an answer that was lost is read from the lane's row, never guessed.

    While it cannot be read, or another owner has taken the row over, the lane stays in doubt.
    """
    lane.in_doubt = True
    try:
        await lane.store.commit()  # allowed: commit, the batch is the unit of work
    except StoreLostError:
        epoch, batch = await lane.database.transact(
            lambda unit: read_batch(unit, lane.market), name="read_batch"
        )
        lane.in_doubt = epoch != fence.epoch
        if lane.in_doubt or batch != fence.batch + 1:
            raise
    except (StoreBusyError, StoreConflictError):
        lane.in_doubt = False
        raise
    lane.in_doubt = False
    return True


def _drop_records(lane: Lane, commands: list[Command]) -> None:
    for command in commands:
        if isinstance(command, Place | Take):
            lane.open_desk.records.pop(command.order.id, None)  # type: ignore[call-overload]  # keys here are UUIDs


def _apply(
    lane: Lane, run: Run, composed: Composed, share_changes: dict[UUID, Share | None]
) -> None:
    desk = lane.open_desk
    lane.batches += 1
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
    now = lane.clock.now()
    for order_id, record in composed.new_records.items():
        if desk.book.find_order(order_id) is None:
            del desk.records[order_id]
            desk.ended.pop(order_id, None)
            lane.timers.drop_order(order_id)
        else:
            lane.timers.note_order(order_id, record, now)


def _answer(run: Run, composed: Composed) -> None:
    for command, reply in composed.replies.items():
        if command.answer is not None and not command.answer.done():
            command.answer.set_result(reply)
    for command, refusal in run.refused.items():
        if command.answer is not None and not command.answer.done():
            command.answer.set_exception(refusal)


def _requeue(lane: Lane, commands: list[Command]) -> None:
    """Set commands back whose rows are busy, until they were tried long enough."""
    time = asyncio.get_running_loop().time()
    again: list[Command] = []
    for command in commands:
        if isinstance(command, FromInbox):
            lane.inbox_due = True
        elif isinstance(command, Recheck):
            # Read anew: what it brings may be old by then, and its row is consumed.
            lane.recheck_due.add(command.subject)
        elif command.answer is None:
            again.append(command)
        elif command.give_up_at == 0.0:
            command.give_up_at = min(command.deadline, time + BUSY_TRIED_S)
            again.append(command)
        elif time < command.give_up_at:
            again.append(command)
        elif not command.answer.done():
            command.answer.set_exception(LaneBusy(retry_after_s=1))
    lane.queue.put_back([c for c in again if not isinstance(c, Continue)])


def _publish(lane: Lane, run: Run, composed: Composed) -> None:
    if composed.room_events:
        lane.publisher.publish(lane.market, composed.room_events)
    if run.steps:
        lane.publisher.note_depth(lane.market)
        lane.publisher.wake_relay()
