"""Calls to others: to the origins that the settings name, and nowhere else.

An address is put together from a setting and from what others answered. Whatever that comes to, a
connection to an origin that was not named is refused before a name is looked up.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection

PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]
Session = aiohttp.ClientSession
"""A client that `open_session` made."""


class OriginNotListedError(aiohttp.ClientError, OSError):
    """An address that the settings do not name; told without it, since it may hold a key."""

    def __init__(self) -> None:
        super().__init__("the address is none that the settings name")


def origin_of(url: str) -> Origin:
    """Scheme, host and port of an address. Raises `OriginNotListedError` for what has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise OriginNotListedError from None
    if not parts.hostname:
        raise OriginNotListedError
    return parts.scheme, parts.hostname, port


def check_origin(url: str, listed: Iterable[Origin]) -> None:
    """Refuse `OriginNotListedError` for an address of another origin."""
    if origin_of(url) not in set(listed):
        raise OriginNotListedError


class ListedConnector(aiohttp.TCPConnector):
    """Opens connections to listed origins only."""

    def __init__(self, listed: frozenset[Origin]) -> None:
        super().__init__()
        self._listed = listed

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's name
    ) -> Connection:
        """A connection for a request whose origin is listed, after redirects, too."""
        check_origin(str(req.url.with_user(None)), self._listed)
        return await super().connect(req, traces, timeout)


def open_session(urls: Iterable[str], **options: Any) -> Session:
    """A client that reaches the origins of these addresses and no others."""
    listed = frozenset(origin_of(url) for url in urls)
    return Session(connector=ListedConnector(listed), **options)
