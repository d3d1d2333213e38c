"""Runs migrations on the connection that the caller hands over, or on the configured database."""

import asyncio

from alembic import context
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from models import Base
from models.audit import AuditEntry, list_guards
from server.db.engine import WRITE, open_engine

LOCK_WAIT_S = 10
"""A migration gives up rather than blocking the service behind it."""


def run_on(connection: Connection) -> None:
    """Run the asked-for migrations on one connection."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout={LOCK_WAIT_S}")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        user_module_prefix="models.base.",
    )
    with context.begin_transaction():
        context.run_migrations()
        guard_audit(connection)


def guard_audit(connection: Connection) -> None:
    """Make the triggers that refuse changes of the audit, where its tables are and they are not."""
    if inspect(connection).has_table(AuditEntry.__tablename__):
        for statement in list_guards(connection.dialect.name):
            connection.exec_driver_sql(statement)


async def run_on_configured_database() -> None:
    """Open the database of the `sqlalchemy.url` option and run there."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url, "iqx migrate hands over the database; alembic alone needs -x or sqlalchemy.url"
    engine = open_engine(url)
    async with engine.connect() as connection:
        await connection.execution_options(**{WRITE: True})
        await connection.run_sync(run_on)
        await connection.commit()
    await engine.dispose()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run_on(handed_over)
else:
    asyncio.run(run_on_configured_database())
