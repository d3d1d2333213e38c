"""Every refusal and fault as application/problem+json (RFC 9457)."""

from typing import Any

import orjson

from server.core.refusals import RateLimited, Refusal
from server.http.wire import WireResponse

PROBLEM_TYPE = "application/problem+json"


def problem_response(refusal: Refusal, request_id: str) -> WireResponse:
    """The answer to a refused request."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": refusal.status,
        "code": refusal.code,
        "title": refusal.title,
        "request_id": request_id,
    }
    if refusal.detail:
        body["detail"] = refusal.detail
    if refusal.errors:
        body["errors"] = refusal.errors
    if refusal.params:
        body["params"] = refusal.params
    headers = {"X-Request-Id": request_id}
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    if isinstance(refusal, RateLimited) and "calls" in refusal.params:
        calls, window_s = refusal.params["calls"], refusal.params["window_s"]
        headers["RateLimit-Policy"] = f'"calls";q={calls};w={window_s}'
        headers["RateLimit"] = f'"calls";r=0;t={refusal.retry_after_s}'
    if refusal.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return WireResponse(
        refusal.status,
        orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS),
        content_type=PROBLEM_TYPE,
        headers=headers,
    )


class Fault(Refusal):
    """Something broke that should not; the log has the whole story under the request id."""

    code = "internal"
    status = 500
    title = "Something went wrong on our side. It was noted."
