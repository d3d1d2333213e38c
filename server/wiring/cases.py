"""The endpoints of cases."""

from server.disputes import routes
from server.http.endpoint import Endpoint

CASE_ENDPOINTS: tuple[Endpoint, ...] = (*routes.ROUTES.endpoints,)
