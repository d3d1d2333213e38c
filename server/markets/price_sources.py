"""Reading the public price APIs over HTTP, bounded in time and size, and the index out of them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import urlencode

import aiohttp
import structlog

from server.core.clock import Clock
from server.db import assert_outside_transaction
from server.http.outside import Session, open_session
from server.markets.feed import KnownMarket, Price
from server.markets.median import add_crosses, find_index, group_by_currency
from server.markets.price_apis import BadAnswer, PriceApi, Quote

ANSWER_BYTES_MAX = 512 * 1024
PAUSE = timedelta(seconds=60)
"""After a refusal for too many calls that says no time of its own."""
PAUSE_MAX = timedelta(minutes=15)
TOO_MANY = frozenset({418, 429})
log = structlog.get_logger()


class TooManyCalls(Exception):  # noqa: N818 - the API's word for it
    """The API wants to be left alone for a time."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__("too many calls")
        self.pause = pause


class HttpSource:
    """One price API. Between two readings it gives what it read last, with its old time."""

    def __init__(
        self, api: PriceApi, *, url: str, key: str, timeout_s: float, clock: Clock
    ) -> None:
        self.api = api
        self.url = url.rstrip("/")
        self._key = key
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._clock = clock
        self._quotes: list[Quote] = []
        self._due_at: datetime | None = None

    async def read_quotes(self, session: Session, currencies: Sequence[str]) -> list[Quote]:
        """What it says now, or said last; never raises for what an API or a network does."""
        now = self._clock.now()
        if self._due_at is not None and now < self._due_at:
            return self._quotes
        answers = await asyncio.gather(
            *(self._try(session, path) for path in self.api.list_paths(currencies))
        )
        read = [each for quotes, _pause in answers for each in quotes]
        pauses = [pause for _quotes, pause in answers if pause is not None]
        if read:
            self._quotes = read
            pauses.append(timedelta(seconds=self.api.every_s))
        if pauses:
            # A reading that failed without a word is tried again at the next round.
            self._due_at = now + max(pauses)
        return self._quotes

    async def _try(self, session: Session, path: str) -> tuple[list[Quote], timedelta | None]:
        """What one call says, and for how long the API wants to be left alone."""
        try:
            return await self._ask(session, path), None
        except TooManyCalls as error:
            self._tell("too_many_calls")
            return [], error.pause
        except BadAnswer as error:
            self._tell(str(error))
        except TimeoutError:
            self._tell("timed out")
        except aiohttp.ClientError as error:
            self._tell(type(error).__name__)
        return [], None

    def _tell(self, reason: str) -> None:
        log.warning("price_not_read", source=self.api.name, reason=reason)

    async def _ask(self, session: Session, path: str) -> list[Quote]:
        headers = {"Accept": "application/json"}
        if self._key and self.api.key_header:
            headers[self.api.key_header] = self._key
        url = self.url + path
        if self.api.key_query:
            url += f"&{urlencode({self.api.key_query: self._key})}"
        async with session.get(
            url, headers=headers, timeout=self._timeout, allow_redirects=False
        ) as reply:
            if reply.status in TOO_MANY:
                raise TooManyCalls(_read_pause(reply.headers.get("Retry-After")))
            if reply.status != 200:
                raise BadAnswer(f"status {reply.status}")
            body = await _read_body(reply)
        return self.api.parse(parse_json(body), self._clock.now())


async def _read_body(reply: aiohttp.ClientResponse) -> bytes:
    """The body, which a broken or hostile server may make endless."""
    body = bytearray()
    async for chunk in reply.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise BadAnswer("the answer is too large")
    return bytes(body)


def parse_json(body: bytes) -> Any:
    """JSON whose numbers are exact; raises `BadAnswer`."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise BadAnswer("this is no JSON") from None


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a number")


def _read_pause(retry_after: str | None) -> timedelta:
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit():
        return PAUSE
    return min(timedelta(seconds=int(retry_after[:9])), PAUSE_MAX)


class MedianSource:
    """The index as the median of several price APIs: the port's adapter for real prices."""

    name = "median"

    def __init__(self, sources: Sequence[HttpSource], clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._session: Session | None = None

    async def read_prices(self, markets: Sequence[KnownMarket]) -> list[Price]:
        """The index of each market about which enough sources agree."""
        assert_outside_transaction()
        if self._session is None:
            self._session = open_session([source.url for source in self._sources])
        session, currencies = self._session, sorted({each.currency for each in markets})
        answers = await asyncio.gather(
            *(source.read_quotes(session, currencies) for source in self._sources)
        )
        now = self._clock.now()
        quotes = add_crosses([each for answer in answers for each in answer], now)
        groups = group_by_currency(quotes)
        prices = []
        for market in markets:
            found = find_index(groups.get(market.currency, ()), market.price_digits, now)
            if found.index_ticks is None:
                said = {each.source: each.verdict for each in found.judged}
                log.warning("index_not_found", market=market.market, sources=said)
                continue
            prices.append(Price(market.market, found.index_ticks, found.read_at, found.judged))
        return prices

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def open_sources(
    apis: Sequence[PriceApi],
    *,
    urls: Mapping[str, str],
    keys: Mapping[str, str],
    timeout_s: float,
    clock: Clock,
) -> list[HttpSource]:
    """The sources of some APIs; one that answers nobody without a key is left out without one."""
    return [
        HttpSource(
            api, url=urls.get(api.name, api.url), key=keys.get(api.name, ""),
            timeout_s=timeout_s, clock=clock,
        )
        for api in apis
        if not api.key_query or keys.get(api.name)
    ]  # fmt: skip
