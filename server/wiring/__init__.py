"""The composition root: the only place that names concrete adapters and puts the parts together."""

from server.wiring.apart import identity_apart, open_stage
from server.wiring.app import build_app, list_endpoints
from server.wiring.duties import list_duties
from server.wiring.kernel import Kernel, open_kernel, sample_time
from server.wiring.market import open_desk, open_price_feed, trade_limits
from server.wiring.people import POST, open_identity

__all__ = [
    "POST",
    "Kernel",
    "build_app",
    "identity_apart",
    "list_duties",
    "list_endpoints",
    "open_desk",
    "open_identity",
    "open_kernel",
    "open_price_feed",
    "open_stage",
    "sample_time",
    "trade_limits",
]
