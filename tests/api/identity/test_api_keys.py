"""API keys: made with a proof, shown once, open what their scopes say, end everywhere at once."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.api_keys import ApiKey
from models.audit import AuditEntry
from models.compliance import HoldKind
from models.identity import Profile, Role
from server.compliance.closure import close_account
from server.compliance.holds import end_sessions_of, place_hold
from server.core.ids import SystemRandom
from server.core.refusals import RateLimited, Unauthenticated
from server.identity.api_keys import KEPT, purge_api_keys
from server.identity.key_ends import KEYS_MAX
from server.identity.key_ring import (
    KNOWN_FOR,
    NOTED_EVERY,
    PREFIX,
    is_key,
    make_key,
)
from server.identity.service import set_role
from server.identity.sessions import end_sessions
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.people import join, list_notices, refuse

PATH = "/me/api-keys"
BOT = {"name": "Bot", "scopes": ["read", "trade"]}


async def ask_key(person, body=BOT):
    """The reply to a new key, asked for with a proof of exactly that."""
    proof = await person.prove("api_key", "POST", PATH, body)
    return await person.ask("POST", PATH, body, proof=proof)


async def add_key(person, **more):
    """A new key as the reply shows it."""
    reply = await ask_key(person, {**BOT, **more})
    assert reply.status == 201, await reply.text()
    return await reply.json()


async def status_of(api, key, path="/api/v1/me/limits"):
    return (await api.ask("GET", path, token=key)).status


async def test_key_is_made_with_a_proof_and_shown_once(api, clock):
    alice = await join(api)
    await refuse(await alice.ask("POST", PATH, BOT), 403, "step_up_required")
    other = await alice.prove("api_key", "POST", PATH, {**BOT, "scopes": ["read"]})
    await refuse(await alice.ask("POST", PATH, BOT, proof=other), 403, "step_up_required")

    made = await add_key(alice, networks=["192.0.2.0/24", "2001:db8::1", "192.0.2.0/24"])

    key = made.pop("key")
    assert is_key(key)
    assert key.startswith(made["begins"])
    assert (made["scopes"], made["used_at"]) == (["read", "trade"], None)
    assert made["networks"] == ["192.0.2.0/24", "2001:db8::1/128"]
    (row,) = await api.read(select(ApiKey.created_at, ApiKey.expires_at))
    assert row.expires_at - row.created_at == timedelta(days=90)
    assert (await alice.must("GET", PATH))["items"] == [made]
    for table in ("api_keys", "idempotency_keys", "audit_entries", "outbox", "messages"):
        assert key.encode() not in await api.dump(table)
    assert await list_notices(api, "api_key_made") == [{"name": "Bot"}]
    (audited,) = await api.read(select(AuditEntry).where(AuditEntry.action == "api_key_made"))
    assert "trade" in audited.after


async def test_malformed_key_is_refused(api):
    alice = await join(api)
    for more in (
        {"scopes": []}, {"scopes": ["release"]}, {"scopes": ["withdraw"]}, {"scopes": ["read"] * 3},
        {"expires_in_days": 0}, {"expires_in_days": 366}, {"expires_in_days": "9"}, {"name": ""},
        {"name": "x" * 61}, {"name": "a\u202eb"}, {"networks": ["example.com"]},
        {"networks": ["192.0.2.7/24"]}, {"networks": ["192.0.2.7"] * 11}, {"user_id": "1"},
    ):  # fmt: skip
        await refuse(await ask_key(alice, {**BOT, **more}), 422, "invalid")
    assert await api.read(select(ApiKey.id)) == []


async def test_what_is_no_key_is_refused_without_a_look(api):
    alice = await join(api)
    key = (await add_key(alice))["key"]
    wrong = [
        key[:-1] + ("0" if key[-1] != "0" else "1"), key.swapcase(), key + "0", key[:-1], PREFIX,
        f"{PREFIX}{'é' * 47}", key.replace("iqx_", "IQX_"),
    ]  # fmt: skip
    for text in wrong:
        with api.count_statements() as seen:
            assert await status_of(api, text) == 401
        assert not any("api_keys" in statement for statement in seen)
    assert await status_of(api, make_key(SystemRandom())) == 401
    assert await status_of(api, key) == 200


async def test_known_key_costs_no_statement(api, clock):
    alice = await join(api)
    key = (await add_key(alice))["key"]
    with api.count_statements() as by_session:
        assert await status_of(api, alice.token) == 200
    with api.count_statements() as first:
        assert await status_of(api, key) == 200
    with api.count_statements() as second:
        assert await status_of(api, key) == 200

    assert sum("api_keys" in statement for statement in first) == 1
    # Tasks of the service ask meanwhile, so only the questions of the call are compared.
    assert not any("api_keys" in statement for statement in second)
    of_limits = [one for one in second if "trades_completed" in one]
    assert of_limits == [one for one in by_session if "trades_completed" in one] != []
    clock.advance(seconds=int(KNOWN_FOR.total_seconds()))
    with api.count_statements() as later:
        assert await status_of(api, key) == 200
    assert sum("api_keys" in statement for statement in later) == 1


async def test_key_counts_from_its_networks_alone_and_until_it_expires(database_url, clock):
    async with start_api(database_url, clock, trusted_proxies="127.0.0.1") as api:
        alice = await join(api)
        key = (await add_key(alice, networks=["192.0.2.0/24"], expires_in_days=1))["key"]
        statuses = {}
        for ip in ("192.0.2.9", "::ffff:192.0.2.9", "192.0.3.9", "2001:db8::1"):
            headers = {"X-Forwarded-For": ip}
            reply = await api.ask("GET", "/api/v1/me/limits", token=key, headers=headers)
            statuses[ip] = reply.status
        assert list(statuses.values()) == [200, 200, 401, 401]
        clock.advance(hours=23, minutes=59)
        inside = {"X-Forwarded-For": "192.0.2.9"}
        assert (await api.ask("GET", "/api/v1/wallet", token=key, headers=inside)).status == 200
        clock.advance(minutes=1)
        assert (await api.ask("GET", "/api/v1/wallet", token=key, headers=inside)).status == 401


async def test_ended_key_is_refused_here_at_once_and_elsewhere_within_a_second(api, other_api):
    alice, bob = await join(api), await join(api, "bob")
    made = await add_key(alice)
    assert await status_of(api, made["key"]) == await status_of(other_api, made["key"]) == 200
    await refuse(await bob.ask("DELETE", f"{PATH}/{made['id']}"), 404, "not_found")

    await alice.must("DELETE", f"{PATH}/{made['id']}")

    began = time.monotonic()
    assert await status_of(api, made["key"]) == 401
    while await status_of(other_api, made["key"]) != 401:
        assert time.monotonic() - began < 1
        await asyncio.sleep(0.02)
    assert (await alice.must("GET", PATH))["items"] == []
    await refuse(await alice.ask("DELETE", f"{PATH}/{made['id']}"), 404, "not_found")
    assert await api.status_of_me(alice.token) == 200


async def test_key_that_ends_while_it_is_looked_up_is_refused(api, clock):
    alice = await join(api)
    made = await add_key(alice)
    ring = api.identity.keys

    async def use():
        try:
            await ring.identify(made["key"], "192.0.2.1")
        except Unauthenticated:
            return "refused"
        return "served"

    async def end():
        await alice.must("DELETE", f"{PATH}/{made['id']}")

    await asyncio.gather(end(), *(use() for _ in range(8)))
    assert await use() == "refused"


async def test_eleventh_key_is_refused_however_many_are_asked_at_once(api):
    alice = await join(api)
    for _ in range(KEYS_MAX - 1):
        await add_key(alice)
    bodies = [{**BOT, "name": f"Bot {index}"} for index in range(3)]
    proofs = [await alice.prove("api_key", "POST", PATH, body) for body in bodies]

    replies = await asyncio.gather(
        *(
            alice.ask("POST", PATH, body, proof=proof)
            for body, proof in zip(bodies, proofs, strict=True)
        )
    )

    assert sorted(reply.status for reply in replies) == [201, 409, 409]
    assert len((await alice.must("GET", PATH))["items"]) == KEYS_MAX


async def reset_password(api, unit, user_id):
    await end_sessions(api.identity, unit, user_id, "password_reset")


async def freeze(api, unit, user_id):
    await place_hold(api.identity, unit, user_id, HoldKind.FREEZE, "Looked at.", None)


async def close(api, unit, user_id):
    await close_account(api.identity, unit, user_id, timedelta(days=1))


async def sign_out_by_staff(api, unit, user_id):
    await end_sessions_of(api.identity, unit, user_id, "Looked at.")


async def give_role(api, unit, user_id):
    await set_role(api.identity, unit, user_id, Role.SUPPORT)


ENDS = (reset_password, freeze, close, sign_out_by_staff, give_role)


async def test_what_ends_sessions_ends_keys_and_tells_the_owner(api):
    for number, end in enumerate(ENDS):
        person = await join(api, f"person{number}")
        key = (await add_key(person))["key"]
        assert await status_of(api, key) == 200
        user_id = await api.id_of(person.name)

        async def work(unit, end=end, user_id=user_id):
            await end(api, unit, user_id)

        await api.database.transact(work, name="test")

        assert await status_of(api, key) == 401, end.__name__
    told = await list_notices(api, "api_keys_ended")
    assert [one["count"] for one in told] == ["1"] * len(ENDS)


async def test_factor_and_password_changes_end_keys_and_signing_out_elsewhere_does_not(api):
    alice = await join(api)
    key = (await add_key(alice))["key"]
    await alice.must("DELETE", "/me/sessions")
    assert await status_of(api, key) == 200

    change = {"current_password": PASSWORD, "new_password": "battery of another horse"}
    proof = await alice.prove("password", "POST", "/me/password", change)
    await alice.must("POST", "/me/password", change, proof=proof)
    assert await status_of(api, key) == 401

    bob = await join(api, "bob")
    other = (await add_key(bob))["key"]
    await bob.add_totp()
    assert await status_of(api, other) == 401


async def test_frozen_account_makes_no_key(api):
    alice = await join(api)
    user_id = await api.id_of("alice")

    async def work(unit):
        await freeze(api, unit, user_id)

    await api.database.transact(work, name="test")
    alice.token = (await (await api.login("alice")).json())["access_token"]

    await refuse(await ask_key(alice), 409, "own_account_frozen")


async def test_key_of_a_number_of_a_blocked_country_counts_no_more(database_url, clock):
    async with start_api(database_url, clock, blocked_countries="VN") as api:
        alice = await join(api)
        key = (await add_key(alice))["key"]

        async def move(unit):
            await unit.execute(update(Profile).values(phone="+84901234567"))

        await api.database.transact(move, name="test")
        assert await status_of(api, key) == 401


async def test_last_use_is_known_to_some_minutes(api, clock):
    alice = await join(api)
    key = (await add_key(alice))["key"]
    ring = api.identity.keys
    for _ in range(3):
        assert await status_of(api, key) == 200
    began = clock.now()
    assert await ring.flush() == 1
    clock.advance(minutes=2)
    assert await status_of(api, key) == 200
    assert await ring.flush() == 0

    (shown,) = (await alice.must("GET", PATH))["items"]
    (row,) = await api.read(select(ApiKey.used_at))
    assert (row.used_at, shown["used_from"]) == (began, "127.0.…")
    clock.advance(seconds=int(NOTED_EVERY.total_seconds()))
    assert await status_of(api, key) == 200
    assert await ring.flush() == 1


async def test_key_has_a_limit_of_its_own_and_counts_for_its_owner(database_url, clock):
    limits = {"key_calls_per_s": 2, "reads_per_s": 5, "writes_per_s": 50}
    async with start_api(database_url, clock, **limits) as api:
        alice = await join(api)
        first, second = [(await add_key(alice))["key"] for _ in range(2)]
        assert [await status_of(api, first) for _ in range(5)] == [200] * 4 + [429]
        reply = await api.ask("GET", "/api/v1/me/limits", token=first)
        assert reply.headers["Retry-After"] == "1"
        assert reply.headers["RateLimit-Policy"] == '"calls";q=4;w=2'
        assert reply.headers["RateLimit"] == '"calls";r=0;t=1'
        assert [await status_of(api, second) for _ in range(4)] == [200] * 4
        assert [await api.status_of_me(alice.token) for _ in range(3)] == [200, 200, 429]


async def test_address_that_shows_unknown_keys_is_stopped(api, clock):
    ring = api.identity.keys
    outcomes = []
    for _ in range(12):
        try:
            await ring.identify(make_key(SystemRandom()), "192.0.2.1")
        except (Unauthenticated, RateLimited) as refused:
            outcomes.append(type(refused))
    assert outcomes == [Unauthenticated] * 10 + [RateLimited] * 2
    with pytest.raises(Unauthenticated):
        await ring.identify(make_key(SystemRandom()), "192.0.2.2")


async def test_old_keys_are_forgotten(api, clock):
    alice = await join(api)
    await add_key(alice, expires_in_days=1)
    clock.advance(hours=24 * (1 + KEPT.days))
    assert await api.database.transact(purge_api_keys, name="test") == 0
    clock.advance(seconds=1)
    assert await api.database.transact(purge_api_keys, name="test") == 1


def test_keys_are_long_random_and_carry_a_checksum():
    keys = {make_key(SystemRandom()) for _ in range(50)}
    assert len(keys) == 50
    assert all(is_key(key) and len(key) == 51 for key in keys)
