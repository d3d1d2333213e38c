"""What a lane writes comes back unchanged, and who is busy in any row is busy."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from models.identity import Standing, User
from models.ledger import Account
from models.operations import IdempotencyKey, Outbox
from models.orders import Lane
from server.core.ids import SystemRandom
from server.ledger.service import open_accounts
from server.orders.lane.mariadb_store import LISTED_MAX, MariaDbStore, _list_keys
from server.orders.lane.records import Rows
from server.orders.lane.sqlite_store import SqliteStore
from server.orders.lane.store import Fence
from server.settings import load_settings
from server.wiring import open_kernel

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2026, 1, 2, tzinfo=UTC)


class Shop:
    """A store on a fresh database with two users."""

    def __init__(self, kernel, store, users):
        self.kernel = kernel
        self.store = store
        self.users = users
        self.batch = 0

    async def begin(self):
        fence = Fence("USDT-VND", "owner", 1, self.batch, UNTIL)
        await self.store.begin(fence)

    async def write(self, rows):
        await self.begin()
        await self.store.write(rows, market="USDT-VND", priority=1, seq=0)
        await self.store.commit()
        self.batch += 1

    async def read(self, statement):
        async with self.kernel.database.read() as connection:
            return (await connection.execute(statement)).all()


@pytest.fixture
async def shop(database_url):
    kernel = open_kernel(load_settings({"IQX_DATABASE_URL": database_url}))
    users = [kernel.database.ids.new_id() for _ in range(2)]

    async def prepare(unit):
        for user in users:
            await unit.execute(insert(User).values(id=user, created_at=NOW))
            await unit.execute(
                insert(Standing).values(
                    user_id=user,
                    version=7,
                    kyc_level=2,
                    second_factor=True,
                    terms_version=3,
                    recheck_at=UNTIL,
                )
            )
            await open_accounts(unit, user)
        await unit.execute(
            insert(Lane).values(
                market="USDT-VND", owner="owner", address="", epoch=1, batch=0, priority=1, seq=0,
                expires_at=UNTIL,
            )
        )  # fmt: skip

    await kernel.database.transact(prepare, name="test")
    store = (
        SqliteStore(kernel.database)
        if kernel.database.dialect == "sqlite"
        else MariaDbStore(kernel.lane_engine)
    )
    yield Shop(kernel, store, users)
    await store.close()
    await kernel.close()


awkward = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("'\\\0\n\r\x1a\"%;-")), max_size=90
)


@given(text=awkward, body=st.binary(max_size=200))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_text_and_any_bytes_come_back_as_they_were_written(shop, text, body):
    ids = shop.kernel.database.ids
    key, event = SystemRandom().token(32), ids.new_id()
    rows = Rows()
    rows.add("outbox", (event, "user:x", "order_created", text, NOW, None, None))
    for number, content in enumerate((body, text.encode())):
        rows.add(
            "idempotency_keys",
            (shop.users[0], key + bytes([number]), key, 201, content, NOW),
        )

    await shop.write(rows)

    assert await shop.read(select(Outbox.body).where(Outbox.id == event)) == [(text,)]
    found = await shop.read(
        select(IdempotencyKey.body)
        .where(IdempotencyKey.request_hash == key)
        .order_by(IdempotencyKey.key)
    )
    assert [bytes(row.body) for row in found] == [body, text.encode()]


async def test_locked_rows_are_read_whole(shop):
    await shop.begin()

    locked = await shop.store.lock(shop.users, shop.users[:1], "USDT")

    assert locked.standings.keys() == set(shop.users)
    row = locked.standings[shop.users[0]]
    assert (row.version, row.kyc_level, row.verified, row.frozen_at, row.recheck_at) == (
        7, 2, False, None, UNTIL,
    )  # fmt: skip
    assert (row.present, row.second_factor, row.terms_version) == (False, True, 3)
    assert locked.wallets.keys() == {shop.users[0]}
    assert len(locked.wallets[shop.users[0]]) == 6
    await shop.store.rollback()


async def test_more_users_than_a_list_holds_are_locked(shop, monkeypatch):
    monkeypatch.setattr("server.orders.lane.mariadb_store.LISTED_MAX", 1)
    await shop.begin()

    locked = await shop.store.lock(shop.users, shop.users, "USDT")

    assert locked.standings.keys() == locked.wallets.keys() == set(shop.users)
    await shop.store.rollback()


async def test_user_with_one_busy_account_has_no_wallet(shop):
    """On SQLite nobody else writes meanwhile; there the account is missing instead."""
    if shop.kernel.database.dialect == "sqlite":
        gone = Account.__table__.delete().where(
            Account.user_id == shop.users[0], Account.kind == "bond"
        )
        await shop.kernel.database.transact(lambda unit: unit.execute(gone), name="test")
        await shop.begin()
        locked = await shop.store.lock([], shop.users, "USDT")
    else:
        async with shop.kernel.database.engine.connect() as other:
            await other.execute(
                update(Account)
                .where(Account.user_id == shop.users[0], Account.kind == "bond")
                .values(seq=1)
            )
            await shop.begin()
            locked = await shop.store.lock([], shop.users, "USDT")
            await other.rollback()

    assert locked.wallets.keys() == {shop.users[1]}
    await shop.store.rollback()


def test_rows_to_lock_are_named_ascending():
    keys = [SystemRandom().token(16) for _ in range(LISTED_MAX + 50)]
    listed = _list_keys([UUID(bytes=key) for key in keys])
    named = [key for part in listed for key in part.split(",")]
    assert len(listed) == 2
    assert named == [f"x'{key.hex()}'" for key in sorted(keys)]


async def test_write_of_a_row_that_is_not_there_breaks_the_batch(shop):
    rows = Rows()
    rows.add("accounts", (shop.users[0], "USDT", "available", 5, 1))
    rows.add("accounts", (shop.users[0], "GOLD", "available", 5, 1))

    with pytest.raises(AssertionError, match="2 of accounts written as"):
        await shop.write(rows)
    await shop.store.rollback()

    balances = await shop.read(select(Account.asset, Account.balance).where(Account.balance > 0))
    assert balances == []
