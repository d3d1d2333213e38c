"""Files of the app as answers: what browsers may run, how long they keep it, how it is packed."""

from collections.abc import Mapping

from aiohttp import web

from server.http.endpoint import DATABASE
from server.http.wire import WireResponse
from server.web.build import HASHED, WebFile

APP_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    # Of the page's own host `connect-src` covers WebSocket too.
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What the app may load and do: everything from its own host, no inline script or style."""
PERMISSIONS = (
    "camera=(self), clipboard-write=(self), geolocation=(), microphone=(), payment=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self), usb=()"
)
KEPT_FOR_EVER = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
WORKER = "/sw.js"


def answer_page(request: web.Request, page: WebFile, *, status: int = 200) -> WireResponse:
    """A page of the app. Browsers keep it, and ask each time whether it is still the same."""
    return _answer(request, page, _PAGE_FIELDS, status=status)


def answer_file(request: web.Request, path: str, file: WebFile) -> WireResponse:
    """A file of the app."""
    fields = {"Cache-Control": KEPT_FOR_EVER if path.startswith(f"/{HASHED}") else ASKED_AGAIN}
    if path == WORKER:
        fields |= {"Content-Security-Policy": APP_POLICY, "Service-Worker-Allowed": "/"}
    return _answer(request, file, fields)


_PAGE_FIELDS = {
    "Cache-Control": ASKED_AGAIN,
    "Content-Security-Policy": APP_POLICY,
    "Permissions-Policy": PERMISSIONS,
}


def _answer(
    request: web.Request, file: WebFile, fields: Mapping[str, str], *, status: int = 200
) -> WireResponse:
    told = {
        **fields,
        "ETag": file.mark,
        "Vary": "Accept-Encoding",
        "X-Request-Id": request.app[DATABASE].ids.new_bytes().hex(),
    }
    if status == 200 and _has_mark(request.headers.get("If-None-Match", ""), file.mark):
        return WireResponse(304, b"", headers=told)
    taken = read_codings(request.headers.get("Accept-Encoding", ""))
    for coding, content in file.packed.items():
        if coding in taken:
            told["Content-Encoding"] = coding
            return WireResponse(status, content, content_type=file.media, headers=told)
    return WireResponse(status, file.content, content_type=file.media, headers=told)


def _has_mark(given: str, mark: str) -> bool:
    opaque = mark.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == opaque for one in given.split(","))


def read_codings(header: str) -> frozenset[str]:
    """The content codings that a caller takes by name; those with a quality of nought are not."""
    taken = set()
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        refused = any(one.startswith("q=") and not one[2:].strip("0.") for one in parameters)
        if name and not refused:
            taken.add(name)
    return frozenset(taken)
