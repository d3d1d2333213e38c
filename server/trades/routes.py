"""The trades' endpoints. Every action applies the clock rows that are due before its own unit."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from server.core.refusals import Invalid, NotFound, Refusal, StepUpRequired
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import page_schema, read_cursor, write_cursor
from server.http.scopes import Scope
from server.identity.devices import DeviceUnknown
from server.trades import cancels, payments, queries, refusals, releases, schemas, splits
from server.trades.clocks import apply_due_rows
from server.trades.desk import DESK, Caller
from server.trades.trade import TradeRow, get_trade, list_trades
from server.trades.views import view_details, view_for

ROUTES = Routes("Trades")
_STATUS = (refusals.WrongTradeStatus, refusals.OtherSidesPart, NotFound)
_PROOF = (StepUpRequired, DeviceUnknown, refusals.ReleasesStopped, refusals.TradeHeld)

Work = Callable[..., Awaitable[TradeRow]]


def caller_of(call: Call) -> Caller:
    """Who calls, with his proof."""
    return Caller(call.user, call.step_up)


def read_place(cursor: str | None) -> UUID | None:
    """The identifier in a cursor."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != 16:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return UUID(bytes=place)


async def _run(call: Call, unit: Unit, work: Work, **given: Any) -> Reply:
    """One action on the trade in the path; the answer is the trade as its caller now sees it."""
    desk, trade_id = call.app[DESK], call.path_id()
    await apply_due_rows(desk, trade_id)
    trade = await work(unit, desk, caller_of(call), trade_id, **given)
    return Reply(view_for(trade, trade.actor_of(call.user.user_id), unit.now))


def _action(
    path: str,
    summary: str,
    *more: type[Refusal],
    body: Any = None,
    scope: Scope | None = Scope.TRADE,
    step_up: bool = False,
) -> Callable[[Any], Any]:
    return ROUTES.write(
        "POST",
        f"/api/v1/trades/{{id}}/{path}",
        subject=Subject.OWN,
        scope=None if step_up else scope,
        summary=summary,
        body=body,
        response=schemas.TradeSchema(),
        refusals=(*_STATUS, *more, *(_PROOF if step_up else ())),
        step_up=step_up,
    )


@ROUTES.read(
    "GET",
    "/api/v1/trades",
    scope=Scope.READ,
    summary="Your trades, newest first.",
    query=schemas.TradesQuery(),
    response=page_schema(schemas.TradeSchema),
)
async def list_own_trades(call: Call) -> Reply:
    """A page of the caller's trades; their due clock rows are applied first."""
    asked, user_id, desk = call.query, call.user.user_id, call.app[DESK]
    async with call.database.read() as connection:
        rows = await connection.execute(
            queries.page_of_user(
                user_id,
                before=read_place(asked["cursor"]),
                open_only=asked["open"],
                limit=asked["limit"] + 1,
            )
        )
        found = [row.trade_id for row in rows]
        trades = await list_trades(connection, found[: asked["limit"]])
    now = call.database.clock.now()
    late = [t.id for t in trades if t.deadline_at is not None and t.deadline_at <= now]
    for trade_id in late:
        await apply_due_rows(desk, trade_id)
    if late:
        async with call.database.read() as connection:
            trades = await list_trades(connection, [trade.id for trade in trades])
    more = len(found) > asked["limit"]
    return Reply(
        {
            "items": [view_for(trade, trade.actor_of(user_id), now) for trade in trades],
            "next_cursor": write_cursor(found[asked["limit"] - 1].bytes) if more else None,
        }
    )


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}",
    scope=Scope.READ,
    subject=Subject.OWN,
    summary="One of your trades, with where to pay and its history.",
    response=schemas.TradeDetailsSchema(),
    refusals=(NotFound,),
)
async def get_own_trade(call: Call) -> Reply:
    """The trade as its caller sees it, after its due clock rows."""
    desk, trade_id = call.app[DESK], call.path_id()
    async with call.database.read() as connection:
        (await get_trade(connection, trade_id)).actor_of(call.user.user_id)
    await apply_due_rows(desk, trade_id)
    async with call.database.read() as connection:
        trade = await get_trade(connection, trade_id)
        actor = trade.actor_of(call.user.user_id)
        now = call.database.clock.now()
        return Reply(await view_details(connection, desk, trade, actor, now))


@_action(
    "payer",
    "Name the holder of the account that you pay from; then you see where to pay.",
    refusals.PayerAlreadyDeclared,
    body=schemas.PayerSchema(),
)
async def declare_payer(call: Call, unit: Unit) -> Reply:
    """The buyer fixes the payer."""
    return await _run(call, unit, payments.declare_payer, **call.body)


