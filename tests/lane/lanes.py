"""What tests of the lane share: a second owner, pictures of a book, and deals over HTTP."""

import asyncio
import contextlib
from dataclasses import fields, replace
from uuid import UUID

from sqlalchemy import update

from models.orders import Lane as LaneRow
from server.matching.orders import read_fields
from server.orders.inbox import leave_rechecks
from server.orders.lane.lane import Lane
from server.orders.lane.loop import start_lane, stop_lane
from server.orders.lane.mariadb_store import MariaDbStore
from server.orders.lane.sqlite_store import SqliteStore
from tests.market_world import MARKET

PAYER = "TRAN VAN B"
PASSWORD = "correct horse battery"


class SilentPublisher:
    """Tells nobody."""

    def publish(self, market, events):
        pass

    def note_depth(self, market):
        pass

    def wake_relay(self):
        pass


def make_lane(world, owner="elsewhere/1/1", **config):
    """A second lane of the market, as another process would have it; not started."""
    kernel = world.kernel
    sqlite = world.database.dialect == "sqlite"
    store = SqliteStore(world.database) if sqlite else MariaDbStore(kernel.lane_engine)
    return Lane(
        MARKET,
        world.database,
        store,
        clock=kernel.clock,
        lease_clock=kernel.real_clock,
        config=replace(world.lane.config, owner=owner, **config),
        publisher=SilentPublisher(),
    )


@contextlib.asynccontextmanager
async def run_lane(lane):
    start_lane(lane)
    try:
        yield lane
    finally:
        await stop_lane(lane)


async def until(condition, what, timeout_s=60.0):
    """Wait until `condition()` holds."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain until {what}"
        await asyncio.sleep(0.005)


async def let_lease_run_out(world):
    """Make the lease of the lane's owner look as if it had not been renewed."""

    async def work(unit):
        await unit.execute(
            update(LaneRow).where(LaneRow.market == MARKET).values(expires_at=world.clock.now())
        )

    await world.database.transact(work, name="test")


async def read_lane_row(world):
    rows = await world.read(
        f"SELECT owner, epoch, batch, seq, priority FROM lanes WHERE market = '{MARKET}'"
    )
    return rows[0]


def picture(lane, users=None):
    """Everything that a book's future depends on; of the users only `users` if given."""
    desk = lane.desk
    state = desk.book.state
    users = set(state.members) if users is None else users
    return {
        "orders": {key: read_fields(order) for key, order in state.orders.items()},
        "skips": {key: dict(order.skips) for key, order in state.orders.items() if order.skips},
        "shelved": sorted(state.by_seq),
        "ladders": {
            (side, pricing, method): ladder.keys()
            for side, shelf in state.shelves.items()
            for pricing, ladders in (("fixed", shelf.fixed), ("floating", shelf.floating))
            for method, ladder in ladders.items()
            if ladder.keys()
        },
        "levels": {side: shelf.list_depth(10**6) for side, shelf in state.shelves.items()},
        "standings": {
            user: {
                f.name: getattr(state.members[user].standing, f.name)
                for f in fields(state.members[user].standing)
            }
            for user in users
        },
        "sleeps": {
            user: (state.members[user].buy_sleep, state.members[user].sell_sleep) for user in users
        },
        "index": (state.index_ticks, state.is_floating_on, state.band),
        "next_seq": state.next_seq,
        "pending": state.pending,
        "shares": desk.open_shares,
        "records": {key: desk.records[key] for key in state.orders},
        "seq": desk.seq,
    }


async def pay(world, buyer, trade_id):
    """The buyer declares and says that he paid."""
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": PAYER})
    return await buyer.must("POST", f"/trades/{trade_id}/paid", {})


async def prove(seller, trade):
    """The seller's step-up for a release of the trade as it is now."""
    proof = await seller.must(
        "POST",
        "/auth/step-up",
        {
            "password": PASSWORD,
            "action": "release",
            "subject_id": trade["id"],
            "amount": trade["amount"],
            "version": trade["version"],
        },
    )
    return proof["proof"]


async def release(seller, trade):
    """The seller proves himself and releases."""
    proof = await prove(seller, trade)
    return await seller.must(
        "POST",
        f"/trades/{trade['id']}/release",
        {"payer_name_seen": PAYER},
        **{"Step-Up": proof},
    )


async def cancel_trade(buyer, trade_id, reason="changed_mind"):
    return await buyer.must("POST", f"/trades/{trade_id}/cancel", {"reason": reason})


async def leave_recheck(world, person):
    async def work(unit):
        await leave_rechecks(unit, UUID(person.id))

    await world.database.transact(work, name="test")
