"""A signed-in caller of the real program, who has something of everything."""

import uuid
from datetime import UTC, datetime

import requests
from sqlalchemy import insert, select, update

from models.identity import Profile
from models.staff import StaffAssignment, StaffVersion
from server.core.permissions import ADMINISTRATOR
from server.identity.rails import upsert_payment_methods
from server.settings import load_settings
from server.wiring import open_kernel
from tests.databases import run_apart
from tests.market_world import MARKET, PASSWORD, RAILS, add_market

LIMITS = {"reads_per_s": 0, "writes_per_s": 0, "public_per_s": 0, "log_level": "warning"}
"""Settings of the program under these tests: the rates of calls are not what they are about."""


class Caller:
    """An administrator with funds, an account on a rail and orders of his own."""

    def __init__(self, base):
        self.base = base
        self.session = requests.Session()
        self.token = ""
        self.known = {"market": [MARKET], "payment_method_id": ["vn-one"]}

    def post(self, path, body, proof=None):
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if proof is not None:
            headers["Step-Up"] = proof
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        reply = self.session.post(self.base + path, json=body, headers=headers, timeout=20)
        assert reply.status_code < 300, reply.text
        return reply.json()

    def settle_in(self, database_url):
        account = {"email": "ada@example.com", "password": PASSWORD}
        self.post("/api/v1/auth/register", {**account, "username": "ada"})
        run_apart(lambda: change(database_url, promote))
        self.token = self.post("/api/v1/auth/login", account)["access_token"]
        self.post("/api/v1/dev/credit", {"amount": "5000"})
        number = {"payment_method_id": "vn-one", "details": {"number": "12345678"}}
        path = "/api/v1/me/payment-accounts"
        asked = {"password": PASSWORD, "action": "payment_account"}
        asked["request"] = {"method": "POST", "path": path, "body": number}
        place = self.post(path, number, self.post("/api/v1/auth/step-up", asked)["proof"])["id"]
        order = {
            "market": MARKET,
            "side": "sell",
            "pricing": {"type": "fixed", "price": "26000"},
            "amount": "100",
            "payment_account_ids": [place],
            "always_on": True,
        }
        orders = [self.post("/api/v1/orders", order)["id"] for _ in range(3)]
        self.known |= {
            "id": [*orders, place],
            "payment_account_ids": [[place]],
            "payment_method_ids": [["vn-one"]],
            "pricing": [order["pricing"]],
            "amount": ["1", "50"],
            "username": ["ada"],
            "order_version": [1],
            "place_order": [{**order, "amount": "1"}, order],
        }


async def promote(unit):
    """Make the only user there is an administrator, as far as rights are looked up."""
    user_id = (await unit.execute(select(Profile.user_id))).scalar_one()
    await unit.execute(update(Profile).values(role="admin"))
    await unit.execute(
        insert(StaffAssignment).values(
            user_id=user_id, role_id=ADMINISTRATOR, granted_at=datetime.now(UTC)
        )
    )
    await unit.execute(update(StaffVersion).values(version=StaffVersion.version + 1))


async def furnish(unit):
    await upsert_payment_methods(unit, RAILS)
    await add_market(unit, SystemClock())


class SystemClock:
    """The machine's time, which the index of the market is of."""

    def now(self):
        return datetime.now(UTC)


async def change(database_url, *works):
    kernel = open_kernel(load_settings({"IQX_DATABASE_URL": database_url}))
    for work in works:
        await kernel.database.transact(work, name="test")
    await kernel.close()
