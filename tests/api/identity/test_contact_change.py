"""POST /me/email and /me/phone: a proof, a code to the new contact, and word to the old one."""

import asyncio

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.compliance import HoldKind
from models.identity import Profile
from server.compliance.holds import place_hold
from server.identity.codes import MAILED_DAY_MAX, MAILED_MAX
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.mailbox import CODE, read_code, read_letters
from tests.api.identity.people import join, list_notices, refuse

OLD, NEW = "alice@example.com", "anna@example.org"
PHONE, NEW_PHONE = "+84901234567", "+84907654321"
NEW_OF = {"email": NEW, "phone": NEW_PHONE}
KINDS = pytest.mark.parametrize("kind", ["email", "phone"])


@pytest.fixture
async def alice(api):
    return await join(api)


async def ask_change(person, kind, to=None, **options):
    body = {kind: to or NEW_OF[kind]}
    proof = await person.prove(kind, "POST", f"/me/{kind}", body)
    return await person.ask("POST", f"/me/{kind}", body, proof=proof, **options)


async def confirm(person, kind, code, **options):
    return await person.ask("POST", f"/me/{kind}/confirm", {"code": code}, **options)


async def change(person, kind, to=None):
    """The whole change; the answer to its code."""
    reply = await ask_change(person, kind, to)
    assert reply.status == 200, await reply.text()
    code = await read_code(person.api, to or NEW_OF[kind])
    return await confirm(person, kind, code)


async def contacts_of(api, name="alice"):
    columns = (Profile.email, Profile.email_key, Profile.phone_key)
    return tuple((await api.read(select(*columns).where(Profile.username == name)))[0])


async def has_contact(api, kind, to, name="alice"):
    email, key, phone = await contacts_of(api, name)
    return (email, key) == (to, to) if kind == "email" else phone == to


async def sign_in(api, identity):
    body = {"identity": identity, "password": PASSWORD}
    return (await api.ask("POST", "/api/v1/auth/login", body)).status


@KINDS
async def test_nothing_changes_before_the_code_comes_back(api, alice, kind):
    reply = await ask_change(alice, kind)
    assert (await reply.json()) == {"expires_at": "2026-01-01T00:10:00.000Z"}
    assert await contacts_of(api) == (OLD, OLD, None)
    assert await list_notices(api) == []

    code = await read_code(api, NEW_OF[kind])
    done = await (await confirm(alice, kind, code)).json()

    assert done[f"{kind}_verified"] is True
    assert await has_contact(api, kind, NEW_OF[kind])
    assert await list_notices(api) == [f"{kind}_changed"]
    reasons = [row.reason for row in await api.read(select(AuditEntry.reason))]
    assert f"{kind}_changed" in reasons


async def test_new_address_signs_in_and_the_old_one_does_not(api, alice):
    assert (await change(alice, "email")).status == 200

    assert (await sign_in(api, NEW), await sign_in(api, OLD)) == (200, 401)
    assert (await api.register("alice2", email=OLD))["user"]["email"] == OLD


async def test_new_number_signs_in_and_the_old_one_does_not(api, alice):
    assert (await change(alice, "phone", PHONE)).status == 200
    api.clock.advance(seconds=60)
    assert (await change(alice, "phone")).status == 200

    assert (await sign_in(api, NEW_PHONE), await sign_in(api, PHONE)) == (200, 401)


@KINDS
async def test_change_needs_a_proof_of_exactly_this_contact(api, alice, kind):
    path, body = f"/me/{kind}", {kind: NEW_OF[kind]}
    other = {kind: {"email": "thief@example.org", "phone": "+84900000000"}[kind]}
    for proof in (None, "made-up", await alice.prove(kind, "POST", path, other)):
        await refuse(await alice.ask("POST", path, body, proof=proof), 403, "step_up_required")
    assert await read_letters(api, NEW_OF[kind]) == []


