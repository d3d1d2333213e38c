"""What the whole demo counts and shows."""

from collections import Counter, deque
from decimal import Decimal

from seeds.demo.feed import Body, Faults

LATENCIES_KEPT = 20_000
RECENT = 10
SLOW_S = 0.5


class Tally:
    """The figures of a run. Latencies are seconds of real time."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.people = 0
        self.sockets = 0
        self.orders = 0
        """Orders placed and taken that were accepted."""
        self.requests = 0
        self.events = 0
        self.returns = 0
        """Connections that were lost or dropped, and taken up again."""
        self.refused: Counter[str] = Counter()
        """Expected refusals by code."""
        self.statuses: dict[str, str] = {}
        """Each trade's status as last told."""
        self.volume: dict[str, tuple[str, Decimal]] = {}
        """Of each completed trade: currency and USDT."""
        self.acts: Counter[str] = Counter()
        """What people did, by name."""
        self.latencies_s: deque[float] = deque(maxlen=LATENCIES_KEPT)
        self.invariants = "not checked yet"
        self.health = "not asked yet"
        self.note = ""
        """What the demo is doing, for the screen."""

    def take_trade(self, trade: Body) -> None:
        """A trade as one of its parties heard of it."""
        self.statuses[trade["id"]] = trade["status"]
        if trade["status"] == "completed":
            currency = trade["market"].rpartition("-")[2]
            amount = trade["amount"]
            split = trade.get("split_offer")
            if split is not None:
                amount = split["buyer_amount"]
            self.volume[trade["id"]] = (currency, Decimal(amount))

    def count_statuses(self) -> Counter[str]:
        """How many trades are in each status."""
        return Counter(self.statuses.values())

    def sum_volume(self) -> dict[str, Decimal]:
        """Completed USDT by currency."""
        sums: dict[str, Decimal] = {}
        for currency, amount in self.volume.values():
            sums[currency] = sums.get(currency, Decimal(0)) + amount
        return sums

    def is_slow(self) -> bool:
        """Whether most of the latest orders took long."""
        count = min(RECENT, len(self.latencies_s))
        recent = [self.latencies_s[-place] for place in range(1, count + 1)]
        return sum(latency_s > SLOW_S for latency_s in recent) * 2 > len(recent)

    def read_latency_ms(self, percent: int) -> int | None:
        """The latency that so many per cent of the orders stayed within; None without orders."""
        if not self.latencies_s:
            return None
        ordered = sorted(self.latencies_s)
        place = min(len(ordered) - 1, len(ordered) * percent // 100)
        return round(ordered[place] * 1000)
