"""Changing the keys of access tokens by the settings: nobody is signed out, nothing old stays."""

from tests.api.identity.conftest import start_api

OLD = "development:development-only-" + "0" * 32
NEW = "next:" + "n" * 32


async def test_tokens_of_the_old_key_count_while_it_is_listed(database_url, clock, api):
    body = await api.register("alice")
    async with start_api(database_url, clock, token_keys=f"{NEW},{OLD}") as between:
        assert await between.status_of_me(body["access_token"]) == 200
        renewed = await (await between.refresh(body["refresh_token"])).json()
    async with start_api(database_url, clock, token_keys=NEW) as after:
        assert await after.status_of_me(body["access_token"]) == 401
        assert await after.status_of_me(renewed["access_token"]) == 200
        again = await (await after.refresh(renewed["refresh_token"])).json()
        assert await after.status_of_me(again["access_token"]) == 200


async def test_key_of_another_name_does_not_pass_for_a_listed_one(database_url, clock, api):
    body = await api.register("alice")
    async with start_api(database_url, clock, token_keys="development:" + "n" * 32) as later:
        assert await later.status_of_me(body["access_token"]) == 401
