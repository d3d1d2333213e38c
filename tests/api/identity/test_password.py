"""POST /me/password."""

import pytest

from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.people import join, list_notices, refuse

PATH = "/me/password"
NEW = "another long secret"
BODY = {"current_password": PASSWORD, "new_password": NEW}


@pytest.fixture
async def alice(api):
    return await join(api)


async def change(person, body=BODY, **options):
    proof = await person.prove("password", "POST", PATH, body)
    return await person.ask("POST", PATH, body, proof=proof, **options)


async def test_new_password_counts_and_the_old_one_does_not(api, alice):
    assert (await change(alice)).status == 204
    assert (await api.login("alice")).status == 401
    assert (await api.login("alice", NEW)).status == 200
    assert await list_notices(api) == ["password_changed"]


async def test_other_sessions_end_and_this_one_goes_on(api, alice):
    other = await (await api.login("alice")).json()
    assert (await change(alice)).status == 204
    assert await api.status_of_me(other["access_token"]) == 401
    assert (await api.refresh(other["refresh_token"])).status == 401
    assert await api.status_of_me(alice.token) == 200


async def test_change_needs_a_proof_of_exactly_this_change(alice):
    await refuse(await alice.ask("POST", PATH, BODY), 403, "step_up_required")
    proof = await alice.prove("password", "POST", PATH, {**BODY, "new_password": "what he saw"})
    await refuse(await alice.ask("POST", PATH, BODY, proof=proof), 403, "step_up_required")


async def test_wrong_current_password_changes_nothing(api, alice):
    reply = await change(alice, {**BODY, "current_password": "not this one"})
    await refuse(reply, 403, "step_up_refused")
    assert (await api.login("alice")).status == 200


@pytest.mark.parametrize("new", ["short", "password123", "alice", "x" * 129])
async def test_new_password_meets_the_policy(alice, new):
    await refuse(await change(alice, {**BODY, "new_password": new}), 422, "password_refused")


async def test_repeated_change_with_its_key_gets_the_same_answer(alice):
    proof = await alice.prove("password", "POST", PATH, BODY)
    first = await alice.ask("POST", PATH, BODY, proof=proof, key="same")
    again = await alice.ask("POST", PATH, BODY, proof=proof, key="same")
    assert (first.status, again.status) == (204, 204)
    assert await list_notices(alice.api) == ["password_changed"]


async def test_change_locks_money_for_a_day_and_pauses_selling(database_url, clock):
    async with start_api(database_url, clock, change_hold_hours=24) as api:
        alice = await join(api)
        assert (await change(alice)).status == 204
        me = await alice.must("GET", "/me")
        assert me["money_locked_until"] == "2026-01-02T00:00:00.000Z"


async def test_notice_goes_to_the_contact(api, alice):
    heard = []

    async def hear(unit, notice):
        heard.append((notice.kind, notice.email))

    api.identity.hooks.on_notice.append(hear)
    assert (await change(alice)).status == 204
    assert heard == [("password_changed", "alice@example.com")]


async def test_password_waits_for_the_second_factor_of_who_has_one(database_url, clock):
    async with start_api(database_url, clock, step_up="none") as api:
        alice = await join(api)
        await alice.add_totp()
        reply = await alice.ask_proof("password", "POST", PATH, BODY, password=PASSWORD)
        await refuse(reply, 403, "step_up_refused")
        clock.advance(seconds=30)
        proof = await alice.prove("password", "POST", PATH, BODY, code=alice.app.code())
        assert (await alice.ask("POST", PATH, BODY, proof=proof)).status == 204