@KINDS
async def test_second_factor_proves_the_change_and_the_password_does_not(api, alice, kind):
    alice.app = await alice.add_totp()
    path, body = f"/me/{kind}", {kind: NEW_OF[kind]}
    async with start_strict(api) as strict:
        alice.api = strict
        await refuse(await alice.ask_proof(kind, "POST", path, body), 403, "step_up_refused")
        api.clock.advance(seconds=30)
        proof = await alice.prove(kind, "POST", path, body, code=alice.app.code())
        assert (await alice.ask("POST", path, body, proof=proof)).status == 200


def start_strict(api):
    """The same service, where a password proves nothing to who has a second factor."""
    url = api.kernel.settings.database_url
    return start_api(url, api.clock, step_up="none")


@KINDS
async def test_wrong_code_changes_nothing_and_five_end_it(api, alice, kind):
    await ask_change(alice, kind)
    code = await read_code(api, NEW_OF[kind])
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        await refuse(await confirm(alice, kind, wrong), 422, "code_refused")

    await refuse(await confirm(alice, kind, code), 422, "code_refused")
    assert await contacts_of(api) == (OLD, OLD, None)


async def test_code_lives_ten_minutes_and_is_good_once(api, alice):
    await ask_change(alice, "email")
    code = await read_code(api, NEW)
    api.clock.advance(minutes=10)
    await refuse(await confirm(alice, "email", code), 422, "code_refused")
    await ask_change(alice, "email")
    code = await read_code(api, NEW)
    assert (await confirm(alice, "email", code)).status == 200
    await refuse(await confirm(alice, "email", code), 422, "code_refused")


async def test_code_of_another_session_person_or_contact_is_of_no_use(api, alice):
    bob = await join(api, "bob")
    await ask_change(alice, "email")
    code = await read_code(api, NEW)
    other = (await (await api.login("alice")).json())["access_token"]

    await refuse(await confirm(alice, "email", code, token=other), 422, "code_refused")
    await refuse(await confirm(bob, "email", code), 422, "code_refused")
    await refuse(await confirm(alice, "phone", code), 422, "code_refused")
    verify = {"channel": "email", "code": code}
    await refuse(await alice.ask("POST", "/auth/verify/confirm", verify), 422, "code_refused")
    assert (await confirm(alice, "email", code)).status == 200


async def test_last_address_asked_for_is_the_one_that_counts(api, alice):
    await ask_change(alice, "email", "first@example.org")
    first = await read_code(api, "first@example.org")
    api.clock.advance(seconds=60)
    await ask_change(alice, "email")

    await refuse(await confirm(alice, "email", first), 422, "code_refused")
    assert (await confirm(alice, "email", await read_code(api, NEW))).status == 200
    assert await has_contact(api, "email", NEW)


@KINDS
async def test_other_sessions_waiting_sign_ins_and_reset_links_end(api, alice, kind):
    other = (await (await api.login("alice")).json())["access_token"]
    await api.ask("POST", "/api/v1/auth/forgot-password", {"email": OLD})
    token = (await read_letters(api, OLD))[-1].partition("#")[2].split()[0]

    assert (await change(alice, kind)).status == 200

    assert await api.status_of_me(other) == 401
    assert await api.status_of_me(alice.token) == 200
    reset = {"token": token, "password": "another long secret"}
    reply = await api.ask("POST", "/api/v1/auth/reset-password", reset)
    await refuse(reply, 422, "reset_refused")


@KINDS
async def test_money_is_locked_for_a_day(database_url, clock, kind):
    async with start_api(database_url, clock, change_hold_hours=24) as api:
        alice = await join(api)
        assert (await change(alice, kind)).status == 200
        me = await alice.must("GET", "/me")

    assert me["money_locked_until"] == "2026-01-02T00:00:00.000Z"


async def test_old_address_is_told_what_to_do(api, alice):
    assert (await change(alice, "email")).status == 200

    (letter,) = await read_letters(api, OLD)
    assert "Your e-mail address was changed" in letter
    assert "If this was not you, write to our support at once." in letter
    assert not any("was changed" in each for each in await read_letters(api, NEW))


