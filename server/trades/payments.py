"""What the buyer says of his payment, and more time for it: declare, paid, undo, extend."""

from uuid import UUID

from server.core.refusals import Invalid
from server.db import Unit
from server.identity.names import NameCheck, check_name, find_legal_name
from server.identity.refusals import PaymentAccountInUse
from server.trades import queries, rules
from server.trades.desk import Caller, Desk
from server.trades.lifecycle import find_row
from server.trades.refusals import ProofRequired
from server.trades.row import Action
from server.trades.trade import TradeRow
from server.trades.transition import act, lock_for
from server.trades.views import payer_context


async def declare_payer(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, payer_name: str
) -> TradeRow:
    """The buyer names the holder of the account that he pays from; then he sees where to pay."""
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    name = " ".join(payer_name.split())
    if not rules.NAME_CHARS_MIN <= len(name) <= rules.NAME_CHARS_MAX:
        raise Invalid(errors={"payer_name": ["Give the full name of the account's holder."]})

    legal_name = await find_legal_name(unit, desk.sealer, trade.buyer_id)
    return await act(
        unit,
        desk,
        trade,
        Action.DECLARE_PAYER,
        caller,
        values={
            "third_party_payer": check_name(legal_name, name) is NameCheck.DIFFERS,
            "payer_name": desk.sealer.seal(name.encode(), payer_context(trade.id)),
            "payer_declared_at": unit.now,
        },
    )


async def mark_paid(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, reference: str | None
) -> TradeRow:
    """The buyer says that he paid; after the window only with the rail's reference as proof."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    row = find_row(Action.MARK_PAID, actor, trade.facts, unit.now)
    if row.flag == "late" and reference is None:
        raise ProofRequired(errors={"reference": ["Give the reference of your payment."]})
    values = {} if reference is None else {"reference": reference}
    return await act(unit, desk, trade, Action.MARK_PAID, caller, values=values, detail=values)


async def undo_paid(unit: Unit, desk: Desk, caller: Caller, trade_id: UUID) -> TradeRow:
    """The buyer takes "paid" back, once, before the window ends."""
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    return await act(unit, desk, trade, Action.UNDO_PAID, caller)


async def extend(unit: Unit, desk: Desk, caller: Caller, trade_id: UUID) -> TradeRow:
    """The seller gives one more window, or the buyer 30 minutes more for the release; once each."""
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    return await act(unit, desk, trade, Action.EXTEND, caller)


async def refuse_payer(unit: Unit, desk: Desk, caller: Caller, trade_id: UUID) -> TradeRow:
    """The seller ends a trade that somebody else than the buyer would pay; nobody's fault."""
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    return await act(unit, desk, trade, Action.REFUSE_PAYER, caller)


async def refuse_account_of_open_trade(
    unit: Unit,
    user_id: UUID,
    account_id: UUID,
    currency: str,  # noqa: ARG001 - the hook's signature
) -> None:
    """Refuse `PaymentAccountInUse` while an open trade is paid to the account."""
    if (await unit.execute(queries.open_sales_to(user_id, account_id))).first() is not None:
        raise PaymentAccountInUse
