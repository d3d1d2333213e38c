"""The migrations make the tables of the code, and can be undone."""

import asyncio

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from models import Base
from server.db import migrate
from server.db.engine import WRITE, open_engine


@pytest.fixture
async def engine(empty_database_url: str):
    engine = open_engine(empty_database_url)
    yield engine
    await engine.dispose()


async def list_tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return set(names) - {"alembic_version"}


async def test_migrations_make_the_tables_of_the_code(engine):
    await migrate.upgrade(engine)
    assert await list_tables(engine) == set(Base.metadata.tables)
    await migrate.check(engine)


async def test_migrations_go_up_down_and_up_again(engine):
    await migrate.upgrade(engine)
    made = await list_tables(engine)
    await migrate.downgrade(engine, "base")
    assert await list_tables(engine) == set()
    await migrate.upgrade(engine)
    assert await list_tables(engine) == made


async def test_second_upgrade_changes_nothing(engine):
    await migrate.upgrade(engine)
    await migrate.upgrade(engine)
    await migrate.check(engine)


async def test_migration_gives_up_when_a_table_stays_locked(engine):
    await migrate.upgrade(engine)
    async with engine.connect() as reader:
        if engine.dialect.name == "sqlite":
            await reader.execution_options(**{WRITE: True})
        await reader.execute(text("SELECT COUNT(*) FROM commit_markers"))
        with pytest.raises(OperationalError):
            async with asyncio.timeout(30):
                await migrate.downgrade(engine, "base")
