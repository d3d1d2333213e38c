"""The best prices of a book, for the ticker."""

from server.core.refusals import NotFound
from server.markets.tickers import BestPrices
from server.matching.shelf import DepthLevel
from server.orders.host import LaneHost
from server.orders.refusals import LaneElsewhere

BP = 10_000


async def find_best_prices(lanes: LaneHost, market: str) -> BestPrices:
    """The best bid and ask among listed orders that may match now; none without the lane."""
    try:
        lane = lanes.find_lane(market)
        async with lane.quiet() as desk:
            depth, state = lane.read_depth(), desk.book.state
            index = state.index_ticks if state.is_floating_on else None
    except (NotFound, LaneElsewhere):
        return BestPrices()
    bids = [price for level in depth.bids if (price := price_of(level, index, up=False))]
    asks = [price for level in depth.asks if (price := price_of(level, index, up=True))]
    return BestPrices(max(bids, default=None), min(asks, default=None))


def price_of(level: DepthLevel, index_ticks: int | None, *, up: bool) -> int | None:
    """A level's price in ticks, rounded in the maker's favour; None for a margin without index."""
    if level.margin_bp is None:
        return level.price_ticks
    if index_ticks is None:
        return None
    scaled = index_ticks * (BP + level.margin_bp)
    return -(-scaled // BP) if up else scaled // BP