@_action(
    "paid",
    "Say that you paid.",
    refusals.PayerNotDeclared,
    refusals.ProofRequired,
    body=schemas.PaidSchema(),
)
async def mark_paid(call: Call, unit: Unit) -> Reply:
    """The buyer says that he paid."""
    return await _run(call, unit, payments.mark_paid, **(call.body or {}))


@_action("undo-paid", "Take back that you paid, once.", refusals.UndoNotOffered)
async def undo_paid(call: Call, unit: Unit) -> Reply:
    """The buyer takes "paid" back."""
    return await _run(call, unit, payments.undo_paid)


@_action(
    "extend",
    "Give the other side more time, once: one window more, or 30 minutes for the release.",
    refusals.AlreadyExtended,
)
async def extend(call: Call, unit: Unit) -> Reply:
    """More time, given by the seller or by the buyer."""
    return await _run(call, unit, payments.extend)


@_action(
    "release",
    "Release the escrow to the buyer. Needs a step-up for this trade, amount and version.",
    refusals.PayerMismatch,
    body=schemas.ReleaseSchema(),
    step_up=True,
)
async def release(call: Call, unit: Unit) -> Reply:
    """The seller releases; a name that does not agree is kept before anything is refused."""
    desk, trade_id = call.app[DESK], call.path_id()
    seen = call.body["payer_name_seen"]
    await apply_due_rows(desk, trade_id)
    await releases.warn_of_device(desk, caller_of(call), trade_id)
    if seen is not None:
        await releases.note_mismatch(desk, caller_of(call), trade_id, seen)
    return await _run(call, unit, releases.release, payer_name_seen=seen)


@_action(
    "cancel",
    'Cancel as the buyer; after "paid" by saying that you did not pay.',
    refusals.SellerFaultClaimsUsed,
    body=schemas.CancelSchema(),
)
async def cancel(call: Call, unit: Unit) -> Reply:
    """The buyer ends the trade."""
    reason = cancels.CancelReason(call.body["reason"])
    return await _run(call, unit, cancels.cancel, reason=reason)


@_action(
    "refuse-payer",
    "End a trade as the seller that somebody else than the buyer would pay; nobody's fault.",
    refusals.PayerIsBuyer,
)
async def refuse_payer(call: Call, unit: Unit) -> Reply:
    """The seller wants no money of a third party."""
    return await _run(call, unit, payments.refuse_payer)


@_action(
    "cancel/contest",
    "Contest the fault that the buyer named when he cancelled.",
    refusals.NothingToContest,
)
async def contest_fault(call: Call, unit: Unit) -> Reply:
    """The seller contests."""
    return await _run(call, unit, cancels.contest_fault)


@_action(
    "cancel-request",
    "Ask the buyer to cancel.",
    refusals.CancelRequestOpen,
    body=schemas.AskCancelSchema(),
)
async def request_cancel(call: Call, unit: Unit) -> Reply:
    """The seller asks."""
    return await _run(call, unit, cancels.request_cancel, **call.body)


@_action("cancel-request/accept", "Agree to cancel.", refusals.NoCancelRequest, scope=None)
async def accept_cancel(call: Call, unit: Unit) -> Reply:
    """The buyer agrees."""
    return await _run(call, unit, cancels.accept_cancel)


@_action("cancel-request/decline", "Do not agree to cancel.", refusals.NoCancelRequest)
async def decline_cancel(call: Call, unit: Unit) -> Reply:
    """The buyer does not agree."""
    return await _run(call, unit, cancels.decline_cancel)


@_action(
    "split",
    "Offer to split the escrow. A seller needs a step-up for this trade, part and version.",
    refusals.SplitOfferOpen,
    body=schemas.SplitSchema(),
    step_up=True,
)
async def propose_split(call: Call, unit: Unit) -> Reply:
    """Either side offers a split."""
    part = call.body["buyer_amount"]
    return await _run(call, unit, splits.propose_split, buyer_amount_micro=part)


@_action(
    "split/accept",
    "Accept the offered split. A seller needs a step-up for this trade, part and version.",
    refusals.NoSplitOffer,
    refusals.OwnSplitOffer,
    refusals.SplitOfferChanged,
    body=schemas.SplitAnswerSchema(),
    step_up=True,
)
async def accept_split(call: Call, unit: Unit) -> Reply:
    """The other side accepts."""
    return await _run(call, unit, splits.accept_split, **call.body)


@_action(
    "split/decline",
    "Decline the offered split, or withdraw your own.",
    refusals.NoSplitOffer,
    refusals.SplitOfferChanged,
    body=schemas.SplitAnswerSchema(),
)
async def decline_split(call: Call, unit: Unit) -> Reply:
    """The offer is off."""
    return await _run(call, unit, splits.decline_split, **call.body)
