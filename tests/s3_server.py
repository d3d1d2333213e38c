"""A store that speaks as S3 does, with the signatures of version 4 checked, well or badly."""

import asyncio
import contextlib
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY_ID, SECRET, REGION, BUCKET = "AKIDTEST", "a secret of the store's own", "eu-test-1", "proofs"
SKEW_S = 900
BAD_MOODS = ("errors", "slows down", "hangs up", "hangs", "refuses", "no bucket", "elsewhere",
             "other region", "garbage")  # fmt: skip
LATE_MOODS = ("half", "too long")
"""Moods in which the store answers a read well at first."""


def sign(secret, method, path, query, headers, signed, payload_hash, scope, moment):
    """The signature of a request, as the document of version 4 builds it."""
    fields = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in signed)
    parts = sorted(part.partition("=")[::2] for part in query.split("&") if part)
    asked = "&".join(f"{name}={text}" for name, text in parts)
    canonical = "\n".join((method, path, asked, fields, ";".join(signed), payload_hash))
    told = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            moment,
            "/".join(scope),
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, told.encode(), "sha256").hex()


class RefusedError(Exception):
    """An answer that is no yes."""

    def __init__(self, status, code):
        super().__init__(code)
        self.status = status
        self.code = code


class Store:
    """Objects of one bucket; `mood` says how it answers, `asked` what it was asked."""

    def __init__(self):
        self.objects = {}
        self.mood = "well"
        self.bad_answers = None
        """After so many bad answers it is well again."""
        self.asked = []
        self.gates = []

    async def answer(self, request):
        body = await request.read()
        self.asked.append((request.method, request.raw_path))
        mood = self.mood
        if mood in BAD_MOODS and self.bad_answers is not None:
            mood = mood if self.bad_answers else "well"
            self.bad_answers = max(0, self.bad_answers - 1)
        try:
            check_signed(request, body)
            self._behave(request, mood)
            if mood == "hangs":
                await self._hang()
            return await self._act(request, body, mood)
        except RefusedError as refused:
            text = f"<Error><Code>{escape(refused.code)}</Code><Message>no</Message></Error>"
            return web.Response(status=refused.status, text=text, content_type="application/xml")

    def _behave(self, request, mood):
        told = {
            "errors": (500, "InternalError"),
            "slows down": (503, "SlowDown"),
            "refuses": (403, "AccessDenied"),
            "no bucket": (404, "NoSuchBucket"),
            "other region": (400, "IllegalLocationConstraintException"),
        }.get(mood)
        if told is not None:
            raise RefusedError(*told)
        if mood == "hangs up":
            request.transport.close()
        if mood == "elsewhere":
            raise web.HTTPTemporaryRedirect("http://127.0.0.2:9/elsewhere")

    async def _hang(self):
        gate = asyncio.Event()
        self.gates.append(gate)
        await gate.wait()

    async def _act(self, request, body, mood):
        _, bucket, name = request.path.split("/", 2)
        if bucket != BUCKET:
            raise RefusedError(404, "NoSuchBucket")
        if mood == "garbage":
            return web.Response(status=200 if request.method == "GET" else 418, body=b"\xff" * 40)
        if request.method == "PUT":
            self.objects[name] = body
            return web.Response(headers={"ETag": f'"{hashlib.sha256(body).hexdigest()}"'})
        if request.method == "DELETE":
            self.objects.pop(name, None)
            return web.Response(status=204)
        if request.method != "GET":
            raise RefusedError(405, "MethodNotAllowed")
        if name not in self.objects:
            raise RefusedError(404, "NoSuchKey")
        return await self._send(request, self.objects[name], mood)

    async def _send(self, request, content, mood):
        if mood not in LATE_MOODS:
            return web.Response(body=content)
        told = len(content) if mood == "half" else 1 << 40
        reply = web.StreamResponse(headers={"Content-Length": str(told)})
        await reply.prepare(request)
        with contextlib.suppress(ConnectionError):
            if mood == "half":
                await reply.write(content[: len(content) // 2])
            else:
                for _ in range(80):
                    await reply.write(bytes(1024 * 1024))
        request.transport.close()
        return reply


def check_signed(request, body):
    """Refuse a request that is not signed with our key, for our region, now, over these bytes."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != "AWS4-HMAC-SHA256" or set(parts) != {"Credential", "SignedHeaders", "Signature"}:
        raise RefusedError(403, "AccessDenied")
    key_id, *scope = parts["Credential"].split("/")
    moment = request.headers["X-Amz-Date"]
    sent_at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if key_id != KEY_ID:
        raise RefusedError(403, "InvalidAccessKeyId")
    if scope != [moment[:8], REGION, "s3", "aws4_request"]:
        raise RefusedError(400, "AuthorizationHeaderMalformed")
    if abs((datetime.now(UTC) - sent_at).total_seconds()) > SKEW_S:
        raise RefusedError(403, "RequestTimeTooSkewed")
    payload_hash = request.headers["X-Amz-Content-SHA256"]
    if payload_hash != hashlib.sha256(body).hexdigest():
        # Bytes whose digest is not signed are refused, too.
        raise RefusedError(400, "XAmzContentSHA256Mismatch")
    headers = {name.lower(): text for name, text in request.headers.items()}
    signed = parts["SignedHeaders"].split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed):
        raise RefusedError(403, "AccessDenied")
    path, _, query = request.raw_path.partition("?")
    path = quote(unquote(path), safe="/-_.~")
    known = sign(SECRET, request.method, path, query, headers, signed, payload_hash, scope, moment)
    if not hmac.compare_digest(known, parts["Signature"]):
        raise RefusedError(403, "SignatureDoesNotMatch")


@contextlib.asynccontextmanager
async def serve_s3(**options):
    """A running store and its address."""
    store = Store()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", store.answer)
    server = TestServer(app, skip_url_asserts=True)
    await server.start_server(**options)
    try:
        yield store, str(server.make_url("/")).rstrip("/")
    finally:
        for gate in store.gates:
            gate.set()
        await server.close()
