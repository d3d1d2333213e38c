"""What happens to commands that share a batch."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update
from structlog.testing import CapturingLogger

from models.ledger import Account
from server.core import fault
from server.db.errors import OutcomeUnknown
from server.orders.lane import queue as lane_queue
from server.orders.lane import turn
from server.orders.lane.commands import Cancel
from server.orders.lane.lane import BATCH_MAX, LaneConfig
from server.orders.lane.queue import CommandQueue, LaneFull
from server.orders.lane.store import StoreConflictError
from server.orders.refusals import LaneLate
from tests.lane.lanes import read_lane_row, until
from tests.lane.test_fence import sale
from tests.market_world import MARKET


async def together(world, *calls):
    """Give all calls to the lane in one batch; their answers."""
    async with world.lane.between_batches:
        tasks = [asyncio.create_task(call) for call in calls]
        await until(
            lambda: len(world.lane.queue) + sum(t.done() for t in tasks) >= len(tasks),
            "all commands wait",
        )
        batch = world.lane.batches
    answers = await asyncio.gather(*tasks)
    return batch, answers


async def test_commands_that_wait_share_a_batch(world):
    people = [await world.join(f"person{n}", usdt="1000") for n in range(6)]
    for person in people:
        await person.add_account()

    batch, answers = await together(
        world, *(person.ask("POST", "/orders", sale(person)) for person in people)
    )

    assert [status for status, _ in answers] == [201] * 6
    assert (await read_lane_row(world)).batch < batch + len(people)


async def test_each_row_is_written_once_in_a_batch(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    order = await seller.sell("100", "26000")
    _, answers = await together(
        world,
        seller.ask("POST", f"/orders/{order['id']}/pause"),
        seller.ask("POST", f"/orders/{order['id']}/resume"),
        seller.ask("PATCH", f"/orders/{order['id']}", {"terms": "Fast"}),
    )

    assert {status for status, _ in answers} <= {200, 409}
    rows = await world.read("SELECT id FROM orders")
    assert len(rows) == 1


async def test_missing_funds_of_one_leave_the_others_of_the_batch(world):
    rich = await world.join("rich", usdt="1000")
    poor = await world.join("poor", usdt="250")
    for person in (rich, poor):
        await person.add_account()

    _, answers = await together(
        world,
        poor.ask("POST", "/orders", sale(poor)),
        rich.ask("POST", "/orders", sale(rich)),
        poor.ask("POST", "/orders", sale(poor)),
        poor.ask("POST", "/orders", sale(poor)),
        rich.ask("POST", "/orders", sale(rich)),
        poor.ask("POST", "/orders", sale(poor)),
    )

    poors = [answers[n] for n in (0, 2, 3, 5)]
    assert sorted(status for status, _ in poors) == [201, 201, 422, 422]
    assert {body["code"] for status, body in poors if status == 422} == {"insufficient_funds"}
    assert [answers[n][0] for n in (1, 4)] == [201, 201]
    assert (await poor.balances())["available"] == "49.700000"


async def test_command_that_a_constraint_breaks_is_quarantined_alone(world, monkeypatch):
    broken = await world.join("broken", usdt="1000")
    fine = await world.join("fine", usdt="1000")
    for person in (broken, fine):
        await person.add_account()

    async def shift(step):
        async def work(unit):
            await unit.execute(
                update(Account)
                .where(
                    Account.user_id == UUID(broken.id),
                    Account.asset == "USDT",
                    Account.kind == "reserved",
                )
                .values(seq=Account.seq + step)
            )

        await world.database.transact(work, name="test")

    await broken.must("DELETE", f"/orders/{(await broken.sell('10', '26000'))['id']}")
    await shift(-1)  # the next posting of this account will meet one that exists
    log = CapturingLogger()
    monkeypatch.setattr(turn, "log", log)
    _, answers = await together(
        world,
        fine.ask("POST", "/orders", sale(fine)),
        broken.ask("POST", "/orders", sale(broken)),
        fine.ask("POST", "/orders", sale(fine)),
    )
    await shift(1)

    assert [status for status, _ in answers] == [201, 503, 201]
    assert answers[1][1]["code"] == "command_quarantined"
    alarms = [call for call in log.calls if call.args == ("lane_command_quarantined",)]
    assert [call.method_name for call in alarms] == ["error"]
    assert (await broken.balances())["available"] == "1000.000000"


async def test_callers_are_answered_only_after_the_commit(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    seen = []

    def look():
        seen.append([command.answer.done() for command in waiting])

    waiting = []
    put = world.lane.queue.put
    world.lane.queue.put = lambda command: (waiting.append(command), put(command))
    fault.arm("lane.after_commit", look)
    await seller.must("POST", "/orders", sale(seller))

    assert seen == [[False]]


async def test_nobody_hears_of_a_batch_before_its_commit(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    heard, then = [], []
    world.lane.publisher.publish = lambda market, events: heard.extend(events)
    fault.arm("lane.before_commit", lambda: then.extend(heard))

    await seller.must("POST", "/orders", sale(seller))

    assert then == []
    assert heard


async def test_batch_that_fails_before_its_commit_leaves_nothing(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    def fail():
        raise StoreConflictError(is_unique=False, text="made up")

    fault.arm("lane.after_write", fail)
    order = await seller.must("POST", "/orders", sale(seller))

    rows = await world.read("SELECT id FROM orders")
    assert [UUID(bytes=bytes(row.id)) for row in rows] == [UUID(order["id"])]
    told = await world.read("SELECT room FROM outbox WHERE name = 'order_created'")
    assert sorted(row.room for row in told) == [f"market:{MARKET}", f"user:{seller.id}"]
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_fault_inside_a_batch_is_answered_and_the_book_is_read_again(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    def fail():
        raise RuntimeError("made up")

    fault.arm("lane.before_commit", fail)
    status, problem = await seller.ask("POST", "/orders", sale(seller), key="again")

    assert (status, problem["code"]) == (503, "lane_elsewhere")
    await until(lambda: world.lane.serving, "the lane serves again")
    assert await world.read("SELECT id FROM orders") == []
    await seller.must("POST", "/orders", sale(seller), key="again")


async def test_same_key_twice_in_one_batch_places_one_order(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    desk = world.client.server.app
    from server.http.endpoint import Key
    from server.orders.requests import PlaceSchema
    from server.orders.routes import ORDERS

    key = Key("same", b"h" * 32)
    body = PlaceSchema().load(sale(seller))
    _, answers = await together(
        world,
        desk[ORDERS].place_order(UUID(seller.id), dict(body), key),
        desk[ORDERS].place_order(UUID(seller.id), dict(body), key),
    )

    assert answers[0].body == answers[1].body
    assert len(await world.read("SELECT id FROM orders")) == 1


async def test_command_whose_caller_is_gone_is_dropped(world):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("100", "26000")
    late = Cancel(user_id=UUID(seller.id), order_id=UUID(order["id"]))
    late.deadline = asyncio.get_running_loop().time() - 0.001

    with pytest.raises(LaneLate):
        await world.lane.submit(late)

    assert (await seller.must("GET", f"/orders/{order['id']}"))["status"] == "open"


async def test_caller_does_not_wait_for_ever_for_a_batch(world):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("100", "26000")
    command = Cancel(user_id=UUID(seller.id), order_id=UUID(order["id"]))
    command.deadline = asyncio.get_running_loop().time() - 0.8

    async with world.lane.between_batches:
        with pytest.raises(OutcomeUnknown):
            await world.lane.submit(command)


def command_of(user):
    return Cancel(user_id=user, order_id=UUID(int=0))


def test_queue_takes_one_of_each_user_in_turn():
    queue = CommandQueue()
    many, few = UUID(int=1), UUID(int=2)
    for user in [many] * 5 + [few]:
        queue.put(command_of(user))

    taken = queue.take(3)

    assert [command.user_id for command in taken] == [many, few, many]
    assert len(queue) == 3


def test_system_commands_come_first():
    queue = CommandQueue()
    queue.put(command_of(UUID(int=1)))
    queue.put(Cancel(user_id=None, order_id=UUID(int=9)))

    assert queue.take(1)[0].user_id is None


def test_commands_set_back_keep_their_place():
    queue = CommandQueue()
    one = UUID(int=1)
    first, second, third = (command_of(one) for _ in range(3))
    for command in (first, second, third):
        queue.put(command)
    taken = queue.take(2)

    queue.put_back(taken)

    assert queue.take(3) == [first, second, third]


def test_full_queue_refuses_users_and_takes_the_system(monkeypatch):
    monkeypatch.setattr(lane_queue, "WAITING_MAX", 3)
    queue = CommandQueue()
    for _ in range(3):
        queue.put(command_of(UUID(int=1)))

    with pytest.raises(LaneFull):
        queue.put(command_of(UUID(int=2)))
    queue.put(Cancel(user_id=None, order_id=UUID(int=9)))

    assert len(queue) == 4


async def test_full_lane_is_503_with_retry_after(world, monkeypatch):
    assert lane_queue.WAITING_MAX == 10_000
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("100", "26000")
    monkeypatch.setattr(lane_queue, "WAITING_MAX", 0)
    headers = {"Authorization": f"Bearer {seller.token}", "Idempotency-Key": "when-full"}

    async with world.client.delete(f"/api/v1/orders/{order['id']}", headers=headers) as reply:
        problem = await reply.json()

    assert (reply.status, problem["code"]) == (503, "lane_full")
    assert int(reply.headers["Retry-After"]) >= 1
    assert (await seller.must("GET", f"/markets/{MARKET}/book"))["asks"] != []


KEYS = {
    "orders": 1, "orders_touched": 1, "orders_edited": 1, "accounts": 3, "standings": 1,
    "trades": 1, "transfers": 1, "outbox": 1,
}  # fmt: skip
"""How many of the first columns of a statement's rows are the table's key."""


class WatchedStore:
    """A lane's store that notes what each batch begins and writes."""

    def __init__(self, store):
        self._store = store
        self.batches = []

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def begin(self, fence):
        self.batches.append(None)
        await self._store.begin(fence)

    async def write(self, rows, **named):
        assert self.batches[-1] is None, "a batch writes once"
        self.batches[-1] = rows.by_statement
        await self._store.write(rows, **named)

    def count_replies(self):
        counts = (len((rows or {}).get("idempotency_keys", ())) for rows in self.batches)
        return [count for count in counts if count]


