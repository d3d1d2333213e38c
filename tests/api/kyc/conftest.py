"""People who show who they are, and people who look at it."""

import contextlib
import itertools
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from models.identity import Standing
from server.core.clock import ManualClock
from server.identity.rails import upsert_payment_methods
from server.kyc.context import KYC
from tests.api.identity.conftest import VIETCOMBANK, start_api
from tests.pictures import JPEG, draw
from tests.staff_world import ABOUT_ACCOUNTS, make_staff

PERSON = {
    "level": 2,
    "full_name": "Nguyễn Văn Đức",
    "birth_date": "1990-05-17",
    "country": "VN",
    "document_type": "passport",
    "document_number": "C 123-4567",
    "document_expires_on": "2030-01-31",
}
ADDRESS = {
    **{name: PERSON[name] for name in ("full_name", "birth_date", "country")},
    "level": 3,
    "document_type": "utility_bill",
    "address": "1 Phố Huế, Hà Nội",
}
PICTURE = draw()
_keys = itertools.count()


class Applicant:
    """Somebody who is signed in."""

    def __init__(self, api, name, token):
        self.api = api
        self.name = name
        self.token = token

    async def ask(self, method, path, body=None):
        """Status and body."""
        path, headers = f"/api/{path}", {}
        if ABOUT_ACCOUNTS.fullmatch(path):
            headers["Step-Up"] = await self.api.prove(self.token, "staff", method, path, body)
        reply = await self.api.ask(method, path, body, token=self.token, headers=headers)
        content = await reply.read()
        return reply.status, (await reply.json() if content else None)

    async def must(self, method, path, body=None):
        status, content = await self.ask(method, path, body)
        assert status < 300, (status, content)
        return content

    async def send(self, kind="front", content=PICTURE, media_type=JPEG, key=None, **headers):
        """Send a picture; status and body."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key or f"picture-{next(_keys)}",
            "Content-Type": media_type,
            **headers,
        }
        path = f"/api/v1/me/kyc/documents/{kind}"
        async with self.api.client.post(path, data=content, headers=sent) as reply:
            body = await reply.read()
            return reply.status, (await reply.json() if body else None)

    async def apply(self, **more):
        return await self.must("POST", "v1/me/kyc", {**PERSON, **more})

    async def hand_in(self, **more):
        """An application with its pictures, waiting for staff; its identifier."""
        application = await self.apply(**more)
        for kind in application["missing"]:
            assert (await self.send(kind))[0] == 204
        return (await self.must("POST", "v1/me/kyc/submit"))["id"]

    async def see(self):
        """The level and the newest application."""
        kyc = await self.must("GET", "v1/me/kyc")
        return kyc["level"], kyc["applications"][0]

    async def claim(self, application_id):
        return await self.must("POST", f"admin/kyc/{application_id}/claim")

    async def decide(self, application_id, how="approve", **body):
        """Claim and decide; status and body."""
        claimed = await self.claim(application_id)
        asked = {"version": claimed["version"], **body}
        return await self.ask("POST", f"admin/kyc/{application_id}/{how}", asked)


@contextlib.asynccontextmanager
async def open_office(database_url, folder, **settings):
    """A service with an applicant and two who review."""
    clock = ManualClock()
    async with start_api(
        database_url, clock, new_account_level=1, kyc_folder=folder / "kyc", **settings
    ) as api:

        async def join(name, *roles):
            token = (await api.register(name))["access_token"]
            if roles:
                await make_staff(api.client.server.app, await api.id_of(name), *roles)
                token = (await (await api.login(name)).json())["access_token"]
            return Applicant(api, name, token)

        async def add_rail(unit):
            await upsert_payment_methods(unit, [VIETCOMBANK])

        await api.database.transact(add_rail, name="test")

        async def sign_in(*people):
            """Tokens live a quarter of an hour, and the clock has moved."""
            for one in people:
                one.token = (await (await api.login(one.name)).json())["access_token"]

        async def set_level(level):
            await api.database.transact(
                lambda unit: unit.execute(update(Standing).values(kyc_level=level)), name="test"
            )

        yield SimpleNamespace(
            api=api, clock=clock, join=join, sign_in=sign_in, set_level=set_level,
            kyc=api.client.server.app[KYC], folder=folder / "kyc",
            alice=await join("alice"), officer=await join("officer", "compliance"),
            colleague=await join("colleague", "compliance"),
        )  # fmt: skip


@pytest.fixture
async def office(database_url, tmp_path):
    async with open_office(database_url, tmp_path) as opened:
        yield opened
