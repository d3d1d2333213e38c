"""What the head of a page tells crawlers and previews: title, languages, cards, structured data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from server.http.markup import Content, Html, render, tag

LANGUAGES = {"en": "en_GB", "vi": "vi_VN"}
"""The languages of the pages that crawlers read, and what preview cards call them."""
DEFAULT_LANGUAGE = "en"
SITE = "IQX"
_IN_SCRIPT = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}
"""Characters that could end a script element, or a line of one, written as JSON escapes."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself."""

    path: str
    """As in the address, not yet quoted."""
    language: str
    title: str
    description: str
    structured: Sequence[Mapping[str, Any]] = ()
    """JSON-LD, each without its @context."""
    listed: bool = True
    """Whether search engines may list it."""


def locate(origin: str, path: str, language: str) -> str:
    """The address of a page in a language; English has the plain one."""
    address = origin + quote(path, safe="/-._~")
    return address if language == DEFAULT_LANGUAGE else f"{address}?lang={language}"


def render_head(page: Page, origin: str, image: str | None = None) -> Html:
    """The elements of the head; `image` is the path of the picture on preview cards."""
    here = locate(origin, page.path, page.language)
    parts: list[Content] = [
        tag("title", page.title),
        tag("meta", name="description", content=page.description),
    ]
    if not page.listed:
        parts.append(tag("meta", name="robots", content="noindex"))
    else:
        parts.append(tag("link", rel="canonical", href=here))
        parts += [
            tag("link", rel="alternate", hreflang=one, href=locate(origin, page.path, one))
            for one in LANGUAGES
        ]
        plain = locate(origin, page.path, DEFAULT_LANGUAGE)
        parts.append(tag("link", rel="alternate", hreflang="x-default", href=plain))
    parts += _render_card(page, here, None if image is None else origin + image)
    parts += [
        tag("script", write_structured(one), type="application/ld+json") for one in page.structured
    ]
    return Html("\n    ".join(render(part) for part in parts))


def _render_card(page: Page, here: str, image: str | None) -> list[Content]:
    told = {
        "og:site_name": SITE,
        "og:type": "website",
        "og:title": page.title,
        "og:description": page.description,
        "og:url": here,
        "og:locale": LANGUAGES[page.language],
    }
    if image is not None:
        told["og:image"] = image
    parts: list[Content] = [
        tag("meta", property=name, content=value) for name, value in told.items()
    ]
    others = (card for language, card in LANGUAGES.items() if language != page.language)
    parts += [tag("meta", property="og:locale:alternate", content=card) for card in others]
    kind = "summary" if image is None else "summary_large_image"
    parts.append(tag("meta", name="twitter:card", content=kind))
    return parts


def write_structured(value: Mapping[str, Any]) -> Html:
    """JSON-LD that cannot end the element it stands in."""
    text = orjson.dumps({"@context": "https://schema.org", **value}).decode()
    return Html(text.translate(_IN_SCRIPT))
