"""Codes that verify mailbox and telephone: what they prove, how long, how often."""

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.codes import OneTimeCode
from models.identity import Standing
from tests.api.identity.conftest import start_api
from tests.api.identity.mailbox import read_code, read_letters
from tests.api.identity.people import join, refuse

PHONE = "+84901234567"
REQUEST, CONFIRM = "/auth/verify/request", "/auth/verify/confirm"


@pytest.fixture
async def api(database_url, clock):
    """An application in which new accounts start at level 0."""
    async with start_api(database_url, clock, new_account_level=0) as started:
        yield started


@pytest.fixture
async def alice(api):
    return await join(api, "alice")


def mailbox_of(person):
    return f"{person.name}@example.com"


async def verify(person, channel, **more):
    to = more.get("phone") or mailbox_of(person)
    await person.must("POST", REQUEST, {"channel": channel, **more})
    code = await read_code(person.api, to)
    return await person.must("POST", CONFIRM, {"channel": channel, "code": code})


async def level_of(api, name):
    user_id = await api.id_of(name)
    ((level,),) = await api.read(select(Standing.kyc_level).where(Standing.user_id == user_id))
    return level


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_mailbox_and_telephone_together_are_level_one(api, alice):
    first = await verify(alice, "email")
    assert first == {"email_verified": True, "phone_verified": False, "kyc_level": 0}
    assert await level_of(api, "alice") == 0
    api.clock.advance(seconds=61)

    second = await verify(alice, "phone", phone=PHONE)

    assert second == {"email_verified": True, "phone_verified": True, "kyc_level": 1}
    assert await level_of(api, "alice") == 1
    me = await alice.must("GET", "/me")
    assert (me["email_verified"], me["phone"], me["phone_verified"]) == (True, PHONE, True)
    actions = [row.action for row in await api.read(select(AuditEntry.action))]
    assert actions.count("address_verified") == 2
    assert actions.count("level_set") == 1


async def test_higher_level_is_not_lowered(database_url, clock):
    async with start_api(database_url, clock, new_account_level=2) as api:
        alice = await join(api)
        await verify(alice, "email")

        assert (await verify(alice, "phone", phone=PHONE))["kyc_level"] == 2


async def test_code_is_good_once(api, alice):
    await alice.must("POST", REQUEST, {"channel": "email"})
    given = {"channel": "email", "code": await read_code(api, mailbox_of(alice))}
    await alice.must("POST", CONFIRM, given)

    await refuse(await alice.ask("POST", CONFIRM, given), 422, "code_refused")


@pytest.mark.parametrize(("age_s", "status"), [(599, 200), (600, 422)])
async def test_code_lives_ten_minutes(api, alice, age_s, status):
    await alice.must("POST", REQUEST, {"channel": "email"})
    given = {"channel": "email", "code": await read_code(api, mailbox_of(alice))}
    api.clock.advance(seconds=age_s)

    assert (await alice.ask("POST", CONFIRM, given)).status == status


@pytest.mark.parametrize(("errors", "status"), [(4, 200), (5, 422)])
async def test_five_errors_end_a_code(api, alice, errors, status):
    await alice.must("POST", REQUEST, {"channel": "email"})
    code = await read_code(api, mailbox_of(alice))
    for _ in range(errors):
        wrong = {"channel": "email", "code": other_than(code)}
        await refuse(await alice.ask("POST", CONFIRM, wrong), 422, "code_refused")

    assert (await alice.ask("POST", CONFIRM, {"channel": "email", "code": code})).status == status


async def test_parallel_errors_are_all_counted(api, alice):
    import asyncio

    await alice.must("POST", REQUEST, {"channel": "email"})
    code = await read_code(api, mailbox_of(alice))
    wrong = {"channel": "email", "code": other_than(code)}

    await asyncio.gather(*(alice.ask("POST", CONFIRM, wrong) for _ in range(8)))

    ((errors,),) = await api.read(select(OneTimeCode.errors))
    assert errors == 5


async def test_newer_code_replaces_the_older(api, alice):
    await alice.must("POST", REQUEST, {"channel": "email"})
    old = await read_code(api, mailbox_of(alice))
    api.clock.advance(seconds=60)
    await alice.must("POST", REQUEST, {"channel": "email"})
    new = await read_code(api, mailbox_of(alice))
    if old == new:
        pytest.fail("two codes in a row are the same: one in a million")

    first = await alice.ask("POST", CONFIRM, {"channel": "email", "code": old})
    second = await alice.ask("POST", CONFIRM, {"channel": "email", "code": new})

    assert (first.status, second.status) == (422, 200)


async def test_code_of_the_mailbox_does_not_verify_the_telephone(api, alice):
    await alice.must("POST", REQUEST, {"channel": "phone", "phone": PHONE})
    await alice.must("POST", REQUEST, {"channel": "email"})
    code = await read_code(api, mailbox_of(alice))

    refused = await alice.ask("POST", CONFIRM, {"channel": "phone", "code": code})

    await refuse(refused, 422, "code_refused")


