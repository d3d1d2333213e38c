"""What is shown in a recovery: pictures by strangers, an identity, a factor that is there."""

import asyncio

import pytest

from server.kyc.duties import recheck_identities
from tests.api.identity.people import refuse
from tests.api.recovery.conftest import AUTH


@pytest.mark.parametrize("secret", [b"unknown", b"\xff"])
async def test_stranger_is_refused_before_his_picture_is_read(desk, secret):
    head = [
        f"POST {AUTH}/selfie HTTP/1.1".encode(), b"Host: iqx.test", b"Recovery-Token: " + secret,
        b"Content-Type: image/jpeg", b"Content-Length: 1000000", b"\r\n",
    ]  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.client.port)
    try:
        writer.write(b"\r\n".join(head))
        async with asyncio.timeout(5):
            answer = await reader.readuntil(b"}")
    finally:
        writer.close()

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'"recovery_unknown"' in answer


async def test_picture_that_is_none_is_refused(desk):
    await desk.verify_identity()
    desk.clock.advance(minutes=1)
    headers = {"Recovery-Token": (await desk.lose())["recovery_token"]}
    reply = await desk.ask("POST", f"{AUTH}/selfie", headers=headers)
    await refuse(reply, 415, "picture_refused")


async def test_identity_that_has_run_out_is_shown_all_the_same(desk):
    await desk.verify_identity()
    desk.clock.advance(hours=24 * 731)
    assert await recheck_identities(desk.kyc)
    assert (await desk.lose())["proven_by"] == "identity"


async def test_factor_that_proves_an_act_stops_the_recovery(desk):
    case = await desk.lose()
    desk.clock.advance(seconds=30)
    await desk.alice.prove("account", "POST", "/me/exports", code=desk.app_of_alice.code())
    assert await desk.follow(case) == "stopped"
