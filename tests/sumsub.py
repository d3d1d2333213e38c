"""A service that speaks as the provider does: signed calls, applicants, signed messages."""

import hmac

import orjson
from aiohttp import web

TOKEN, SECRET, MESSAGE_SECRET = "token-of-app", "secret-of-the-token", "secret-of-messages"


class FakeSumsub:
    """Checks how calls are signed and answers from its applicants."""

    def __init__(self):
        self.applicants = {}
        self.calls = []
        self.down = False
        self.app = web.Application()
        self.app.router.add_post("/resources/applicants", self.create)
        self.app.router.add_post("/resources/accessTokens/sdk", self.make_token)
        self.app.router.add_get("/resources/applicants/{id}/one", self.read)

    async def _check(self, request):
        body = await request.read()
        self.calls.append((request.method, request.path_qs))
        if self.down:
            raise web.HTTPServiceUnavailable
        signed = request.headers["X-App-Access-Ts"] + request.method + request.path_qs
        known = hmac.new(SECRET.encode(), signed.encode() + body, "sha256").hexdigest()
        assert request.headers["X-App-Access-Sig"] == known
        assert request.headers["X-App-Token"] == TOKEN
        return orjson.loads(body) if body else None

    async def create(self, request):
        external = (await self._check(request))["externalUserId"]
        assert request.query["levelName"] == "id-and-liveness"
        if external in self.applicants:
            return web.json_response({"description": "exists"}, status=409)
        self.applicants[external] = {
            "id": f"applicant-{len(self.applicants)}", "externalUserId": external, "info": {}
        }  # fmt: skip
        return web.json_response({"id": self.applicants[external]["id"]}, status=201)

    async def make_token(self, request):
        asked = await self._check(request)
        return web.json_response({"token": f"sdk-{asked['userId']}", "userId": asked["userId"]})

    async def read(self, request):
        await self._check(request)
        name = request.match_info["id"]
        external = name.removeprefix("-;externalUserId=")
        for each in self.applicants.values():
            if name == each["id"] or external == each["externalUserId"]:
                return web.json_response(each)
        return web.json_response({}, status=404)

    def find(self, external, **info):
        """The applicant's documents have been read."""
        self.applicants[external]["info"] = {
            "firstName": "VAN DUC", "lastName": "NGUYEN", "dob": "1990-05-17", "country": "VNM",
            "idDocs": [
                {"idDocType": "PASSPORT", "number": "C1234567", "validUntil": "2029-12-31"}
            ],
            **info,
        }  # fmt: skip

    def write(self, external, clock, *, answer=None, kind="applicantReviewed", **more):
        """A message about an applicant."""
        said = {
            "applicantId": self.applicants[external]["id"],
            "inspectionId": "inspection",
            "correlationId": "req-1",
            "externalUserId": external,
            "levelName": "id-and-liveness",
            "type": kind,
            "reviewStatus": "completed",
            "createdAtMs": clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            **more,
        }
        if answer is not None:
            said["reviewResult"] = answer
        return orjson.dumps(said)


def sign(raw, secret=MESSAGE_SECRET, algorithm="HMAC_SHA256_HEX", digest="sha256"):
    """The headers of a message."""
    return {
        "Content-Type": "application/json",
        "X-Payload-Digest-Alg": algorithm,
        "X-Payload-Digest": hmac.new(secret.encode(), raw, digest).hexdigest(),
    }
