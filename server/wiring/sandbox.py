"""The sandbox, put together: who plays its counterparties, through the service's own interface."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from seeds.sandbox.player import Player
from server.http.endpoint import Endpoint
from server.http.outside import Session, open_session
from server.identity.context import Identity
from server.jobs.schedule import Duty
from server.sandbox import routes
from server.settings import Settings
from server.wiring.kernel import Kernel

SANDBOX = web.AppKey("sandbox", Player)
TIMEOUT_S = 20


def list_sandbox_endpoints(settings: Settings) -> list[Endpoint]:
    """The sandbox is where the faucet is: its people need USDT out of nothing."""
    return list(routes.ROUTES.endpoints) if settings.development_helpers else []


def _open_client(url: str) -> Session:
    return open_session([url], timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))


def add_sandbox(app: web.Application, kernel: Kernel, identity: Identity) -> tuple[Duty, ...]:
    """Who plays the counterparties, and the duty of doing so; nobody where there is no faucet."""
    settings = kernel.settings
    if not settings.development_helpers:
        return ()
    player = app[SANDBOX] = Player(
        kernel.database,
        identity.sealer,
        kernel.random,
        url=f"http://127.0.0.1:{settings.port}",
        open_client=_open_client,
    )

    async def close_player(_app: web.Application) -> AsyncIterator[None]:
        yield
        await player.close()

    app.cleanup_ctx.append(close_player)
    return (Duty("play_sandbox", 1, lambda _desk: player.play_round()),)
