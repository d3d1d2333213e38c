"""The whole service under load: HTTP, lane, relay and sockets, against the naive writer.

`python -m bench.http` prints the figures. The service is started as an operator starts it, with
its default settings but for the raised limits, on a copy of the market; sockets listen meanwhile.
A rate runs from the first request until the relay has numbered the last event. Latencies at half
of peak run from the instant a request was due, so that waiting is not left out.
"""

import asyncio
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import orjson

from bench.capture import Written, capture
from bench.checks import check_invariants, check_stored, wait_for_relay
from bench.load import Generator, Load, Plan, write_request
from bench.market import MARKET, Member, draw_wishes, open_bench_kernel
from bench.servers import ORDERS_PATH, Served, run_empty, run_naive, start_apart, start_service
from bench.stage import MariaDbStage, Stage, open_stages
from server.core.clock import ManualClock
from server.core.events import room_of_market, room_of_user
from server.http.endpoint import Actor
from server.identity.revocations import OVERLAP, Revocations
from server.identity.tokens import AccessTokens
from server.settings import derive_key, load_settings
from server.wiring import sample_time

READY_MAX_S = 60.0
USER_SOCKETS = 20
PEAK = 64


@dataclass(frozen=True, slots=True)
class HttpSize:
    """How long the benchmark is: `orders` by number of clients."""

    orders: dict[int, int] = field(
        default_factory=lambda: {1: 400, 8: 2_000, PEAK: 6_000, 256: 6_000}
    )
    half_peak_s: float = 5.0
    naive_orders: int = 800
    empty_posts: int = 8_000
    rounds: int = 3


QUICK = HttpSize({1: 20, PEAK: 200}, half_peak_s=0.5, naive_orders=60, empty_posts=200, rounds=1)


def issue_tokens(members: list[Member], now_of: ManualClock) -> list[str]:
    """An access token for everyone, as the service would issue them."""
    settings = load_settings({})
    keys = {name: derive_key(secret) for name, secret in settings.token_keys.items()}
    tokens = AccessTokens(keys, now_of, Revocations(now_of, overlap=OVERLAP))
    return [tokens.issue(Actor(one.id, UUID(int=one.id.int ^ 1), "user")) for one in members]


class Orders:
    """Requests for orders, each used once."""

    def __init__(self, members: list[Member], tokens: list[str]) -> None:
        self._wishes = draw_wishes(members)
        self._tokens = tokens
        self._number = 0

    def take(self, count: int) -> list[bytes]:
        """The next `count` requests."""
        requests = []
        for wish in islice(self._wishes, count):
            self._number += 1
            body = orjson.dumps(wish.body)
            token = self._tokens[wish.user]
            requests.append(write_request(ORDERS_PATH, body, token, f"http-{self._number}"))
        return requests


@dataclass(slots=True)
class Series:
    """What the rounds measured, by key; figures are medians."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def note(self, key: str, value: float) -> None:
        """One more value."""
        self.values.setdefault(key, []).append(value)

    def medians(self) -> dict[str, float]:
        """The median of each key."""
        return {key: statistics.median(values) for key, values in self.values.items()}


def percentile_ms(latencies_s: Sequence[float], share: float) -> float:
    """The value that `share` of the latencies do not exceed, milliseconds."""
    assert latencies_s, "nothing was measured"
    ordered = sorted(latencies_s)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3


def wait_until_serving(port: int) -> None:
    """Return when the market's lane gives its book."""
    deadline = time.monotonic() + READY_MAX_S
    address = f"http://127.0.0.1:{port}/api/v1/markets/{MARKET}/book"
    while time.monotonic() < deadline:
        # A lane that does not serve yet answers 503.
        with (
            suppress(urllib.error.HTTPError),
            urllib.request.urlopen(address, timeout=5) as reply,
        ):
            if reply.status == 200:
                return
        time.sleep(0.05)
    msg = "the lane does not serve"
    raise TimeoutError(msg)


class ServiceRun:
    """The running service with everything that was acknowledged so far."""

    def __init__(self, stage: Stage, url: str, served: Served, generator: Generator) -> None:
        self.url = url
        self.served = served
        self.generator = generator
        self.bodies: list[bytes] = []
        now = ManualClock(asyncio.run(read_now(url)))
        tokens = issue_tokens(stage.members, now)
        self.orders = Orders(stage.members, tokens)
        rooms = [(tokens[0], room_of_market(MARKET))]
        rooms += [
            (token, room_of_user(member.id))
            for token, member in islice(zip(tokens, stage.members, strict=True), USER_SOCKETS)
        ]
        self.rooms = rooms

    def run(self, clients: int, count: int, rate: float = 0.0) -> tuple[Load, float]:
        """Send orders; the load, and the seconds until the relay had caught up."""
        plan = Plan(self.served.port, self.orders.take(count), clients, rate, self.rooms)
        load = self.generator.run(plan)
        self.bodies += load.bodies
        caught_up_s = asyncio.run(read_caught_up(self.url, load.ended_s))
        return load, caught_up_s - load.began_s


