"""The wallet's endpoints behind the real wrapper, with people who are signed in by name."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert

from models.identity import User
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.core.refusals import Unauthenticated
from server.db import Database
from server.db.engine import open_engine
from server.http.endpoint import AUTHENTICATOR, DATABASE, REQUEST_LISTENER, Actor
from server.http.rate import RateLimiter, Rates
from server.http.server import EDGE, Edge, add_endpoints, answer_unmatched
from server.ledger.service import open_accounts
from server.wallets.dev_routes import DEV_ROUTES
from server.wallets.routes import ROUTES


class KnownTokens:
    """Knows tokens; every request is welcome."""

    def __init__(self):
        self.actors = {}

    async def identify(self, token, _ip):
        if token not in self.actors:
            raise Unauthenticated
        return self.actors[token], 2**40

    def note_request(self, user_id):
        """Presence is not what these tests are about."""


class WalletApi:
    """A client, its database and the people in it."""

    def __init__(self, client, database, clock, tokens):
        self.client = client
        self.database = database
        self.clock = clock
        self.tokens = tokens
        self.keys = 0

    async def add_user(self, name):
        async def work(unit):
            user_id = unit.ids.new_id()
            await unit.execute(insert(User).values(id=user_id, created_at=unit.now))
            await open_accounts(unit, user_id)
            return user_id

        user_id = await self.database.transact(work, name="test")
        self.tokens.actors[name] = Actor(user_id, user_id, "user")
        return user_id

    async def get(self, path, name="alice", **headers):
        return await self.client.get(path, headers={"Authorization": f"Bearer {name}", **headers})

    async def post(self, path, body, name="alice", *, key=None):
        self.keys += 1
        headers = {
            "Authorization": f"Bearer {name}",
            "Idempotency-Key": key or f"key-{self.keys}",
        }
        return await self.client.post(path, json=body, headers=headers)


@pytest.fixture
async def api(database_url):
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    tokens = KnownTokens()
    app = web.Application(middlewares=[answer_unmatched])
    app[DATABASE] = database
    app[AUTHENTICATOR] = tokens
    app[REQUEST_LISTENER] = tokens
    app[EDGE] = Edge(RateLimiter(clock), Rates(0, 0, 0), check_replies=True)
    add_endpoints(app, [*ROUTES.endpoints, *DEV_ROUTES.endpoints])
    async with TestClient(TestServer(app)) as client:
        api = WalletApi(client, database, clock, tokens)
        await api.add_user("alice")
        yield api
    await database.close()
