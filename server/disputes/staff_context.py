"""What the desk works with, put together once by the wiring."""

from dataclasses import dataclass

from aiohttp import web

from server.core.ids import Random
from server.disputes.staff_links import FindLinked
from server.staff.rights import Rights
from server.trades.desk import Desk


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """The desk's surroundings."""

    trades: Desk
    rights: Rights
    random: Random
    """Draws lots."""
    find_linked: FindLinked
    """Finds who of the staff is linked to a party, and whether the parties are to each other."""


CASE_DESK = web.AppKey("case_desk", CaseDesk)
