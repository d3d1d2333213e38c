"""Parts of the service without a server, for the operator's commands and the seeds."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from seeds.stage import Stage
from server.core.clock import EPOCH, ManualClock
from server.identity.context import Identity
from server.settings import Settings
from server.wiring.kernel import open_kernel, sample_time
from server.wiring.market import open_desk, open_orders
from server.wiring.people import open_identity, open_kyc


@asynccontextmanager
async def identity_apart(settings: Settings) -> AsyncIterator[Identity]:
    """Identity without a server, for the operator's commands."""
    kernel = open_kernel(settings)
    thread = ThreadPoolExecutor(1, "passwords")
    try:
        await sample_time(kernel)
        yield open_identity(kernel, thread)
    finally:
        thread.shutdown(wait=True, cancel_futures=True)
        await kernel.close()


class SilentPublisher:
    """Tells nobody: for tools that run lanes without sockets."""

    def publish(self, market: str, events: list[tuple[int, str, str]]) -> None:
        """Nobody listens."""

    def note_depth(self, market: str) -> None:
        """Nobody listens."""

    def wake_relay(self) -> None:
        """Nobody listens."""


@asynccontextmanager
async def open_stage(settings: Settings) -> AsyncIterator[Stage]:
    """The services without a server, on a clock that the seeds move, for `iqx seed`."""
    clock = ManualClock(EPOCH)
    kernel = open_kernel(settings, clock=clock)
    thread = ThreadPoolExecutor(1, "passwords")
    try:
        await sample_time(kernel)
        identity = open_identity(kernel, thread)
        yield Stage(
            production=settings.production,
            database=kernel.database,
            identity=identity,
            kyc=open_kyc(kernel, identity, thread),
            desk=open_desk(kernel, identity),
            orders=open_orders(kernel, SilentPublisher()),
            clock=clock,
            now=kernel.real_clock.now(),
            lane_wait_s=settings.lane_lease_s + 5,
        )
    finally:
        thread.shutdown(wait=True, cancel_futures=True)
        await kernel.close()
