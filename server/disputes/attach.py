"""Puts the cases into the trades' hooks."""

from server.disputes.claim_clocks import credit_claims
from server.disputes.clocks import credit_outage
from server.disputes.keeper import Keeper
from server.trades.desk import Desk


def keep_cases(desk: Desk) -> None:
    """From now on disputed trades have cases, whose deadlines get outages back too."""
    desk.hooks.cases = Keeper(desk)
    desk.hooks.on_outage_over += [credit_outage, credit_claims]
