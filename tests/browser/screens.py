"""`make screens`: a picture of every screen, in both themes, two sizes and chosen languages.

They go to `.run/screens`, or to the folder that is given, to be looked at by people.
"""

import argparse
import asyncio
import itertools
import tempfile
from pathlib import Path

from tests.browser.chromium import LOCALES, SIZES, THEMES, start_chromium
from tests.browser.people import open_house, seed_once

SCREENS = {
    "landing": (None, "/"),
    "markets": (None, "/markets"),
    "fees": (None, "/fees"),
    "help": (None, "/help#escrow"),
    "status": (None, "/status"),
    "missing": (None, "/nothing-here"),
    "sign-in": (None, "/sign-in"),
    "register": (None, "/register"),
    "forgot-password": (None, "/forgot-password"),
    "market": (None, "/markets/USDT-VND"),
    "market-member": ("alice", "/markets/USDT-VND"),
    "profile": (None, "/u/saigon_otc"),
    "order-new": ("bob", "/orders/new"),
    "orders": ("saigon_otc", "/orders"),
    "trades": ("alice", "/trades"),
    "wallet": ("bob", "/wallet"),
    "wallet-history": ("alice", "/wallet/history"),
    "account": ("alice", "/account"),
    "notifications": ("alice", "/account/notifications"),
    "disputes": ("alice", "/disputes"),
    "desk": ("saigon_otc", "/desk"),
    "learn": ("alice", "/learn"),
}
"""Who looks, and where."""
QUIET_MS = 10_000


async def picture(house, folder, name, *, size, theme, language):
    """One screen as one person sees it, whole."""
    who, path = SCREENS[name]
    async with house.open(who, size=SIZES[size], theme=theme, language=language) as page:
        page.watch.allow(".")
        await page.goto(path)
        await page.locator("h1").first.wait_for()
        await page.wait_for_function(
            "() => document.querySelector('.skeleton, [aria-busy=true]') === null",
            timeout=QUIET_MS,
        )
        await page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
        await page.screenshot(path=folder / f"{name}.{language}.{size}.{theme}.png", full_page=True)


async def screenshot_all(folder, names, languages):
    """Every screen in every form; those that could not be drawn, each as a sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory() as made:
        async with start_chromium() as browser:
            seeded = await seed_once(Path(made) / "seed")
            (Path(made) / "house").mkdir()
            async with open_house(browser, seeded, Path(made) / "house") as house:
                for name, size, theme, language in itertools.product(
                    names, SIZES, THEMES, languages
                ):
                    try:
                        await picture(
                            house, folder, name, size=size, theme=theme, language=language
                        )
                    except Exception as error:  # noqa: BLE001 - the others are still wanted
                        failed.append(f"{name} ({size}, {theme}, {language}): {error}")
    return failed


def main():
    """Draw, and say what could not be drawn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(".run/screens"))
    parser.add_argument("--screens", nargs="+", choices=SCREENS, default=list(SCREENS))
    parser.add_argument("--languages", nargs="+", choices=LOCALES, default=["en", "vi"])
    given = parser.parse_args()
    failed = asyncio.run(screenshot_all(given.folder, given.screens, given.languages))
    print(*failed, f"The pictures are in {given.folder}.", sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
