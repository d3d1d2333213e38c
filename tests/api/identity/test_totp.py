"""/me/totp, /me/recovery-codes, and signing in with their codes."""

import asyncio
import re
import urllib.parse

import pytest

from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.people import Person, join, list_notices, refuse
from tests.softkey import App


@pytest.fixture
async def alice(api):
    return await join(api)


@pytest.fixture
async def secured(api, alice):
    """Alice with an authenticator app, half a minute after she confirmed it."""
    await alice.add_totp()
    api.clock.advance(seconds=30)
    return alice


async def test_app_is_added_by_secret_uri_and_picture(api, alice):
    new = await alice.start_totp()
    assert re.fullmatch(r"[A-Z2-7]{32}", new["secret"])
    uri = urllib.parse.urlsplit(new["uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/IQX:alice")
    assert urllib.parse.parse_qs(uri.query)["secret"] == [new["secret"]]
    assert new["qr_svg"].startswith("data:image/svg+xml")


async def test_app_counts_once_it_is_confirmed(api, alice):
    await alice.start_totp()
    assert (await alice.must("GET", "/me/totp"))["confirmed_at"] is None
    assert "access_token" in await (await api.login("alice")).json()
    await alice.add_totp()
    assert (await alice.must("GET", "/me/totp"))["confirmed_at"] == "2026-01-01T00:00:00.000Z"
    assert (await alice.must("GET", "/me"))["second_factor"] is True
    assert "access_token" not in await (await api.login("alice")).json()


async def test_adding_an_app_needs_a_proof_of_exactly_that(alice):
    await refuse(await alice.ask("POST", "/me/totp"), 403, "step_up_required")
    other = await alice.prove("factor", "POST", "/me/recovery-codes")
    await refuse(await alice.ask("POST", "/me/totp", proof=other), 403, "step_up_required")
    another = await alice.prove("password", "POST", "/me/totp")
    await refuse(await alice.ask("POST", "/me/totp", proof=another), 403, "step_up_required")


async def test_wrong_code_confirms_nothing(alice):
    app = App((await alice.start_totp())["secret"], alice.api.clock)
    for code in (app.wrong(), app.code(-1), app.code(1)):
        reply = await alice.ask("POST", "/me/totp/confirm", {"code": code})
        await refuse(reply, 422, "code_wrong")
    assert (await alice.must("GET", "/me"))["second_factor"] is False


async def test_nothing_is_confirmed_that_was_not_begun(alice):
    reply = await alice.ask("POST", "/me/totp/confirm", {"code": "000000"})
    await refuse(reply, 404, "not_found")


async def test_second_app_is_refused_and_a_new_start_forgets_the_old_secret(alice):
    first = App((await alice.start_totp())["secret"], alice.api.clock)
    await alice.start_totp()
    reply = await alice.ask("POST", "/me/totp/confirm", {"code": first.code()})
    await refuse(reply, 422, "code_wrong")
    app = await alice.add_totp()
    alice.api.clock.advance(seconds=30)
    proof = await alice.prove("factor", "POST", "/me/totp", code=app.code())
    await refuse(await alice.ask("POST", "/me/totp", proof=proof), 409, "totp_exists")
    reply = await alice.ask("POST", "/me/totp/confirm", {"code": app.code()})
    await refuse(reply, 409, "totp_exists")


async def test_secret_is_sealed_and_kept_in_no_reply(api, alice):
    new = await alice.start_totp()
    app = App(new["secret"], api.clock)
    await alice.must("POST", "/me/totp/confirm", {"code": app.code()})
    stored = await api.dump("totp_factors") + await api.dump("idempotency_keys")
    assert new["secret"].encode() not in stored
    assert app.totp.byte_secret() not in stored


async def test_password_alone_opens_no_session_of_who_has_a_factor(api, secured):
    waiting = await secured.wait_for_factor()
    assert waiting["methods"] == ["totp", "recovery_code"]
    assert waiting["expires_in"] == 300
    done = await secured.finish(waiting["token"], code=secured.app.code())
    assert done.status == 200
    assert await api.status_of_me((await done.json())["access_token"]) == 200


async def test_waiting_token_is_no_access_token_and_no_refresh_token(api, secured):
    token = (await secured.wait_for_factor())["token"]
    assert await api.status_of_me(token) == 401
    assert (await api.refresh(token)).status == 401
    for used_as in ({"Step-Up": token}, {"Authorization": f"Basic {token}"}):
        assert (await api.ask("GET", "/api/v1/me", headers=used_as)).status == 401


async def test_waiting_token_works_once(secured):
    token = (await secured.wait_for_factor())["token"]
    assert (await secured.finish(token, code=secured.app.code())).status == 200
    secured.api.clock.advance(seconds=30)
    reply = await secured.finish(token, code=secured.app.code())
    await refuse(reply, 401, "second_factor_refused")


async def test_waiting_token_lives_five_minutes(secured):
    token = (await secured.wait_for_factor())["token"]
    secured.api.clock.advance(minutes=5)
    reply = await secured.finish(token, code=secured.app.code())
    await refuse(reply, 401, "second_factor_refused")


async def test_waiting_token_of_one_is_nothing_with_the_code_of_another(api, secured):
    bob = await join(api, "bob")
    await bob.add_totp()
    api.clock.advance(seconds=30)
    token = (await secured.wait_for_factor())["token"]
    assert bob.app.code() != secured.app.code()
    reply = await secured.finish(token, code=bob.app.code())
    await refuse(reply, 401, "second_factor_refused")


async def test_code_of_another_step_is_refused(secured):
    token = (await secured.wait_for_factor())["token"]
    for steps in (-1, 1):
        reply = await secured.finish(token, code=secured.app.code(steps))
        await refuse(reply, 401, "second_factor_refused")
    assert (await secured.finish(token, code=secured.app.code())).status == 200


async def test_code_that_confirmed_the_app_is_used_up(api, alice):
    app = await alice.add_totp()
    token = (await alice.wait_for_factor())["token"]
    body = await refuse(await alice.finish(token, code=app.code()), 401, "second_factor_refused")
    assert "used already" in body["detail"]


async def test_code_works_once(secured):
    code = secured.app.code()
    first, second = [(await secured.wait_for_factor())["token"] for _ in range(2)]
    assert (await secured.finish(first, code=code)).status == 200
    await refuse(await secured.finish(second, code=code), 401, "second_factor_refused")


async def test_code_works_once_in_parallel_and_across_processes(api, other_api, secured):
    code = secured.app.code()
    elsewhere = Person(other_api, "alice", secured.token)
    askers = [secured, elsewhere] * 4
    tokens = [(await secured.wait_for_factor())["token"] for _ in askers]
    replies = await asyncio.gather(
        *(asker.finish(token, code=code) for asker, token in zip(askers, tokens, strict=True))
    )
    assert sorted(reply.status for reply in replies) == [200] + [401] * 7


async def test_five_wrong_codes_lock_codes_for_fifteen_minutes(api, secured):
    token = (await secured.wait_for_factor())["token"]
    for _ in range(5):
        reply = await secured.finish(token, code=secured.app.wrong())
        await refuse(reply, 401, "second_factor_refused")
    api.clock.advance(minutes=4)
    locked = await secured.finish(token, code=secured.app.code())
    await refuse(locked, 429, "second_factor_locked")
    assert locked.headers["Retry-After"] == "660"
    reply = await secured.finish(token, recovery_code=secured.recovery_codes[0])
    await refuse(reply, 429, "second_factor_locked")
    assert await list_notices(api, "second_factor_locked") == [
        {"until": "2026-01-01T00:15:30.000Z"}
    ]
    api.clock.advance(minutes=11)
    token = (await secured.wait_for_factor())["token"]
    assert (await secured.finish(token, code=secured.app.code())).status == 200


async def test_right_code_starts_the_count_anew(api, secured):
    for _ in range(2):
        token = (await secured.wait_for_factor())["token"]
        for _ in range(4):
            await secured.finish(token, code=secured.app.wrong())
        api.clock.advance(seconds=30)
        assert (await secured.finish(token, code=secured.app.code())).status == 200
    assert "second_factor_locked" not in await list_notices(api)


async def test_parallel_guesses_count_each(api, secured):
    tokens = [(await secured.wait_for_factor())["token"] for _ in range(12)]
    replies = await asyncio.gather(
        *(secured.finish(token, code=secured.app.wrong()) for token in tokens)
    )
    assert sorted(reply.status for reply in replies) == [401] * 5 + [429] * 7


async def test_twenty_wrong_codes_a_day_lock_codes_for_a_day(api, secured):
    for _ in range(4):
        token = (await secured.wait_for_factor())["token"]
        for _ in range(5):
            reply = await secured.finish(token, code=secured.app.wrong())
            assert reply.status == 401
        api.clock.advance(minutes=15)
    token = (await secured.wait_for_factor())["token"]
    await refuse(await secured.finish(token, code=secured.app.code()), 429, "second_factor_locked")
    api.clock.advance(hours=23, minutes=44)
    token = (await secured.wait_for_factor())["token"]
    assert (await secured.finish(token, code=secured.app.code())).status == 429
    api.clock.advance(minutes=1)
    assert (await secured.finish(token, code=secured.app.code())).status == 200
    assert len(await list_notices(api, "second_factor_locked")) == 4


async def test_guesses_of_a_proof_count_to_the_same_lock(api, secured):
    wrong = secured.app.wrong()
    for _ in range(5):
        reply = await secured.ask_proof("factor", "DELETE", "/me/totp", code=wrong)
        await refuse(reply, 403, "step_up_refused")
    token = (await secured.wait_for_factor())["token"]
    reply = await secured.finish(token, code=secured.app.code())
    await refuse(reply, 429, "second_factor_locked")


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", " 12345", "", 123456])
async def test_malformed_code_is_refused_before_it_counts(secured, code):
    token = (await secured.wait_for_factor())["token"]
    for _ in range(6):
        assert (await secured.finish(token, code=code)).status == 422
    assert (await secured.finish(token, code=secured.app.code())).status == 200


@pytest.mark.parametrize("offer", [{}, {"code": "000000", "recovery_code": "x"}])
async def test_exactly_one_second_factor_is_offered(secured, offer):
    token = (await secured.wait_for_factor())["token"]
    assert (await secured.finish(token, **offer)).status == 422


async def test_app_is_removed_with_a_proof_and_the_recovery_codes_go_with_it(api, secured):
    await refuse(await secured.ask("DELETE", "/me/totp"), 403, "step_up_required")
    proof = await secured.prove("factor", "DELETE", "/me/totp", code=secured.app.code())
    assert (await secured.ask("DELETE", "/me/totp", proof=proof)).status == 204
    assert (await secured.must("GET", "/me/totp"))["confirmed_at"] is None
    assert (await secured.must("GET", "/me/recovery-codes"))["left"] == 0
    assert "access_token" in await (await api.login("alice")).json()
    assert await list_notices(api) == ["totp_added", "totp_removed"]


async def test_missing_app_is_not_removed(alice):
    proof = await alice.prove("factor", "DELETE", "/me/totp")
    await refuse(await alice.ask("DELETE", "/me/totp", proof=proof), 404, "not_found")


async def test_change_of_factors_ends_other_sessions_and_waiting_sign_ins(api, secured):
    waiting = (await secured.wait_for_factor())["token"]
    done = await secured.finish(waiting, code=secured.app.code())
    other = (await done.json())["access_token"]
    waiting = (await secured.wait_for_factor())["token"]
    api.clock.advance(seconds=30)
    proof = await secured.prove("factor", "DELETE", "/me/totp", code=secured.app.code())
    assert (await secured.ask("DELETE", "/me/totp", proof=proof)).status == 204
    assert await api.status_of_me(other) == 401
    assert await api.status_of_me(secured.token) == 200
    reply = await secured.finish(waiting, code=secured.app.code())
    await refuse(reply, 401, "second_factor_refused")


async def test_first_factor_comes_with_ten_recovery_codes(api, secured):
    codes = secured.recovery_codes
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{6}-){3}[0-9a-hjkmnp-tv-z]{6}", c) for c in codes)
    stored = await api.dump("recovery_codes") + await api.dump("idempotency_keys")
    assert not any(code.encode() in stored for code in codes)
    assert (await secured.must("GET", "/me/recovery-codes"))["left"] == 10


