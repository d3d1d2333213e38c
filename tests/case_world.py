"""Cases in every status, on top of a world of trades."""

from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import event

from models.disputes import Award, DisputeStatus
from models.trades import TradeStatus
from server.disputes import case as cases
from server.disputes import claims
from server.disputes.facts import CaseAction
from server.disputes.transition import act, lock_case
from server.trades.facts import Actor

D = DisputeStatus


async def read_case(world, dispute_id):
    async with world.database.read() as connection:
        return await cases.get_case(connection, dispute_id)


async def open_case(world, status=D.OPEN, *, award=Award.REFUND, part=None, **given):
    """A disputed trade whose case is in `status`: trade and case."""
    trade_id = await world.open_trade(TradeStatus.DISPUTED, **given)
    dispute_id = (await world.trade(trade_id)).dispute_id
    if status in (D.EVIDENCE, D.RULED, D.OBJECTED):
        await step(world, dispute_id, CaseAction.END_EVIDENCE, Actor.STAFF, world.staff)
    if status in (D.RULED, D.OBJECTED):
        await rule(world, dispute_id, award, part)
    if status is D.OBJECTED:
        values = {"objected_by": "buyer"}
        await step(world, dispute_id, CaseAction.OBJECT, Actor.BUYER, world.buyer, values=values)
    if status is D.CLOSED:
        await world.do("concede", trade_id)
    assert (await read_case(world, dispute_id)).status is status
    return trade_id, dispute_id


async def rule(world, dispute_id, award, part=None, action=CaseAction.RULE):
    values = {"award": award.value, "award_buyer_amount": part}
    await step(world, dispute_id, action, Actor.STAFF, world.staff, values=values)


async def step(world, dispute_id, action, actor, user_id, **given):
    """Apply a row of the case that leaves the trade as it is."""

    async def work(unit):
        trade, case = await lock_case(unit, world.desk, dispute_id)
        return await act(unit, world.desk, trade, case, action, actor, user_id, **given)

    return await world.run(work)


async def decide(world, claim_id, decision, staff_id=None, reason="because"):
    """A decision of the staff about a claim, as the desk makes it."""

    async def work(unit):
        return await getattr(claims, decision)(
            unit, world.desk, UUID(str(claim_id)), staff_id=staff_id or world.staff, reason=reason
        )

    return await world.run(work)


@contextmanager
def count_statements(engine):
    """The statements that are sent meanwhile."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
