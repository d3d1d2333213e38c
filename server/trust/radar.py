"""Looks at who pays trades, in the unit in which it is said: radar, third parties, references."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from models.links import FlagKind, FlagStatus, SignalKind
from server.db import Unit
from server.identity.names import NameCheck, check_name, find_legal_name
from server.identity.notices import tell_owner
from server.identity.sealing import fingerprint
from server.trades.desk import Desk, Happened
from server.trades.trade import TradeRow
from server.trades.views import open_payer_name
from server.trust import flag_queries as queries
from server.trust.links import is_apart
from server.trust.radar_rules import HELD_AT, WATCHED, Sighted, score_sighting
from server.trust.signals import note_signals, spell_payer

COMPARED_MAX = 20
"""Trades of one payer that a new one is compared with."""
REFERENCES_KEPT = timedelta(days=366)
SIGHTINGS_KEPT = timedelta(days=2)
PURGE_CHUNK = 1000
PAID = frozenset({"marked_paid", "marked_paid_late"})


async def watch_payment(
    unit: Unit, desk: Desk, secret: bytes, trade: TradeRow, happened: Happened
) -> None:
    """Compare what a trade says of its payment with other trades; flags are written with it.

    `secret` keys the digests. Test assets are left alone.
    """
    if trade.asset != "USDT":
        return
    if happened.event == "payer_declared":
        await _watch_payer(unit, desk, secret, trade)
    elif happened.event in PAID and trade.reference is not None:
        await _watch_reference(unit, secret, trade)


async def _watch_payer(unit: Unit, desk: Desk, secret: bytes, trade: TradeRow) -> None:
    name = open_payer_name(desk, trade)
    spelled = spell_payer(name)
    payer = fingerprint(secret, "payer", spelled)
    # The lock of the payer lets one of two declarations at one instant see the other.
    await unit.execute(queries.lock_payer(unit.dialect, payer, unit.now))
    await note_signals(unit, secret, trade.buyer_id, [(SignalKind.PAYER, spelled)])
    legal_name = await find_legal_name(unit, desk.sealer, trade.buyer_id)
    is_buyer = check_name(legal_name, name) is NameCheck.AGREES
    since = unit.now - WATCHED
    seen = queries.sightings_of(payer, since=since, limit=COMPARED_MAX)
    others = (await unit.execute(seen)).all()
    await unit.execute(
        queries.insert_sighting(
            {
                "trade_id": trade.id, "payer": payer, "buyer_id": trade.buyer_id,
                "seller_id": trade.seller_id, "market": trade.market,
                "fiat_minor": trade.fiat_minor, "is_buyer": is_buyer,
                "declared_at": unit.now,
            }
        )
    )  # fmt: skip
    if trade.third_party_payer:
        await _flag(unit, trade, FlagKind.THIRD_PARTY_PAYER, holds=False)
    best: tuple[int, list[tuple[str, int]], UUID] | None = None
    for other in others:
        if other.seller_id == trade.seller_id:
            continue
        points, reasons = await _compare(unit, trade, other, is_buyer=is_buyer)
        if points >= HELD_AT and (best is None or points > best[0]):
            best = points, reasons, other.trade_id
    if best is not None:
        points, reasons, other_id = best
        await _flag(
            unit, trade, FlagKind.TRIANGULATION, holds=True, score=points, reasons=reasons,
            other_trade_id=other_id,
        )  # fmt: skip
        for user_id in (trade.buyer_id, trade.seller_id):
            await tell_owner(
                unit, desk.identity_hooks, user_id, "trade_held", trade_id=str(trade.id)
            )


async def _compare(
    unit: Unit, trade: TradeRow, other: Any, *, is_buyer: bool
) -> tuple[int, list[tuple[str, int]]]:
    if await is_apart(unit, trade.seller_id, other.seller_id):
        # Two accounts of one seller are no two sellers.
        return 0, []
    same_buyer = other.buyer_id == trade.buyer_id
    shared = {
        kind: same_buyer or await _share(unit, trade.buyer_id, other.buyer_id, kind)
        for kind in (SignalKind.DEVICE, SignalKind.NETWORK)
    }
    return score_sighting(
        Sighted(
            apart=unit.now - other.declared_at,
            same_amount=(other.market, other.fiat_minor) == (trade.market, trade.fiat_minor),
            same_device=shared[SignalKind.DEVICE],
            same_network=shared[SignalKind.NETWORK],
            own_payments=is_buyer and other.is_buyer,
        )
    )


async def _share(unit: Unit, one: UUID, other: UUID, kind: SignalKind) -> bool:
    return (await unit.execute(queries.shares_signal(one, other, kind.value))).first() is not None


async def _watch_reference(unit: Unit, secret: bytes, trade: TradeRow) -> None:
    assert trade.reference is not None, "a payment without a reference is not watched"
    spelled = "".join(letter for letter in trade.reference.upper() if letter.isalnum())
    if not spelled:
        return
    digest = fingerprint(secret, "reference", trade.method_id, spelled)
    await unit.execute(queries.keep_reference(unit.dialect, digest, trade.id, unit.now))
    known = (await unit.execute(queries.references_of(digest, COMPARED_MAX))).scalars().all()
    others = [trade_id for trade_id in known if trade_id != trade.id]
    if others:
        await _flag(unit, trade, FlagKind.REFERENCE_REUSED, holds=False, other_trade_id=others[0])


async def _flag(
    unit: Unit,
    trade: TradeRow,
    kind: FlagKind,
    *,
    holds: bool,
    score: int = 0,
    reasons: list[tuple[str, int]] | None = None,
    other_trade_id: UUID | None = None,
) -> None:
    """Flag a trade once for a kind; the trade's row is locked."""
    rows = await unit.execute(queries.flags_of(trade.id))
    if any(row.kind == kind for row in rows):
        return
    listed = [{"signal": name, "points": points} for name, points in reasons or []]
    await unit.execute(
        queries.insert_flag(
            {
                "id": unit.ids.new_id(), "trade_id": trade.id, "kind": kind.value,
                "other_trade_id": other_trade_id, "score": score,
                "reasons": orjson.dumps(listed).decode(), "holds": holds,
                "status": FlagStatus.OPEN.value, "created_at": unit.now,
            }
        )
    )  # fmt: skip


async def purge_sightings(unit: Unit) -> int:
    """Forget one chunk of what the radar compares with nothing any more; how many."""
    before = unit.now - SIGHTINGS_KEPT
    trades = (await unit.execute(queries.old_sightings(before, PURGE_CHUNK))).scalars().all()
    if trades:
        await unit.execute(queries.delete_sightings(list(trades)))
    payers = (await unit.execute(queries.old_payers(before, PURGE_CHUNK))).scalars().all()
    if payers:
        await unit.execute(queries.delete_payers(list(payers), before))
    old = queries.old_references(unit.now - REFERENCES_KEPT, PURGE_CHUNK)
    references = (await unit.execute(old)).all()
    for row in references:
        await unit.execute(queries.delete_reference(bytes(row.reference), row.trade_id))
    return max(len(trades), len(payers), len(references))
