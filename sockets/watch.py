"""How the relay and the sockets are: for those who look after the service."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from server.db import Database, outbox
from server.monitor.health import Check, PartState, State
from sockets.app import Sockets

LATE = timedelta(seconds=5)
"""An event that waits longer for its number shows that nobody relays."""


def check_relay(database: Database, *, clock_speed: int) -> Check:
    """Whether events get their numbers in time, in whichever process."""

    async def check() -> PartState:
        async with database.read() as connection:
            waiting, oldest = await outbox.measure_waiting(connection)
        late = timedelta(0) if oldest is None else database.clock.now() - oldest
        state = State.DEGRADED if late > LATE * clock_speed else State.OK
        return PartState(
            state, {"waiting": waiting, "late_ms": late // timedelta(milliseconds=1)}
        )  # fmt: skip

    return check


def collect_sockets(sockets: Sockets) -> Callable[[], Iterable[Metric]]:
    """What the sockets of this process do."""

    def collect() -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "iqx_sockets_open", "Connected sockets.", value=len(sockets.registry)
        )
        yield CounterMetricFamily(
            "iqx_market_events_dropped",
            "Events of markets not sent because too many waited.",
            value=sockets.publisher.dropped,
        )
        relay = sockets.relay
        yield GaugeMetricFamily(
            "iqx_relay_serving",
            "Whether this process is the relay.",
            value=int(relay is not None and relay.lease is not None),
        )

    return collect
