"""What belongs to others looks, on every call and to every role, as if it did not exist."""

import itertools
import uuid
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import insert, select

from models.claims import Claim
from models.disputes import Dispute
from models.factors import Passkey
from models.files import Attachment
from models.identity import Session
from models.notifications import Notification
from models.privacy import DataExport
from models.sandbox import Counterparty
from models.trades import Trade
from models.trust import Sanction
from server.core.permissions import BUILT_IN_ROLES
from server.http.examples import make_example
from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.market_world import PASSWORD, start_world
from tests.staff_world import make_staff

MISSING = "01890000-0000-7000-8000-000000000000"
CAUSED = "WHERE name <> 'notification_created'"
"""Of earlier things people are told a moment later."""
PUBLIC = ("get_order", "take_order", "put_note")
"""An order on the book is there for everybody, and everybody may note something about anybody."""
LISTS = "/api/v1/me/"
"""Below it a name stands for what one keeps about somebody."""
KINDS = {
    "/api/v1/orders": "order",
    "/api/v1/trades": "trade",
    "/api/v1/disputes": "dispute",
    "/api/v1/attachments": "attachment",
    "/api/v1/claims": "claim",
    "/api/v1/me/sessions": "session",
    "/api/v1/me/payment-accounts": "account",
    "/api/v1/me/passkeys": "passkey",
    "/api/v1/me/exports": "export",
    "/api/v1/me/sanctions": "sanction",
    "/api/v1/me/blocks": "blocked",
    "/api/v1/me/notes": "noted",
    "/api/v1/me/trusted": "trusted",
    "/api/v1/notifications": "notification",
    "/api/v1/reports": "report",
    "/api/v1/me/api-keys": "key",
    "/api/v1/sandbox/counterparties": "counterparty",
    "/api/v1/sandbox/trades": "trade",
}
KNOWN = {
    "version": 1,
    "payer_name": "NGUYEN VAN A",
    "reference": "FT1",
    "offer_id": MISSING,
    "statement": "He did not pay.",
    "evidence": None,
}


