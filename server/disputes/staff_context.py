"""What the desk works with, put together once by the wiring."""

from dataclasses import dataclass

from aiohttp import web

from server.core.ids import Random
from server.disputes.staff_links import FindLinked, find_linked_by_signs
from server.staff.rights import Rights
from server.trades.desk import Desk


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """The desk's surroundings."""

    trades: Desk
    rights: Rights
    random: Random
    """Draws lots."""
    find_linked: FindLinked = find_linked_by_signs


CASE_DESK = web.AppKey("case_desk", CaseDesk)
