"""Databases of the benchmark: a private MariaDB with its default flush, and SQLite files.

The market is made once in a template; every run gets a copy of its own, so that all sides begin
with the same rows.
"""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pymysql
from pymysql.constants import CLIENT

from bench.market import (
    MARKET,
    Member,
    draw_commands,
    open_bench_kernel,
    prepare_market,
)
from server.db import migrate
from server.orders.lane.lane import Lane, LaneConfig
from server.orders.lane.lease import name_owner
from server.orders.lane.loop import start_lane, stop_lane
from server.orders.lane.mariadb_store import MariaDbStore
from server.orders.lane.sqlite_store import SqliteStore
from server.orders.lane.store import LaneStore
from server.wiring import Kernel, sample_time, trade_limits
from tests.services import make_folder, start_mariadb, stop_process

READY_MAX_S = 120.0
TEMPLATE = "iqx_bench"
LEASE_S = 120


class SilentPublisher:
    """Tells nobody: a lane that is measured alone."""

    def publish(self, market: str, events: list[tuple[int, str, str]]) -> None:
        """Nobody listens."""

    def note_depth(self, market: str) -> None:
        """Nobody listens."""

    def wake_relay(self) -> None:
        """Nobody listens."""


class Stage(Protocol):
    """One kind of database with a prepared template."""

    kind: str
    members: list[Member]

    def copy(self) -> str:
        """The URL of a fresh copy of the template; the copy before it is gone then."""
        ...


def make_store(kernel: Kernel) -> LaneStore:
    """The lane's way to the database of this kernel."""
    if kernel.database.dialect == "sqlite":
        return SqliteStore(kernel.database)
    return MariaDbStore(kernel.lane_engine)


async def open_lane(kernel: Kernel, store: LaneStore, *, batch_max: int | None = None) -> Lane:
    """The service's lane of the market, serving; by default with its default batches."""
    await sample_time(kernel)
    config = LaneConfig(
        owner=name_owner(),
        address="",
        lease_s=LEASE_S,
        limits=trade_limits(kernel.settings),
        **({} if batch_max is None else {"batch_max": batch_max}),
    )
    lane = Lane(
        MARKET,
        kernel.database,
        store,
        clock=kernel.clock,
        lease_clock=kernel.real_clock,
        config=config,
        publisher=SilentPublisher(),
    )
    start_lane(lane)
    async with asyncio.timeout(READY_MAX_S):
        while not lane.serving:
            await asyncio.sleep(0.005)
    return lane


async def wait_for_first_batch(lane: Lane) -> None:
    """Return when what a lane does at its start is committed."""
    assert lane.lease is not None
    async with asyncio.timeout(READY_MAX_S):
        while lane.batches == lane.lease.batch:
            await asyncio.sleep(0.005)


async def fill_template(url: str, users: int, resting: int) -> list[Member]:
    """Migrate, make the market and let `resting` orders rest in it."""
    kernel = open_bench_kernel(url)
    await migrate.upgrade(kernel.database.engine)
    members = await prepare_market(kernel, users)
    lane = await open_lane(kernel, make_store(kernel))
    commands = draw_commands(members, lane, resting, resting_only=True)
    await asyncio.gather(*(lane.submit(command) for command in commands))
    await stop_lane(lane)
    await kernel.close()
    return members


class MariaDbStage:
    """Schemas of a MariaDB server of our own."""

    kind = "mariadb"

    def __init__(self, port: int, users: int, resting: int, *, reuses: bool) -> None:
        """With `reuses`, a copy is made in the schema before it: quicker for few rows."""
        self.port = port
        self._reuses = reuses
        self._made = 0
        self._connection = pymysql.connect(
            host="127.0.0.1", port=port, user="root", autocommit=True, charset="utf8mb4",
            client_flag=CLIENT.MULTI_STATEMENTS,
        )  # fmt: skip
        self._ask(f"CREATE DATABASE {TEMPLATE}")
        self.members = asyncio.run(fill_template(self._url(TEMPLATE), users, resting))
        self._ask(f"USE {TEMPLATE}")
        self._tables = [row[0] for row in self._ask("SHOW TABLES")]
        self._ddl = [self._ask(f"SHOW CREATE TABLE {table}")[0][1] for table in self._tables]

    def copy(self) -> str:
        """A fresh schema; the one before it is dropped."""
        if self._made and self._reuses:
            name = f"{TEMPLATE}_{self._made}"
            self._ask(";".join(f"DELETE FROM {name}.{table}" for table in self._tables))
        else:
            name = self._make_schema()
        return self._fill(name)

    def _fill(self, name: str) -> str:
        self._ask(
            ";".join(
                f"INSERT INTO {name}.{table} SELECT * FROM {TEMPLATE}.{table}"
                for table in self._tables
            )
        )
        return self._url(name)

    def copy_beside(self) -> str:
        """A fresh schema beside the one before it, which stays as long as the server."""
        return self._fill(self._make_schema(drops=False))

    def _make_schema(self, *, drops: bool = True) -> str:
        if self._made and drops:
            self._ask(f"DROP DATABASE {TEMPLATE}_{self._made}")
        self._made += 1
        name = f"{TEMPLATE}_{self._made}"
        self._ask(f"CREATE DATABASE {name}; USE {name}; SET foreign_key_checks = 0")
        self._ask(";".join(self._ddl))
        return name

    def _url(self, schema: str) -> str:
        return f"mysql+aiomysql://root@127.0.0.1:{self.port}/{schema}"

    def _ask(self, statements: str) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statements)
            rows = list(cursor.fetchall())
            while cursor.nextset():
                pass
        return rows

    def close(self) -> None:
        """Leave the server."""
        self._connection.close()


class SqliteStage:
    """Copies of a SQLite file."""

    kind = "sqlite"

    def __init__(self, folder: Path, users: int, resting: int) -> None:
        self._folder = folder
        self._made = 0
        template = folder / "template.db"
        self.members = asyncio.run(fill_template(f"sqlite+aiosqlite:///{template}", users, resting))

    def copy(self) -> str:
        """A fresh file; the one before it is removed."""
        for path in self._folder.glob(f"copy{self._made}.db*"):
            path.unlink()
        self._made += 1
        path = self._folder / f"copy{self._made}.db"
        shutil.copyfile(self._folder / "template.db", path)
        return f"sqlite+aiosqlite:///{path}"


@contextmanager
def open_stages(
    users: int, resting: int, *, reuses: bool = False
) -> Iterator[tuple[MariaDbStage, SqliteStage]]:
    """Both stages, each with a market of its own; all servers and files are gone afterwards."""
    folder = make_folder()
    process, port = start_mariadb(folder / "mariadb", durable=True)
    try:
        (folder / "sqlite").mkdir()
        mariadb = MariaDbStage(port, users, resting, reuses=reuses)
        yield mariadb, SqliteStage(folder / "sqlite", users, resting)
        mariadb.close()
    finally:
        stop_process(process)
        shutil.rmtree(folder, ignore_errors=True)
