"""A full disk: writes fail whole with 503, reads go on, and writing works again afterwards."""

import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import event, text

from server.core.events import Event
from server.db import DatabaseDown
from server.db.engine import open_engine
from server.monitor.verifier import verify
from tests.market_world import start_world
from tests.units import open_database

SIZE_BYTES = 12 * 1024 * 1024
TRIES_MAX = 400


class Tmpfs:
    """A disk of its own, filled by a file."""

    def __init__(self, folder):
        self.folder = folder
        self.ballast = folder / "ballast"

    def watch(self, engine):
        pass

    def fill(self):
        with self.ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def free(self):
        self.ballast.unlink()


class Quota:
    """A bound on the pages of the file, where no disk can be mounted."""

    def __init__(self, folder):
        self.folder = folder
        self.full = False

    def watch(self, engine):
        @event.listens_for(engine.sync_engine, "begin")
        def bound(connection):
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            limit = pages if self.full else 1_000_000_000
            connection.exec_driver_sql(f"PRAGMA max_page_count={limit}")

    def fill(self):
        self.full = True

    def free(self):
        self.full = False


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        yield Quota(folder)
        return
    try:
        yield Tmpfs(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def url(sqlite_url, disk):
    """The migrated database on that disk."""
    file = Path(sqlite_url.partition(":///")[2])
    shutil.copyfile(file, disk.folder / "iqx.db")
    return f"sqlite+aiosqlite:///{disk.folder / 'iqx.db'}"


async def test_service_on_a_full_disk_answers_questions_and_takes_orders_again_later(disk, url):
    async with start_world(url) as world:
        disk.watch(world.database.engine)
        seller = await world.join("seller", usdt="1000")
        resting = await seller.sell("20", "26000")
        before = await seller.balances()

        disk.fill()
        refusal = None
        for _ in range(TRIES_MAX):
            status, body = await seller.ask("POST", "/dev/credit", {"amount": "1"})
            if status >= 400:
                refusal = (status, body["code"])
                break
            before = await seller.balances()
        assert refusal == (503, "database_unavailable")
        status, body = await place(seller)
        assert status == 503
        assert await seller.balances() == before
        assert (await seller.must("GET", f"/orders/{resting['id']}"))["status"] == "open"

        disk.free()
        await seller.must("POST", "/dev/credit", {"amount": "1"})
        for _ in range(200):
            status, body = await place(seller)
            if status == 201:
                break
            assert status == 503, body
        assert status == 201
        assert (await seller.must("GET", f"/orders/{body['id']}"))["status"] == "open"
        assert await verify(world.database, full=True) == []
        (checked,) = await world.read("PRAGMA integrity_check")
        assert checked[0] == "ok"


async def place(person):
    return await person.ask(
        "POST",
        "/orders",
        {
            "market": "USDT-VND",
            "side": "sell",
            "pricing": {"type": "fixed", "price": "26000"},
            "amount": "30",
            "payment_account_ids": list(person.accounts.values()),
            "always_on": True,
        },
    )


async def test_unit_on_a_full_disk_leaves_nothing_of_itself(disk, url):
    async with open_database(url) as database:
        disk.watch(database.engine)

        async def write(unit):
            for number in range(50):
                unit.emit(Event("room", "said", {"text": "x" * 2_000, "n": number}))

        await database.transact(write, name="test")
        written = 1
        disk.fill()
        refusal = None
        while refusal is None and written < TRIES_MAX:
            try:
                await database.transact(write, name="test")
                written += 1
            except DatabaseDown as down:
                refusal = down
        assert (refusal.status, refusal.retry_after_s) == (503, 2)
        async with database.read() as connection:
            count = (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
        assert count == 50 * written

        disk.free()
        await database.transact(write, name="test")
        async with database.read() as connection:
            count = (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
        assert count == 50 * (written + 1)


async def test_full_table_of_mariadb_is_a_refusal(mariadb_url):
    async with open_database(mariadb_url) as database:
        engine = open_engine(mariadb_url)
        async with engine.connect() as console:
            await console.execute(text("SET SESSION max_heap_table_size=16384"))
            await console.execute(text("CREATE TABLE small (a VARCHAR(1000)) ENGINE=MEMORY"))
        await engine.dispose()

        async def write(unit):
            for _ in range(100):
                await unit.execute(text("INSERT INTO small VALUES (REPEAT('x', 1000))"))

        with pytest.raises(DatabaseDown):
            await database.transact(write, name="test")
