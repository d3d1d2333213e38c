"""Asking the verifier what it finds, and naming things as it does."""

from datetime import timedelta

from sqlalchemy import select

from models.ledger import Posting
from server.core.ids import first_id_at
from server.monitor.verifier import find_breaches

RECENTLY = timedelta(minutes=5)


async def find(deals, *, full=True):
    """Breaches as (invariant, subject), of a full run or of one over the last minutes."""
    since = None if full else first_id_at(deals.clock.now() - RECENTLY)
    breaches = await find_breaches(deals.database, since=since)
    return {(breach.invariant, breach.subject) for breach in breaches}


def account(user_id, kind):
    return f"account:{user_id}/USDT/{kind}"


def of_account(table, user_id, kind):
    return (table.user_id == user_id) & (table.asset == "USDT") & (table.kind == kind)


async def last_posting(deals, user_id, kind):
    async with deals.database.read() as connection:
        statement = (
            select(Posting.account_seq, Posting.transfer_id)
            .where(of_account(Posting, user_id, kind))
            .order_by(Posting.account_seq.desc())
        )
        return (await connection.execute(statement)).first()