def list_calls(document):
    """Method, path and body of every call with an identifier, or with a name of one's own list,
    and the kind of thing it names."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            of_users = "{id}" in path and path.startswith("/api/v1/")
            on_list = "{username}" in path and path.startswith(LISTS)
            if not (of_users or on_list) or operation["operationId"] in PUBLIC:
                continue
            body = None
            content = operation.get("requestBody", {}).get("content", {})
            if content and "application/json" not in content:
                body = next(iter(content))
            elif content:
                schema = content["application/json"]["schema"]
                body = make_example(document, schema)
                if operation["operationId"] == "edit_order":
                    body = {"max_fiat": "1000000"}
                body = {name: KNOWN.get(name, value) for name, value in body.items()}
            kind = next(kind for start, kind in KINDS.items() if path.startswith(start))
            yield method, path.replace("{username}", "{id}"), body, kind


async def tell(world, person):
    """Something that a person was told."""
    told = uuid.UUID(int=10)

    async def work(unit):
        await unit.execute(
            insert(Notification).values(
                id=told, user_id=uuid.UUID(person.id), kind="trade_paid", cause_id=told,
                happened=1, params="{}", created_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")
    return str(told)


async def warn(world, person):
    """A warning of somebody; its identifier."""
    sanction = uuid.UUID(int=11)

    async def work(unit):
        await unit.execute(
            insert(Sanction).values(
                id=sanction, user_id=uuid.UUID(person.id), kind="warning", reason="other",
                explanation="Be polite.", imposed_by=uuid.UUID(int=1), begins_at=unit.now,
                status="active",
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")
    return str(sanction)


async def send_file(world, person, trade_id):
    """A file of a trade."""
    attachment = uuid.UUID(int=12)

    async def work(unit):
        await unit.execute(
            insert(Attachment).values(
                id=attachment, trade_id=trade_id, user_id=uuid.UUID(person.id), tries=0, size=1,
                media_type="image/jpeg", digest=bytes(32), kept_digest=bytes(32), status="clean",
                sealed_key=b"x", stored=True, scanned_at=unit.now, created_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")
    return str(attachment)


async def ask_counterparty(world, person):
    """Somebody made up whom a person asked for, who has left again."""
    asked = uuid.UUID(int=12)

    async def work(unit):
        await unit.execute(
            insert(Counterparty).values(
                id=asked, user_id=uuid.UUID(person.id), script="silent", side="buy", market="m",
                method_id="r", amount=1, price="1", payer_name="", done="[]", status="ended",
                created_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")
    return str(asked)


async def add_case(world, trade):
    """A case about a trade."""
    dispute = uuid.UUID(int=7)

    async def open_dispute(unit):
        later = unit.now + timedelta(days=1)
        await unit.execute(
            insert(Dispute).values(
                id=dispute, trade_id=trade, opened_by="buyer", reason="other", statement="",
                status="open", version=1, deadline_at=later, buyer_evidence_until=later,
                seller_evidence_until=later, buyer_done=False, seller_done=False,
                overdue_count=0, lost=False, opened_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(open_dispute, name="test")
    return dispute


async def add_claim(world, trade, buyer, seller):
    """The buyer's claim about a trade."""
    claim = uuid.UUID(int=10)

    async def work(unit):
        await unit.execute(
            insert(Claim).values(
                id=claim, trade_id=trade, kind="late", claimant_id=uuid.UUID(buyer.id),
                respondent_id=uuid.UUID(seller.id), reason="paid_late", statement="",
                status="open", version=1, deadline_at=unit.now + timedelta(days=1), held_amount=0,
                overdue_count=0, opened_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")
    return claim


async def own_things(world):
    """One thing of each kind, none of which is the stranger's."""
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell("100", "26000")
    await buyer.buy("50", "26000")
    await world.settle()
    trade = (await world.read(select(Trade.id)))[0].id
    dispute = await add_case(world, trade)
    claim = await add_claim(world, trade, buyer, seller)
    passkey = uuid.UUID(int=8)

    async def add_passkey(unit):
        await unit.execute(
            insert(Passkey).values(
                id=passkey, user_id=uuid.UUID(seller.id), name="Key", credential_digest=bytes(32),
                credential_id=b"x", public_key=b"x", transports="", sign_count=0,
                backed_up=False, created_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(add_passkey, name="test")
    export = uuid.UUID(int=9)

    async def ask_export(unit):
        await unit.execute(
            insert(DataExport).values(
                id=export, user_id=uuid.UUID(seller.id), status="ready", asked_at=unit.now,
                tries=1, due_at=unit.now, size=1, expires_at=unit.now + timedelta(days=7),
            )
        )  # fmt: skip

    await world.database.transact(ask_export, name="test")
    await world.join("foe")
    await seller.must("POST", "/me/trusted", {"username": "buyer"})
    await seller.must("POST", "/me/blocks", {"username": "foe"})
    await seller.must("PUT", "/me/notes/foe", {"text": "Never pays."})
    wrong = {"kind": "user", "subject": "foe", "reason": "scam"}
    new = {"name": "Bot", "scopes": ["read"]}
    key = await seller.must_proven("api_key", "POST", "/me/api-keys", new)
    return {
        "notification": await tell(world, seller),
        "key": key["id"],
        "trusted": "buyer",
        "blocked": "foe",
        "noted": "foe",
        "report": (await seller.must("POST", "/reports", wrong))["id"],
        "counterparty": await ask_counterparty(world, seller),
        "order": order["id"],
        "trade": str(trade),
        "dispute": str(dispute),
        "claim": str(claim),
        "account": next(iter(seller.accounts.values())),
        "passkey": str(passkey),
        "export": str(export),
        "sanction": await warn(world, seller),
        "attachment": await send_file(world, seller, trade),
        "session": str((await world.read(select(Session.id).limit(1)))[0].id),
    }


async def join_as(world, role):
    stranger = await world.join("stranger")
    if role is not None:
        await make_staff(world.client.server.app, stranger.id, role)
    account = {"email": "stranger@example.com", "password": PASSWORD}
    async with world.client.post("/api/v1/auth/login", json=account) as reply:
        stranger.token = (await reply.json())["access_token"]
    return stranger


async def ask(world, stranger, method, path, body, key):
    headers = {
        "Authorization": f"Bearer {stranger.token}",
        "Idempotency-Key": key,
        "Step-Up": "none",
    }
    sent = {"json": body}
    if isinstance(body, str):
        # A file of this type, in place of JSON.
        headers["Content-Type"], sent = body, {"data": b"x"}
    async with world.client.request(method, path, headers=headers, **sent) as reply:
        problem = orjson.loads(await reply.read() or b"{}")
        problem.pop("request_id", None)
        return reply.status, problem


@pytest.mark.parametrize("role", [None, *BUILT_IN_ROLES])
async def test_foreign_thing_is_answered_like_a_missing_one(database_url, role):
    calls = list(list_calls(build_document(list_endpoints(load_settings({})))))
    assert len(calls) > 20
    assert {kind for *_, kind in calls} == set(KINDS.values())
    assert {f"/api/v1/trades/{{id}}/{part}" for part in ("rating", "flags", "flags/agree")} <= {
        path for _, path, *_ in calls
    }
    keys = map(str, itertools.count())
    async with start_world(database_url) as world:
        things = await own_things(world)
        stranger = await join_as(world, role)
        before = await world.read(f"SELECT count(*) FROM outbox {CAUSED}")
        answers = {}
        for method, path, body, kind in calls:
            asked = [
                await ask(world, stranger, method, path.replace("{id}", name), body, next(keys))
                for name in (things[kind], MISSING)
            ]
            answers[f"{method} {path}"] = asked
        assert await world.read(f"SELECT count(*) FROM outbox {CAUSED}") == before
    told_apart = {call: asked for call, asked in answers.items() if asked[0] != asked[1]}
    assert told_apart == {}
    assert {call: asked[0] for call, asked in answers.items() if asked[0][0] != 404} == {}
