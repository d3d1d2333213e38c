"""Says in a trade's chat what happened to the trade, in the unit in which it happened."""

from typing import Any

from server.chat.messages import write_system_message
from server.core.clock import format_instant
from server.db import Unit
from server.identity.sealing import Sealer
from server.trades.desk import AnnounceStep, Happened
from server.trades.trade import TradeRow

TOLD = ("reason", "buyer_amount", "seller_amount", "outage_id", "seconds")
"""What of a step's detail is told: codes, amounts and times. People's words stay where they are."""


def list_params(trade: TradeRow, happened: Happened) -> dict[str, Any]:
    """What belongs to a step: by whom, the status it led to, and until when that lasts."""
    told = {name: happened.detail[name] for name in TOLD if name in happened.detail}
    deadline = trade.deadline_at
    return {
        "actor": happened.actor.value,
        "status": trade.status.value,
        "deadline": None if deadline is None else format_instant(deadline),
        **told,
    }


def tell_steps(sealer: Sealer) -> AnnounceStep:
    """The hook of the trades that writes each step into the chat."""

    async def write_step(unit: Unit, trade: TradeRow, happened: Happened) -> None:
        await write_system_message(
            unit, sealer, trade.id, event=happened.event, params=list_params(trade, happened)
        )

    return write_step
