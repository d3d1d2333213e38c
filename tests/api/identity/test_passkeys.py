"""/me/passkeys, and signing in with a passkey alone or after the password."""

import asyncio

import pytest

from tests.api.identity.conftest import start_api
from tests.api.identity.people import API, join, list_notices, refuse
from tests.softkey import PRESENT, VERIFIED, SoftKey, b64


@pytest.fixture
async def alice(api):
    return await join(api)


@pytest.fixture
async def secured(alice):
    """Alice with one passkey."""
    await alice.add_passkey()
    return alice


async def ask_options(api, **body):
    reply = await api.ask("POST", f"{API}/auth/login/passkey/options", body)
    assert reply.status == 200, await reply.text()
    return (await reply.json())["options"]


async def sign_in(api, credential):
    return await api.ask("POST", f"{API}/auth/login/passkey", {"passkey": credential})


async def test_passkey_is_added_listed_renamed_and_removed(api, alice):
    added = await alice.add_passkey()
    assert len(added["recovery_codes"]) == 10
    shown = {name: value for name, value in added.items() if name != "recovery_codes"}
    assert shown["name"] == "Laptop"
    assert shown["used_at"] is None
    assert await alice.must("GET", "/me/passkeys") == {"items": [shown]}
    path = f"/me/passkeys/{added['id']}"
    assert (await alice.must("PATCH", path, {"name": "Desk"}))["name"] == "Desk"
    await refuse(await alice.ask("DELETE", path), 403, "step_up_required")
    proof = await alice.prove("factor", "DELETE", path)
    assert (await alice.ask("DELETE", path, proof=proof)).status == 204
    assert await alice.must("GET", "/me/passkeys") == {"items": []}
    assert (await alice.must("GET", "/me"))["second_factor"] is False
    assert await list_notices(api) == ["passkey_added", "passkey_removed"]


async def test_options_ask_for_a_verified_user_and_name_known_keys(secured):
    options = await secured.ask_new_passkey()
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    (known,) = options["excludeCredentials"]
    assert known["id"] == b64(secured.key.credential_id)
    assert sorted(known["transports"]) == ["hybrid", "internal"]


async def test_making_a_passkey_needs_a_proof(alice):
    await refuse(await alice.ask("POST", "/me/passkeys/options"), 403, "step_up_required")


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8080.evil.example"},
        {"type": "webauthn.get"},
        {"challenge": b64(bytes(32))},
    ],
)
async def test_passkey_made_elsewhere_is_refused(alice, changed):
    credential = SoftKey().create(await alice.ask_new_passkey(), **changed)
    reply = await alice.ask("POST", "/me/passkeys", {"name": "x", "credential": credential})
    await refuse(reply, 422, "passkey_refused")


async def test_passkey_of_an_unverified_user_or_another_domain_is_refused(alice):
    unverified, foreign = SoftKey(), SoftKey(domain="evil.example")
    unverified.flags = PRESENT
    for key in (unverified, foreign):
        credential = key.create(await alice.ask_new_passkey())
        reply = await alice.ask("POST", "/me/passkeys", {"name": "x", "credential": credential})
        await refuse(reply, 422, "passkey_refused")
    assert await alice.must("GET", "/me/passkeys") == {"items": []}


async def test_challenge_is_answered_once_even_by_a_wrong_answer(alice):
    options = await alice.ask_new_passkey()
    key = SoftKey()
    wrong = key.create(options, origin="https://evil.example")
    for credential in (wrong, key.create(options)):
        reply = await alice.ask("POST", "/me/passkeys", {"name": "x", "credential": credential})
        await refuse(reply, 422, "passkey_refused")


async def test_challenge_belongs_to_its_session_and_lives_five_minutes(api, alice):
    options = await alice.ask_new_passkey()
    other = (await (await api.login("alice")).json())["access_token"]
    body = {"name": "x", "credential": SoftKey().create(options)}
    reply = await alice.ask("POST", "/me/passkeys", body, token=other)
    await refuse(reply, 422, "passkey_refused")
    api.clock.advance(minutes=5)
    await refuse(await alice.ask("POST", "/me/passkeys", body), 422, "passkey_refused")


