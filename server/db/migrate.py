"""Bring a database to the newest version, or to another one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from server.db.engine import WRITE

SCRIPTS = Path(__file__).parents[2] / "migrations"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Apply what is missing up to `revision`."""
    await _run(engine, lambda connection: command.upgrade(_config(connection), revision))


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Undo down to `revision` (`base` for all)."""
    await _run(engine, lambda connection: command.downgrade(_config(connection), revision))


async def check(engine: AsyncEngine) -> None:
    """Raise when the tables in the code differ from those of the migrations."""
    await _run(engine, lambda connection: command.check(_config(connection)))


async def _run(engine: AsyncEngine, work: object) -> None:
    assert callable(work)
    async with engine.connect() as connection:
        await connection.execution_options(**{WRITE: True})
        await connection.run_sync(work)
        await connection.commit()
