"""Runs a lane: takes the lease, reads the market into memory, and does batch after batch."""

import asyncio

import structlog

from server.core.events import room_of_market
from server.core.refusals import Unavailable
from server.db import outbox
from server.matching.book import Book
from server.orders.lane import loading
from server.orders.lane.batch import Desk
from server.orders.lane.commands import SetTerms
from server.orders.lane.compose import Rails
from server.orders.lane.intake import INBOX_POLL_S, gather
from server.orders.lane.lane import Lane
from server.orders.lane.lease import give_up_lease, take_lease
from server.orders.lane.living import load_living, paused_collector
from server.orders.lane.store import FenceLostError, StoreBusyError, StoreLostError
from server.orders.lane.timers import Timers
from server.orders.lane.turn import run_batch

RETRY_PAUSE_S = 0.2
STOP_TRIES_MAX = 5
STOP_WAIT_S = 3
RESENT_MAX = 256
"""How many of the room's last events a new owner sends again."""
log = structlog.get_logger()


def start_lane(lane: Lane) -> None:
    """Begin to serve in the background."""
    lane.task = asyncio.create_task(_run(lane), name=f"lane:{lane.market}")


async def stop_lane(lane: Lane) -> None:
    """Finish the batch under way, answer the rest with 503, give the lease up."""
    if lane.task is not None:
        # A driver may swallow a cancellation that meets the end of its own wait.
        for _ in range(STOP_TRIES_MAX):
            lane.task.cancel()
            done, _ = await asyncio.wait({lane.task}, timeout=STOP_WAIT_S)
            if done:
                break
    await lane.store.close()
    lease = lane.lease
    if lease is not None:
        try:
            await lane.database.transact(
                lambda unit: give_up_lease(unit, lease), name="give_up_lease"
            )
        except Unavailable as refusal:
            log.warning("lease_not_given_up", market=lane.market, code=refusal.code)


async def _run(lane: Lane) -> None:
    while True:
        try:
            if await _acquire(lane):
                await rebuild(lane)
                await _serve(lane)
        except (FenceLostError, StoreLostError, StoreBusyError, Unavailable) as error:
            log.warning("lane_stopped", market=lane.market, error=error)
        except Exception:  # allowed: broad-except, the next line says why
            # In any doubt the lane discards its memory and reads it anew.
            log.exception("lane_fault", market=lane.market)
        finally:
            await lane.store.rollback()
            lane.forget()
        await asyncio.sleep(RETRY_PAUSE_S)


async def _acquire(lane: Lane) -> bool:
    now, config = lane.lease_clock.now(), lane.config
    lane.lease = await lane.database.transact(
        lambda unit: take_lease(
            unit, market=lane.market, owner=config.owner, address=config.address, now=now,
            lease_s=config.lease_s,
        ),
        name="take_lease",
    )  # fmt: skip
    return lane.lease is not None


async def rebuild(lane: Lane) -> None:
    """Read the market into memory; the lane serves from then on."""
    with paused_collector():
        await _load(lane)


async def _load(lane: Lane) -> None:
    assert lane.lease is not None
    async with lane.database.read() as connection:
        loaded = await loading.load_market(connection, lane.market, lane.clock.now())
        speeds = await loading.load_speeds(connection)
        living = await load_living(connection, lane.market)
        users = sorted({order.user for order in living.orders})  # type: ignore[type-var]  # keys here are UUIDs
        members = await loading.load_members(connection, users)  # type: ignore[arg-type]  # keys here are UUIDs
        pairs = await loading.load_failed_pairs(connection, lane.market)
        skips = await loading.load_skips(connection, lane.market, loading.living())
        shares = await loading.load_shares(connection, lane.market)
        unsent = await outbox.read_room_events(
            connection,
            room_of_market(lane.market),
            after=max(0, lane.lease.seq - RESENT_MAX),
            limit=RESENT_MAX,
        )
    book = Book(loaded.terms)
    lane.loaded = loaded
    book.load(
        {
            user_id: lane.make_standing(member.row, member.card, member.apart)
            for user_id, member in members.items()
        },
        living.orders,
        next_seq=lane.lease.priority,
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
    rails = Rails(speeds.get(loaded.card.currency, {}))
    desk = Desk(loaded.card, rails, book, seq=lane.lease.seq)
    desk.records = living.records
    desk.members = {user_id: member.card for user_id, member in members.items()}
    desk.open_shares = shares
    lane.timers = Timers()
    lane.timers.load_orders(living.records, lane.clock.now())
    lane.batches = lane.lease.batch
    lane.inbox_due = True
    # Whatever was crossed when the last owner stopped is matched first.
    lane.queue.put(SetTerms(terms=loaded.terms))
    lane.desk = desk
    # The last owner may have died between a commit and its events. Readers know by their
    # numbers what is new, and ask where the first one is not the next.
    if unsent:
        lane.publisher.publish(lane.market, [(e.seq, e.name, e.body) for e in unsent])
    log.info("lane_serving", market=lane.market, orders=len(living.orders))


async def _serve(lane: Lane) -> None:
    while True:
        await lane.queue.wait(_idle_s(lane))
        async with lane.between_batches:
            commands = await gather(lane)
            if commands or _lease_is_due(lane):
                await run_batch(lane, commands)


def _idle_s(lane: Lane) -> float:
    if lane.open_desk.book.is_pending or lane.inbox_due or lane.recheck_due:
        return 0
    wait = min(INBOX_POLL_S, lane.config.lease_s / 3)
    next_at = lane.timers.next_at() if lane.config.is_steady() else None
    if next_at is not None:
        wait = min(wait, max(0, (next_at - lane.clock.now()).total_seconds()))
    return wait


def _lease_is_due(lane: Lane) -> bool:
    return asyncio.get_running_loop().time() - lane.renewed_at > lane.config.lease_s / 3
