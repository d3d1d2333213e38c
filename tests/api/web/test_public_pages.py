"""What crawlers and preview cards read of the public pages."""

import html
import re
from uuid import UUID

import orjson
import pytest
from sqlalchemy import insert, update

from models.identity import Profile
from models.markets import Market, MarketSettings
from models.trades import Outage
from server.web.head import LANGUAGES, Page, render_head
from server.web.pages import PUBLIC
from server.web.texts import TEXTS
from tests.market_world import MARKET, TEST_MARKET, start_world

ORIGIN = "http://localhost:8080"
HOSTILE = "x</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


class Head:
    """The head of a page, read without an HTML library: it is ours, and flat."""

    def __init__(self, body):
        self.text = body.decode().partition("</head>")[0]

    def __getitem__(self, name):
        found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)">', self.text)
        return None if found is None else html.unescape(found[1])

    @property
    def title(self):
        titles = re.findall(r"<title>(.*?)</title>", self.text, re.DOTALL)
        assert len(titles) == 1
        return html.unescape(titles[0])

    @property
    def language(self):
        return re.search(r'<html lang="(\w+)"', self.text)[1]

    @property
    def links(self):
        found = re.findall(r'<link rel="(\w+)"(?: hreflang="([\w-]+)")? href="([^"]+)">', self.text)
        return {language or rel: html.unescape(address) for rel, language, address in found}

    @property
    def structured(self):
        pattern = r'<script type="application/ld\+json">(.*?)</script>'
        return [orjson.loads(one) for one in re.findall(pattern, self.text, re.DOTALL)]


@pytest.fixture
def read(fetch):
    async def read(path, status=200):
        got, _, body = await fetch(path)
        assert got == status, (path, got)
        return Head(body)

    return read


async def write(world, *statements):
    async def work(unit):
        for statement in statements:
            await unit.execute(statement)

    await world.database.transact(work, name="test")


async def test_each_public_page_tells_its_title_languages_and_card_in_two_languages(world, read):
    await world.join("nguyen.van-a")
    for path in PUBLIC:
        address = path.format(market=MARKET, username="nguyen.van-a")
        pages = {one: await read(f"{address}?lang={one}") for one in LANGUAGES}
        for language, head in pages.items():
            here = ORIGIN + address + ("" if language == "en" else "?lang=vi")
            assert head.language == language
            assert head.title == head["og:title"]
            assert 20 <= len(head["description"]) <= 200
            assert head["og:url"] == head.links["canonical"] == here
            assert head["og:locale"] == LANGUAGES[language]
            assert head["og:image"] == f"{ORIGIN}/og.png"
            assert {name: head.links[name] for name in ("en", "vi", "x-default")} == {
                "en": ORIGIN + address,
                "vi": f"{ORIGIN}{address}?lang=vi",
                "x-default": ORIGIN + address,
            }
            assert head["robots"] is None
            for one in head.structured:
                assert one["@context"] == "https://schema.org"
            assert head.structured
        assert pages["en"].title != pages["vi"].title
        plain, foreign = await read(address), await read(f"{address}?lang=xx")
        assert plain.title == foreign.title == pages["en"].title


async def test_market_page_tells_its_price_and_the_sandbox_is_listed_nowhere(world, read, fetch):
    head = await read(f"/markets/{MARKET}")
    assert "26,000" in head.title
    assert "26.000" in (await read(f"/markets/{MARKET}?lang=vi")).title
    crumbs, rate = head.structured
    assert [one["name"] for one in crumbs["itemListElement"]] == ["IQX", "Markets", MARKET]
    assert rate["currentExchangeRate"] == {
        "@type": "UnitPriceSpecification", "price": "26000", "priceCurrency": "VND",
    }  # fmt: skip
    assert "0.05 % to 0.15 %" in (await read("/fees"))["description"]
    assert "0,05 %–0,15 %" in (await read("/fees?lang=vi"))["description"]

    assert (await read(f"/markets/{TEST_MARKET}"))["robots"] == "noindex"
    (listed,) = (await read("/markets")).structured
    assert [one["name"] for one in listed["itemListElement"]] == [MARKET]
    _, _, sitemap = await fetch("/sitemap.xml")
    places = re.findall(r"<loc>([^<>]+)</loc>", sitemap.decode())
    assert f"{ORIGIN}/markets/{MARKET}" in places
    assert f"{ORIGIN}/?lang=vi" in places
    assert len(places) == len({*places}) == 6 * len(LANGUAGES)
    assert not any("TEST" in place or "/u/" in place for place in places)
    _, _, robots = await fetch("/robots.txt")
    assert b"Disallow: /api/\n" in robots
    assert f"Sitemap: {ORIGIN}/sitemap.xml\n".encode() in robots


