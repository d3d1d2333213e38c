"""Metrics for Prometheus: one registry, to which the parts add what they count."""

from collections.abc import Callable, Iterable, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from server.db.counts import UnitCounts
from server.orders.host import LaneHost

Collect = Callable[[], Iterable[Metric]]


class _Part(Collector):
    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: what is counted is known when it is asked for."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The part's families as they are now."""
        return self._collect()


class Metrics:
    """The registry of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)

    def register(self, collect: Collect) -> None:
        """Ask `collect` for a part's families whenever the metrics are read."""
        self._registry.register(_Part(collect))

    def write(self) -> bytes:
        """Everything in the text format of Prometheus."""
        return generate_latest(self._registry)


METRICS = web.AppKey("metrics", Metrics)


def collect_units(counts: UnitCounts) -> Collect:
    """What the units of work met."""

    def collect() -> Iterable[Metric]:
        for name, meaning, count in (
            ("committed", "Units of work committed.", counts.committed),
            (
                "retried",
                "Runs of a unit that another transaction was in the way of.",
                counts.retried,
            ),
            ("busy", "Units given up after all their tries.", counts.busy),
            ("down", "Units that met a database out of reach.", counts.down),
        ):
            yield CounterMetricFamily(f"iqx_units_{name}", meaning, value=count)
        yield CounterMetricFamily(
            "iqx_gate_waits", "Writers that passed the write gate.", value=counts.gate_waits
        )
        yield CounterMetricFamily(
            "iqx_gate_wait_seconds", "Time spent at the write gate.", value=counts.gate_wait_s
        )

    return collect


def collect_lanes(host: LaneHost) -> Collect:
    """What the lanes of this process do."""

    def collect() -> Iterable[Metric]:
        serving = GaugeMetricFamily(
            "iqx_lane_serving", "Whether this process serves the market.", labels=("market",)
        )
        batches = CounterMetricFamily(
            "iqx_lane_batches", "Batches committed by the lane.", labels=("market",)
        )
        for market, lane in sorted(host.lanes.items()):
            serving.add_metric((market,), int(lane.serving))
            batches.add_metric((market,), lane.batches)
        yield serving
        yield batches

    return collect


def collect_duties(runs: Mapping[str, int]) -> Collect:
    """How often duties ran here."""

    def collect() -> Iterable[Metric]:
        family = CounterMetricFamily(
            "iqx_duty_runs", "Runs of a duty to its end in this process.", labels=("duty",)
        )
        for duty, count in sorted(runs.items()):
            family.add_metric((duty,), count)
        yield family

    return collect
