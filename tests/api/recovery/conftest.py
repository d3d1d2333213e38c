"""Somebody who lost his second factor, and the staff who look at it."""

import itertools

import pytest
from sqlalchemy import select, update

from models.audit import AuditEntry
from models.identity import Profile
from models.recovery import Recovery
from server.kyc.context import KYC
from server.recovery.duties import tend_recoveries
from tests.api.identity.conftest import Api, clock, start_api
from tests.api.identity.mailbox import read_code
from tests.api.identity.people import Person, join
from tests.api.kyc.conftest import PICTURE, Applicant
from tests.pictures import JPEG
from tests.staff_world import make_staff

__all__ = ["clock"]
AUTH = "/api/v1/auth/recovery"
NUMBER = "+84901234567"
_keys = itertools.count()


class Desk(Api):
    """An application, an owner with an authenticator app, and two of the staff."""

    async def begin(self):
        self.alice = await join(self)
        self.app_of_alice = await self.alice.add_totp()
        self.agent = await self.hire("agent", "support_agent")
        self.officer = await self.hire("officer", "compliance")
        return self

    async def hire(self, name, role):
        await self.register(name)
        await make_staff(self.client.server.app, await self.id_of(name), role)
        token = (await (await self.login(name)).json())["access_token"]
        return Person(self, name, token)

    @property
    def kyc(self):
        return self.client.server.app[KYC]

    async def come_back(self, *people):
        """Tokens live a quarter of an hour, and the clock has moved."""
        for one in people or (self.agent, self.officer):
            one.token = (await (await self.login(one.name)).json())["access_token"]

    async def give_phone(self, name="alice"):
        user_id = await self.id_of(name)

        async def work(unit):
            values = {"phone": NUMBER, "phone_key": NUMBER}
            await unit.execute(update(Profile).where(Profile.user_id == user_id).values(**values))

        await self.database.transact(work, name="test")

    async def verify_identity(self, name="alice"):
        """The owner is verified as Nguyễn Văn Đức."""
        token = self.alice.token
        applicant = Applicant(self, name, token)
        officer = Applicant(self, "officer", self.officer.token)
        status, _ = await officer.decide(await applicant.hand_in())
        assert status == 200

    async def post(self, path, body, **headers):
        reply = await self.ask("POST", AUTH + path, body, headers=headers)
        text = await reply.text()
        return reply.status, (await reply.json() if text else None)

    async def ask_codes(self, *channels, name="alice"):
        """A waiting sign-in, and a code from each channel."""
        token = (await (await self.login(name)).json())["second_factor"]["token"]
        codes = []
        for channel in channels:
            status, sent = await self.post("/code", {"token": token, "channel": channel})
            assert status == 200, sent
            to = f"{name}@example.com" if channel == "email" else NUMBER
            codes.append(await read_code(self, to))
        return token, *codes

    async def lose(self, *, name="alice"):
        """The owner asks for recovery by his mailbox; the case with its secret."""
        token, code = await self.ask_codes("email", name=name)
        status, case = await self.post("", {"token": token, "email_code": code})
        assert status == 201, case
        return case

    async def send(self, case, what, content=PICTURE, media_type=JPEG):
        headers = {"Recovery-Token": case["recovery_token"], "Content-Type": media_type}
        async with self.client.post(f"{AUTH}/{what}", data=content, headers=headers) as reply:
            return reply.status, (await reply.json() if reply.status >= 400 else None)

    async def follow(self, case):
        status, found = await self.post("/status", {"recovery_token": case["recovery_token"]})
        return found["status"] if status == 200 else found["code"]

    async def staff(self, person, method, path, body=None):
        path, headers = f"/api/admin/{path}", {}
        if method == "POST" and path.endswith(("/approvals", "/approve")):
            headers["Step-Up"] = await self.prove(person.token, "staff", method, path, body)
        reply = await self.ask(
            method, path, body, token=person.token, key=f"desk-{next(_keys)}", headers=headers
        )
        text = await reply.text()
        return reply.status, (await reply.json() if text else None)

    def asking(self, case):
        return {
            "kind": "recover_account", "object_id": case["id"], "body": {},
            "reason": "The pictures agree.",
        }  # fmt: skip

    async def propose(self, case, person=None):
        return await self.staff(person or self.agent, "POST", "approvals", self.asking(case))

    async def approve(self, proposal, person=None):
        path, body = f"approvals/{proposal['id']}/approve", {"hash": proposal["hash"]}
        return await self.staff(person or self.officer, "POST", path, body)

    async def complete(self, case):
        """Proposed by one and approved by another once the wait is over."""
        status, proposal = await self.propose(case)
        assert status == 201, proposal
        status, done = await self.approve(proposal)
        assert (status, done["status"]) == (200, "carried_out"), done

    async def pass_wait(self, *, hours=72):
        self.clock.advance(hours=hours)
        await self.come_back()

    async def tend(self):
        return await tend_recoveries(self.kyc)

    async def audited(self):
        rows = await self.read(
            select(AuditEntry.action)
            .where(AuditEntry.object_kind == "recovery")
            .order_by(AuditEntry.id)
        )
        return [row.action for row in rows]

    async def statuses(self):
        rows = await self.read(select(Recovery.status).order_by(Recovery.id))
        return [row.status for row in rows]


def code_of(answer):
    status, body = answer
    return status, body["code"]


@pytest.fixture
def make_desk(database_url, clock, tmp_path):
    def make(**settings):
        options = {"new_account_level": 1, "kyc_folder": tmp_path / "kyc", **settings}
        return start_api(database_url, clock, make=Desk, **options)

    return make


@pytest.fixture
async def desk(make_desk):
    async with make_desk() as started:
        yield await started.begin()
