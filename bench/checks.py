"""A figure counts only if everything behind it is right: these checks end the benchmark if not."""

import asyncio
from typing import Any

import orjson
from sqlalchemy import select

from models.base import Base
from models.operations import Outbox
from models.orders import Order
from models.trades import Trade
from server.db import Database
from server.monitor.invariants import CHECKS
from server.monitor.verifier import verify

LEASE_COLUMNS = frozenset({"owner", "address", "epoch", "batch", "expires_at"})
"""What of a lane's row differs by who wrote it and when."""
OF_UNITS = frozenset({"commit_markers"})
"""Tables that taking and giving up a lease write to, and batches never."""
RELAY_WAIT_S = 120.0
RELAY_POLL_S = 0.02


async def check_invariants(database: Database) -> None:
    """The verifier finds nothing."""
    # Copies of a stage's tables have no triggers, which the check of the audit asks for.
    checks = {name: check for name, check in CHECKS.items() if name != "I21"}
    breaches = await verify(database, full=True, checks=checks)
    assert not breaches, f"the verifier found {len(breaches)} breaches, such as {breaches[0]}"


async def check_stored(database: Database, replies: list[bytes]) -> None:
    """Every acknowledged order and trade is stored as acknowledged."""
    told = [orjson.loads(reply) for reply in replies]
    orders = {view["id"] for view in told}
    trades = {trade["id"]: trade["amount"] for view in told for trade in view["trades"]}
    assert len(orders) == len(replies), "two requests got the same order"
    async with database.read() as connection:
        stored = {str(row.id) for row in await connection.execute(select(Order.id))}
        amounts = {
            str(row.id): row.amount
            for row in await connection.execute(select(Trade.id, Trade.amount))
        }
    missing = orders - stored
    assert not missing, f"{len(missing)} acknowledged orders are not stored"
    wrong = [id_ for id_, amount in trades.items() if amounts.get(id_) != _micro(amount)]
    assert not wrong, f"{len(wrong)} acknowledged trades are not stored as told"


def _micro(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole + fraction)


async def wait_for_relay(database: Database) -> None:
    """Return when no event waits to be numbered."""
    waiting = select(Outbox.id).where(Outbox.relay_batch.is_(None)).limit(1)
    async with asyncio.timeout(RELAY_WAIT_S):
        while True:
            async with database.read() as connection:
                if (await connection.execute(waiting)).first() is None:
                    return
            await asyncio.sleep(RELAY_POLL_S)


async def read_tables(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order of its own; of a lane only what batches write."""
    tables = {}
    async with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in OF_UNITS:
                continue
            columns = [
                column
                for column in table.columns
                if table.name != "lanes" or column.name not in LEASE_COLUMNS
            ]
            rows = [tuple(row) for row in await connection.execute(select(*columns))]
            tables[table.name] = sorted(rows, key=repr)
    return tables
