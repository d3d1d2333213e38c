"""The application around the endpoints, and what stock answers of aiohttp may say."""

from aiohttp import web

from server.http.server import answer_unmatched
from server.http.wire import SECURITY_HEADERS


async def _strip_stock_answer(_request: web.Request, response: web.StreamResponse) -> None:
    # Our own answers never pass here; those of the socket library and of aiohttp itself do.
    response.headers.pop("Server", None)
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


def make_application() -> web.Application:
    """An application without endpoints, in which every error is a problem."""
    app = web.Application(middlewares=[answer_unmatched])
    app.on_response_prepare.append(_strip_stock_answer)
    return app
