"""Links: which accounts are thought to be one person's, found signal by signal.

A new signal is compared in a unit of its own by a duty, under the locks of both standings. Who
is linked never matches (the lanes read it), and what the two did together counts nothing.
"""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson

from models.links import APART, LinkStatus, SignalKind
from server.core.refusals import NotFound
from server.db import Database, Unit
from server.db.audit import Action, record_audit
from server.identity.hooks import Hooks
from server.identity.names import NameCheck, check_name, find_legal_name
from server.identity.rules import order_ids
from server.identity.sealing import Sealer
from server.identity.standing import change_standing, lock_standings
from server.trades.trade import Reader
from server.trust import link_queries as queries
from server.trust import refusals, reputation
from server.trust.link_rules import PAIRS_MAX, Score, Shared, score_pair

CHECKS_MAX = 200
"""Signals that one run of the duty compares."""


LINKS_SHOWN_MAX = 100


async def find_links(database: Database, sealer: Sealer, hooks: Hooks) -> int:
    """Compare new signals with who else has them, each in a unit of its own; how many."""
    async with database.read() as connection:
        rows = (await connection.execute(queries.unchecked_signals(CHECKS_MAX))).all()
    for row in rows:
        signal = (row.kind, bytes(row.digest))

        async def work(
            unit: Unit, user_id: UUID = row.user_id, signal: queries.Signal = signal
        ) -> None:
            await _check(unit, sealer, hooks, user_id, signal)

        await database.transact(work, name="find_links")
    return len(rows)


async def _check(
    unit: Unit, sealer: Sealer, hooks: Hooks, user_id: UUID, signal: queries.Signal
) -> None:
    owners = (await unit.execute(queries.owners_of(signal, PAIRS_MAX + 1))).scalars().all()
    others = [owner for owner in owners if owner != user_id]
    if len(owners) <= PAIRS_MAX and others:
        standings = await lock_standings(unit, owners)
        assert user_id in standings, "who has a signal has a standing"
        for other_id in order_ids(set(others)):
            score = await _score(unit, sealer, user_id, other_id)
            if score.is_suspected:
                await _note_link(unit, hooks, user_id, other_id, score)
    # A signal is forgotten with its time and then has nothing to check.
    await unit.execute(  # allowed: unchecked-write, it may have been forgotten just now
        queries.check_signal(user_id, signal, unit.now)
    )


async def _score(unit: Unit, sealer: Sealer, one: UUID, other: UUID) -> Score:
    rows = await unit.execute(queries.shared_by(one, other))
    shared = [Shared(SignalKind(row.kind), int(row.crowd)) for row in rows]
    births = [row.created_at for row in await unit.execute(queries.births_of((one, other)))]
    legal_name = await find_legal_name(unit, sealer, one)
    names = NameCheck.UNKNOWN
    if legal_name is not None:
        names = check_name(legal_name, await find_legal_name(unit, sealer, other))
    return score_pair(shared, born_apart=max(births) - min(births), names=names)


async def _note_link(unit: Unit, hooks: Hooks, one: UUID, other: UUID, score: Score) -> None:
    low, high = order_ids({one, other})
    known = (await unit.execute(queries.link_between(low, high))).first()
    found = LinkStatus.LINKED if score.is_linked else LinkStatus.SUSPECTED
    reasons = orjson.dumps([asdict(reason) for reason in score.reasons]).decode()
    if known is None:
        link_id = unit.ids.new_id()
        await unit.execute(
            queries.insert_link(
                {
                    "id": link_id, "low_id": low, "high_id": high, "score": score.points,
                    "reasons": reasons, "status": found.value, "created_at": unit.now,
                    "updated_at": unit.now,
                }
            )
        )  # fmt: skip
        if found is LinkStatus.LINKED:
            await _keep_apart(unit, hooks, low, high, linked=True)
        return
    # What the staff decided stays, and a link of the rules does not end by itself.
    rises = known.status == LinkStatus.SUSPECTED and found is LinkStatus.LINKED
    status = found.value if rises else known.status
    await unit.execute_guarded(
        queries.update_link(
            known.id,
            known.status,
            {
                "score": score.points, "reasons": reasons, "status": status,
                "updated_at": unit.now,
            },
        )
    )  # fmt: skip
    if rises:
        await _keep_apart(unit, hooks, low, high, linked=True)


async def _keep_apart(unit: Unit, hooks: Hooks, low: UUID, high: UUID, *, linked: bool) -> None:
    """Tell the lanes and the reputations; both standings are locked."""
    standings = await lock_standings(unit, (low, high))
    # Both: each lane remembers for each of them whom he is kept apart from.
    for user_id in (low, high):
        await change_standing(unit, hooks, standings[user_id])
    await reputation.set_linked(unit, low, high, linked=linked)
    await reputation.grow(unit, hooks, (low, high))


async def decide_link(
    unit: Unit, hooks: Hooks, link_id: UUID, *, confirmed: bool, note: str, by: UUID
) -> None:
    """The staff confirms or dismisses a link; it may be decided again.

    Refuses `NotFound` and `OwnLink` for who is one of the two.
    """
    row = await get_link(unit, link_id)
    if by in (row.low_id, row.high_id):
        raise refusals.OwnLink
    await lock_standings(unit, (row.low_id, row.high_id))
    row = await get_link(unit, link_id)
    status = LinkStatus.CONFIRMED if confirmed else LinkStatus.DISMISSED
    decided = {
        "status": status.value, "decided_by": by, "decided_at": unit.now, "note": note,
        "updated_at": unit.now,
    }  # fmt: skip
    await unit.execute_guarded(queries.update_link(link_id, row.status, decided))
    if confirmed != (row.status in APART):
        await _keep_apart(unit, hooks, row.low_id, row.high_id, linked=confirmed)
    await record_audit(
        unit, Action.LINK_DECIDED, "account_link", link_id, reason=note,
        before={"status": row.status}, after={"status": status.value},
    )  # fmt: skip


async def get_link(unit: Unit, link_id: UUID) -> Any:
    """A link with the names of its users. Refuses `NotFound`."""
    row = (await unit.execute(queries.link(link_id))).first()
    if row is None:
        raise NotFound
    return row


async def find_apart(reader: Reader, users: Collection[UUID], among: Collection[UUID]) -> set[UUID]:
    """Who of `among` a link keeps apart from one of `users`."""
    rows = await reader.execute(queries.apart_among(users, among))
    found = {each for row in rows for each in (row.low_id, row.high_id)}
    return found & set(among)


async def is_apart(unit: Unit, one: UUID, other: UUID) -> bool:
    """Whether a link keeps two users apart."""
    return (await unit.execute(queries.apart_between(one, other))).first() is not None
