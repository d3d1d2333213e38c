"""Fresh, migrated databases for tests, in milliseconds.

Migrations run once a process and kind of database. SQLite tests then copy the file; MariaDB tests
take a schema made from the template's own DDL, which is emptied (not dropped) for the next test.
"""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import CLIENT
from sqlalchemy.engine import URL, make_url


def migrate_database(url: str) -> None:
    """Bring an empty database to the newest schema."""
    # Imported here, so that runs without a database do not load alembic.
    from server.db import migrate
    from server.db.engine import open_engine

    async def run() -> None:
        engine = open_engine(url)
        try:
            await migrate.upgrade(engine)
        finally:
            await engine.dispose()

    run_apart(run)


def run_apart(work: Any) -> None:
    """Run a coroutine function in a thread and loop of its own: the caller may have a loop."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


class SqliteTemplate:
    """One migrated file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "template.db"
        migrate_database(f"sqlite+aiosqlite:///{self.file}")
        left = [path.name for path in folder.glob("template.db-*") if path.stat().st_size]
        assert not left, f"the template's write-ahead log was not folded in: {left}"

    def copy_to(self, folder: Path, name: str = "iqx.db") -> str:
        """The URL of a fresh database in `folder`."""
        shutil.copyfile(self.file, folder / name)
        return f"sqlite+aiosqlite:///{folder / name}"


class MariadbSchemas:
    """A supply of migrated schemas on one server, for one test process."""

    def __init__(self, server_url: str) -> None:
        self.server = make_url(server_url)
        self.prefix = f"iqx_{os.getpid()}"
        self.made = 0
        self.free: list[str] = []
        self.template = f"{self.prefix}_template"
        self.connection = pymysql.connect(
            host=self.server.host or "127.0.0.1",
            port=self.server.port or 3306,
            user=self.server.username or "root",
            password=self.server.password or "",
            client_flag=CLIENT.MULTI_STATEMENTS,
            autocommit=True,
            charset="utf8mb4",
        )
        self.ask("SET foreign_key_checks = 0")
        self.ask(f"CREATE DATABASE {self.template}")
        migrate_database(self.url_of(self.template))
        self.tables = self.list_tables(self.template)
        self.filled = self.list_filled(self.template)
        triggers = self.ask(
            "SELECT trigger_name, event_object_table FROM information_schema.triggers"
            f" WHERE trigger_schema = '{self.template}' ORDER BY trigger_name"
        )
        self.guarded = {table for _, table in triggers}
        made = [
            self.ask(f"SHOW CREATE TABLE {self.template}.{table}")[0][1] for table in self.tables
        ]
        made += [
            self.ask(f"SHOW CREATE TRIGGER {self.template}.{trigger}")[0][2]
            for trigger, _ in triggers
        ]
        self.ddl = ";".join(made)

    def ask(self, statements: str) -> list[Any]:
        """Run statements separated by semicolons; the rows of the first one."""
        with self.connection.cursor() as cursor:
            cursor.execute(statements)
            rows = list(cursor.fetchall())
            while cursor.nextset():
                pass
        return rows

    def url_of(self, schema: str) -> str:
        url: URL = self.server.set(database=schema)
        return url.render_as_string(hide_password=False)

    def list_tables(self, schema: str) -> list[str]:
        rows = self.ask(
            "SELECT table_name FROM information_schema.tables"
            f" WHERE table_schema = '{schema}' ORDER BY table_name"
        )
        return [row[0] for row in rows]

    def list_filled(self, schema: str) -> list[str]:
        """The tables of a schema that have rows."""
        question = " UNION ALL ".join(
            f"(SELECT '{table}' FROM {schema}.{table} LIMIT 1)" for table in self.tables
        )
        return [row[0] for row in self.ask(question)]

    def make_empty(self) -> str:
        """A new schema without tables."""
        self.made += 1
        schema = f"{self.prefix}_{self.made}"
        self.ask(f"CREATE DATABASE {schema}")
        return schema

    def has_triggers(self, schema: str) -> bool:
        """Whether the schema's triggers are on all the tables that should have one."""
        found = self.ask(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers"
            f" WHERE trigger_schema = '{schema}'"
        )
        return {row[0] for row in found} == self.guarded

    def drop(self, schema: str) -> None:
        self.end_connections(schema)
        self.ask(f"DROP DATABASE IF EXISTS {schema}")

    def take(self) -> str:
        """A migrated schema with nothing in it but what migrations put there."""
        if self.free:
            return self.free.pop()
        schema = self.make_empty()
        self.ask(f"USE {schema};{self.ddl};{self.refill(schema)};USE {self.template}")
        return schema

    def give_back(self, schema: str) -> None:
        """Empty a schema for the next test; one whose tables were changed is dropped."""
        self.end_connections(schema)
        if self.list_tables(schema) != self.tables or not self.has_triggers(schema):
            self.drop(schema)
            return
        emptied = "".join(
            # Triggers that refuse a deletion do not see a table that is emptied at once.
            f"{'TRUNCATE TABLE' if table in self.guarded else 'DELETE FROM'} {schema}.{table};"
            for table in self.list_filled(schema)
        )
        self.ask(f"{emptied}{self.refill(schema)}")
        self.free.append(schema)

    def refill(self, schema: str) -> str:
        """The statements that copy the template's rows into an empty schema."""
        return ";".join(
            ["DO 0"]
            + [
                f"INSERT INTO {schema}.{table} SELECT * FROM {self.template}.{table}"
                for table in self.filled
            ]
        )

    def end_connections(self, schema: str) -> None:
        """End what a test left connected, so that it cannot write into the next test."""
        for (thread,) in self.ask(
            f"SELECT id FROM information_schema.processlist"
            f" WHERE db = '{schema}' AND id <> CONNECTION_ID()"
        ):
            with contextlib.suppress(pymysql.err.OperationalError):
                self.ask(f"KILL {thread}")

    def close(self) -> None:
        """Drop all that this process made."""
        for number in range(1, self.made + 1):
            self.drop(f"{self.prefix}_{number}")
        self.drop(self.template)
        self.connection.close()


