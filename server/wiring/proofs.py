"""Receipts and passports, put together as the settings want."""

from aiohttp import web

from server.http.endpoint import Endpoint
from server.proofs import routes
from server.proofs.context import PROOFS, Proofs
from server.proofs.signing import Signer
from server.settings import Settings, derive_key
from server.wiring.kernel import run_in
from server.wiring.people import PICTURE_THREAD

PROOF_ENDPOINTS: tuple[Endpoint, ...] = (*routes.ROUTES.endpoints,)


def add_proofs(app: web.Application, settings: Settings) -> None:
    """What we sign here."""
    keys = {name: derive_key(secret) for name, secret in settings.proof_keys.items()}
    app[PROOFS] = Proofs(Signer(keys), run_in(app[PICTURE_THREAD]))
