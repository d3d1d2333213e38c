"""What proofs are made with, put together once by the wiring."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from server.proofs.signing import Signer


@dataclass(frozen=True, slots=True)
class Proofs:
    """The surroundings of proofs."""

    signer: Signer
    run_apart: Callable[[Callable[[], Any]], Awaitable[Any]]
    """Runs slow work in a thread of its own; refuses to inside a transaction."""


PROOFS = web.AppKey("proofs", Proofs)
