"""The parties' calls about their cases."""

from models.disputes import Award
from server.core.refusals import NotFound, StepUpRequired
from server.db import Unit
from server.disputes import evidence, offers, opening, queries, refusals, schemas
from server.disputes.case import CaseRow, get_case, list_cases
from server.disputes.clocks import apply_due_rows
from server.disputes.evidence import read_shown
from server.disputes.preview import preview_dispute
from server.disputes.reading import read_own
from server.disputes.reasons import Reason
from server.disputes.views import view_case
from server.disputes.words import choose_language
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import page_schema, write_cursor
from server.http.scopes import Scope
from server.identity.devices import DeviceUnknown
from server.trades.clocks import apply_due_rows as apply_due_trade_rows
from server.trades.desk import DESK
from server.trades.refusals import (
    AccountFrozen,
    DisputeTooEarly,
    OtherSidesPart,
    ReleasesStopped,
    TradeFrozen,
    TradeHeld,
    WrongTradeStatus,
)
from server.trades.routes import caller_of, read_place
from server.trades.schemas import TradeSchema
from server.trades.trade import get_trade
from server.trades.views import view_for

ROUTES = Routes("Disputes")
STATUS = (NotFound, refusals.WrongCaseStatus, OtherSidesPart)
MONEY = (
    StepUpRequired,
    DeviceUnknown,
    TradeFrozen,
    TradeHeld,
    ReleasesStopped,
    AccountFrozen,
)


@ROUTES.write(
    "POST",
    "/api/v1/trades/{id}/dispute",
    subject=Subject.OWN,
    summary="Open a case.",
    body=schemas.OpenDisputeSchema(),
    response=TradeSchema(),
    refusals=(
        NotFound, WrongTradeStatus, OtherSidesPart, DisputeTooEarly, refusals.DisputesSuspended,
    ),
)  # fmt: skip
async def open_dispute(call: Call, unit: Unit) -> Reply:
    """A party opens a case."""
    desk, trade_id = call.app[DESK], call.path_id()
    await apply_due_trade_rows(desk, trade_id)
    trade = await opening.open_dispute(
        unit,
        desk,
        caller_of(call),
        trade_id,
        reason=Reason(call.body["reason"]),
        statement=call.body["statement"],
    )
    return Reply(view_for(trade, trade.actor_of(call.user.user_id), unit.now))


@ROUTES.read(
    "GET",
    "/api/v1/disputes",
    scope=Scope.READ,
    summary="Your cases, newest first.",
    query=schemas.DisputesQuery(),
    response=page_schema(schemas.DisputeSchema),
)
async def list_own_disputes(call: Call) -> Reply:
    """A page of the caller's cases."""
    asked, user_id = call.query, call.user.user_id
    limit = asked["limit"]
    async with call.database.read() as connection:
        rows = await connection.execute(
            queries.page_of_user(
                user_id,
                before=read_place(asked["cursor"]),
                open_only=asked["open"],
                role=asked["role"],
                limit=limit + 1,
            )
        )
        found = [row.dispute_id for row in rows]
        cases = await list_cases(connection, found[:limit])
    now = call.database.clock.now()
    items = [view_case(case, case.actor_of(user_id), now) for case in cases]
    more = len(found) > limit
    return Reply(
        {"items": items, "next_cursor": write_cursor(found[limit - 1].bytes) if more else None}
    )


@ROUTES.read(
    "GET",
    "/api/v1/disputes/{id}",
    scope=Scope.READ,
    subject=Subject.OWN,
    summary="One of your cases, with everything that both sides showed.",
    response=schemas.DisputeDetailsSchema(),
    refusals=(NotFound,),
)
async def get_own_dispute(call: Call) -> Reply:
    """The case as its caller sees it, after its due clock rows."""
    return await read_own(call, get_case, apply_due_rows, view_case)


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/concede",
    subject=Subject.OWN,
    summary="Give the case up: as the buyer the escrow goes back, as the seller it is released. "
    "Needs a step-up for the trade.",
    response=TradeSchema(),
    refusals=(*STATUS, *MONEY),
    step_up=True,
)
async def concede(call: Call, unit: Unit) -> Reply:
    """One side concedes."""
    desk = call.app[DESK]
    await apply_due_rows(desk, call.path_id())
    trade = await opening.concede(unit, desk, caller_of(call), call.path_id())
    return Reply(view_for(trade, trade.actor_of(call.user.user_id), unit.now))


