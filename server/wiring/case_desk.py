"""The staff's desk of cases, put together as the settings want."""

from collections.abc import Collection
from uuid import UUID

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from server.admin.context import OFFICE
from server.core.refusals import Forbidden
from server.db.audit import Origin
from server.disputes import rulings_routes, staff_routes
from server.disputes.rulings import end_dispute_on_desk, lay_dispute_on_desk
from server.disputes.staff_access import check_trade_reader, find_trade_readers, note_refused
from server.disputes.staff_assignment import tend_desk
from server.disputes.staff_audits import give_audits, learn_from_rulings
from server.disputes.staff_context import CASE_DESK, CaseDesk
from server.disputes.staff_links import find_linked
from server.http.endpoint import DATABASE, Endpoint
from server.jobs.schedule import Duty
from server.trades.desk import DESK
from server.wiring.kernel import Kernel


def list_case_endpoints() -> list[Endpoint]:
    """Every endpoint of the desk."""
    return [*staff_routes.ROUTES.endpoints, *rulings_routes.ROUTES.endpoints]


def add_case_desk(app: web.Application, kernel: Kernel) -> tuple[Duty, ...]:
    """The desk here, and what it does again and again."""
    hooks = app[DESK].hooks
    hooks.on_disputed.append(lay_dispute_on_desk)
    hooks.on_dispute_closed.append(end_dispute_on_desk)
    desk = app[CASE_DESK] = CaseDesk(
        trades=app[DESK],
        rights=app[OFFICE].rights,
        random=kernel.random,
        find_linked=find_linked,
    )
    return (
        Duty("tend_desk", 2, lambda _desk: tend_desk(desk), by_time=True),
        Duty("learn_from_rulings", 30, lambda _desk: learn_from_rulings(desk)),
        Duty("give_audits", 60, lambda _desk: give_audits(desk), by_time=True),
    )


class CaseReaders:
    """Who on the staff has a case about a trade, for the rooms of trades."""

    def __init__(self, app: web.Application) -> None:
        """The desk is looked up when it is asked: sockets are put together before it."""
        self._app = app

    async def check(self, connection: AsyncConnection, person: UUID, trade_id: UUID) -> None:
        """Refuse `Forbidden` to who has none."""
        await check_trade_reader(connection, self._app[CASE_DESK], person, trade_id)

    async def note_refused(self, person: UUID, trade_id: UUID, refusal: Forbidden) -> None:
        """Keep in the audit that a person was refused."""
        origin = Origin("user", person)
        await note_refused(self._app[DATABASE], trade_id, refusal, origin=origin)

    async def find(
        self, connection: AsyncConnection, pairs: Collection[tuple[UUID, UUID]]
    ) -> set[tuple[UUID, UUID]]:
        """Which of these people still have a case about these trades."""
        return await find_trade_readers(connection, self._app[CASE_DESK], pairs)
