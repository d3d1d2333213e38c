"""The staff's calls that hold the escrow of a trade where it is."""

from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import claim_schemas, freezes, refusals
from server.disputes.views import show_instant
from server.http.endpoint import Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof
from server.trades.desk import DESK
from server.trades.trade import TradeRow

ROUTES = Routes("Dispute desk: holds")
NEEDS = Permission.WORK_DISPUTES
WORDS = claim_schemas.StaffReasonSchema()


def _show_freeze(trade: TradeRow) -> Reply:
    return Reply(
        {
            "trade_id": str(trade.id),
            "status": trade.status.value,
            "frozen_until": show_instant(trade.frozen_until),
        }
    )


@ROUTES.write(
    "POST",
    "/api/admin/trades/{id}/freeze",
    summary="Hold the escrow of an open trade where it is, for some hours.",
    access=NEEDS,
    body=claim_schemas.FreezeSchema(),
    response=claim_schemas.FreezeReplySchema(),
    refusals=(NotFound, refusals.TradeNotOpen, refusals.FrozenAlready),
    step_up=True,
)
async def freeze_trade(call: Call, unit: Unit) -> Reply:
    """The trade's freeze."""
    await use_request_proof(unit, call, STAFF)
    trade = await freezes.freeze_trade(
        unit, call.app[DESK], call.path_id(), staff_id=call.user.user_id, **call.body
    )
    return _show_freeze(trade)


@ROUTES.write(
    "POST",
    "/api/admin/trades/{id}/freeze/lift",
    summary="End the freeze of a trade before its time.",
    access=NEEDS,
    body=WORDS,
    response=claim_schemas.FreezeReplySchema(),
    refusals=(NotFound, refusals.NotFrozen, refusals.WrongCaseStatus),
    step_up=True,
)
async def lift_freeze(call: Call, unit: Unit) -> Reply:
    """The trade without its freeze."""
    await use_request_proof(unit, call, STAFF)
    trade = await freezes.lift_freeze(
        unit, call.app[DESK], call.path_id(), staff_id=call.user.user_id, **call.body
    )
    return _show_freeze(trade)
