"""Gives the memory of each test back before the next."""

import gc

from aiohttp import web_app


def pytest_runtest_logfinish() -> None:
    """A test's application has ended; here is what would still hold it.

    A lane takes what it loaded out of the collector's sight for good, and aiohttp remembers the
    middlewares of a thousand applications.
    """
    gc.unfreeze()
    web_app._cached_build_middleware.cache_clear()