@contextlib.contextmanager
def lend_schema(schemas: MariadbSchemas, *, migrated: bool = True) -> Iterator[str]:
    """The URL of a schema for the length of the block."""
    schema = schemas.take() if migrated else schemas.make_empty()
    try:
        yield schemas.url_of(schema)
    finally:
        if migrated:
            schemas.give_back(schema)
        else:
            schemas.drop(schema)


EVERYTHING_POSTED = (
    "SELECT asset, SUM(amount) FROM (SELECT asset, amount FROM postings"
    " UNION ALL SELECT asset, amount FROM platform_postings) AS everything"
    " GROUP BY asset HAVING SUM(amount) <> 0"
)
BALANCES = (
    "SELECT asset, SUM(balance) FROM (SELECT asset, balance FROM accounts"
    " UNION ALL SELECT asset, amount FROM platform_postings) AS everything"
    " GROUP BY asset HAVING SUM(balance) <> 0"
)


def find_unbalanced(url: str) -> dict[str, int]:
    """What the postings, or the balances, of each asset sum to, where that is not zero."""
    found: dict[str, int] = {}
    for question in (EVERYTHING_POSTED, BALANCES):
        for asset, amount in _ask(url, question):
            found[asset] = int(amount)
    return found


def _ask(url: str, question: str) -> list[Any]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with contextlib.closing(sqlite3.connect(parsed.database or "")) as connection:
            return connection.execute(question).fetchall()
    with (
        pymysql.connect(
            host=parsed.host,
            port=parsed.port or 3306,
            user=parsed.username,
            password=parsed.password or "",
            database=parsed.database,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(question)
        return list(cursor.fetchall())
