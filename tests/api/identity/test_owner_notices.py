"""Where notices about the safety of an account go besides the e-mail address."""

import pytest
from sqlalchemy import update

from models.identity import Profile
from server.messages.notices import SMS_NOTICES_MAX
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.mailbox import read_code, read_letters
from tests.api.identity.people import join
from tests.api.identity.test_contact_change import NEW, OLD, PHONE, change

NEW_PASSWORD = "another long secret"


async def verify(person, channel, to, **more):
    await person.must("POST", "/auth/verify/request", {"channel": channel, **more})
    code = await read_code(person.api, to)
    await person.must("POST", "/auth/verify/confirm", {"channel": channel, "code": code})


async def change_password(person, old=PASSWORD, new=NEW_PASSWORD):
    body = {"current_password": old, "new_password": new}
    proof = await person.prove("password", "POST", "/me/password", body, password=old)
    await person.must("POST", "/me/password", body, proof=proof)


async def read_texts(api, to=PHONE):
    """Text messages that tell something, without those that carry codes."""
    return [each for each in await read_letters(api, to) if "is your IQX code" not in each]


@pytest.fixture
async def alice(api):
    """Somebody with a verified telephone and a mailbox that nobody has shown to be his."""
    alice = await join(api)
    await verify(alice, "phone", PHONE, phone=PHONE)
    return alice


async def test_who_has_only_a_verified_number_is_told_by_text_message_too(api, alice):
    await change_password(alice)

    (text,) = await read_texts(api)
    assert text.splitlines()[-1] == (
        "IQX: Your password was changed. If this was not you, write to our support at once."
    )
    assert "Your password was changed" in (await read_letters(api, OLD))[-1]


async def test_verified_mailbox_is_enough(api, alice):
    await verify(alice, "email", OLD)

    await change_password(alice)

    assert await read_texts(api) == []


async def test_change_of_the_address_is_told_to_the_old_one_and_to_the_telephone(api, alice):
    await verify(alice, "email", OLD)

    assert (await change(alice, "email")).status == 200

    assert "Your e-mail address was changed" in (await read_letters(api, OLD))[-1]
    assert "Your e-mail address was changed" in (await read_texts(api))[-1]


async def test_change_of_the_number_is_told_to_the_old_one(api, alice):
    await verify(alice, "email", OLD)
    api.clock.advance(seconds=60)

    assert (await change(alice, "phone")).status == 200

    assert "Your telephone number was changed" in (await read_texts(api))[-1]
    assert "Your telephone number was changed" in (await read_letters(api, OLD))[-1]


async def test_given_up_contacts_hear_what_happens_next_for_three_days(api, alice):
    assert (await change(alice, "email")).status == 200
    api.clock.advance(seconds=60)
    assert (await change(alice, "phone")).status == 200
    await change_password(alice)
    for to in (OLD, NEW):
        assert "Your password was changed" in (await read_letters(api, to))[-1]
    assert "Your password was changed" in (await read_texts(api))[-1]

    api.clock.advance(hours=72)
    body = {"identity": NEW, "password": NEW_PASSWORD}
    reply = await api.ask("POST", "/api/v1/auth/login", body)
    alice.token = (await reply.json())["access_token"]
    counts = [len(await read_letters(api, to)) for to in (OLD, PHONE, NEW)]
    await change_password(alice, NEW_PASSWORD, PASSWORD)

    after = [len(await read_letters(api, to)) for to in (OLD, PHONE, NEW)]
    assert after == [counts[0], counts[1], counts[2] + 1]


async def test_confirmed_number_is_told_to_the_owner(api, alice):
    assert "A telephone number was confirmed" in (await read_letters(api, OLD))[-1]


async def test_news_of_others_goes_by_mail_alone(api, alice):
    body = {"email": OLD, "password": PASSWORD, "username": "thief"}
    await api.ask("POST", "/api/v1/auth/register", body)

    assert "Somebody tried" in (await read_letters(api, OLD))[-1]
    assert await read_texts(api) == []


async def test_ten_text_messages_a_day_are_all(database_url, clock):
    async with start_api(database_url, clock, device_hold_hours=24) as api:
        alice = await join(api)
        await verify(alice, "phone", PHONE, phone=PHONE)
        for _ in range(SMS_NOTICES_MAX + 2):
            assert (await api.login("alice")).status == 200

        assert len(await read_texts(api)) == SMS_NOTICES_MAX
        assert len(await read_letters(api, OLD)) > SMS_NOTICES_MAX
        api.clock.advance(hours=24, seconds=1)
        assert (await api.login("alice")).status == 200
        assert len(await read_texts(api)) == SMS_NOTICES_MAX + 1


async def test_number_of_a_country_without_text_messages_gets_none(database_url, clock):
    async with start_api(database_url, clock, sms_countries="NG") as api:
        alice = await join(api)

        async def give_number(unit):
            await unit.execute(update(Profile).values(phone=PHONE, phone_key=PHONE))

        await api.database.transact(give_number, name="test")
        await change_password(alice)

        assert "Your password was changed" in (await read_letters(api, OLD))[-1]
        assert await read_texts(api) == []
