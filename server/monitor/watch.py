"""Which parts are watched."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from aiohttp import web

from server.core.clock import Clock
from server.db import Database
from server.http.edge import EDGE
from server.identity.revocations import Revocations
from server.monitor import checks
from server.monitor.health import HEALTH, Health
from server.monitor.metrics import (
    METRICS,
    Metrics,
    collect_duties,
    collect_lanes,
    collect_units,
)
from server.monitor.routes import METRICS_ADDRESSES
from server.orders.host import LaneHost


def watch_parts(
    app: web.Application,
    *,
    database: Database,
    clock: Clock,
    clock_speed: int,
    sampled_clock: checks.SampledClock,
    revocations: Revocations,
    lanes: LaneHost,
    duty_runs: Mapping[str, int],
    failing_duties: AbstractSet[str],
    metrics_addresses: Iterable[str],
) -> None:
    """Register every part's check and counts; other parts add theirs to `app[HEALTH]`."""
    app[METRICS_ADDRESSES] = frozenset(metrics_addresses)
    health = app[HEALTH] = Health()
    health.register("database", checks.check_database(database), essential=True)
    health.register("clock", checks.check_clock(sampled_clock))
    late_max = checks.REVOCATIONS_LATE * clock_speed
    health.register("sessions", checks.check_sessions(revocations, clock, late_max=late_max))
    health.register("lanes", checks.check_lanes(lanes))
    health.register("duties", checks.check_duties(duty_runs, failing_duties))
    health.register("invariants", checks.check_invariants(database))
    metrics = app[METRICS] = Metrics()
    metrics.register(app[EDGE].meter.collect)
    metrics.register(collect_units(database.counts))
    metrics.register(collect_lanes(lanes))
    metrics.register(collect_duties(duty_runs))