async def test_code_of_one_number_does_not_verify_another(api, alice):
    await alice.must("POST", REQUEST, {"channel": "phone", "phone": PHONE})
    code = await read_code(api, PHONE)
    api.clock.advance(seconds=60)
    await alice.must("POST", REQUEST, {"channel": "phone", "phone": "+84901111111"})

    refused = await alice.ask("POST", CONFIRM, {"channel": "phone", "code": code})

    await refuse(refused, 422, "code_refused")


async def test_code_of_somebody_else_is_of_no_use(api, alice):
    bob = await join(api, "bob")
    await alice.must("POST", REQUEST, {"channel": "email"})
    await bob.must("POST", REQUEST, {"channel": "email"})
    code = await read_code(api, mailbox_of(alice))

    refused = await bob.ask("POST", CONFIRM, {"channel": "email", "code": code})

    await refuse(refused, 422, "code_refused")


async def test_next_code_waits_a_minute(api, alice):
    await alice.must("POST", REQUEST, {"channel": "email"})
    api.clock.advance(seconds=59)
    refused = await alice.ask("POST", REQUEST, {"channel": "email"})
    await refuse(refused, 429, "codes_limited")
    assert refused.headers["Retry-After"] == "1"
    api.clock.advance(seconds=1)

    await alice.must("POST", REQUEST, {"channel": "email"})


async def test_five_codes_an_hour_are_all(api, alice):
    for _ in range(5):
        await alice.must("POST", REQUEST, {"channel": "email"})
        api.clock.advance(seconds=60)
    refused = await alice.ask("POST", REQUEST, {"channel": "email"})
    await refuse(refused, 429, "codes_limited")
    assert refused.headers["Retry-After"] == "3300"
    alice.token = (await (await api.login("alice")).json())["access_token"]
    api.clock.advance(seconds=3299)
    alice.token = (await (await api.login("alice")).json())["access_token"]
    await refuse(await alice.ask("POST", REQUEST, {"channel": "email"}), 429, "codes_limited")
    api.clock.advance(seconds=1)

    await alice.must("POST", REQUEST, {"channel": "email"})


async def test_number_belongs_to_who_verified_it_first(api, alice):
    bob = await join(api, "bob")
    await verify(alice, "phone", phone=PHONE)
    api.clock.advance(seconds=61)
    await bob.must("POST", REQUEST, {"channel": "phone", "phone": PHONE})
    code = await read_code(api, PHONE)

    refused = await bob.ask("POST", CONFIRM, {"channel": "phone", "code": code})

    await refuse(refused, 409, "identity_taken")


async def test_what_is_verified_is_not_verified_again(api, alice):
    await verify(alice, "email")
    await verify(alice, "phone", phone=PHONE)
    api.clock.advance(seconds=61)

    for asked in ({"channel": "email"}, {"channel": "phone", "phone": "+84901111111"}):
        await refuse(await alice.ask("POST", REQUEST, asked), 409, "already_verified")
    assert (await alice.must("GET", "/me"))["phone"] == PHONE


@pytest.mark.parametrize(
    "asked",
    [
        {"channel": "phone"},
        {"channel": "phone", "phone": "12345"},
        {"channel": "phone", "phone": "+14155552671"},
        {"channel": "fax"},
        {"channel": "email", "email": "eve@example.com"},
    ],
)
async def test_request_without_a_number_that_we_send_to_is_refused(api, alice, asked):
    await refuse(await alice.ask("POST", REQUEST, asked), 422, "invalid")


async def test_codes_of_many_people_to_one_number_meet_its_limit(api, alice):
    people = [alice, *[await join(api, name) for name in ("bob", "carol", "dave")]]
    asked = {"channel": "phone", "phone": PHONE}
    replies = [await person.ask("POST", REQUEST, asked) for person in people]

    assert [reply.status for reply in replies] == [200, 200, 200, 429]


async def test_code_is_nowhere_in_the_database_once_it_was_sent(api, alice):
    await alice.must("POST", REQUEST, {"channel": "email"})
    code = (await read_code(api, mailbox_of(alice))).encode()

    for table in ("one_time_codes", "messages", "outbox"):
        assert code not in await api.dump(table)


async def test_code_is_written_in_the_language_of_the_user(api):
    lan = await join(api, "lan")
    await lan.must("PATCH", "/me", {"language": "vi"})
    await lan.must("POST", REQUEST, {"channel": "email"})

    letters = await read_letters(api, mailbox_of(lan))

    assert "là mã IQX của bạn" in letters[-1]


async def test_verification_asks_for_a_session(api):
    reply = await api.ask("POST", "/api/v1/auth/verify/request", {"channel": "email"})

    await refuse(reply, 401, "unauthenticated")


async def test_change_of_the_password_is_told_by_mail(api, alice):
    body = {"current_password": "correct horse battery", "new_password": "other horse battery"}
    proof = await alice.prove("password", "POST", "/me/password", body)
    await alice.must("POST", "/me/password", body, proof=proof)

    letters = await read_letters(api, mailbox_of(alice))

    assert "The password of your IQX account was changed." in letters[-1]
