"""The page shows every call, is escaped, and needs nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest

from server.http.docs import STATIC
from server.http.docs_page import render_page
from server.http.markup import VOID, render, tag
from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.unit.http.test_openapi import EVENT

TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})")
ON_SURFACE = ("ink", "ink-muted", "accent", "read", "write", "change", "remove", "event")


@pytest.fixture(scope="module")
def document():
    return build_document(list_endpoints(load_settings({})), events=[EVENT])


class Reader(HTMLParser):
    """Notes elements and checks that they nest."""

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text.append(text)


@pytest.fixture(scope="module")
def page(document):
    reader = Reader()
    reader.feed(render_page(document))
    assert reader.open == []
    return reader


def test_every_call_and_event_is_on_the_page(document, page):
    shown = {attributes["id"] for _, attributes in page.elements if "data-words" in attributes}
    expected = {
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    }
    assert shown == expected | {"event_thing_created"}


def test_contents_lead_to_every_call(page):
    targets = {
        attributes["href"][1:]
        for name, attributes in page.elements
        if name == "a" and attributes["href"].startswith("#")
    }
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))


def test_page_has_no_inline_script_or_style(page):
    for name, attributes in page.elements:
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        assert name != "style"
        if name == "script":
            assert attributes["src"].startswith("/")


def test_page_loads_nothing_from_elsewhere(page):
    for _, attributes in page.elements:
        for key in ("src", "href"):
            assert attributes.get(key, "/").startswith(("/", "#"))
    for file in STATIC.iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text), file.name


def test_refusals_and_examples_are_shown(page):
    text = "".join(page.text)
    assert "idempotency_key_missing" in text
    assert "curl -X POST http://localhost:8080/api/v1/auth/login" in text


def test_text_is_escaped():
    evil = "<script>\"'&"
    assert render(evil) == "&lt;script&gt;&quot;&#x27;&amp;"
    assert tag("p", evil, title=evil) == (
        '<p title="&lt;script&gt;&quot;&#x27;&amp;">&lt;script&gt;&quot;&#x27;&amp;</p>'
    )


def test_document_s_own_text_is_escaped(document):
    told = {**document, "info": {**document["info"], "title": "<b>IQX</b>"}}
    assert "<b>" not in render_page(told)


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_have_the_contrast_to_be_read(theme):
    blocks = (STATIC / "docs.css").read_text().split(":root {")[1:3]
    colours = dict(TOKEN.findall(blocks[theme].partition("}")[0]))
    assert set(ON_SURFACE) < set(colours)
    for name in ON_SURFACE:
        for ground in ("surface", "surface-raised", "code"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
