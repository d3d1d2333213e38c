"""Connections that do not wait for ever, and a runner that drains them.

Written against aiohttp 3.14.5: a subclass of its connection that adds a time-out for request heads,
answers unreadable requests with problems, and lets requests finish while the service stops.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod
from aiohttp.web_request import BaseRequest

from server.core import refusals
from server.http.endpoint import DATABASE
from server.http.problems import Fault, problem_response

HEAD_WAIT_S = 10.0
KEEP_ALIVE_S = 75.0
"""Longer than proxies keep their connections, so that it is they who close."""
LINGER_S = 2.0
HEADERS_MAX = 64
FIELD_BYTES_MAX = 8190
DRAIN_S = 15.0
_DRAIN_STEP_S = 0.02
METHODS = "DELETE, GET, OPTIONS, PATCH, POST, PUT"
SLOW_HEAD = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
log = structlog.get_logger()


class Connection(web.RequestHandler):
    """One client's connection."""

    __slots__ = ("_head_begun", "_head_timer", "_head_wait_s", "_make_request_id")

    def __init__(
        self,
        server: web.Server,
        *,
        head_wait_s: float,
        make_request_id: Callable[[], str],
        **options: Any,
    ) -> None:
        super().__init__(server, **options)
        self._head_wait_s = head_wait_s
        self._make_request_id = make_request_id
        self._head_begun = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._head_timer = self._loop.call_later(self._head_wait_s, self._end_slow_head)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop waiting."""
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, arrived: bytes) -> None:
        """Take what arrived; an unfinished head must be complete soon."""
        if self._close and self._request_in_progress and not self._force_close:
            # The service stops. The body of the request under way is still wanted; requests
            # behind it are read too, but the loop ends before it comes to them.
            self._close = False
            super().data_received(arrived)
            self._close = True
            return
        super().data_received(arrived)
        if self._request_in_progress or self._messages or self._payload_parser is not None:
            self._stop_head_timer()
            return
        self._head_begun = True
        if self._head_timer is None:
            self._head_timer = self._loop.call_later(self._head_wait_s, self._end_slow_head)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        self._head_begun = False

    def _end_slow_head(self) -> None:
        self._head_timer = None
        if self._request_in_progress or self._messages or self._payload_parser is not None:
            return
        log.info("slow_head", begun=self._head_begun)
        if self._head_begun and self.transport is not None:
            self.transport.write(SLOW_HEAD)
        self.force_close()

    def close(self) -> None:
        """Take no further request; an idle connection ends at once."""
        super().close()
        if not self._request_in_progress and not self._messages and self.transport is not None:
            self.transport.close()

    @property
    def closing(self) -> bool:
        """Whether this connection takes no further request."""
        return self._close or self._force_close

    @property
    def busy(self) -> bool:
        """Whether a request is being answered; a socket that lives on is not one."""
        return self._request_in_progress and self._payload_parser is None

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the stock signature
    ) -> web.StreamResponse:
        """Answer what could not be read as a request, or a fault outside the endpoints."""
        request_id = self._make_request_id()
        refusal: refusals.Refusal
        if isinstance(exc, BadHttpMethod):
            refusal = refusals.MethodNotAllowed()
        elif status < 500:
            refusal = refusals.BadRequest("This is not a well-formed HTTP/1.1 request.")
        else:
            refusal = Fault()
        if status < 500:
            log.info("unreadable_request", error=type(exc).__name__, request_id=request_id)
        else:
            log.error("fault", exc_info=exc, request_id=request_id)
        if request.writer.output_size > 0:
            raise ConnectionError("part of an answer was sent, another one cannot follow")
        response = problem_response(refusal, request_id)
        if refusal.status == 405:
            response.add_fields({"Allow": METHODS})
        response.force_close()
        return response


class _Server(web.Server):
    """Makes connections of our kind."""

    def __init__(self, base: web.Server, options: dict[str, Any]) -> None:
        super().__init__(base.request_handler, request_factory=base.request_factory, debug=False)
        self._options = options

    def __call__(self) -> web.RequestHandler:
        return Connection(self, loop=self._loop, **self._options)


class DrainingRunner(web.AppRunner):
    """Runs an application; when it stops, requests under way finish within `drain_s`."""

    def __init__(
        self,
        app: web.Application,
        *,
        head_wait_s: float = HEAD_WAIT_S,
        drain_s: float = DRAIN_S,
    ) -> None:
        # After the drain nothing is worth waiting for.
        super().__init__(app, access_log=None, shutdown_timeout=0.5)
        self._head_wait_s = head_wait_s
        self._drain_s = drain_s

    async def _make_server(self) -> web.Server:
        base = await super()._make_server()
        ids = self.app[DATABASE].ids
        return _Server(
            base,
            {
                "head_wait_s": self._head_wait_s,
                "make_request_id": lambda: ids.new_bytes().hex(),
                "keepalive_timeout": KEEP_ALIVE_S,
                "lingering_time": LINGER_S,
                "max_headers": HEADERS_MAX,
                "max_line_size": FIELD_BYTES_MAX,
                "max_field_size": FIELD_BYTES_MAX,
                "auto_decompress": False,
                "access_log": None,
            },
        )

    async def shutdown(self) -> None:
        """Let sockets say goodbye, then wait for the requests under way.

        The stock runner calls this when it has stopped listening and told idle connections to
        close, and before it ends all others.
        """
        await super().shutdown()
        server = self.server
        assert server is not None, "a runner stops after it has started"
        loop = asyncio.get_running_loop()
        end = loop.time() + self._drain_s
        # The stock connection tells nobody when it falls idle, so it is asked.
        while loop.time() < end and any(  # noqa: ASYNC110 - no event tells
            isinstance(one, Connection) and one.busy for one in server.connections
        ):
            await asyncio.sleep(_DRAIN_STEP_S)
