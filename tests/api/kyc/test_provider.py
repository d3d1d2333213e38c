"""The provider: signed calls, signed messages, each heard once."""

import asyncio

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from models.kyc import KycApplication, KycProviderEvent
from server.kyc.messages import purge_provider_messages
from tests.api.kyc.conftest import open_office
from tests.sumsub import MESSAGE_SECRET, SECRET, TOKEN, FakeSumsub, sign

GREEN = {"reviewAnswer": "GREEN"}
RED = {"reviewAnswer": "RED", "reviewRejectType": "FINAL", "moderationComment": "Not yours."}
RETRY = {"reviewAnswer": "RED", "reviewRejectType": "RETRY", "moderationComment": "Too dark."}
MESSAGES = "/api/v1/kyc/provider-messages"


@pytest.fixture
async def office(database_url, tmp_path):
    fake = FakeSumsub()
    async with (
        TestServer(fake.app) as server,
        open_office(
            database_url,
            tmp_path,
            sumsub_app_token=TOKEN,
            sumsub_secret=SECRET,
            sumsub_message_secret=MESSAGE_SECRET,
            sumsub_url=str(server.make_url("")),
        ) as opened,
    ):
        opened.fake = fake
        yield opened


async def begin(office, **more):
    """An application whose applicant the provider knows; its identifier."""
    application = await office.alice.apply(**more)
    token = await office.alice.must("POST", "v1/me/kyc/provider-token")
    assert token == {
        "provider": "sumsub", "token": f"sdk-{application['id']}", "expires_in": 600
    }  # fmt: skip
    return application["id"]


async def deliver(office, raw, headers=None):
    reply = await office.api.client.post(MESSAGES, data=raw, headers=headers or sign(raw))
    return reply.status


async def tell(office, application_id, **said):
    """The provider says something of an applicant; how it is answered."""
    return await deliver(office, office.fake.write(application_id, office.clock, **said))


async def see(office):
    level, shown = await office.alice.see()
    return level, shown["status"]


async def test_good_answer_approves_who_the_user_says_he_is(office):
    application_id = await begin(office)
    office.fake.find(application_id)
    assert await tell(office, application_id, answer=GREEN) == 204
    assert await see(office) == (2, "approved")
    (row,) = await office.api.read(
        select(KycApplication.decided_by, KycApplication.provider, KycApplication.expires_at)
    )
    assert (row.decided_by, row.provider) == (None, "sumsub")
    assert row.expires_at.isoformat() == "2028-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "found",
    [
        {"firstName": "VAN DUNG"},
        {"dob": "1990-05-18"},
        {"dob": None},
        {"idDocs": [{"number": "X9", "validUntil": "2029-12-31"}]},
        {"idDocs": [{"number": "C1234567", "validUntil": "2025-12-31"}]},
    ],
)
async def test_good_answer_about_somebody_else_goes_to_people(office, found):
    application_id = await begin(office)
    office.fake.find(application_id, **found)
    assert await tell(office, application_id, answer=GREEN) == 204
    assert await see(office) == (1, "pending")
    (queued,) = (await office.officer.must("GET", "admin/kyc"))["items"]
    assert queued["provider_note"]
    assert "DUNG" not in queued["provider_note"]


async def test_other_answers_reject_return_or_queue(office):
    application_id = await begin(office)
    assert await tell(office, application_id, kind="applicantPending") == 204
    assert await see(office) == (1, "pending")
    office.clock.advance(seconds=1)
    assert await tell(office, application_id, answer=RETRY) == 204
    assert (await office.alice.see())[1]["reason"] == "Too dark."
    assert await see(office) == (1, "collecting")
    assert await tell(office, application_id, kind="applicantCreated") == 204
    office.clock.advance(seconds=1)
    assert await tell(office, application_id, answer=RED) == 204
    assert (await office.alice.see())[1]["reason"] == "Not yours."
    assert await see(office) == (1, "rejected")