async def test_recovery_code_signs_in_once_however_it_is_typed(api, secured):
    code = secured.recovery_codes[3]
    token = (await secured.wait_for_factor())["token"]
    typed = f" {code.upper().replace('-', ' ').replace('0', 'O')} "
    assert (await secured.finish(token, recovery_code=typed)).status == 200
    token = (await secured.wait_for_factor())["token"]
    reply = await secured.finish(token, recovery_code=code)
    await refuse(reply, 401, "second_factor_refused")
    assert await list_notices(api, "recovery_code_used") == [{"left": "9"}]


async def test_recovery_code_is_used_once_in_parallel(secured):
    code = secured.recovery_codes[0]
    tokens = [(await secured.wait_for_factor())["token"] for _ in range(4)]
    replies = await asyncio.gather(*(secured.finish(one, recovery_code=code) for one in tokens))
    assert sorted(reply.status for reply in replies) == [200, 401, 401, 401]


async def test_recovery_codes_are_renewed_with_a_proof(secured):
    old = secured.recovery_codes[0]
    await refuse(await secured.ask("POST", "/me/recovery-codes"), 403, "step_up_required")
    proof = await secured.prove("factor", "POST", "/me/recovery-codes", code=secured.app.code())
    new = (await secured.must("POST", "/me/recovery-codes", proof=proof))["recovery_codes"]
    assert len(new) == 10
    assert old not in new
    token = (await secured.wait_for_factor())["token"]
    await refuse(await secured.finish(token, recovery_code=old), 401, "second_factor_refused")
    assert (await secured.finish(token, recovery_code=new[0])).status == 200


