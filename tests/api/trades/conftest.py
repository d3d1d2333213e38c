"""The trades' endpoints behind the real wrapper, with the people of a world of trades."""

from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer

from server.core.refusals import Unauthenticated
from server.http.edge import EDGE, Edge
from server.http.endpoint import AUTHENTICATOR, DATABASE, REQUEST_LISTENER, Actor
from server.http.rate import RateLimiter, Rates
from server.http.server import add_endpoints
from server.http.stock import make_application
from server.identity.step_up import Act
from server.trades import outage_routes, routes
from server.trades.desk import DESK
from server.wiring.cases import CASE_ENDPOINTS
from tests.trade_world import PAYER, open_world

DECLARED = {"payer_name": PAYER}
SEEN = {"payer_name_seen": PAYER}


class People:
    """Tokens that are the names of the world's people."""

    def __init__(self, world):
        self.world = world

    async def identify(self, token, _ip):
        user_id = getattr(self.world, token, None)
        if user_id is None:
            raise Unauthenticated
        return Actor(user_id, user_id, "support" if token == "staff" else "user"), 2**40

    def note_request(self, user_id):
        """Presence is not what these tests are about."""


class TradeApi:
    """A client and the world behind it."""

    def __init__(self, client, world):
        self.client = client
        self.world = world
        self.keys = 0

    async def get(self, path, name="buyer", **query):
        headers = {} if name is None else {"Authorization": f"Bearer {name}"}
        return await self.client.get(f"/api/v1{path}", headers=headers, params=query)

    async def post(self, path, body=None, name="buyer", *, proof=None, key=None):
        self.keys += 1
        headers = {
            "Authorization": f"Bearer {name}",
            "Idempotency-Key": key or f"key-{self.keys}",
        }
        if proof is not None:
            headers["Step-Up"] = proof
        return await self.client.post(f"/api/v1{path}", json=body or {}, headers=headers)

    async def prove(self, trade_id, name="seller", action="release", amount=None):
        trade = await self.world.trade(trade_id)
        user_id = getattr(self.world, name)
        act = Act(action, trade_id, amount or trade.amount, trade.version)
        return await self.world.prove(Actor(user_id, user_id, "user"), act)

    async def read(self, trade_id, name="buyer"):
        reply = await self.get(f"/trades/{trade_id}", name)
        assert reply.status == 200, await reply.text()
        return await reply.json()


@asynccontextmanager
async def serve_world(world, *more):
    app = make_application()
    app[DATABASE] = world.database
    app[AUTHENTICATOR] = app[REQUEST_LISTENER] = People(world)
    app[EDGE] = Edge(RateLimiter(world.clock), Rates(0, 0, 0), check_replies=True)
    app[DESK] = world.desk
    add_endpoints(
        app,
        [
            *routes.ROUTES.endpoints,
            *CASE_ENDPOINTS,
            *outage_routes.ROUTES.endpoints,
            *more,
        ],
    )
    async with TestClient(TestServer(app)) as client:
        yield TradeApi(client, world)


@pytest.fixture
async def api(database_url):
    async with open_world(database_url) as world, serve_world(world) as api:
        yield api