async def read_now(url: str) -> datetime:
    """The database's present."""
    kernel = open_bench_kernel(url)
    await sample_time(kernel)
    await kernel.close()
    return kernel.clock.now()


async def read_caught_up(url: str, ended_s: float) -> float:
    """When the relay had numbered everything, on the machine's monotonic clock."""
    kernel = open_bench_kernel(url)
    await wait_for_relay(kernel.database)
    await kernel.close()
    return max(ended_s, time.monotonic())


async def check_database(url: str, bodies: list[bytes]) -> None:
    """The verifier is green and everything acknowledged is stored."""
    kernel = open_bench_kernel(url)
    await check_stored(kernel.database, bodies)
    await check_invariants(kernel.database)
    await kernel.close()


def measure_service(
    stage: Stage, size: HttpSize, series: Series, generator: Generator, log: Path
) -> None:
    """One round of the service: every number of clients, then half of peak."""
    url = stage.copy()
    kind = stage.kind
    with start_service(url, log) as served:
        wait_until_serving(served.port)
        run = ServiceRun(stage, url, served, generator)
        run.run(8, len(stage.members))  # to warm up: tokens and accounts are known from then on
        peak = 0.0
        for clients, count in size.orders.items():
            cpu_began = served.read_cpu_s()
            load, took_s = run.run(clients, count)
            cpu_us = (served.read_cpu_s() - cpu_began) * 1e6 / count
            key = f"http.lane.{kind}.c{clients}"
            series.note(f"{key}.orders_per_s", count / took_s)
            series.note(f"{key}.p50_ms", percentile_ms(load.latencies_s, 0.5))
            series.note(f"{key}.p99_ms", percentile_ms(load.latencies_s, 0.99))
            series.note(f"{key}.generator_idle", load.idle_share)
            if clients == PEAK:
                peak = count / took_s
                series.note("cpu.order_us", cpu_us)
        rate = peak / 2
        load, _ = run.run(PEAK, max(20, int(rate * size.half_peak_s)), rate)
        note_half_peak(series, kind, load)
    asyncio.run(check_database(url, run.bodies))


def note_half_peak(series: Series, kind: str, load: Load) -> None:
    """Latencies to the answer and to the events."""
    for share in (0.5, 0.99):
        name = f"p{int(share * 100)}_ms"
        series.note(f"http.lane.{kind}.half_peak.{name}", percentile_ms(load.latencies_s, share))
        for room, prefix in (("market", "socket"), ("user", "socket.user")):
            heard = load.event_latencies_s.get(room)
            if heard:
                key = f"{prefix}.lane.{kind}.half_peak.{name}"
                series.note(key, percentile_ms(heard, share))


def measure_naive(
    stage: Stage, written: list[Written], series: Series, generator: Generator
) -> None:
    """One round of the naive writer behind the same HTTP."""
    url = stage.copy()
    now = ManualClock(asyncio.run(read_now(url)))
    orders = Orders(stage.members, issue_tokens(stage.members, now))
    with start_apart(run_naive, url, written) as served:
        load = generator.run(Plan(served.port, orders.take(len(written)), PEAK))
    took_s = load.ended_s - load.began_s
    key = f"http.naive.{stage.kind}.c{PEAK}"
    series.note(f"{key}.orders_per_s", len(written) / took_s)
    series.note(f"{key}.p99_ms", percentile_ms(load.latencies_s, 0.99))
    asyncio.run(check_database(url, load.bodies))


def measure_empty(size: HttpSize, series: Series, generator: Generator) -> None:
    """One round of an empty aiohttp JSON POST: CPU of its server by request."""
    body = orjson.dumps({"market": MARKET, "side": "buy", "amount": "20", "always_on": True})
    requests = [write_request(ORDERS_PATH, body, "x" * 300, "key")] * size.empty_posts
    with start_apart(run_empty) as served:
        generator.run(Plan(served.port, requests[: size.empty_posts // 8], PEAK))
        cpu_began = served.read_cpu_s()
        load = generator.run(Plan(served.port, requests, PEAK))
        spent_s = served.read_cpu_s() - cpu_began
    series.note("cpu.empty_post_us", spent_s * 1e6 / size.empty_posts)
    series.note("http.empty.c64.posts_per_s", size.empty_posts / (load.ended_s - load.began_s))


def measure(stage: MariaDbStage, size: HttpSize) -> dict[str, float]:
    """All rounds; the medians of each key."""
    series = Series()
    written = asyncio.run(capture(stage, stage.copy(), size.naive_orders, 1))
    generator = Generator()
    with tempfile.TemporaryDirectory(prefix="iqx-bench-") as folder:
        log = Path(folder) / "service.log"
        for _ in range(size.rounds):
            measure_service(stage, size, series, generator, log)
            measure_naive(stage, written, series, generator)
            measure_empty(size, series, generator)
    generator.close()
    return series.medians()


def main() -> None:
    """Print the figures."""
    with open_stages(1_000, 2_000) as (mariadb, _):
        for key, value in measure(mariadb, HttpSize(rounds=1)).items():
            print(f"{key:48} {value:12,.2f}")


if __name__ == "__main__":
    main()
