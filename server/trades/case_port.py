"""What trades ask of the cases about them, within their own units of work."""

from typing import Protocol

from server.db import Unit
from server.trades.row import Row
from server.trades.step import Step
from server.trades.trade import TradeRow


class CaseKeeper(Protocol):
    """Opens and closes the case of a trade that is locked; a higher part fills it."""

    async def open_case(self, unit: Unit, trade: TradeRow, row: Row, step: Step) -> None:
        """The trade becomes disputed by `row`; the step's detail may name reason and statement."""
        ...

    async def close_case(self, unit: Unit, trade: TradeRow, row: Row, step: Step) -> None:
        """The disputed trade ends by `row`."""
        ...
