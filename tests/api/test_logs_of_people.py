"""The log of the real program says nothing of a person, whatever he does with his account."""

import asyncio
import itertools
import json
import re
import signal
from datetime import UTC, datetime
from types import SimpleNamespace

import aiohttp
import pytest

from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.identity.rails import upsert_payment_methods
from tests.api.identity.conftest import VIETCOMBANK
from tests.api.kyc.conftest import PERSON
from tests.pictures import draw
from tests.server_process import run_server
from tests.softkey import App

PASSWORD = "geheim horse battery"
PLACE, OTHER_PLACE = "203.0.113.77", "2001:db8:77::77"
AGENT = "Mozilla/5.0 (Geheimgeraet) Firefox/142.0"
HOLDER, NUMBER, PHONE = "Tran Thi Geheimnis", "4929100200300400", "+84901234567"
CODE = re.compile(r"\b([0-9]{6})\b")
LINK = re.compile(r"reset-password#(\S+)")


class Person:
    """Somebody who notes everything that he sent and got."""

    def __init__(self, client, folder):
        self.client = client
        self.folder = folder
        self.keys = itertools.count()
        self.token = None
        self.codes = set()
        self.marks = {
            PASSWORD, PLACE, OTHER_PLACE, "Geheimgeraet", HOLDER, NUMBER, PHONE, PHONE[-9:],
            "geheim@example.com", "geheimname", "203.0.113", "2001:db8:77",
            PERSON["full_name"], PERSON["document_number"], PERSON["birth_date"],
        }  # fmt: skip

    async def ask(self, method, path, body=None, *, place=PLACE, proof=None, raw=None, media=None):
        """Status and JSON; every secret of both directions is noted."""
        headers = {"X-Forwarded-For": place, "User-Agent": AGENT}
        if self.token is not None:
            headers |= {"Authorization": f"Bearer {self.token}"}
            headers |= {"Idempotency-Key": f"key-{next(self.keys)}"}
        if proof is not None:
            headers["Step-Up"] = proof
        if media is not None:
            headers["Content-Type"] = media
        async with self.client.request(
            method, f"/api/v1{path}", json=body if raw is None else None, data=raw, headers=headers
        ) as reply:
            content = await reply.read()
        found = json.loads(content) if content[:1] == b"{" else None
        if isinstance(found, dict):
            for name in ("access_token", "refresh_token", "device_token", "proof", "secret"):
                if isinstance(found.get(name), str):
                    self.marks.add(found[name])
            self.marks.update(found.get("recovery_codes") or ())
        return reply.status, found

    async def must(self, method, path, body=None, **more):
        status, found = await self.ask(method, path, body, **more)
        assert status < 300, (path, status, found)
        return found

    async def proven(self, action, method, path, body=None, **offer):
        request = {"method": method, "path": f"/api/v1{path}"}
        if body is not None:
            request["body"] = body
        asked = {"action": action, "request": request, **(offer or {"password": PASSWORD})}
        proof = (await self.must("POST", "/auth/step-up", asked))["proof"]
        return await self.must(method, path, body, proof=proof)

    async def fetch(self, export_id):
        """The copy, with a proof of its own."""
        path = f"/me/exports/{export_id}/download"
        asked = {"action": "account", "password": PASSWORD,
                 "request": {"method": "POST", "path": f"/api/v1{path}"}}  # fmt: skip
        proof = (await self.must("POST", "/auth/step-up", asked))["proof"]
        assert (await self.ask("POST", path, proof=proof))[0] == 200

    async def read_mail(self, pattern, kept):
        """What the newest matching letter says, once it is written."""
        for _ in range(300):
            for path in sorted(self.folder.glob("*.txt"), reverse=True):
                found = pattern.search(path.read_text())
                if found is not None:
                    kept.add(found[1])
                    return found[1]
            await asyncio.sleep(0.05)
        raise AssertionError("no letter came")