async def test_batch_is_one_transaction_that_writes_each_row_once(world):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    order = await seller.sell("100", "26000")
    store = world.lane.store = WatchedStore(world.lane.store)
    await together(
        world,
        seller.ask("PATCH", f"/orders/{order['id']}", {"terms": "Fast"}),
        seller.ask("POST", "/orders", sale(seller)),
        seller.ask("POST", "/orders", sale(seller)),
        buyer.ask("POST", f"/orders/{order['id']}/take", {
            "amount": "20", "payment_method_id": "vn-one", "worst_price": "26000",
        }),
    )  # fmt: skip

    (rows,) = [rows for rows in store.batches if rows and "trades" in rows]
    assert len(rows["idempotency_keys"]) == 4
    keys = [
        (name.partition("_")[0], row[:width])
        for name, width in KEYS.items()
        for row in rows.get(name, ())
    ]
    assert len(keys) == len(set(keys))
    assert {name for name, _ in keys} >= {"orders", "accounts", "standings", "trades"}


async def test_batch_takes_all_that_waits_up_to_its_bound(world):
    assert BATCH_MAX == LaneConfig.__dataclass_fields__["batch_max"].default == 512
    people = [await world.join(f"person{n}", usdt="1000") for n in range(6)]
    for person in people:
        await person.add_account()
    store = world.lane.store = WatchedStore(world.lane.store)
    world.lane.config = replace(world.lane.config, batch_max=4)

    await together(world, *(person.ask("POST", "/orders", sale(person)) for person in people))

    assert store.count_replies() == [4, 2]
