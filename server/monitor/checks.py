"""The checks of the parts that exist."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Protocol

from server.core.clock import Clock
from server.db import Database
from server.db.time import read_database_time
from server.identity.revocations import Revocations
from server.monitor import verifier
from server.monitor.health import Check, PartState, State
from server.orders.host import LaneHost

REVOCATIONS_LATE = timedelta(seconds=5)


def check_database(database: Database) -> Check:
    """Whether the database answers a question."""

    async def check() -> PartState:
        async with database.read() as connection:
            await read_database_time(connection)
        counts = database.counts
        facts: dict[str, str | int | bool] = {
            "kind": database.dialect,
            "retried": counts.retried,
            "down": counts.down,
        }
        return PartState(State.OK, facts)

    return check


class SampledClock(Protocol):
    """A clock that follows the database's by samples."""

    @property
    def jump(self) -> timedelta:
        """How far the last sample was from the running clock; zero when close."""
        ...

    @property
    def steady(self) -> bool:
        """Whether the last sample agreed."""
        ...


def check_clock(clock: SampledClock) -> Check:
    """Whether our clock and the database's agree."""

    async def check() -> PartState:
        jump_ms = clock.jump // timedelta(milliseconds=1)
        return PartState(State.OK if clock.steady else State.DEGRADED, {"jump_ms": jump_ms})

    return check


def check_sessions(
    revocations: Revocations, clock: Clock, *, late_max: timedelta = REVOCATIONS_LATE
) -> Check:
    """Whether sessions that ended elsewhere are known here; `late_max` is of `clock`'s time."""

    async def check() -> PartState:
        if revocations.read_at is None:
            return PartState(State.DEGRADED, {"read": False})
        late = clock.now() - revocations.read_at
        state = State.DEGRADED if late > late_max else State.OK
        return PartState(state, {"late_ms": late // timedelta(milliseconds=1)})

    return check


def check_lanes(host: LaneHost) -> Check:
    """Whether every market has its lane here."""

    async def check() -> PartState:
        serving = sum(lane.serving for lane in host.lanes.values())
        state = State.OK if serving == len(host.lanes) else State.DEGRADED
        return PartState(state, {"markets": len(host.lanes), "serving": serving})

    return check


def check_duties(runs: Mapping[str, int], failing: AbstractSet[str]) -> Check:
    """Whether the duties that run here end well."""

    async def check() -> PartState:
        return PartState(State.DEGRADED if failing else State.OK, {**runs, "failing": len(failing)})

    return check


def check_invariants(database: Database) -> Check:
    """Whether the verifier has found nothing that is still open."""

    async def check() -> PartState:
        breaches = await verifier.count_open_breaches(database)
        state = State.DEGRADED if breaches else State.OK
        return PartState(state, {"open_breaches": breaches})

    return check