def _show(call: Call, unit: Unit, case: CaseRow) -> Reply:
    return Reply(view_case(case, case.actor_of(call.user.user_id), unit.now))


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/dispute-preview",
    subject=Subject.OWN,
    summary="What to know before you open a case: reasons, what each needs, its rule, and how "
    "like cases ended.",
    query=schemas.PreviewQuery(),
    response=schemas.PreviewSchema(),
    refusals=(NotFound,),
)
async def preview_own_dispute(call: Call) -> Reply:
    """The preview of the caller's side, after the trade's due clock rows."""
    desk, trade_id = call.app[DESK], call.path_id()
    async with call.database.read() as connection:
        (await get_trade(connection, trade_id)).actor_of(call.user.user_id)
    await apply_due_trade_rows(desk, trade_id)
    now = call.database.clock.now()
    async with call.database.read() as connection:
        trade = await get_trade(connection, trade_id)
        actor = trade.actor_of(call.user.user_id)
        own = (await connection.execute(queries.language_of(call.user.user_id))).scalar_one()
        language = choose_language(call.query["language"], own)
        return Reply(await preview_dispute(connection, trade, actor, now, language))


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/evidence",
    subject=Subject.OWN,
    summary="Show something in your case, while your time for evidence runs.",
    body=schemas.GiveEvidenceSchema(),
    response=schemas.DisputeSchema(),
    status=201,
    refusals=(*STATUS, refusals.EvidenceTimeOver, refusals.TooMuchEvidence),
)
async def give_evidence(call: Call, unit: Unit) -> Reply:
    """The case after the evidence."""
    desk = call.app[DESK]
    await apply_due_rows(desk, call.path_id())
    case = await evidence.give_evidence(
        unit,
        desk,
        caller_of(call),
        call.path_id(),
        shown=read_shown(call.body),
    )
    return Reply(view_case(case, case.actor_of(call.user.user_id), unit.now), 201)


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/done",
    subject=Subject.OWN,
    summary="Say that you have nothing more to show; when both sides say so the desk goes on.",
    response=schemas.DisputeSchema(),
    refusals=(*STATUS, refusals.EvidenceTimeOver),
)
async def say_done(call: Call, unit: Unit) -> Reply:
    """The case after that."""
    desk = call.app[DESK]
    await apply_due_rows(desk, call.path_id())
    case = await evidence.say_done(unit, desk, caller_of(call), call.path_id())
    return _show(call, unit, case)


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/offers",
    subject=Subject.OWN,
    summary="Offer how the case might end; it replaces your open offer. Who gives something up "
    "needs a step-up for the trade: `concede` with its amount, `split` with the buyer's part.",
    body=schemas.MakeOfferSchema(),
    response=schemas.DisputeSchema(),
    status=201,
    refusals=(*STATUS, StepUpRequired, DeviceUnknown, refusals.TooManyOffers),
    step_up=True,
)
async def make_offer(call: Call, unit: Unit) -> Reply:
    """The case with the offer."""
    desk = call.app[DESK]
    await apply_due_rows(desk, call.path_id())
    case = await offers.make_offer(
        unit,
        desk,
        caller_of(call),
        call.path_id(),
        kind=Award(call.body["kind"]),
        buyer_amount_micro=call.body["buyer_amount"],
    )
    return Reply(view_case(case, case.actor_of(call.user.user_id), unit.now), 201)


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/offers/{offer_id}/accept",
    subject=Subject.OWN,
    summary="Accept the other side's offer: the escrow goes as offered and the case ends at once. "
    "Who gives something up needs a step-up, as for offering.",
    response=TradeSchema(),
    refusals=(*STATUS, *MONEY, refusals.NoOffer, refusals.OfferChanged, refusals.OwnOffer),
    step_up=True,
)
async def accept_offer(call: Call, unit: Unit) -> Reply:
    """The trade as it has ended."""
    desk = call.app[DESK]
    await apply_due_rows(desk, call.path_id())
    trade = await offers.accept_offer(
        unit, desk, caller_of(call), call.path_id(), call.path_id("offer_id")
    )
    return Reply(view_for(trade, trade.actor_of(call.user.user_id), unit.now))


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/offers/{offer_id}/decline",
    subject=Subject.OWN,
    summary="Decline the other side's offer, or withdraw your own.",
    response=schemas.DisputeSchema(),
    refusals=(*STATUS, refusals.NoOffer, refusals.OfferChanged),
)
async def decline_offer(call: Call, unit: Unit) -> Reply:
    """The case without the offer."""
    desk = call.app[DESK]
    await apply_due_rows(desk, call.path_id())
    case = await offers.decline_offer(
        unit, desk, caller_of(call), call.path_id(), call.path_id("offer_id")
    )
    return _show(call, unit, case)
