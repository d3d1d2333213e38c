"""GET /me/sign-ins: what was tried at one's account, and by whom it is never seen."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from models.compliance import AccountHold
from models.sign_ins import SignIn
from server.identity.sign_in_history import purge_sign_ins
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.people import join
from tests.softkey import SoftKey

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
LOGIN = "/api/v1/auth/login"


async def list_sign_ins(person):
    """Kind and outcome of each attempt, newest first."""
    page = await person.must("GET", "/me/sign-ins")
    return [(each["kind"], each["outcome"]) for each in page["items"]]


async def count_rows(api):
    return (await api.read(select(func.count()).select_from(SignIn)))[0][0]


async def test_history_has_good_and_bad_attempts_with_their_circumstances(database_url, clock):
    proxied = {"trusted_proxies": "127.0.0.1", "country_header": "CF-IPCountry"}
    async with start_api(database_url, clock, **proxied) as api:
        alice = await join(api)
        api.clock.advance(seconds=5)
        headers = {
            "X-Forwarded-For": "203.0.113.7", "CF-IPCountry": "VN", "User-Agent": FIREFOX
        }  # fmt: skip
        for password in ("a wrong password", PASSWORD):
            body = {"email": "alice@example.com", "password": password}
            await api.ask("POST", LOGIN, body, headers=headers)

        page = await alice.must("GET", "/me/sign-ins")

    outcomes = [(each["kind"], each["outcome"]) for each in page["items"]]
    assert outcomes == [
        ("password", "signed_in"), ("password", "refused"), ("registration", "signed_in"),
    ]  # fmt: skip
    newest = page["items"][0]
    assert newest["at"] == "2026-01-01T00:00:05.000Z"
    assert newest["device"] == "Firefox on Windows"
    assert newest["ip"] == "203.0.…"
    assert newest["country"] == "VN"
    assert page["items"][-1]["country"] is None


async def test_second_factors_are_in_the_history(api):
    alice = await join(api)
    app = await alice.add_totp()
    token = (await alice.wait_for_factor())["token"]
    await alice.finish(token, code="000000" if app.code() != "000000" else "000001")
    api.clock.advance(seconds=30)
    assert (await alice.finish(token, code=app.code())).status == 200
    token = (await alice.wait_for_factor())["token"]
    assert (await alice.finish(token, recovery_code=alice.recovery_codes[0])).status == 200

    assert await list_sign_ins(alice) == [
        ("recovery_code", "signed_in"),
        ("password", "factor_asked"),
        ("totp", "signed_in"),
        ("totp", "refused"),
        ("password", "factor_asked"),
        ("registration", "signed_in"),
    ]


async def test_passkeys_are_in_the_history_good_and_bad(api):
    alice = await join(api)
    await alice.add_passkey(SoftKey())
    for wrong in (False, True):
        asked = await api.ask("POST", f"{LOGIN}/passkey/options", {})
        answer = alice.key.answer((await asked.json())["options"])
        if wrong:
            answer["response"]["signature"] = "AAAA"
        reply = await api.ask("POST", f"{LOGIN}/passkey", {"passkey": answer})
        assert reply.status == (401 if wrong else 200)

    assert (await list_sign_ins(alice))[:2] == [("passkey", "refused"), ("passkey", "signed_in")]


@pytest.mark.parametrize("name", ["bob", "nobody"])
async def test_attempts_elsewhere_are_in_nobody_else_s_history(api, name):
    alice = await join(api)
    await api.register("bob")
    before = await count_rows(api)

    await api.login(name, "a wrong password")

    # What is written for nobody is as much work, and shown to nobody.
    assert await count_rows(api) == before + 1
    assert await list_sign_ins(alice) == [("registration", "signed_in")]


async def test_attempts_that_a_limit_refuses_do_not_fill_the_history(api):
    alice = await join(api)
    for _ in range(14):
        await api.login("alice", "a wrong password")

    assert (await list_sign_ins(alice)).count(("password", "refused")) == 10


async def test_pages_follow_each_other_without_gap_or_double(api):
    alice = await join(api)
    for _ in range(6):
        assert (await api.login("alice")).status == 200
    seen, cursor = [], ""
    for size in (3, 3, 1):
        page = await alice.must("GET", f"/me/sign-ins?limit=3{cursor}")
        assert len(page["items"]) == size
        seen += [each["id"] for each in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert page["next_cursor"] is None
    assert len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


async def test_history_is_kept_for_its_time(api):
    alice = await join(api)
    api.clock.advance(hours=24 * 30)
    alice.token = (await (await api.login("alice")).json())["access_token"]
    assert await purge_sign_ins(api.identity, timedelta(days=30)) == 0
    api.clock.advance(seconds=1)

    assert await purge_sign_ins(api.identity, timedelta(days=30)) == 1

    assert await list_sign_ins(alice) == [("password", "signed_in")]


async def test_history_stays_under_a_legal_hold(api):
    await api.register("alice")
    await api.register("bob")
    alice_id = await api.id_of("alice")

    async def hold(unit):
        await unit.execute(
            insert(AccountHold).values(
                id=unit.ids.new_id(), user_id=alice_id, kind="legal", reason="an order",
                placed_by=alice_id, placed_at=unit.now,
            )
        )  # fmt: skip

    await api.database.transact(hold, name="test")
    api.clock.advance(hours=24 * 31)

    assert await purge_sign_ins(api.identity, timedelta(days=30)) == 1
    assert await api.read(select(SignIn.user_id)) == [(alice_id,)]


async def test_history_is_one_s_own(api):
    assert (await api.ask("GET", "/api/v1/me/sign-ins")).status == 401
