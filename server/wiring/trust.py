"""The part about trust, put together with what it follows."""

from datetime import datetime
from uuid import UUID

from models.links import SignalKind
from server.db import Unit
from server.http.endpoint import Endpoint
from server.identity.context import Identity
from server.identity.hooks import Seen
from server.jobs.schedule import Duty
from server.trades.desk import Desk, Happened
from server.trades.trade import TradeRow
from server.trust import flag_routes, link_routes, profile_routes, rating_routes, sanction_routes
from server.trust.links import find_links
from server.trust.radar import watch_payment
from server.trust.ratings import reveal_due
from server.trust.reputation import count_completed, count_fault, grow
from server.trust.sanctions import end_due
from server.trust.signals import list_place_signals, note_signals

TRUST_ENDPOINTS: tuple[Endpoint, ...] = (
    *profile_routes.ROUTES.endpoints,
    *rating_routes.ROUTES.endpoints,
    *sanction_routes.ROUTES.endpoints,
    *link_routes.ROUTES.endpoints,
    *flag_routes.ROUTES.endpoints,
)


async def _reveal_ratings(desk: Desk) -> int:
    return await reveal_due(desk.database)


async def _find_links(desk: Desk) -> int:
    return await find_links(desk.database, desk.sealer, desk.identity_hooks)


TRUST_DUTIES: tuple[Duty, ...] = (
    Duty("reveal_ratings", 60, _reveal_ratings, by_time=True),
    Duty("find_links", 1, _find_links),
)


def follow_people(identity: Identity) -> None:
    """Note what accounts are seen with, and let the clock's recheck of a person end and raise
    what of trust has had its time."""

    async def note_seen(unit: Unit, seen: Seen) -> None:
        given = list_place_signals(seen.ip, seen.devices)
        if seen.payment_account is not None:
            given.append((SignalKind.PAYMENT_ACCOUNT, seen.payment_account.hex()))
        await note_signals(unit, identity.fingerprint_secret, seen.user_id, given)

    async def end_sanctions(unit: Unit, user_id: UUID) -> datetime | None:
        return await end_due(unit, identity.hooks, user_id)

    async def raise_trust(unit: Unit, user_id: UUID) -> datetime | None:
        return await grow(unit, identity.hooks, [user_id])

    identity.hooks.on_seen.append(note_seen)
    identity.hooks.on_recheck += [end_sanctions, raise_trust]


def follow_trades(desk: Desk, secret: bytes) -> None:
    """Count what becomes of trades into the reputations of their people, and look at who pays.

    `secret` keys the digests by which payments are compared.
    """

    async def watch(unit: Unit, trade: TradeRow, happened: Happened) -> None:
        await watch_payment(unit, desk, secret, trade, happened)

    async def count(unit: Unit, trade_id: UUID) -> None:
        await count_completed(unit, desk.identity_hooks, trade_id)

    desk.hooks.on_step.append(watch)
    desk.hooks.on_completed.append(count)
    desk.hooks.on_fault.append(count_fault)