async def test_credential_belongs_to_one_passkey(api, secured):
    bob = await join(api, "bob")
    credential = secured.key.create(await bob.ask_new_passkey())
    reply = await bob.ask("POST", "/me/passkeys", {"name": "x", "credential": credential})
    await refuse(reply, 422, "passkey_refused")


async def test_eleventh_passkey_is_refused(alice):
    for _ in range(10):
        await alice.add_passkey()
    proof = await alice.prove("factor", "POST", "/me/passkeys/options")
    reply = await alice.ask("POST", "/me/passkeys/options", proof=proof)
    await refuse(reply, 409, "too_many_passkeys")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 5},
        {"id": "x", "rawId": "x", "type": "public-key", "response": None},
        {"id": "x", "rawId": "x", "type": "public-key", "response": []},
        {"response": {"clientDataJSON": "!"}},
        {"response": {"clientDataJSON": b64(b"[]")}},
        {"response": {"clientDataJSON": b64(b'{"challenge": 5}')}},
        {"response": {"clientDataJSON": b64(b"\xff")}},
    ],
)
async def test_nonsense_is_refused(api, alice, credential):
    reply = await alice.ask("POST", "/me/passkeys", {"name": "x", "credential": credential})
    await refuse(reply, 422, "passkey_refused")
    await refuse(await sign_in(api, credential), 401, "second_factor_refused")


async def test_nonsense_around_a_right_challenge_is_refused(api, secured):
    good = secured.key.answer(await ask_options(api))
    for name in ("authenticatorData", "signature", "userHandle"):
        for value in ("", "!", "AAAA", 5, None, []):
            credential = secured.key.answer(await ask_options(api))
            credential["response"][name] = value
            if name == "userHandle" and value is None:
                continue
            reply = await sign_in(api, credential)
            await refuse(reply, 401, "second_factor_refused")
    for name in ("id", "rawId", "type"):
        credential = {**secured.key.answer(await ask_options(api)), name: "AAAA"}
        await refuse(await sign_in(api, credential), 401, "second_factor_refused")
    assert good["id"] == b64(secured.key.credential_id)


async def test_passkey_signs_in_alone(api, secured):
    done = await sign_in(api, secured.key.answer(await ask_options(api)))
    assert done.status == 200
    body = await done.json()
    assert body["user"]["username"] == "alice"
    assert await api.status_of_me(body["access_token"]) == 200
    (passkey,) = (await secured.must("GET", "/me/passkeys"))["items"]
    assert passkey["used_at"] == "2026-01-01T00:00:00.000Z"


