"""GET and PATCH /me, and GET /users/{username}."""

import pytest

from models.identity import Standing
from server.identity.standing import lock_standing, update_standing


async def test_user_sees_himself(api):
    body = await api.register("alice")
    reply = await api.ask("GET", "/api/v1/me", token=body["access_token"])
    assert await reply.json() == body["user"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
async def test_request_without_a_session_is_refused(api, header):
    headers = {} if header is None else {"Authorization": header}
    reply = await api.client.get("/api/v1/me", headers=headers)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_user_changes_his_language(api):
    token = (await api.register("alice"))["access_token"]
    reply = await api.ask("PATCH", "/api/v1/me", {"language": "vi"}, token=token)
    assert reply.status == 200
    assert (await reply.json())["language"] == "vi"
    reply = await api.ask("GET", "/api/v1/me", token=token)
    assert (await reply.json())["language"] == "vi"


@pytest.mark.parametrize(
    "field", ["role", "kyc_level", "verified", "email", "phone", "username", "id", "balance"]
)
async def test_user_cannot_change_what_needs_proof_or_staff(api, field):
    body = await api.register("alice")
    reply = await api.ask("PATCH", "/api/v1/me", {field: "x"}, token=body["access_token"])
    assert reply.status == 422
    reply = await api.ask("GET", "/api/v1/me", token=body["access_token"])
    assert await reply.json() == body["user"]


async def test_change_without_a_key_is_refused(api):
    token = (await api.register("alice"))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    reply = await api.client.patch("/api/v1/me", json={"language": "vi"}, headers=headers)
    assert reply.status == 428
    headers["Idempotency-Key"] = "k" * 300
    reply = await api.client.patch("/api/v1/me", json={"language": "vi"}, headers=headers)
    assert reply.status == 422


async def test_same_key_of_another_user_is_another_key(api):
    first = (await api.register("alice"))["access_token"]
    second = (await api.register("bob"))["access_token"]
    replies = [
        await api.ask("PATCH", "/api/v1/me", {"language": language}, token=token, key="same")
        for token, language in ((first, "vi"), (second, "fr"))
    ]
    assert [(await reply.json())["language"] for reply in replies] == ["vi", "fr"]


async def test_public_profile_shows_the_record_and_no_address(api):
    await api.register("Alice", phone="+84912345678")
    user_id = await api.id_of("Alice")

    async def work(unit):
        row = await lock_standing(unit, user_id)
        await update_standing(unit, row, trades_completed=2, trades_ended=3)

    await api.database.transact(work, name="test")
    reply = await api.ask("GET", "/api/v1/users/alice")
    assert reply.status == 200
    body = await reply.json()
    assert body.pop("created_at").startswith("2026-01-01T")
    assert body == {
        "username": "Alice",
        "verified": False,
        "kyc_level": 2,
        "present": False,
        "trades_completed": 2,
        "completion_rate": "66.66",
        "completion_rate_30d": None,
        "counterparties": 0,
        "median_pay_s": None,
        "median_release_s": None,
        "volume_band": "none",
        "rating": {"score": None, "raters": 0, "ratings": 0},
        "badges": ["identity_checked"],
        "account_age_days": 0,
        "trusted_by_me": None,
    }


@pytest.mark.parametrize("name", ["nobody", "a1ice", "ALlCE", "%00", "x" * 300, "%F0%9F%92%A9"])
async def test_unknown_name_is_not_found(api, name):
    await api.register("alice")
    assert (await api.ask("GET", f"/api/v1/users/{name}")).status == 404


async def test_request_makes_the_user_present(api):
    token = (await api.register("alice"))["access_token"]
    await api.status_of_me(token)
    await api.identity.presence.flush(api.database, api.identity.hooks)
    assert (await (await api.ask("GET", "/api/v1/users/alice")).json())["present"] is True
    (row,) = await api.read(Standing.__table__.select())
    assert row.recheck_at is not None
