"""The endpoints of cases, claims and freezes, and what their evidence may point to."""

from aiohttp import web

from server.disputes import claim_routes, hold_routes, routes
from server.disputes.evidence import ATTACHMENTS, Attachments, CheckAttachments, refuse_attachments
from server.http.endpoint import Endpoint

CASE_ENDPOINTS: tuple[Endpoint, ...] = (
    *routes.ROUTES.endpoints,
    *claim_routes.ROUTES.endpoints,
    *hold_routes.ROUTES.endpoints,
)


def add_cases(app: web.Application, check: CheckAttachments = refuse_attachments) -> None:
    """Say which files may be shown as evidence."""
    app[ATTACHMENTS] = Attachments(check)
