"""The first screens that anybody sees: drawn, readable by everybody, quiet, and there offline."""

import itertools

import pytest
from playwright.async_api import expect

from tests.browser.axe import assert_accessible
from tests.browser.chromium import SIZES, THEMES
from tests.browser.watching import Watch

PUBLIC = [
    "/",
    "/markets",
    "/markets/USDT-VND",
    "/fees",
    "/help",
    "/status",
    "/sign-in",
    "/register",
]


@pytest.mark.parametrize(("size", "theme"), list(itertools.product(SIZES, THEMES)))
async def test_public_screens_are_drawn_quiet_and_readable_by_everybody(house, size, theme):
    async with house.open(size=SIZES[size], theme=theme) as page:
        for path in PUBLIC:
            await page.goto(path)
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await expect(page.locator("[aria-busy=true], .skeleton")).to_have_count(0)
            await assert_accessible(page)
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} is wider than the screen"


async def test_landing_page_shows_live_figures_and_the_way_to_a_market(house):
    async with house.open() as page:
        await page.goto("/")
        row = page.get_by_role("table", name="Prices now").get_by_role("row", name="USDT-VND")
        await expect(row).to_contain_text("VND")
        await page.get_by_role("link", name="All markets").click()
        await page.get_by_label("Find a currency").fill("dong")
        await expect(page).to_have_url(f"{house.base}/markets?q=dong")
        rows = page.get_by_role("table", name="Markets").get_by_role("row")
        await expect(rows).to_have_count(2)
        await expect(rows.nth(1)).to_contain_text("USDT-VND")


async def test_language_of_the_address_is_the_language_of_the_page(house):
    async with house.open(language="en") as page:
        await page.goto("/fees?lang=vi")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Biểu phí")
        assert await page.evaluate("document.documentElement.lang") == "vi"


async def test_signed_in_people_come_in_two_browsers_at_once(house):
    async with house.open("alice") as hers, house.open("bob", language="vi") as his:
        for page, name in ((hers, "alice"), (his, "bob")):
            await page.goto("/")
            await expect(page.get_by_role("button", name=name)).to_be_visible()


async def test_app_starts_without_a_network_and_says_so(house):
    async with house.open() as page:
        page.watch.allow("ERR_INTERNET_DISCONNECTED|net::ERR_FAILED")
        await page.goto("/")
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.context.set_offline(True)
        await page.goto("/help")
        await expect(page.get_by_text("offline", exact=False).first).to_be_visible()


def test_complaints_of_browsers_fail_a_test():
    watch = Watch("http://localhost:8080")
    watch.allow("on purpose")
    watch.note("broken on purpose")
    watch.check()
    watch.note("Refused to load the script")
    with pytest.raises(AssertionError, match="Refused to load"):
        watch.check()
