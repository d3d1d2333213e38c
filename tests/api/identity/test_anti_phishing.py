"""The word that a user's mails carry."""

import pytest

from tests.api.identity.mailbox import read_letters
from tests.api.identity.people import join, refuse
from tests.api.identity.test_verification import verify

PATH = "/me/anti-phishing-code"
WORD = {"code": "Blue horse 7"}


async def choose(person, body=WORD):
    proof = await person.prove("anti_phishing", "PUT", PATH, body)
    return await person.ask("PUT", PATH, body, proof=proof)


async def reset_mail(api):
    await api.ask("POST", "/api/v1/auth/forgot-password", {"email": "alice@example.com"})
    return (await read_letters(api, "alice@example.com"))[-1]


async def test_mails_to_the_confirmed_mailbox_carry_the_word_and_no_others_do(api, clock):
    alice = await join(api)
    await verify(alice, "email")
    await refuse(await alice.ask("PUT", PATH, WORD), 403, "step_up_required")
    assert (await alice.must("GET", PATH)) == {"code": None}
    assert (await choose(alice)).status == 204
    assert (await alice.must("GET", PATH)) == WORD
    assert WORD["code"].encode() not in await api.dump("anti_phishing_codes")
    assert WORD["code"].encode() not in await api.dump("outbox")

    assert "Your anti-phishing code: Blue horse 7" in await reset_mail(api)
    await alice.must("PATCH", "/me", {"language": "vi"})
    clock.advance(seconds=61)
    assert "Mã chống lừa đảo của bạn: Blue horse 7" in await reset_mail(api)

    bob = await join(api, "bob")
    await choose(bob)
    await api.ask("POST", "/api/v1/auth/forgot-password", {"email": "bob@example.com"})
    letters = await read_letters(api, "bob@example.com")
    assert len(letters) > 1
    assert not any("horse" in letter for letter in letters)

    proof = await alice.prove("anti_phishing", "DELETE", PATH)
    await alice.must("DELETE", PATH, proof=proof)
    clock.advance(seconds=61)
    assert "horse" not in await reset_mail(api)


@pytest.mark.parametrize("code", ["", "abc", "x" * 25, " horse", "<b>horse</b>", "a\nbcd", 5])
async def test_odd_word_is_refused(api, code):
    alice = await join(api)
    assert (await choose(alice, {"code": code})).status == 422
