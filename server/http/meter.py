"""Counts requests and their time by endpoint and status, at about a microsecond a request."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_BOUND_NAMES = (*map(str, BOUNDS_S), "+Inf")


@dataclass(slots=True)
class _Series:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0


class RequestMeter:
    """What the wrapper notes of every request."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, int], _Series] = {}
        self._refused: dict[str, int] = {}

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        series = self._series.get((endpoint, status))
        if series is None:
            series = self._series[endpoint, status] = _Series()
        series.counts[bisect_left(BOUNDS_S, seconds)] += 1
        series.total_s += seconds

    def note_refusal(self, code: str) -> None:
        """Count one refusal by its code."""
        self._refused[code] = self._refused.get(code, 0) + 1

    def collect(self) -> Iterable[Metric]:
        """The counts as Prometheus families."""
        requests = HistogramMetricFamily(
            "iqx_request_seconds",
            "Seconds from the start of a request to its answer.",
            labels=("endpoint", "status"),
        )
        for (endpoint, status), series in sorted(self._series.items()):
            reached, buckets = 0, []
            for name, count in zip(_BOUND_NAMES, series.counts, strict=True):
                reached += count
                buckets.append((name, float(reached)))
            requests.add_metric((endpoint, str(status)), buckets, series.total_s)
        yield requests
        refusals = CounterMetricFamily(
            "iqx_refusals", "Requests refused, by the code of the refusal.", labels=("code",)
        )
        for code, count in sorted(self._refused.items()):
            refusals.add_metric((code,), count)
        yield refusals
