"""Nothing outside is reached but what the settings name, whatever an address came to."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.http.outside import OriginNotListedError, open_session, origin_of
from server.messages.sms import ListedHttpClient


@pytest.fixture
async def site():
    """A listed server, and another one to which it would send us on."""
    heard = []

    async def hear(request):
        heard.append(request.path)
        return web.Response(text="heard")

    async def send_on(_request):
        raise web.HTTPFound(f"http://127.0.0.1:{other.port}/secret")

    app, elsewhere = web.Application(), web.Application()
    app.router.add_get("/listed", hear)
    app.router.add_get("/on", send_on)
    elsewhere.router.add_get("/{any:.*}", hear)
    async with TestServer(app) as listed, TestServer(elsewhere) as other:
        yield f"http://127.0.0.1:{listed.port}", f"http://127.0.0.1:{other.port}", heard


async def test_listed_origin_is_reached_by_any_path(site):
    listed, _, heard = site
    async with open_session([f"{listed}/v2"]) as session, session.get(f"{listed}/listed") as reply:
        assert await reply.text() == "heard"
    assert heard == ["/listed"]


async def test_other_origins_are_refused_before_anything_is_sent_or_looked_up(site):
    listed, other, heard = site
    port = listed.rpartition(":")[2]
    async with open_session([listed]) as session:
        for url in (
            f"{other}/secret", f"https://127.0.0.1:{port}/", f"http://127.0.0.2:{port}/",
            f"http://localhost:{port}/", "http://169.254.169.254/latest/meta-data",
            "http://[::1]/", "https://nowhere.invalid/", "http://2130706433/",
        ):  # fmt: skip
            with pytest.raises(OriginNotListedError):
                await session.get(url)
    assert heard == []


async def test_answer_that_sends_us_elsewhere_is_not_followed_there(site):
    listed, _, heard = site
    async with open_session([listed]) as session:
        with pytest.raises(OriginNotListedError):
            await session.get(f"{listed}/on")
    assert heard == []


async def test_several_origins_may_be_listed(site):
    listed, other, heard = site
    async with open_session([listed, other]) as session, session.get(f"{listed}/on") as reply:
        assert reply.status == 200
    assert heard == ["/secret"]


def test_client_of_text_messages_reaches_its_provider_alone():
    client = ListedHttpClient("https://api.twilio.com")
    for url in (
        "https://evil.example/2010-04-01/Accounts",
        "http://api.twilio.com/",
        "file:///etc",
    ):
        with pytest.raises(OriginNotListedError):
            client.request("POST", url)


@pytest.mark.parametrize("url", ["", "ftp://host/", "https://", "https://host:port/", "//host"])
def test_address_without_an_origin_is_refused(url):
    with pytest.raises(OriginNotListedError):
        origin_of(url)


def test_refusal_does_not_repeat_the_address():
    with pytest.raises(OriginNotListedError) as refused:
        origin_of("secret://key@host/")
    assert "key" not in str(refused.value)
