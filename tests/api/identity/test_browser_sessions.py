"""Sessions of browsers: the refresh token in a cookie, and what other sites can do with it."""

from dataclasses import replace

import pytest

from tests.api.identity.conftest import PASSWORD, start_api

AUTH = "/api/v1/auth"
LISTED = "https://app.example"
ALICE = {"email": "alice@example.com", "password": PASSWORD}
EVIL = [
    "https://evil.example",
    "null",
    "",
    "https://app.example.evil.example",
    "http://app.example",
]


@pytest.fixture
async def api(database_url, clock):
    async with start_api(database_url, clock, allowed_origins=LISTED) as started:
        yield started


class Browser:
    """Keeps the cookie as a browser would, and says which page it is on."""

    def __init__(self, api, origin=None):
        self.api = api
        self.origin = origin or f"http://{api.client.server.host}:{api.client.server.port}"
        self.cookie = None
        self.set = None

    async def ask(self, path, body=None, *, token=None, **changes):
        sent = {"Origin": self.origin, "IQX-Session": "cookie", **changes}
        if self.cookie is not None:
            sent.setdefault("Cookie", f"theme=dark; {self.cookie}")
        sent = {name: value for name, value in sent.items() if value is not None}
        self.api.client.session.cookie_jar.clear()
        reply = await self.api.ask("POST", AUTH + path, {} if body is None else body,
                                   headers=sent, token=token)  # fmt: skip
        self.set = reply.headers.get("Set-Cookie")
        if self.set is not None:
            self.cookie = self.set.partition(";")[0]
        return reply

    async def sign_in(self):
        reply = await self.ask("/login", {**ALICE, "session": "cookie"})
        assert reply.status == 200, await reply.text()
        return await reply.json()


@pytest.fixture
async def browser(api):
    await api.register("alice")
    return Browser(api)


def read_flags(text):
    first, *flags = text.split("; ")
    return first.partition("=")[0], set(flags)


async def code_of(reply):
    return reply.status, (await reply.json())["code"]


async def test_browser_gets_its_refresh_token_in_a_cookie_and_not_in_the_body(browser):
    body = await browser.sign_in()
    assert body["refresh_token"] is None
    assert read_flags(browser.set) == (
        "iqx_refresh",
        {"Path=/", "Max-Age=604800", "HttpOnly", "SameSite=Strict"},
    )


