"""The seller releases the escrow; the name he saw must be the declared payer's."""

from uuid import UUID

from server.core.refusals import Invalid, StepUpRequired
from server.db import Unit
from server.identity.device_queries import hold_of, insert_warning, warning_of
from server.identity.devices import DeviceUnknown, check_device
from server.identity.notices import tell_owner
from server.identity.step_up import Act, use_proof
from server.trades import queries, rules
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.lifecycle import find_row
from server.trades.refusals import AccountFrozen, PayerMismatch, ReleasesStopped, TradeHeld
from server.trades.row import DISPUTED, Action, Row
from server.trades.trade import TradeRow
from server.trades.transition import act, announce, lock_for
from server.trades.views import open_payer_name

RELEASES_STOPPED = "releases_stopped"
"""The switch that stops every release."""


async def release(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, payer_name_seen: str | None
) -> TradeRow:
    """The USDT goes to the buyer. Needs a proof for this trade, amount and version.

    Refuses `PayerMismatch` when the name seen is not the declared one; `note_mismatch` then
    keeps that in a unit of its own.
    """
    trade, _ = await _check_release(unit, desk, caller, trade_id)
    if not _agrees(desk, trade, payer_name_seen):
        raise PayerMismatch
    await confirm(unit, caller, trade, "release", amount_micro=trade.amount)
    return await act(unit, desk, trade, Action.RELEASE, caller)


async def note_mismatch(desk: Desk, caller: Caller, trade_id: UUID, payer_name_seen: str) -> None:
    """When a release with this name would be refused, remember the mismatch beside the trade.

    Nothing else changes: not the status, not the version. The seller may then dispute at once.
    Refuses as the release would.
    """

    async def work(unit: Unit) -> None:
        trade, row = await _check_release(unit, desk, caller, trade_id)
        if _agrees(desk, trade, payer_name_seen):
            return
        await confirm(unit, caller, trade, "release", amount_micro=trade.amount)
        if trade.name_mismatch:
            return
        await unit.execute_guarded(
            queries.update_trade(
                trade.id,
                status=trade.status,
                version=trade.version,
                values={"name_mismatch": True},
            )
        )
        await announce(unit, desk, trade.id, _as_note(row), actor=Actor.SELLER)

    await desk.database.transact(work, name="note_mismatch")


async def warn_of_device(desk: Desk, caller: Caller, trade_id: UUID) -> None:
    """When the caller's device is too new to release, tell the buyer once that it will take time.

    Refuses `DeviceUnknown` then, and otherwise as the release would.
    """

    async with desk.database.read() as connection:
        held = hold_of(caller.user.session_id, desk.database.clock.now())
        if (await connection.execute(held)).first() is None:
            return

    async def work(unit: Unit) -> DeviceUnknown | None:
        try:
            await check_device(unit, caller.user.session_id)
        except DeviceUnknown as refusal:
            trade, _ = await _check_release(unit, desk, caller, trade_id)
            if (await unit.execute(warning_of(trade_id))).first() is None:
                await unit.execute(insert_warning(trade_id, unit.now))
                await tell_owner(
                    unit, desk.identity_hooks, trade.buyer_id, "release_waits_for_device",
                    trade_id=str(trade_id),
                )  # fmt: skip
            return refusal
        return None

    # The notice is committed although the caller is refused.
    refusal = await desk.database.transact(work, name="warn_of_device")
    if refusal is not None:
        raise refusal


def _as_note(row: Row) -> Row:
    return Row(event="name_mismatch_noted", actors=row.actors, statuses=row.statuses)


async def _check_release(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID
) -> tuple[TradeRow, Row]:
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    if actor is Actor.SELLER and not caller.proof:
        raise StepUpRequired
    row = find_row(Action.RELEASE, actor, trade.facts, unit.now)
    await check_releases_run(unit, trade)
    return trade, row


def _agrees(desk: Desk, trade: TradeRow, payer_name_seen: str | None) -> bool:
    """In a case the seller may release whoever paid; without a declared payer no name is asked."""
    if trade.payer_name is None or trade.status is DISPUTED:
        return True
    if payer_name_seen is None or not payer_name_seen.strip():
        raise Invalid(errors={"payer_name_seen": ["Give the payer's name as your bank shows it."]})
    return rules.names_agree(payer_name_seen, open_payer_name(desk, trade))


async def are_releases_stopped(unit: Unit) -> bool:
    """Whether the switch is on that keeps every escrow where it is."""
    return bool((await unit.execute(queries.find_switch(RELEASES_STOPPED))).scalar_one_or_none())


async def check_releases_run(unit: Unit, trade: TradeRow) -> None:
    """Refuse `ReleasesStopped` while the switch is on, `TradeHeld` while the radar holds the trade,
    `AccountFrozen` for a frozen seller."""
    if await are_releases_stopped(unit):
        raise ReleasesStopped(retry_after_s=60)
    if (await unit.execute(queries.hold_of_flag(trade.id))).first() is not None:
        raise TradeHeld
    if (await unit.execute(queries.frozen_at_of(trade.seller_id))).scalar_one() is not None:
        raise AccountFrozen


async def confirm(
    unit: Unit, caller: Caller, trade: TradeRow, action: str, *, amount_micro: int
) -> None:
    """Use the caller's proof for this trade, amount and version.

    Refuses `DeviceUnknown` on a device that is too new, and `StepUpRequired`.
    """
    await check_device(unit, caller.user.session_id)
    proven = Act(action, trade.id, amount_micro, trade.version)
    await use_proof(unit, caller.user, caller.proof, proven)
