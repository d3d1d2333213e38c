"""The endpoints of cases, claims and freezes."""

from server.disputes import claim_routes, claim_staff_routes, hold_routes, routes
from server.http.endpoint import Endpoint

CASE_ENDPOINTS: tuple[Endpoint, ...] = (
    *routes.ROUTES.endpoints,
    *claim_routes.ROUTES.endpoints,
    *hold_routes.ROUTES.endpoints,
    *claim_staff_routes.ROUTES.endpoints,
)