WORK = ("INSERT INTO one_time_codes", "INSERT INTO messages", "INSERT INTO contact_changes",
        "UPDATE user_security SET warned_at")  # fmt: skip


async def ask_and_watch(api, person, to):
    """The answer to a new address, and what was written for it."""
    api.clock.advance(seconds=60)
    with api.count_statements() as seen:
        reply = await ask_change(person, "email", to)
    assert reply.status == 200
    told = (reply.headers["Content-Length"], (await reply.json()).keys())
    return told, [each for each in seen if each.startswith(WORK)]


async def test_taken_address_is_asked_for_like_a_free_one_and_its_owner_is_told(api, alice):
    await api.register("bob")
    free, for_free = await ask_and_watch(api, alice, "free@example.org")
    taken, _ = await ask_and_watch(api, alice, "bob@example.com")
    again, for_taken = await ask_and_watch(api, alice, "bob@example.com")

    assert free == taken == again
    assert len(for_free) == len(WORK)
    assert for_taken == for_free, "the owner was told already"
    letters = await read_letters(api, "bob@example.com")
    assert ["Somebody tried" in each for each in letters] == [True]
    assert not any(CODE.search(each) for each in letters)


async def test_taken_number_is_asked_for_like_a_free_one_and_gets_no_code(api, alice):
    bob = await join(api, "bob")
    assert (await change(bob, "phone", PHONE)).status == 200
    before = len(await read_letters(api, PHONE))

    reply = await ask_change(alice, "phone", PHONE)

    assert reply.status == 200
    assert len(await read_letters(api, PHONE)) == before
    assert (await list_notices(api))[-1] == "address_tried"
    await refuse(await confirm(alice, "phone", "000000"), 422, "code_refused")


@KINDS
async def test_two_who_confirm_one_contact_at_once_have_one_winner(api, alice, kind):
    bob = await join(api, "bob")
    codes = []
    for person in (alice, bob):
        await ask_change(person, kind)
        codes.append(await read_code(api, NEW_OF[kind]))

    replies = await asyncio.gather(
        *(confirm(person, kind, code) for person, code in zip((alice, bob), codes, strict=True))
    )

    assert sorted(reply.status for reply in replies) == [200, 409]
    (loser,) = [reply for reply in replies if reply.status == 409]
    assert (await loser.json())["code"] == "identity_taken"
    holders = [await has_contact(api, kind, NEW_OF[kind], name) for name in ("alice", "bob")]
    assert sorted(holders) == [False, True]
    assert len(await list_notices(api)) == 1


async def test_address_that_was_registered_meanwhile_is_refused_at_the_end(api, alice):
    await ask_change(alice, "email")
    code = await read_code(api, NEW)
    await api.register("bob", email=NEW)

    await refuse(await confirm(alice, "email", code), 409, "identity_taken")
    assert await contacts_of(api) == (OLD, OLD, None)


@pytest.mark.parametrize("written", [OLD, "Alice@Example.COM"])
async def test_present_address_is_no_new_one(alice, written):
    await refuse(await ask_change(alice, "email", written), 409, "contact_is_same")


@pytest.mark.parametrize(
    ("kind", "to"),
    [("email", "no address"), ("phone", "0901234567"), ("phone", "+19005550100")],
)
async def test_contact_that_cannot_be_is_refused_by_its_field(alice, kind, to):
    body = await refuse(await ask_change(alice, kind, to), 422, "invalid")
    assert kind in body["errors"]


async def test_number_of_a_blocked_country_is_refused(database_url, clock):
    async with start_api(database_url, clock, blocked_countries="NG") as api:
        alice = await join(api)
        reply = await ask_change(alice, "phone", "+2348031234567")
        await refuse(reply, 403, "country_blocked")


async def test_next_code_waits_a_minute_and_five_an_hour_are_all(api, alice):
    await ask_change(alice, "email")
    await refuse(await ask_change(alice, "email", "b@example.org"), 429, "codes_limited")
    for number in range(4):
        api.clock.advance(seconds=60)
        assert (await ask_change(alice, "email", f"a{number}@example.org")).status == 200
    api.clock.advance(seconds=60)
    await refuse(await ask_change(alice, "email", "b@example.org"), 429, "codes_limited")


