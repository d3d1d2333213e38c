"""POST /auth/register."""

import asyncio

import pytest
from sqlalchemy import select

from models.identity import Profile, Standing
from models.ledger import Account
from tests.api.identity.conftest import PASSWORD, start_api

PATH = "/api/v1/auth/register"


def body_of(**changes):
    body = {"email": "alice@example.com", "password": PASSWORD, "username": "alice"}
    return {**body, **changes}


async def test_registering_gives_the_user_and_both_tokens(api):
    reply = await api.ask("POST", PATH, body_of(phone="+84 912 345 678", language="vi"))
    assert reply.status == 201
    body = await reply.json()
    assert body["user"]["username"] == "alice"
    assert body["user"]["phone"] == "+84912345678"
    assert body["user"]["language"] == "vi"
    assert body["user"]["role"] == "user"
    assert body["expires_in"] == 900
    assert await api.status_of_me(body["access_token"]) == 200
    assert (await api.refresh(body["refresh_token"])).status == 200


async def test_development_accounts_start_at_level_2(api):
    body = await api.register("alice")
    assert body["user"]["kyc_level"] == 2


async def test_accounts_start_at_the_level_of_the_settings(database_url, clock):
    async with start_api(database_url, clock, new_account_level=0) as api:
        body = await api.register("alice")
    assert body["user"]["kyc_level"] == 0


async def test_registering_opens_ledger_accounts_and_a_standing(api):
    await api.register("alice")
    user_id = await api.id_of("alice")
    accounts = await api.read(select(Account.kind).where(Account.user_id == user_id))
    assert len(accounts) == 12
    (standing,) = await api.read(select(Standing.version).where(Standing.user_id == user_id))
    assert standing.version == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "alice2"},
        {"email": "ALICE@Example.COM", "username": "bob"},
        {"email": "bob@example.com", "username": "Alice"},
        {"email": "bob@example.com", "username": "aIice"},
        {"email": "bob@example.com", "username": "a1ice"},
    ],
)
async def test_taken_name_or_address_is_refused_in_any_spelling(api, changes):
    await api.register("alice")
    reply = await api.ask("POST", PATH, body_of(**changes))
    assert reply.status == 409
    assert (await reply.json())["code"] == "identity_taken"


async def test_five_at_once_for_one_address_make_one_account(api):
    replies = await asyncio.gather(
        *(api.ask("POST", PATH, body_of(username=f"alice{number}")) for number in range(5))
    )
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409]
    assert len(await api.read(select(Profile.user_id))) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a\x00@example.com"}, None),
        ({"username": "ab"}, "username"),
        ({"username": "a" * 33}, "username"),
        ({"username": "-alice"}, "username"),
        ({"username": "al ice"}, "username"),
        ({"username": "аlice"}, "username"),
        ({"username": "iqx_support"}, "username"),
        ({"username": "Adm1n-team"}, "username"),
        ({"username": "off1cial"}, "username"),
        ({"username": "staff"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"password": "password"}, "password"),
        ({"password": "aaaaaaaaaa"}, "password"),
        ({"password": 12345678}, "password"),
        ({"phone": "0912345678"}, "phone"),
        ({"language": "english"}, "language"),
        ({"referral_code": "<b>"}, "referral_code"),
    ],
)
async def test_values_that_are_not_acceptable_are_named(api, changes, field):
    reply = await api.ask("POST", PATH, body_of(**changes))
    assert reply.status in (400, 422)
    if field is not None:
        assert field in (await reply.json())["errors"]
    assert await api.read(select(Profile.user_id)) == []


@pytest.mark.parametrize(
    "field", ["role", "balance", "user_id", "kyc_level", "is_admin", "verified", "id"]
)
async def test_unknown_fields_are_refused(api, field):
    reply = await api.ask("POST", PATH, body_of(**{field: "admin"}))
    assert reply.status == 422
    assert field in (await reply.json())["errors"]


async def test_password_is_stored_as_bcrypt_only(api):
    await api.register("alice")
    stored = await api.dump("user_profiles")
    assert b"$2b$04$" in stored
    assert PASSWORD.encode() not in stored


async def test_passwords_differ_beyond_72_characters(api):
    first, second = "correct horse " * 8 + "a", "correct horse " * 8 + "b"
    await api.register("alice", password=first)
    assert (await api.login("alice", second)).status == 401
    assert (await api.login("alice", first)).status == 200


async def test_tokens_are_stored_as_digests_only(api):
    body = await api.register("alice")
    for table in ("refresh_tokens", "sessions", "session_states", "idempotency_keys"):
        stored = await api.dump(table)
        assert body["refresh_token"].encode() not in stored
        assert body["access_token"].encode() not in stored


async def test_referral_code_is_kept(api):
    await api.register("alice", referral_code="FRIEND-1")
    (row,) = await api.read(select(Profile.referral_code))
    assert row.referral_code == "FRIEND-1"