async def test_answer_is_good_once_also_in_parallel(api, secured):
    answer = secured.key.answer(await ask_options(api))
    replies = await asyncio.gather(*(sign_in(api, answer) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [200] + [401] * 5


async def test_answer_from_another_page_or_without_the_user_is_refused(api, secured):
    for change in ({"origin": "https://evil.example"}, {"type": "webauthn.create"}):
        answer = secured.key.answer(await ask_options(api), **change)
        await refuse(await sign_in(api, answer), 401, "second_factor_refused")
    for flags in (PRESENT, VERIFIED):
        secured.key.flags = flags
        answer = secured.key.answer(await ask_options(api))
        await refuse(await sign_in(api, answer), 401, "second_factor_refused")


async def test_answer_of_another_key_or_for_another_user_is_refused(api, secured):
    thief = SoftKey()
    thief.credential_id, thief.user_handle = secured.key.credential_id, secured.key.user_handle
    reply = await sign_in(api, thief.answer(await ask_options(api)))
    await refuse(reply, 401, "second_factor_refused")
    secured.key.user_handle = bytes(16)
    reply = await sign_in(api, secured.key.answer(await ask_options(api)))
    await refuse(reply, 401, "second_factor_refused")


async def test_copied_passkey_is_refused_and_its_owner_told(api, secured):
    assert (await sign_in(api, secured.key.answer(await ask_options(api)))).status == 200
    secured.key.count -= 1
    reply = await sign_in(api, secured.key.answer(await ask_options(api)))
    await refuse(reply, 401, "second_factor_refused")
    assert await list_notices(api, "passkey_copied") == [{"name": "Laptop"}]


async def test_passkey_that_does_not_count_is_used_again(api, alice):
    await alice.add_passkey(SoftKey(counts=False))
    for _ in range(2):
        reply = await sign_in(api, alice.key.answer(await ask_options(api)))
        assert reply.status == 200
    assert "passkey_copied" not in await list_notices(api)


async def test_removed_passkey_signs_in_no_more(api, secured):
    (passkey,) = (await secured.must("GET", "/me/passkeys"))["items"]
    path = f"/me/passkeys/{passkey['id']}"
    proof = await secured.prove("factor", "DELETE", path)
    assert (await secured.ask("DELETE", path, proof=proof)).status == 204
    reply = await sign_in(api, secured.key.answer(await ask_options(api)))
    await refuse(reply, 401, "second_factor_refused")


async def test_passkey_is_a_second_factor(api, secured):
    waiting = await secured.wait_for_factor()
    assert waiting["methods"] == ["passkey", "recovery_code"]
    options = await ask_options(api, token=waiting["token"])
    assert [known["id"] for known in options["allowCredentials"]] == [
        b64(secured.key.credential_id)
    ]
    done = await secured.finish(waiting["token"], passkey=secured.key.answer(options))
    assert done.status == 200


async def test_answer_to_one_question_is_none_to_another(api, secured):
    waiting = await secured.wait_for_factor()
    alone = secured.key.answer(await ask_options(api))
    reply = await secured.finish(waiting["token"], passkey=alone)
    await refuse(reply, 401, "second_factor_refused")
    second = secured.key.answer(await ask_options(api, token=waiting["token"]))
    await refuse(await sign_in(api, second), 401, "second_factor_refused")
    other = await secured.wait_for_factor()
    for_first = secured.key.answer(await ask_options(api, token=waiting["token"]))
    reply = await secured.finish(other["token"], passkey=for_first)
    await refuse(reply, 401, "second_factor_refused")


async def test_passkey_of_another_is_no_second_factor(api, secured):
    bob = await join(api, "bob")
    await bob.add_passkey()
    waiting = await secured.wait_for_factor()
    answer = bob.key.answer(await ask_options(api, token=waiting["token"]))
    reply = await secured.finish(waiting["token"], passkey=answer)
    await refuse(reply, 401, "second_factor_refused")


async def test_locked_codes_do_not_keep_a_passkey_out(api, secured):
    await secured.add_totp()
    waiting = await secured.wait_for_factor()
    for _ in range(5):
        await secured.finish(waiting["token"], code=secured.app.wrong())
    options = await ask_options(api, token=waiting["token"])
    done = await secured.finish(waiting["token"], passkey=secured.key.answer(options))
    assert done.status == 200


async def test_passkey_proves_the_acts_that_were_asked_for_and_no_others(secured):
    request = {"method": "POST", "path": f"{API}/me/recovery-codes"}
    asked = {"action": "factor", "request": request}

    async def answer():
        options = await secured.must("POST", "/auth/step-up/options", asked)
        return secured.key.answer(options["options"])

    other = {"action": "factor", "request": {**request, "path": f"{API}/me/totp"}}
    reply = await secured.ask("POST", "/auth/step-up", {**other, "passkey": await answer()})
    await refuse(reply, 403, "step_up_refused")
    given = await secured.must("POST", "/auth/step-up", {**asked, "passkey": await answer()})
    new = await secured.must("POST", "/me/recovery-codes", proof=given["proof"])
    assert len(new["recovery_codes"]) == 10


async def test_domain_and_origins_are_the_settings(database_url, clock):
    settings = {
        "passkey_domain": "iqx.example",
        "passkey_origins": "https://app.iqx.example",
    }
    async with start_api(database_url, clock, **settings) as api:
        alice = await join(api)
        key = SoftKey(origin="https://app.iqx.example", domain="iqx.example")
        await alice.add_passkey(key)
        assert (await sign_in(api, key.answer(await ask_options(api)))).status == 200
        key.origin = "http://localhost:8080"
        answer = key.answer(await ask_options(api))
        await refuse(await sign_in(api, answer), 401, "second_factor_refused")
