"""Closing an account, and forgetting later whose it was."""

from datetime import timedelta
from uuid import UUID

from models.compliance import HoldKind
from server.compliance import forget_queries, queries
from server.compliance.refusals import AccountHeld, AccountInUse
from server.core.money import REAL_ASSET
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.accounts import context_of
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.sessions import end_sessions
from server.identity.standing import change_standing, lock_standing
from server.recovery.cases import stop as stop_recovery

FORGET_CHUNK = 100
TRADES_CHUNK = 500


async def close_account(identity: Identity, unit: Unit, user_id: UUID, kept: timedelta) -> None:
    """Close a user's account for ever; after `kept` what names him is forgotten.

    Refuses `AccountHeld` under a freeze or a legal hold, and `AccountInUse` while an order or a
    trade has not ended, a balance remains or he is on the staff.
    """
    # Under the lock of his standing no lane can place an order of his meanwhile.
    standing = await lock_standing(unit, user_id)
    holds = {row.kind for row in await unit.execute(queries.active_holds(user_id))}
    if holds & {HoldKind.FREEZE.value, HoldKind.LEGAL.value}:
        raise AccountHeld
    left = await _find_left(unit, user_id)
    if left:
        raise AccountInUse(left=", ".join(left))

    await stop_recovery(identity, unit, user_id)
    await unit.execute(queries.insert_closure(user_id, unit.now, unit.now + kept))
    await change_standing(unit, identity.hooks, standing, frozen_at=unit.now)
    await end_sessions(identity, unit, user_id, "account_closed")
    await record_audit(unit, Action.ACCOUNT_CLOSED, "user", user_id)
    await tell_owner(unit, identity.hooks, user_id, "account_closed")


async def _find_left(unit: Unit, user_id: UUID) -> list[str]:
    """What keeps an account from being closed, in words of the API."""
    as_buyer, as_seller = queries.open_trades_of(user_id)
    asked = {
        "orders": (queries.living_order_of(user_id),),
        "trades": (as_buyer, as_seller),
        "staff_role": (queries.role_of_staff(user_id),),
    }
    left = []
    for name, statements in asked.items():
        for statement in statements:
            if (await unit.execute(statement)).first() is not None:
                left.append(name)
                break
    if (await unit.execute(queries.balance_of(user_id, REAL_ASSET))).one().balance:
        left.append("balance")
    return left


async def forget_closed(identity: Identity) -> int:
    """Take the names from closed accounts whose time is over; how many. Legal holds keep them.

    The trades go first, page by page: what dies half way begins anew and finds less to do.
    """
    database = identity.database
    async with database.read() as connection:
        due = queries.due_closures(database.clock.now(), FORGET_CHUNK)
        rows = (await connection.execute(due)).all()
    forgotten = 0
    for row in rows:
        await _forget_trades(identity, row.user_id)

        async def work(unit: Unit, user_id: UUID = row.user_id) -> bool:
            return await _forget(identity, unit, user_id)

        forgotten += await database.transact(work, name="forget_closed")
    return forgotten


async def _is_held(unit: Unit, user_id: UUID) -> bool:
    await lock_standing(unit, user_id)
    held = {one.kind for one in await unit.execute(queries.active_holds(user_id))}
    return HoldKind.LEGAL.value in held


async def _forget_trades(identity: Identity, user_id: UUID) -> None:
    """Take from trades what the person wrote in them; amounts, times and parties stay."""
    after: UUID | None = None
    while True:

        async def work(unit: Unit, after: UUID | None = after) -> UUID | None:
            if await _is_held(unit, user_id):
                return None
            page = forget_queries.trades_of(user_id, after, TRADES_CHUNK)
            rows = (await unit.execute(page)).all()
            for role, side in (("buyer", "buy"), ("seller", "sell")):
                ids = [row.trade_id for row in rows if row.role == role]
                if not ids:
                    continue
                for statement in forget_queries.forget_words(ids, user_id, role):
                    await unit.execute(statement)
                await unit.execute(forget_queries.forget_terms(ids, side))
            return rows[-1].trade_id if len(rows) == TRADES_CHUNK else None

        after = await identity.database.transact(work, name="forget_trades")
        if after is None:
            return


async def _forget(identity: Identity, unit: Unit, user_id: UUID) -> bool:
    if await _is_held(unit, user_id):
        return False
    for statement in forget_queries.forget_person(user_id, unit.now):
        await unit.execute(statement)
    for row in (await unit.execute(forget_queries.payment_accounts_of(user_id))).all():
        nothing = identity.sealer.seal(b"{}", context_of(row.id))
        await unit.execute_guarded(forget_queries.empty_payment_account(row.id, nothing))
    marked = await unit.execute(queries.mark_anonymised(user_id, unit.now))
    if marked.rowcount == 1:
        await record_audit(unit, Action.ACCOUNT_ANONYMISED, "user", user_id)
    return marked.rowcount == 1
