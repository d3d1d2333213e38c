"""robots.txt and the sitemap."""

from collections.abc import Iterable

from server.http.markup import Html, tag
from server.web.head import DEFAULT_LANGUAGE, LANGUAGES, locate

PLACES = ("/", "/markets", "/fees", "/help", "/status")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACES = {
    "xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "xmlns:xhtml": "http://www.w3.org/1999/xhtml",
}


def write_robots(origin: str) -> bytes:
    """Crawlers may read the public pages; the API is not for them."""
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /socket.io/", "Allow: /", ""]
    return "\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""]).encode()


def write_sitemap(origin: str, markets: Iterable[str]) -> bytes:
    """Every public page that does not belong to a person, in each language."""
    paths = [*PLACES, *(f"/markets/{market}" for market in markets)]
    entries = [_render_entry(origin, path, one) for path in paths for one in LANGUAGES]
    return (HEAD + tag("urlset", entries, **SPACES)).encode()


def _render_entry(origin: str, path: str, language: str) -> Html:
    others = [(one, one) for one in LANGUAGES] + [("x-default", DEFAULT_LANGUAGE)]
    links = [
        tag("xhtml:link", rel="alternate", hreflang=name, href=locate(origin, path, one))
        for name, one in others
    ]
    return tag("url", tag("loc", locate(origin, path, language)), links)
