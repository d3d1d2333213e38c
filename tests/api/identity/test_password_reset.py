"""A forgotten password: what the mail is good for, and that nobody learns who has an account."""

import re

import pytest
from sqlalchemy import select, update

from models.audit import AuditEntry
from models.codes import PasswordReset
from models.identity import Profile
from models.messages import Message
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.mailbox import read_letters
from tests.api.identity.people import join, list_notices, refuse

FORGOT, RESET = "/api/v1/auth/forgot-password", "/api/v1/auth/reset-password"
OWN_HEADERS = {"x-request-id", "date"}
NEW = "another horse battery"
LINK = re.compile(r"/reset-password#([A-Za-z0-9_-]{43})")


async def ask_mail(api, name="alice"):
    reply = await api.ask("POST", FORGOT, {"email": f"{name}@example.com"})
    assert reply.status == 204, await reply.text()
    return reply


async def read_token(api, name="alice"):
    await ask_mail(api, name)
    return LINK.search((await read_letters(api, f"{name}@example.com"))[-1])[1]


async def reset(api, token, password=NEW):
    return await api.ask("POST", RESET, {"token": token, "password": password})


async def test_token_sets_a_new_password_once(api):
    await join(api)
    token = await read_token(api)

    assert (await reset(api, token)).status == 204

    assert (await api.login("alice", NEW)).status == 200
    assert (await api.login("alice", PASSWORD)).status == 401
    await refuse(await reset(api, token, "a third horse battery"), 422, "reset_refused")


async def test_link_that_went_to_another_address_than_the_present_one_is_refused(api):
    alice = await join(api)
    token = await read_token(api)

    async def move(unit):
        # As if the change had begun before the question and ended after it.
        new = {"email": "new@example.com", "email_key": "new@example.com"}
        await unit.execute(update(Profile).values(**new))

    await api.database.transact(move, name="test")

    await refuse(await reset(api, token), 422, "reset_refused")
    assert await api.status_of_me(alice.token) == 200


async def test_second_factor_stays_and_is_asked_for(api):
    alice = await join(api)
    app = await alice.add_totp()
    await reset(api, await read_token(api))
    api.clock.advance(seconds=30)

    signed_in = await (await api.login("alice", NEW)).json()

    assert "access_token" not in signed_in
    waiting = signed_in["second_factor"]
    assert "totp" in waiting["methods"]
    assert (await alice.finish(waiting["token"], code=app.code())).status == 200


async def test_every_session_ends_and_the_owner_is_told(api):
    alice = await join(api)
    await reset(api, await read_token(api))

    assert await api.status_of_me(alice.token) == 401
    assert "password_reset" in await list_notices(api)
    letters = await read_letters(api, "alice@example.com")
    assert "was set anew" in letters[-1]
    reasons = [row.reason for row in await api.read(select(AuditEntry.reason))]
    assert "password_reset" in reasons


async def test_sign_in_that_waits_for_its_second_factor_ends(api):
    alice = await join(api)
    app = await alice.add_totp()
    waiting = await alice.wait_for_factor()
    await reset(api, await read_token(api))
    api.clock.advance(seconds=30)

    late = await alice.finish(waiting["token"], code=app.code())

    await refuse(late, 401, "second_factor_refused")


async def test_money_is_locked_for_a_day(database_url, clock):
    async with start_api(database_url, clock, change_hold_hours=24) as api:
        await join(api)
        await reset(api, await read_token(api))
        token = (await (await api.login("alice", NEW)).json())["access_token"]

        me = await (await api.ask("GET", "/api/v1/me", token=token)).json()

        assert me["money_locked_until"] is not None


@pytest.mark.parametrize(("age_s", "status"), [(1799, 204), (1800, 422)])
async def test_token_lives_half_an_hour(api, age_s, status):
    await join(api)
    token = await read_token(api)
    api.clock.advance(seconds=age_s)

    assert (await reset(api, token)).status == status


async def test_reset_ends_the_other_tokens_too(api):
    await join(api)
    first, second = await read_token(api), await read_token(api)
    assert first != second

    assert (await reset(api, second)).status == 204

    await refuse(await reset(api, first), 422, "reset_refused")


async def test_poor_password_is_refused_and_leaves_the_token_good(api):
    await join(api)
    token = await read_token(api)

    await refuse(await reset(api, token, "password1"), 422, "password_refused")

    assert (await reset(api, token)).status == 204


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 100])
async def test_made_up_token_is_refused(api, token):
    await join(api)

    await refuse(await reset(api, token), 422, "reset_refused")


async def test_token_is_stored_as_a_digest_alone(api):
    await join(api)
    token = await read_token(api)

    assert token.encode() not in await api.dump("password_resets")
    assert token.encode() not in await api.dump("messages")


async def test_answer_and_work_are_the_same_for_nobody(api):
    await join(api)
    seen = []
    for name in ("alice", "nobody"):
        with api.count_statements() as statements:
            reply = await ask_mail(api, name)
        written = [each for each in statements if each.startswith(("INSERT", "UPDATE"))]
        told = {
            key: value for key, value in reply.headers.items() if key.lower() not in OWN_HEADERS
        }
        seen.append((reply.status, await reply.text(), told, written))

    assert seen[0][:3] == seen[1][:3]
    assert [each for each in seen[0][3] if "password_resets" in each or "messages" in each] == [
        each for each in seen[1][3] if "password_resets" in each or "messages" in each
    ]
    rows = await api.read(select(PasswordReset.user_id))
    assert sorted(row.user_id is None for row in rows) == [False, True]


async def test_nobody_gets_no_mail(api):
    await ask_mail(api, "nobody")
    await read_letters(api, "nobody@example.com")

    assert [row.status for row in await api.read(select(Message.status))] == ["expired"]


async def test_three_mails_an_hour_go_to_one_address_and_the_answer_stays(api):
    await join(api)
    for _ in range(4):
        await ask_mail(api)
    assert len(await read_letters(api, "alice@example.com")) == 3
    api.clock.advance(hours=1)

    await ask_mail(api)

    assert len(await read_letters(api, "alice@example.com")) == 4


@pytest.mark.parametrize(
    ("password", "accepted"),
    [("password1", False), ("qwertyuiop", False), (PASSWORD, True), ("alice1990", False)],
)
async def test_strength_of_a_password_is_told_before_it_is_chosen(api, password, accepted):
    asked = {"password": password, "own_words": ["alice"]}
    reply = await api.ask("POST", "/api/v1/auth/password-strength", asked)

    told = await reply.json()
    assert told["accepted"] is accepted
    assert 0 <= told["score"] <= 4


async def test_easily_guessed_password_is_refused_with_its_score(api):
    body = {"email": "alice@example.com", "username": "alice", "password": "sunshine123"}
    reply = await api.ask("POST", "/api/v1/auth/register", body)

    refused = await refuse(reply, 422, "password_refused")
    assert refused["params"]["score"] < 2