async def test_message_without_a_good_signature_is_refused(office):
    application_id = await begin(office)
    office.fake.find(application_id)
    raw = office.fake.write(application_id, office.clock, answer=GREEN)
    good = sign(raw)
    for headers in (
        sign(raw, secret="another secret"),
        sign(raw + b" "),
        sign(raw, algorithm="HMAC_SHA1_HEX", digest="sha1"),
        {**good, "X-Payload-Digest-Alg": "HMAC_SHA512_HEX"},
        {**good, "X-Payload-Digest": ""},
        {name: value for name, value in good.items() if name != "X-Payload-Digest"},
        {name: value for name, value in good.items() if name != "X-Payload-Digest-Alg"},
    ):
        assert await deliver(office, raw, headers) == 401, headers
    assert await see(office) == (1, "collecting")
    assert office.fake.calls[-1][1] == "/resources/accessTokens/sdk"
    assert (
        await deliver(office, raw, sign(raw, algorithm="HMAC_SHA512_HEX", digest="sha512")) == 204
    )


async def test_message_is_heard_once_also_when_it_comes_twice_at_an_instant(office):
    application_id = await begin(office)
    raw = office.fake.write(application_id, office.clock, answer=RETRY)
    assert await asyncio.gather(*(deliver(office, raw) for _ in range(3))) == [204, 204, 204]
    await office.alice.send("front")
    (version,) = await office.api.read(select(KycApplication.version))
    assert await deliver(office, raw) == 204
    assert await office.api.read(select(KycApplication.version)) == [version]
    assert len(await office.api.read(select(KycProviderEvent.digest))) == 1


async def test_old_and_overtaken_messages_change_nothing(office):
    application_id = await begin(office)
    office.fake.find(application_id)
    green = office.fake.write(application_id, office.clock, answer=GREEN)
    office.clock.advance(minutes=1)
    newer = office.fake.write(application_id, office.clock, answer=RETRY)
    assert await deliver(office, newer) == 204
    assert await deliver(office, green) == 204
    assert await see(office) == (1, "collecting")
    stale = office.fake.write(application_id, office.clock, answer=GREEN)
    office.clock.advance(hours=24 * 3)
    assert await deliver(office, stale) == 422
    ahead = office.fake.write(
        application_id, office.clock, answer=GREEN, createdAtMs="2026-01-05 00:00:00.000"
    )
    assert await deliver(office, ahead) == 422
    for broken in (b"[]", b"{}", b"{", b'{"createdAtMs": 1}'):
        assert await deliver(office, broken) == 422


async def test_message_about_another_applicant_changes_nothing(office):
    application_id = await begin(office)
    office.fake.find(application_id)
    for changed in ({"applicantId": "other"}, {"externalUserId": "no-uuid"}):
        raw = office.fake.write(application_id, office.clock, answer=RED, **changed)
        assert await deliver(office, raw) == 204
    assert await see(office) == (1, "collecting")


async def test_provider_that_is_down_is_asked_again_with_the_next_delivery(office):
    application_id = await begin(office)
    office.fake.find(application_id)
    raw = office.fake.write(application_id, office.clock, answer=GREEN)
    office.fake.down = True
    assert await deliver(office, raw) == 503
    assert (await office.alice.ask("POST", "v1/me/kyc/provider-token"))[0] == 503
    office.fake.down = False
    assert await deliver(office, raw) == 204
    assert await see(office) == (2, "approved")


async def test_messages_are_forgotten_when_they_could_not_be_repeated(office):
    application_id = await begin(office)
    await deliver(office, office.fake.write(application_id, office.clock, answer=RETRY))
    purge = office.api.database.transact
    office.clock.advance(hours=24 * 6 + 23)
    assert await purge(purge_provider_messages, name="test") == 0
    office.clock.advance(hours=2)
    assert await purge(purge_provider_messages, name="test") == 1


async def test_without_a_provider_there_is_none(database_url, tmp_path):
    async with open_office(database_url, tmp_path) as office:
        await office.alice.apply()
        status, problem = await office.alice.ask("POST", "v1/me/kyc/provider-token")
        assert (status, problem["code"]) == (404, "no_kyc_provider")
        assert await deliver(office, b"{}") == 404
