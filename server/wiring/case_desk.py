"""The staff's desk of cases, put together as the settings want."""

from aiohttp import web

from server.admin.context import OFFICE
from server.disputes import rulings_routes, staff_routes
from server.disputes.rulings import end_dispute_on_desk, lay_dispute_on_desk
from server.disputes.staff_assignment import tend_desk
from server.disputes.staff_audits import give_audits, learn_from_rulings
from server.disputes.staff_context import CASE_DESK, CaseDesk
from server.disputes.staff_links import find_linked
from server.http.endpoint import Endpoint
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
