"""The browser: Debian's Chromium, driven by Playwright, which downloads nothing."""

import os
from contextlib import asynccontextmanager

from playwright.async_api import async_playwright

from tests.services import find_program

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
SIZES = {"phone": PHONE, "desktop": DESKTOP}
THEMES = ("light", "dark")
LOCALES = {
    "en": "en-GB", "vi": "vi-VN", "es": "es-ES", "pt": "pt-PT", "fr": "fr-FR", "ar": "ar-EG",
    "tr": "tr-TR",
}  # fmt: skip
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WAIT_MS = 15_000
"""How long a test waits for what must appear; the machine may be busy."""


@asynccontextmanager
async def start_chromium():
    """A running browser."""
    # A sandbox needs rights that containers do not give to root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_program("chromium", "chromium-browser"), args=flags
        )
        try:
            yield browser
        finally:
            await browser.close()
