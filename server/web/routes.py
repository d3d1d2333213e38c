"""The addresses of the web app: its files, its public pages, and every other page of it."""

import re
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from server.core.refusals import NotFound, Refusal
from server.http.edge import EDGE, client_ip, count_call
from server.http.wire import WireResponse
from server.web.answers import answer_file, answer_page
from server.web.build import Build, WebFile, pack
from server.web.facts import FACTS, open_facts
from server.web.head import DEFAULT_LANGUAGE, LANGUAGES, Page, render_head
from server.web.pages import PUBLIC, Write, list_real_markets, write_missing, write_private
from server.web.robots import write_robots, write_sitemap

OTHERS = r"/{path:(?!api(?:/|$)|socket\.io(?:/|$)).*}"
"""Every address that belongs to the app: a call of the API never ends in a page."""
PAGE = re.compile(r"/index\.html|/(?!assets(?:/|$))(?:[\w~-]+/)*[\w~-]*", re.ASCII)
"""Addresses that can name a page: names between slashes, no file, no folder, no wandering."""
CARD = "/og.png"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_web(app: web.Application, build: Build, origin: str) -> None:
    """Serve the app; `origin` is where people open it, such as https://iqx.example.org."""
    app[FACTS] = open_facts(app)
    image = CARD if CARD in build.files else None

    def make(page: Page) -> WebFile:
        return build.make_page(str(render_head(page, origin, image)), page.language)

    private = {language: make(write_private(language)) for language in LANGUAGES}
    missing = {language: make(write_missing(language)) for language in LANGUAGES}
    for path, write in PUBLIC.items():
        _add(app, path, _serve_public(write, origin, make, private, missing))
    robots = pack(write_robots(origin), "text/plain; charset=utf-8")

    async def serve_robots(request: web.Request) -> WireResponse:
        return answer_file(request, request.path, robots)

    async def serve_sitemap(request: web.Request) -> WireResponse:
        await _count(request)
        markets = await list_real_markets(request.app)
        sitemap = write_sitemap(origin, (row.id for row in markets))
        media = "application/xml; charset=utf-8"
        return answer_file(request, request.path, pack(sitemap, media))

    async def serve_other(request: web.Request) -> WireResponse:
        file = build.files.get(request.path)
        if file is not None:
            return answer_file(request, request.path, file)
        if PAGE.fullmatch(request.path) is None:
            raise NotFound
        return answer_page(request, private[_language_of(request)])

    _add(app, "/robots.txt", serve_robots)
    _add(app, "/sitemap.xml", serve_sitemap)
    _add(app, OTHERS, serve_other)


def _add(app: web.Application, path: str, handler: Handler) -> None:
    resource = app.router.add_resource(path)
    for method in ("GET", "HEAD"):
        resource.add_route(method, handler)


def _serve_public(
    write: Write,
    origin: str,
    make: Callable[[Page], WebFile],
    private: Mapping[str, WebFile],
    missing: Mapping[str, WebFile],
) -> Handler:
    async def serve(request: web.Request) -> WireResponse:
        language = _language_of(request)
        try:
            await _count(request)
            page = make(await write(request.app, request.match_info, language, origin))
        except NotFound:
            return answer_page(request, missing[language], status=404)
        except Refusal as refusal:
            # The app itself still starts, and says what is the matter.
            answer = answer_page(request, private[language], status=refusal.status)
            answer.add_fields({"Retry-After": str(refusal.retry_after_s or 1)})
            return answer
        return answer_page(request, page)

    return serve


async def _count(request: web.Request) -> None:
    """Pages that read the database count like calls; files do not."""
    edge = request.app[EDGE]
    await count_call(edge, "GET", None, client_ip(request, edge.trusted_proxies))


def _language_of(request: web.Request) -> str:
    asked = request.query.get("lang", DEFAULT_LANGUAGE)
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE
