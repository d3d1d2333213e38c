"""A running application with one market, its rails, and people who trade on it over HTTP."""

import contextlib
import itertools
import tempfile

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event, insert, text, update

from models.identity import Standing
from models.markets import Market, MarketIndex, MarketSettings
from server.core.clock import ManualClock
from server.identity.rails import upsert_payment_methods
from server.orders.host import LANES
from server.settings import load_settings
from server.wiring import build_app, open_kernel

PASSWORD = "correct horse battery"
MARKET = "USDT-VND"
TEST_MARKET = "USDT_TEST-VND"


def rail(slug, speed="instant", reversibility="final"):
    return {
        "id": slug,
        "name": slug.upper(),
        "currency": "VND",
        "region": "VN",
        "reversibility": reversibility,
        "speed": speed,
        "fields": [{"name": "number", "label": "Number", "kind": "digits", "length_max": 20}],
    }


RAILS = [rail("vn-one"), rail("vn-two"), rail("vn-slow", "domestic", "reversible")]


class Person:
    """A user with a session; every change carries a key of its own."""

    keys = itertools.count(1)

    def __init__(self, world, name, body):
        self.world = world
        self.name = name
        self.id = body["user"]["id"]
        self.token = body["access_token"]
        self.accounts = {}

    async def ask(self, method, path, body=None, *, key=None, **headers):
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        if method != "GET":
            sent["Idempotency-Key"] = key or f"{self.name}-{next(self.keys)}"
        async with self.world.client.request(
            method, f"/api/v1{path}", json=body, headers=sent
        ) as reply:
            content = await reply.json() if reply.content_length else None
            return reply.status, content

    async def must(self, method, path, body=None, **options):
        """A request that has to succeed; its body."""
        status, content = await self.ask(method, path, body, **options)
        assert status < 300, (status, content)
        return content

    async def get(self, path):
        """The body of a read that has to succeed."""
        return await self.must("GET", path)

    async def add_account(self, method="vn-one", number=None):
        number = number or str(10_000_000 + next(self.keys))
        account = await self.must_proven(
            "payment_account",
            "POST",
            "/me/payment-accounts",
            {"payment_method_id": method, "details": {"number": number}},
        )
        self.accounts[method] = account["id"]
        return account["id"]

    async def remove_account(self, account_id):
        await self.must_proven("payment_account", "DELETE", f"/me/payment-accounts/{account_id}")

    async def must_proven(self, action, method, path, body=None):
        """A request that has to succeed, with a proof of it whole."""
        status, content = await self.ask_proven(action, method, path, body)
        assert status < 300, (status, content)
        return content

    async def ask_proven(self, action, method, path, body=None):
        """A request with a proof of it whole."""
        request = {"method": method, "path": f"/api/v1{path}"}
        if body is not None:
            request["body"] = body
        asked = {"password": PASSWORD, "action": action, "request": request}
        proof = (await self.must("POST", "/auth/step-up", asked))["proof"]
        return await self.ask(method, path, body, **{"Step-Up": proof})

    async def ask_removal(self, account_id):
        path = f"/me/payment-accounts/{account_id}"
        return await self.ask_proven("payment_account", "DELETE", path)

    async def sell(self, amount, price, **more):
        if not self.accounts:
            await self.add_account()
        body = {
            "market": MARKET,
            "side": "sell",
            "pricing": {"type": "fixed", "price": price},
            "amount": amount,
            "payment_account_ids": list(self.accounts.values()),
            "always_on": True,
            **more,
        }
        return await self.must("POST", "/orders", body)

    async def buy(self, amount, price, **more):
        body = {
            "market": MARKET,
            "side": "buy",
            "pricing": {"type": "fixed", "price": price},
            "amount": amount,
            "payment_method_ids": ["vn-one", "vn-two", "vn-slow"],
            "always_on": True,
            **more,
        }
        return await self.must("POST", "/orders", body)

    async def prove(self, action, subject_id, amount, version):
        """A step-up proof bound to one act."""
        asked = {
            "password": PASSWORD,
            "action": action,
            "subject_id": subject_id,
            "amount": amount,
            "version": version,
        }
        return (await self.must("POST", "/auth/step-up", asked))["proof"]

    async def release(self, trade_id, name):
        """Release a trade after having seen the payer's name."""
        trade = await self.must("GET", f"/trades/{trade_id}")
        proof = await self.prove("release", trade_id, trade["amount"], trade["version"])
        return await self.must(
            "POST", f"/trades/{trade_id}/release", {"payer_name_seen": name}, **{"Step-Up": proof}
        )

    async def balances(self, asset="USDT"):
        wallet = await self.must("GET", "/wallet")
        return next(item for item in wallet["items"] if item["asset"] == asset)


