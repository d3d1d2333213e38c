"""People with second factors, over HTTP."""

import itertools

from tests.api.identity.conftest import PASSWORD
from tests.softkey import App, SoftKey

API = "/api/v1"
_keys = itertools.count()


class Person:
    """Somebody who is signed in, with what he holds."""

    def __init__(self, api, name, token):
        self.api = api
        self.name = name
        self.token = token
        self.app = None
        self.key = None
        self.recovery_codes = []

    async def ask(self, method, path, body=None, *, proof=None, key=None, token=None):
        headers = {} if proof is None else {"Step-Up": proof}
        key = key or f"{self.name}-{next(_keys)}"
        return await self.api.ask(
            method, API + path, body, token=token or self.token, key=key, headers=headers
        )

    async def must(self, method, path, body=None, **options):
        reply = await self.ask(method, path, body, **options)
        text = await reply.text()
        assert reply.status < 300, (reply.status, text)
        return await reply.json() if text else None

    async def ask_proof(self, action, method, path, body=None, **offer):
        """A question for a proof of one request; by the password unless an offer is given."""
        request = {"method": method, "path": API + path}
        if body is not None:
            request["body"] = body
        asked = {"action": action, "request": request, **(offer or {"password": PASSWORD})}
        return await self.ask("POST", "/auth/step-up", asked)

    async def prove(self, action, method, path, body=None, **offer):
        """A proof of one request."""
        reply = await self.ask_proof(action, method, path, body, **offer)
        assert reply.status == 200, await reply.text()
        return (await reply.json())["proof"]

    async def start_totp(self, **offer):
        """The secret of a new app, as the server gave it."""
        proof = await self.prove("factor", "POST", "/me/totp", **offer)
        return await self.must("POST", "/me/totp", proof=proof)

    async def add_totp(self, **offer):
        """An authenticator app in use; its first code is used up."""
        new = await self.start_totp(**offer)
        self.app = App(new["secret"], self.api.clock)
        done = await self.must("POST", "/me/totp/confirm", {"code": self.app.code()})
        self.recovery_codes = done["recovery_codes"] or self.recovery_codes
        return self.app

    async def ask_new_passkey(self, **offer):
        """The options with which a passkey is made."""
        proof = await self.prove("factor", "POST", "/me/passkeys/options", **offer)
        return (await self.must("POST", "/me/passkeys/options", proof=proof))["options"]

    async def add_passkey(self, key=None, **offer):
        """A passkey in use; the reply."""
        self.key = key or SoftKey()
        credential = self.key.create(await self.ask_new_passkey(**offer))
        body = {"name": "Laptop", "credential": credential}
        added = await self.must("POST", "/me/passkeys", body)
        self.recovery_codes = added["recovery_codes"] or self.recovery_codes
        return added

    async def wait_for_factor(self):
        """Sign in as far as the password goes; the waiting sign-in."""
        reply = await self.api.login(self.name)
        assert reply.status == 200, await reply.text()
        return (await reply.json())["second_factor"]

    async def finish(self, token, **offer):
        """Show the second factor of a waiting sign-in."""
        return await self.api.ask(
            "POST", f"{API}/auth/login/second-factor", {"token": token, **offer}
        )


async def join(api, name="alice"):
    """A new user who is signed in."""
    return Person(api, name, (await api.register(name))["access_token"])


async def refuse(reply, status, code):
    """The reply is this refusal; its body."""
    body = await reply.json()
    assert (reply.status, body.get("code")) == (status, code), body
    return body


async def list_notices(api, kind=None):
    """The kinds of what owners were told, oldest first; or the parameters of one kind."""
    import orjson
    from sqlalchemy import select

    from models.operations import Outbox

    rows = await api.read(
        select(Outbox.body).where(Outbox.name == "notification_created").order_by(Outbox.id)
    )
    told = [orjson.loads(row.body) for row in rows]
    if kind is None:
        return [one["kind"] for one in told]
    return [one["params"] for one in told if one["kind"] == kind]