async def test_page_of_what_does_not_exist_is_missing(read, world):
    await world.join("alice")
    for path in ("/markets/USDT-XXX", "/markets/usdt-vnd", "/markets/%00", "/u/nobody",
                 "/u/%F0%9F%92%A9", "/u/%3Cscript%3E", f"/markets/{'X' * 300}"):  # fmt: skip
        head = await read(path, 404)
        assert head["robots"] == "noindex"
        assert head.links == {}
        assert "here" in head.title
    assert (await read("/u/ALICE")).links["canonical"] == f"{ORIGIN}/u/alice"


async def test_profile_tells_what_is_public_and_nothing_else(world, read):
    person = await world.join("alice", trades=37)
    head = await read("/u/alice")
    assert "alice" in head.title
    assert "37 completed trades" in head["description"]
    shown = head.structured[0]["mainEntity"]
    assert shown["agentInteractionStatistic"]["userInteractionCount"] == 37
    for secret in (person.id, "alice@example.com"):
        assert secret not in head.text


async def test_names_that_hold_markup_stay_text(world, read, fetch):
    person = await world.join("mallory")
    await write(
        world,
        update(Profile)
        .where(Profile.user_id == UUID(person.id))
        .values(username="<b>&\"'x", username_key="<b>&\"'x"),
        insert(Market).values(
            id="<script>alert(1)", asset="USDT", currency="VND", minor_digits=0, price_digits=0,
            created_at=world.clock.now(),
        ),
        insert(MarketSettings).values(
            market="<script>alert(1)", status="open", maker_fee_ppm=0, taker_fee_ppm=0,
            amount_min_micro=1_000_000, amount_max_micro=2_000_000, band_bp=100, version=1,
        ),
    )  # fmt: skip
    for path in ("/markets", "/markets/%3Cscript%3Ealert(1)"):
        head = await read(path)
        assert "<script>alert" not in head.text
        assert any("<script>alert(1)" in str(one) for one in head.structured)
    _, _, sitemap = await fetch("/sitemap.xml")
    assert b"<script" not in sitemap
    assert b"/markets/%3Cscript%3Ealert%281%29</loc>" in sitemap


def test_no_text_ends_the_element_it_stands_in():
    page = Page(HOSTILE, "en", HOSTILE, HOSTILE, ({"name": HOSTILE + "\u2028</script>"},))
    text = str(render_head(page, ORIGIN, "/og.png"))
    assert re.findall(r"<(/?\w+)", text).count("/title") == 1
    assert "<script>" not in text
    assert "<img" not in text
    assert text.count("</script>") == 1
    assert "\u2028" not in text
    head = Head(text.encode())
    assert head.title == head["description"] == HOSTILE
    assert head.structured[0]["name"] == HOSTILE + "\u2028</script>"


async def test_outage_under_way_is_told(world, read):
    before = (await read("/status"))["description"]
    await write(
        world,
        insert(Outage).values(
            id=UUID(int=7), started_at=world.clock.now(), announced=False, reason="the disk"
        ),
    )
    assert (await read("/status"))["description"] == before, "it is read every ten seconds at most"
    world.clock.advance(seconds=11)
    assert "under way" in (await read("/status"))["description"]
    assert "Đang có sự cố" in (await read("/status?lang=vi"))["description"]


async def test_pages_that_read_the_database_count_like_calls_and_the_app_starts_all_the_same(
    sqlite_url, web_folder
):
    async with start_world(sqlite_url, web_folder=web_folder, public_per_s=1) as world:
        replies = []
        for _ in range(6):
            async with world.client.get("/u/alice") as reply:
                replies.append((reply.status, reply.headers.get("Retry-After"), await reply.text()))
        assert replies[0][0] == 404
        status, wait_s, body = replies[-1]
        assert (status, wait_s) == (429, "1")
        assert '<div id="root">' in body
        async with world.client.get("/assets/index-4f2a9c.js") as reply:
            assert reply.status == 200


def test_both_languages_say_everything_with_the_same_gaps():
    gaps = {
        language: {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in texts.items()}
        for language, texts in TEXTS.items()
    }
    assert {*gaps} == {*LANGUAGES}
    assert gaps["en"] == gaps["vi"]