async def test_repeated_question_with_its_key_gets_the_same_answer_and_one_code(api, alice):
    body = {"email": NEW}
    proof = await alice.prove("email", "POST", "/me/email", body)
    first = await alice.ask("POST", "/me/email", body, proof=proof, key="same")
    again = await alice.ask("POST", "/me/email", body, proof=proof, key="same")

    assert await first.read() == await again.read()
    assert len(await read_letters(api, NEW)) == 1


async def test_repeated_code_with_its_key_gets_the_same_answer(api, alice):
    await ask_change(alice, "email")
    code = await read_code(api, NEW)
    first = await confirm(alice, "email", code, key="same")
    again = await confirm(alice, "email", code, key="same")

    assert (first.status, again.status) == (200, 200)
    assert await first.read() == await again.read()
    assert await list_notices(api) == ["email_changed"]


async def test_first_number_by_this_way_raises_level_0_when_the_mailbox_is_shown(
    database_url, clock
):
    async with start_api(database_url, clock, new_account_level=0) as api:
        alice = await join(api)
        assert (await (await change(alice, "email")).json())["kyc_level"] == 0
        assert (await (await change(alice, "phone")).json())["kyc_level"] == 1


async def test_session_that_ended_meanwhile_finishes_nothing(api, alice):
    await ask_change(alice, "email")
    code = await read_code(api, NEW)
    await alice.must("POST", "/auth/logout", {})

    assert (await confirm(alice, "email", code)).status == 401
    assert await contacts_of(api) == (OLD, OLD, None)


async def test_mailbox_gets_few_codes_however_many_ask(api):
    people = [await join(api, f"person{number}") for number in range(MAILED_MAX + 2)]
    statuses = [(await ask_change(person, "email", "v@example.org")).status for person in people]
    assert statuses == [200] * MAILED_MAX + [429] * 2
    assert (await ask_change(people[0], "email", "other@example.org")).status == 429
    # A mailbox that belongs to somebody is counted alike, though it gets none.
    for person, status in zip(people[-2:], (200, 200), strict=True):
        assert (await ask_change(person, "email", "person0@example.com")).status == status
    sent = MAILED_MAX
    for _ in range(4):
        api.clock.advance(hours=1)
        for person in people:
            reply = await api.login(person.name)
            person.token = (await reply.json())["access_token"]
            sent += (await ask_change(person, "email", "v@example.org")).status == 200
    assert sent == MAILED_DAY_MAX


async def test_two_at_once_are_not_both_the_last_code_of_a_mailbox(api):
    people = [await join(api, f"person{number}") for number in range(MAILED_MAX + 3)]
    replies = await asyncio.gather(
        *(ask_change(person, "email", "v@example.org") for person in people)
    )
    statuses = [reply.status for reply in replies]
    assert statuses.count(200) <= MAILED_MAX
    assert set(statuses) <= {200, 429, 503}


@KINDS
async def test_contacts_of_a_frozen_account_stay_and_its_password_may_change(api, alice, kind):
    reply = await ask_change(alice, kind)
    assert reply.status == 200
    code = await read_code(api, NEW_OF[kind])
    user_id = await api.id_of("alice")

    async def freeze(unit):
        await place_hold(api.identity, unit, user_id, HoldKind.FREEZE, "Looked at.", None)

    await api.database.transact(freeze, name="test")
    alice.token = (await (await api.login("alice")).json())["access_token"]

    await refuse(await confirm(alice, kind, code), 409, "own_account_frozen")
    api.clock.advance(seconds=60)
    await refuse(await ask_change(alice, kind), 409, "own_account_frozen")
    assert not await has_contact(api, kind, NEW_OF[kind])
    changed = {"current_password": PASSWORD, "new_password": "battery of another horse"}
    proof = await alice.prove("password", "POST", "/me/password", changed)
    await alice.must("POST", "/me/password", changed, proof=proof)