class World:
    """The application, its clock and its people."""

    def __init__(self, client, kernel, clock):
        self.client = client
        self.kernel = kernel
        self.database = kernel.database
        self.clock = clock
        self.people = {}

    @property
    def lane(self):
        return self.client.server.app[LANES].lanes[MARKET]

    async def join(self, name, *, usdt=None, trades=10, level=2):
        """A user with a record and, if asked, funds."""
        async with self.client.post(
            "/api/v1/auth/register",
            json={"email": f"{name}@example.com", "password": PASSWORD, "username": name},
        ) as reply:
            body = await reply.json()
            assert reply.status == 201, body
        person = self.people[name] = Person(self, name, body)
        await self.change_standing(
            person, trades_completed=trades, trades_ended=trades, kyc_level=level
        )
        if usdt:
            await person.must("POST", "/dev/credit", {"amount": usdt})
        return person

    async def change_standing(self, person, **values):
        from uuid import UUID

        async def work(unit):
            await unit.execute(
                update(Standing)
                .where(Standing.user_id == UUID(person.id))
                .values(version=Standing.version + 1, **values)
            )

        await self.database.transact(work, name="test")

    async def read(self, statement):
        async with self.database.read() as connection:
            rows = await connection.execute(
                text(statement) if isinstance(statement, str) else statement
            )
            return rows.all()

    @contextlib.contextmanager
    def count_statements(self, *tables):
        """The statements about some tables that are sent meanwhile; name tables that no duty
        of the running application reads."""
        seen = []

        def note(_connection, _cursor, statement, *_rest):
            if any(table in statement for table in tables):
                seen.append(statement)

        engine = self.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    async def settle(self):
        """Return when the lane has done what is due by now."""
        import asyncio

        lane = self.lane
        async with asyncio.timeout(60):
            for _ in range(3):
                lane.nudge()
                while lane.serving and (lane.inbox_due or len(lane.queue)):
                    await asyncio.sleep(0.002)
                # What was taken in is under way until the lane is between two batches again.
                async with lane.between_batches:
                    pass

    async def wait_for_inbox(self):
        """Return when the lane has consumed everything left for it."""
        import asyncio

        self.lane.nudge()
        for _ in range(3000):
            rows = await self.read("SELECT count(*) FROM lane_inbox WHERE consumed_batch IS NULL")
            if rows[0][0] == 0:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the lane did not consume its inbox")


async def add_market(unit, clock, market=MARKET, asset="USDT", index_ticks=26_000):
    await unit.execute(
        insert(Market).values(
            id=market, asset=asset, currency="VND", minor_digits=0, price_digits=0,
            created_at=clock.now(),
        )
    )  # fmt: skip
    await unit.execute(
        insert(MarketSettings).values(
            market=market, status="open", maker_fee_ppm=500, taker_fee_ppm=1500,
            amount_min_micro=10_000_000, amount_max_micro=50_000_000_000, band_bp=2000, version=1,
        )
    )  # fmt: skip
    await unit.execute(
        insert(MarketIndex).values(
            market=market, index_ticks=index_ticks, read_at=clock.now(), floating_on=True
        )
    )


@contextlib.asynccontextmanager
async def start_world(database_url, **options):
    """A market of its own on a migrated database, behind real HTTP; or one of test USDT too.

    `options` are `clock`, `test_market` and settings.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with _start_world(database_url, folder, **options) as world:
            yield world


@contextlib.asynccontextmanager
async def _start_world(database_url, folder, *, clock=None, test_market=False, **settings):
    import asyncio

    clock = clock or ManualClock()
    written = {
        "IQX_DATABASE_URL": database_url,
        "IQX_BCRYPT_ROUNDS": "4",
        "IQX_WEB_FOLDER": "",
        "IQX_READS_PER_S": "0",
        "IQX_WRITES_PER_S": "0",
        "IQX_PUBLIC_PER_S": "0",
        "IQX_KEY_CALLS_PER_S": "0",
        "IQX_PRICE_FEED_S": "0",
        "IQX_FILES_FOLDER": folder,
        **{f"IQX_{name.upper()}": str(value) for name, value in settings.items()},
    }
    kernel = open_kernel(load_settings(written), clock=clock)

    async def prepare(unit):
        await upsert_payment_methods(unit, RAILS)
        await add_market(unit, clock)
        if test_market:
            await add_market(unit, clock, TEST_MARKET, "USDT_TEST")

    await kernel.database.transact(prepare, name="test")
    async with TestClient(TestServer(build_app(kernel))) as client:
        world = World(client, kernel, clock)
        for _ in range(3000):
            if world.lane.serving:
                break
            await asyncio.sleep(0.01)
        yield world
