"""What proofs are made with, put together once by the wiring."""

from dataclasses import dataclass

from aiohttp import web

from server.proofs.signing import Signer


@dataclass(frozen=True, slots=True)
class Proofs:
    """The surroundings of proofs."""

    signer: Signer


PROOFS = web.AppKey("proofs", Proofs)
