"""Gives the memory of tests back, and makes once what every application has alike."""

import gc
import itertools

import pytest
from aiohttp import web_app
from sqlalchemy.engine import default
from sqlalchemy.util import LRUCache

from server.db import engine as engines
from server.http import docs

EVERY = 150
"""Tests between two looks at what is left; each look walks everything that is there."""
WHOLE_MIN = 100
"""Endpoints of an application as it is served; tests that make up their own have fewer."""
ended = itertools.count(1)


def pytest_runtest_logfinish() -> None:
    """A test's application has ended; here is what would still hold it.

    A lane takes what it loaded out of the collector's sight for good, and aiohttp remembers the
    middlewares of a thousand applications.
    """
    web_app._cached_build_middleware.cache_clear()
    if next(ended) % EVERY == 0:
        gc.unfreeze()
        gc.collect()


@pytest.fixture(autouse=True, scope="session")
def _documentation_written_once():
    """Writing the documentation of two hundred endpoints takes longer than most tests."""
    write_files = docs.write_files
    written = {}

    def write_once(endpoints, events):
        if len(endpoints) < WHOLE_MIN:
            return write_files(endpoints, events)
        # What is kept holds its endpoints, so no other can have their identities.
        key = (tuple(map(id, endpoints)), tuple(event.name for event in events))
        if key not in written:
            written[key] = (endpoints, write_files(endpoints, events))
        return written[key][1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(docs, "write_files", write_once)
        yield


STATEMENTS_KEPT = 4_000
"""More than all the statements of the service, of both databases."""


def _facts_of(dialect):
    """What a dialect writes statements by; equal ones write the same."""
    return type(dialect), getattr(dialect, "server_version_info", None)


@pytest.fixture(autouse=True, scope="session")
def _statements_compiled_once():
    """Each test has engines of its own, and compiling is a sixth of a test's time."""
    create = engines.create_async_engine
    compiled = LRUCache(STATEMENTS_KEPT)

    def create_with_shared_cache(*given, **options):
        made = create(*given, **options)
        made.sync_engine._compiled_cache = compiled
        return made

    dialect = default.DefaultDialect
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "create_async_engine", create_with_shared_cache)
        patched.setattr(dialect, "__hash__", lambda self: hash(_facts_of(self)), raising=False)
        patched.setattr(
            dialect,
            "__eq__",
            lambda self, other: _facts_of(self) == _facts_of(other),
            raising=False,
        )
        yield
