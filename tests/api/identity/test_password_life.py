"""Nobody is there before somebody registers, passwords do not age, no secret can be guessed."""

import base64

import pytest
from sqlalchemy import func, select

from models.identity import User
from server.identity import (
    passkeys,
    password_reset,
    recovery_codes,
    sessions,
    sign_in,
    step_up,
    totp,
)

BITS_MIN = 128
# Codes that a person types, which are counted and locked besides.
CODE_BITS_MIN = 112


async def test_new_installation_has_no_account(api):
    assert await api.read(select(func.count()).select_from(User)) == [(0,)]
    for name in ("root", "admin", "administrator", "sa", "iqx"):
        assert (await api.login(name, name)).status == 401


async def test_password_of_ten_years_ago_still_signs_in(api):
    await api.register("alice")
    api.clock.advance(hours=24 * 3653)
    reply = await api.login("alice")
    assert reply.status == 200
    assert await api.status_of_me((await reply.json())["access_token"]) == 200


@pytest.mark.parametrize(
    ("length", "bits_min"),
    [
        (sessions.SECRET_BYTES, BITS_MIN),
        (step_up.SECRET_BYTES, BITS_MIN),
        (sign_in.SECRET_BYTES, BITS_MIN),
        (password_reset.SECRET_BYTES, BITS_MIN),
        (passkeys.CHALLENGE_BYTES, BITS_MIN),
        (totp.SECRET_BYTES, BITS_MIN),
        (recovery_codes.CODE_BYTES, CODE_BITS_MIN),
    ],
    ids=["refresh token", "proof", "waiting sign-in", "reset", "challenge", "app", "recovery code"],
)
def test_secrets_are_random_and_long_enough(length, bits_min):
    assert length * 8 >= bits_min


async def test_refresh_tokens_hold_that_much_and_never_repeat(api):
    await api.register("alice")
    tokens = [(await (await api.login("alice")).json())["refresh_token"] for _ in range(4)]
    assert len(set(tokens)) == 4
    for token in tokens:
        secret = token.rpartition(".")[2]
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        assert len(raw) * 8 >= BITS_MIN
        assert len(set(raw)) > 8