async def test_without_a_factor_there_are_no_recovery_codes(alice):
    proof = await alice.prove("factor", "POST", "/me/recovery-codes")
    reply = await alice.ask("POST", "/me/recovery-codes", proof=proof)
    await refuse(reply, 409, "no_second_factor")


async def test_recovery_code_replaces_a_lost_app_and_proves_nothing_else(secured):
    first, second = secured.recovery_codes[:2]
    reply = await secured.ask_proof("withdrawal", "POST", "/wallet/x", {}, recovery_code=first)
    await refuse(reply, 403, "step_up_refused")
    proof = await secured.prove("factor", "DELETE", "/me/totp", recovery_code=second)
    assert (await secured.ask("DELETE", "/me/totp", proof=proof)).status == 204


async def test_first_factor_in_the_opening_session_locks_no_money(database_url, clock):
    async with start_api(database_url, clock, change_hold_hours=24) as api:
        alice = await join(api)
        await alice.add_totp()
        assert (await alice.must("GET", "/me"))["money_locked_until"] is None


async def test_factor_added_later_locks_money_for_a_day(database_url, clock):
    async with start_api(database_url, clock, change_hold_hours=24) as api:
        alice = await join(api)
        api.clock.advance(minutes=1)
        alice.token = (await (await api.login("alice")).json())["access_token"]
        await alice.add_totp()
        me = await alice.must("GET", "/me")
        assert me["money_locked_until"] == "2026-01-02T00:01:00.000Z"


async def test_password_proves_nothing_of_who_has_a_factor(database_url, clock):
    async with start_api(database_url, clock, step_up="none") as api:
        alice = await join(api)
        await alice.add_totp()
        reply = await alice.ask_proof("factor", "DELETE", "/me/totp", password=PASSWORD)
        await refuse(reply, 403, "step_up_refused")
