"""A running service with the demo world, and people whose browsers open it."""

import asyncio
import itertools
import os
import shutil
from contextlib import asynccontextmanager

import aiohttp

from seeds.plan import PASSWORD
from tests.browser.chromium import DESKTOP, LOCALES, WAIT_MS
from tests.browser.watching import Watch
from tests.programs import run_command
from tests.server_process import run_server
from tests.services import find_free_port
from tests.webapp.build import build_webapp

COOKIE = "iqx_refresh"
SIGNED_IN = "iqx.signed-in"
"""The hint by which the app asks for the session of an earlier visit."""
SEED_MAX_S = 120


class Person:
    """Somebody who uses the service by HTTP, and by browsers in his name."""

    keys = itertools.count(1)

    def __init__(self, house, name, body):
        self.house = house
        self.name = name
        self.id = body["user"]["id"]
        self.token = body["access_token"]

    async def ask(self, method, path, body=None, **headers):
        """Status and body of a call; every change has a key of its own."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        if method != "GET":
            sent["Idempotency-Key"] = f"{self.name}-{os.getpid()}-{next(self.keys)}"
        url = f"{self.house.base}/api/v1{path}"
        async with self.house.session.request(method, url, json=body, headers=sent) as reply:
            return reply.status, await reply.json() if reply.content_length else None

    async def must(self, method, path, body=None, **headers):
        """The body of a call that has to succeed."""
        status, content = await self.ask(method, path, body, **headers)
        assert status < 300, (method, path, status, content)
        return content

    async def prove(self, action, **bound):
        """A proof of the password, bound to one act."""
        asked = {"password": PASSWORD, "action": action, **bound}
        return (await self.must("POST", "/auth/step-up", asked))["proof"]


class House:
    """The service, and the browser that opens it."""

    def __init__(self, browser, base, session):
        self.browser = browser
        self.base = base
        self.session = session

    async def sign_in(self, name):
        """Somebody of the demo world."""
        asked = {"email": f"{name}@example.com", "password": PASSWORD}
        async with self.session.post(f"{self.base}/api/v1/auth/login", json=asked) as reply:
            body = await reply.json()
            assert reply.status == 200, body
        return Person(self, name, body)

    async def join(self, name):
        """Somebody new."""
        asked = {"email": f"{name}@example.com", "password": PASSWORD, "username": name}
        async with self.session.post(f"{self.base}/api/v1/auth/register", json=asked) as reply:
            body = await reply.json()
            assert reply.status == 201, body
        return Person(self, name, body)

    async def _start_session(self, name):
        """The refresh token of a browser's session."""
        asked = {
            "email": f"{name}@example.com", "password": PASSWORD, "session": "cookie",
        }  # fmt: skip
        headers = {"Origin": self.base, "IQX-Session": "cookie"}
        url = f"{self.base}/api/v1/auth/login"
        async with self.session.post(url, json=asked, headers=headers) as reply:
            assert reply.status == 200, await reply.text()
            return reply.cookies[COOKIE].value

    @asynccontextmanager
    async def open(self, name=None, *, size=DESKTOP, theme="light", language="en"):
        """A browser of its own for `name`, or for a visitor: a page, with its `watch` on it.

        Nothing that the browser met may be wrong when it closes.
        """
        context = await self.browser.new_context(
            base_url=self.base,
            viewport=size,
            has_touch=size["width"] < 600,
            is_mobile=size["width"] < 600,
            color_scheme=theme,
            locale=LOCALES[language],
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT_MS)
        watch = Watch(self.base)
        watch.follow(context)
        try:
            if name is not None:
                token = await self._start_session(name)
                cookie = {"name": COOKIE, "value": token, "url": self.base, "httpOnly": True}
                await context.add_cookies([{**cookie, "sameSite": "Strict"}])
                await context.add_init_script(
                    f"if (origin !== 'null') localStorage.setItem('{SIGNED_IN}', 'yes')"
                )
            page = await context.new_page()
            page.watch = watch
            yield page
            watch.check()
        finally:
            await context.close()


async def seed_once(folder, template=None):
    """The demo world in a file, made once for all workers of this run; `template` is a migrated
    database to begin with."""
    seeded = folder / "seeded.db"
    try:
        (folder / "seeding").mkdir(parents=True)
    except FileExistsError:
        async with asyncio.timeout(SEED_MAX_S):
            while not seeded.exists():
                await asyncio.sleep(0.2)
        return seeded
    making = folder / "making.db"
    if template is not None:
        shutil.copyfile(template, making)
    url = f"sqlite+aiosqlite:///{making}"
    for command in ("seed",) if template is not None else ("migrate", "seed"):
        environment = {"IQX_DATABASE_URL": url, "IQX_BCRYPT_ROUNDS": "4"}
        done = await asyncio.to_thread(run_command, environment, command, wait_s=SEED_MAX_S)
        assert done.returncode == 0, done.stderr
    making.rename(seeded)
    return seeded


@asynccontextmanager
async def open_house(browser, seeded, folder):
    """The service on a copy of the demo world, with the web app."""
    database = folder / "house.db"
    shutil.copy(seeded, database)
    port = find_free_port()
    base = f"http://localhost:{port}"
    settings = {
        "port": port,
        "web_folder": build_webapp(),
        "passkey_origins": base,
        "files_folder": folder / "files",
        "mail_folder": folder / "mail",
        **dict.fromkeys(("reads_per_s", "writes_per_s", "public_per_s", "sockets_per_user"), 0),
    }
    async with (
        run_server(f"sqlite+aiosqlite:///{database}", **settings),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield House(browser, base, session)
