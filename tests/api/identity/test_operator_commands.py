"""`iqx set-level` and `iqx create-admin`, as an operator runs them."""

import dataclasses

import pytest
from sqlalchemy import select

from models.identity import Standing
from server.settings import load_settings
from server.wiring import identity_apart
from tests.programs import run_iqx


@pytest.mark.parametrize("user", ["Alice", "ALICE@example.com"])
async def test_set_level_changes_the_standing(api, database_url, user):
    token = (await api.register("alice"))["access_token"]
    done = run_iqx(database_url, "set-level", user, "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{user} is at level 3 now.\n"
    (row,) = await api.read(select(Standing.kyc_level, Standing.version))
    assert (row.kyc_level, row.version) == (3, 1)
    me = await (await api.ask("GET", "/api/v1/me", token=token)).json()
    assert me["kyc_level"] == 3


def names_of(hooks):
    """What is called at each hook, in order; each process makes functions of its own."""
    return {
        each.name: [
            getattr(called, "__qualname__", type(called).__qualname__)
            for called in getattr(hooks, each.name)
        ]
        for each in dataclasses.fields(hooks)
    }


async def test_commands_tell_the_lanes_as_the_server_does(api, database_url):
    settings = load_settings({"IQX_DATABASE_URL": database_url, "IQX_BCRYPT_ROUNDS": "4"})
    async with identity_apart(settings) as apart:
        assert names_of(apart.hooks) == names_of(api.identity.hooks)
    assert apart.hooks.on_standing_changed
    assert apart.hooks.on_account_removed


@pytest.mark.parametrize(
    ("arguments", "code"), [(("nobody", "2"), 1), (("x@example.com", "2"), 1), (("alice", "4"), 2)]
)
async def test_set_level_refuses_who_or_what_does_not_exist(api, database_url, arguments, code):
    await api.register("alice")
    done = run_iqx(database_url, "set-level", *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stderr


async def test_create_admin_makes_an_administrator_who_may_sign_in(api, database_url):
    arguments = ("create-admin", "--email", "root@example.com", "--username", "admin")
    done = run_iqx(database_url, *arguments, typed="correct horse\ncorrect horse\n")
    assert done.returncode == 0, done.stderr
    assert "correct horse" not in done.stdout + done.stderr
    reply = await api.login("root", "correct horse")
    assert reply.status == 200
    assert (await reply.json())["user"]["role"] == "admin"


async def test_create_admin_refuses_a_taken_name(api, database_url):
    arguments = ("create-admin", "--email", "root@example.com", "--username", "alice")
    await api.register("alice")
    done = run_iqx(database_url, *arguments, typed="correct horse\ncorrect horse\n")
    assert done.returncode == 1
    assert "already in use" in done.stderr


async def test_registering_cannot_make_an_administrator(api):
    body = {
        "email": "a@example.com", "password": "correct horse", "username": "alice",
        "role": "admin",
    }  # fmt: skip
    reply = await api.ask("POST", "/api/v1/auth/register", body)
    assert reply.status == 422