async def test_cookie_of_production_travels_over_tls_only(api, browser):
    api.identity.policy = replace(api.identity.policy, secure_cookies=True)
    plain = await browser.ask("/login", {**ALICE, "session": "cookie"})
    browser.origin = browser.origin.replace("http:", "https:")
    await browser.sign_in()
    name, flags = read_flags(browser.set)
    assert await code_of(plain) == (403, "cross_site_refused")
    assert name == "__Host-iqx_refresh"
    assert flags >= {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"}
    assert not [flag for flag in flags if flag.lower().startswith("domain")]


async def test_app_gets_its_refresh_token_in_the_body_and_no_cookie(api):
    body = await api.register("alice")
    reply = await api.login("alice")
    assert body["refresh_token"]
    assert "Set-Cookie" not in reply.headers
    assert (await reply.json())["refresh_token"]


async def test_every_way_to_sign_in_gives_the_cookie_to_a_browser(api):
    browser = Browser(api)
    account = {**ALICE, "username": "alice", "session": "cookie"}
    assert (await browser.ask("/register", account)).status == 201
    assert browser.cookie
    waiting = await browser.ask("/login/second-factor",
                                {"token": "x", "code": "000000", "session": "cookie"},
                                Origin="https://evil.example")  # fmt: skip
    by_key = await browser.ask("/login/passkey", {"passkey": {}, "session": "cookie"},
                               Origin="https://evil.example")  # fmt: skip
    for reply in (waiting, by_key):
        assert await code_of(reply) == (403, "cross_site_refused")


async def test_refreshing_by_cookie_rotates_it(browser):
    await browser.sign_in()
    first = browser.cookie
    reply = await browser.ask("/refresh")
    second = browser.cookie
    again = await browser.ask("/refresh")
    assert (reply.status, again.status) == (200, 200)
    assert (await reply.json())["refresh_token"] is None
    assert len({first, second, browser.cookie}) == 3


async def test_old_cookie_ends_the_session(api, browser):
    await browser.sign_in()
    first = browser.cookie
    await browser.ask("/refresh")
    await browser.ask("/refresh")
    assert await code_of(await browser.ask("/refresh", Cookie=first)) == (401, "refresh_refused")
    assert await code_of(await browser.ask("/refresh")) == (401, "refresh_refused")


async def test_logout_ends_the_session_and_takes_the_cookie_away(api, browser):
    access = (await browser.sign_in())["access_token"]
    kept = browser.cookie
    reply = await browser.ask("/logout")
    assert reply.status == 204
    assert browser.set.startswith("iqx_refresh=; ")
    assert "Max-Age=0" in browser.set
    assert await api.status_of_me(access) == 401
    assert (await browser.ask("/refresh", Cookie=kept)).status == 401


@pytest.mark.parametrize("path", ["/refresh", "/logout"])
@pytest.mark.parametrize("origin", [*EVIL, "https://[", None])
async def test_call_of_another_site_with_the_cookie_is_refused(browser, path, origin):
    access = (await browser.sign_in())["access_token"]
    reply = await browser.ask(path, Origin=origin)
    assert await code_of(reply) == (403, "cross_site_refused")
    assert "Set-Cookie" not in reply.headers
    assert not [name for name in reply.headers if name.startswith("Access-Control-Allow-")]
    assert await browser.api.status_of_me(access) == 200
    assert (await browser.ask("/refresh")).status == 200


@pytest.mark.parametrize("path", ["/refresh", "/logout"])
@pytest.mark.parametrize("value", [None, "token", ""])
async def test_call_with_the_cookie_needs_the_header_that_no_form_sends(browser, path, value):
    await browser.sign_in()
    reply = await browser.ask(path, **{"IQX-Session": value})
    assert await code_of(reply) == (403, "cross_site_refused")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded",
                                   "multipart/form-data; boundary=x"])  # fmt: skip
async def test_form_of_another_site_is_no_call(api, browser, media):
    await browser.sign_in()
    reply = await api.client.request(
        "POST", f"{AUTH}/refresh", data=b"{}",
        headers={"Content-Type": media, "Cookie": browser.cookie, "Origin": EVIL[0]},
    )  # fmt: skip
    assert reply.status == 415


async def test_cookie_means_nothing_to_any_other_call(api, browser):
    await browser.sign_in()
    headers = {"Cookie": browser.cookie, "Origin": browser.origin, "IQX-Session": "cookie"}
    for method, path in (("GET", "/api/v1/me"), ("PATCH", "/api/v1/me")):
        reply = await api.ask(method, path, headers=headers)
        assert reply.status == 401


async def test_two_cookies_of_the_name_are_none(browser):
    await browser.sign_in()
    reply = await browser.ask("/refresh", Cookie=f"{browser.cookie}; iqx_refresh=planted")
    assert await code_of(reply) == (401, "refresh_refused")


async def test_page_of_a_listed_origin_may_use_the_cookie(api, browser):
    browser.origin = LISTED
    await browser.sign_in()
    reply = await browser.ask("/refresh")
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == LISTED
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"


async def test_cookies_are_offered_to_listed_origins_for_sign_in_alone(api):
    asked = {"Origin": LISTED, "Access-Control-Request-Method": "POST"}
    for path, offered in ((f"{AUTH}/refresh", "true"), ("/api/v1/orders", None)):
        reply = await api.client.options(path, headers=asked)
        assert reply.status == 204
        assert reply.headers.get("Access-Control-Allow-Credentials") == offered
        assert "IQX-Session" in reply.headers["Access-Control-Allow-Headers"]
    for origin in EVIL:
        reply = await api.client.options(f"{AUTH}/refresh", headers={**asked, "Origin": origin})
        assert reply.status == 405
        assert not [name for name in reply.headers if name.startswith("Access-Control-")]