async def use_everything(person):
    """An account from its opening to its copy, with wrong values on the way."""
    account = {"email": "geheim@example.com", "password": PASSWORD, "username": "geheimname"}
    wrong = {"email": account["email"], "password": "geheim wrong"}
    person.marks.add(wrong["password"])
    opened = await person.must("POST", "/auth/register", account)
    assert (await person.ask("POST", "/auth/register", account))[0] == 409
    for place in (PLACE, OTHER_PLACE):
        assert (await person.ask("POST", "/auth/login", wrong, place=place))[0] == 401
    person.token = opened["access_token"]
    await person.must("POST", "/auth/verify/request", {"channel": "email"})
    code = await person.read_mail(CODE, person.codes)
    bad = {"channel": "email", "code": f"{(int(code) + 1) % 1_000_000:06}"}
    assert (await person.ask("POST", "/auth/verify/confirm", bad))[0] >= 400
    await person.must("POST", "/auth/verify/confirm", {"channel": "email", "code": code})
    assert (await person.ask("POST", "/auth/verify/request", {"channel": "sms", "phone": PHONE}))[0]
    details = {"payment_method_id": "vn-vietcombank",
               "details": {"holder": HOLDER, "number": NUMBER}}  # fmt: skip
    await person.proven("payment_account", "POST", "/me/payment-accounts", details)
    assert (await person.ask("POST", "/me/payment-accounts", details))[0] == 403
    level = {**PERSON, "level": 3, "document_type": "utility_bill", "address": "1 Geheimstr."}
    person.marks.add("Geheimstr")
    assert (await person.ask("POST", "/me/kyc", level))[0] >= 400
    await person.ask("POST", "/me/kyc", PERSON)
    await person.ask("POST", "/me/kyc/documents/front", raw=b"geheim bytes", media="image/jpeg")
    await person.ask("POST", "/me/kyc/documents/front", raw=draw(), media="image/jpeg")
    export = await person.proven("account", "POST", "/me/exports")
    for _ in range(300):
        (made,) = (await person.must("GET", "/me/exports"))["items"]
        if made["status"] == "ready":
            break
        await asyncio.sleep(0.1)
    await person.fetch(export["id"])
    new = await person.proven("factor", "POST", "/me/totp")
    app = App(new["secret"], SimpleNamespace(now=lambda: datetime.now(UTC)))
    person.codes.add(app.code())
    await person.must("POST", "/me/totp/confirm", {"code": app.code()})
    person.token = None
    await person.must("POST", "/auth/forgot-password", {"email": account["email"]})
    token = await person.read_mail(LINK, person.marks)
    chosen = {"token": token, "password": "geheim donkey battery"}
    await person.must("POST", "/auth/reset-password", chosen)
    status, waiting = await person.ask("POST", "/auth/login", account | chosen, place=OTHER_PLACE)
    assert status == 422, waiting
    asked = {"email": account["email"], "password": chosen["password"]}
    waiting = (await person.must("POST", "/auth/login", asked, place=OTHER_PLACE))["second_factor"]
    person.marks.add(waiting["token"])
    guess = {"token": waiting["token"], "code": app.wrong()}
    assert (await person.ask("POST", "/auth/login/second-factor", guess))[0] == 401
    assert (await person.ask("POST", "/auth/refresh", {"refresh_token": "geheim-token"}))[0] == 401


@pytest.fixture
async def database(database_url):
    database = Database(open_engine(database_url), clock=ManualClock(), random=SystemRandom())
    await database.transact(lambda unit: upsert_payment_methods(unit, [VIETCOMBANK]), name="test")
    yield database
    await database.close()


async def test_log_says_nothing_of_a_person_whatever_he_does(database, database_url, tmp_path):
    settings = {
        **dict.fromkeys(("reads_per_s", "writes_per_s", "public_per_s"), 0),
        "log_level": "debug", "log_format": "json", "trusted_proxies": "127.0.0.1",
        "mail_folder": tmp_path / "mail", "kyc_folder": tmp_path / "kyc", "device_hold_hours": 24,
        "new_account_level": 1,
    }  # fmt: skip
    async with (
        run_server(database_url, **settings) as server,
        aiohttp.ClientSession(server.base) as client,
    ):
        person = Person(client, tmp_path / "mail")
        await use_everything(person)
        server.tell(signal.SIGTERM)
        await server.wait(30)
    said = server.said.decode()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    refused = {line.get("code") for line in lines if line["event"] == "refused"}
    assert {"wrong_credentials", "identity_taken", "step_up_required", "invalid"} <= refused
    assert [mark for mark in person.marks if mark.lower() in said.lower()] == []
    assert "geheim" not in said.lower()
    told = "\n".join(json.dumps(line | {"timestamp": ""}) for line in lines)
    assert [code for code in person.codes if re.search(rf"\b{code}\b", told)] == []
    assert len(person.marks) > 20
    assert len(person.codes) >= 2
