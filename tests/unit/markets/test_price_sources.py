"""The price APIs, asked over HTTP from a server that speaks their formats."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models.markets import IndexReading, MarketIndex
from server.core.clock import ManualClock
from server.markets.feed import KnownMarket, PriceFeed
from server.markets.price_apis import PRICE_APIS, BadAnswer, read_instant, read_price
from server.markets.price_sources import (
    ANSWER_BYTES_MAX,
    MedianSource,
    open_sources,
    parse_json,
)
from tests.price_server import DOLLAR_IN, USDT_IN, start_price_server

ALL = tuple(PRICE_APIS)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MARKETS = [
    KnownMarket("USDT-VND", "VND", 0, None),
    KnownMarket("USDT-USD", "USD", 4, None),
    KnownMarket("USDT-EUR", "EUR", 4, None),
    KnownMarket("USDT-BRL", "BRL", 4, None),
    KnownMarket("USDT-KES", "KES", 2, None),
]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def server(clock):
    async with start_price_server(clock) as started:
        yield started


@pytest.fixture
async def reader(clock, server):
    """A median of any sources, all of them at the server."""
    opened = []

    def open_reader(*names, timeout_s=5):
        sources = open_sources(
            [PRICE_APIS[name] for name in names or ALL],
            urls=dict.fromkeys(ALL, server.url),
            keys={"exchangerate_host": "the-key", "coingecko": "our-key"},
            timeout_s=timeout_s,
            clock=clock,
        )
        opened.append(MedianSource(sources, clock))
        return opened[-1]

    yield open_reader
    for each in opened:
        await each.close()


async def read(median, markets=MARKETS):
    return {price.market: price for price in await median.read_prices(markets)}


def verdicts(price):
    return {each.source: each.verdict for each in price.judged}


async def test_every_api_is_read_in_its_own_format(reader, server, clock):
    prices = await read(reader())

    assert {name: set(verdicts(price)) for name, price in prices.items()} == {
        "USDT-VND": {"coingecko", "coinbase", "erapi", "exchangerate_host"},
        "USDT-USD": {"coingecko", "coinbase", "kraken", "okx", "bitfinex"},
        "USDT-EUR": {
            "coingecko", "coinbase", "kraken", "binance", "okx", "bybit", "erapi",
            "exchangerate_host",
        },
        "USDT-BRL": {
            "coingecko", "coinbase", "binance", "okx", "bybit", "erapi", "exchangerate_host",
        },
        "USDT-KES": {"coinbase", "erapi", "exchangerate_host"},
    }  # fmt: skip
    assert {name: price.index_ticks for name, price in prices.items()} == {
        # Two say 26,300.5, two say 26,310 x 0.9998 = 26,304.738: the mean of the middle ones.
        "USDT-VND": 26_303,
        "USDT-USD": 9_998,
        "USDT-EUR": 8_612,
        "USDT-BRL": 53_410,
        "USDT-KES": 12_937,
    }
    assert all(price.read_at == clock.now() for price in prices.values())


async def test_cross_is_the_dollar_rate_times_the_price_of_usdt(reader):
    price = (await read(reader()))["USDT-VND"]

    said = {each.source: each.price for each in price.judged}
    dollar = Decimal(USDT_IN["usd"])
    assert said["erapi"] == pytest.approx(Decimal(DOLLAR_IN["VND"]) * dollar)
    assert said["coingecko"] == Decimal(USDT_IN["vnd"])


async def test_key_goes_where_the_api_wants_it(reader, server):
    await read(reader())

    assert server.headers["coingecko"]["x-cg-demo-api-key"] == "our-key"
    assert "x-cg-demo-api-key" not in server.headers["coinbase"]


WRONG = {
    "no json": {"body": b"<html>maintenance</html>"},
    "another shape": {"body": b"[]"},
    "an empty object": {"body": b"{}"},
    "null": {"body": b"null"},
    "deep": {"body": b"[" * 100_000},
    "endless": {"endless": True},
    "too large": {"body": b" " * (ANSWER_BYTES_MAX + 1)},
    "server error": {"status": 500, "body": b"oops"},
    "moved": {"status": 302, "headers": {"Location": "/v6/latest/USD"}},
    "not utf-8": {"body": b"\xff\xfe"},
}


@pytest.mark.parametrize("how", WRONG)
async def test_api_that_answers_wrong_is_left_out(reader, server, how):
    everybody = set(verdicts((await read(reader()))["USDT-EUR"]))
    wrong = {"okx", "binance"}
    for name in wrong:
        server.fail(name, **WRONG[how])

    prices = await read(reader())

    assert wrong <= everybody
    assert set(verdicts(prices["USDT-EUR"])) == everybody - wrong


BAD_ANSWERS = {
    "coingecko": [
        b'{"tether":{"vnd":0,"usd":1,"last_updated_at":1}}',
        b'{"tether":{"vnd":-1,"last_updated_at":1767225600}}',
        b'{"tether":{"vnd":1e400,"last_updated_at":1767225600}}',
        b'{"tether":{"vnd":NaN,"last_updated_at":1767225600}}',
        b'{"tether":{"vnd":true,"last_updated_at":1767225600}}',
        b'{"tether":{"vnd":26300}}',
        b'{"tether":{"vnd":26300,"last_updated_at":1e300}}',
        b'{"status":{"error_code":1020,"error_message":"Access denied"}}',
    ],
    "coinbase": [
        b'{"data":{"currency":"BTC","rates":{"VND":"26300"}}}',
        b'{"data":{"currency":"USDT","rates":{"VND":"a lot"}}}',
        b'{"errors":[{"id":"internal_server_error","message":"Internal server error"}]}',
    ],
    "kraken": [
        b'{"error":["EQuery:Unknown asset pair"]}',
        b'{"error":[],"result":{"USDTZUSD":{"a":["0.9"],"b":["1.1"]}}}',
        b'{"error":[],"result":[]}',
    ],
    "binance": [b'{"code":-1121,"msg":"Invalid symbol."}', b'[{"symbol":"USDTBRL"}]'],
    "okx": [b'{"code":"51001","msg":"Instrument ID does not exist","data":[]}'],
    "bybit": [b'{"retCode":10001,"retMsg":"params error","result":{},"time":1}'],
    "bitfinex": [b'["error",10020,"symbol: invalid"]', b'[["tBTCUSD",1,1,1]]', b"[]"],
    "erapi": [b'{"result":"error","error-type":"unsupported-code"}'],
    "exchangerate_host": [b'{"success":false,"error":{"code":104,"type":"usage_limit_reached"}}'],
}


@pytest.mark.parametrize(
    ("name", "body"), [(name, body) for name, bodies in BAD_ANSWERS.items() for body in bodies]
)
async def test_errors_of_an_api_are_no_prices(reader, server, name, body):
    server.fail(name, body=body)

    prices = await read(reader())

    assert all(name not in verdicts(price) for price in prices.values())
    assert len(prices) >= 4


WORDS = (
    "tether", "last_updated_at", "vnd", "data", "currency", "USDT", "rates", "VND", "error",
    "result", "USDTZUSD", "a", "b", "symbol", "USDTBRL", "bidPrice", "askPrice", "code", "0",
    "instId", "USDT-USD", "USDT-EUR", "idxPx", "bidPx", "askPx", "ts", "retCode", "list", "time",
    "bid1Price", "ask1Price", "tUSTUSD", "success", "base_code", "USD", "time_last_update_unix",
    "source", "timestamp", "quotes", "USDVND", "26300",
)  # fmt: skip
ANY_NUMBER = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(10**30)
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | ANY_NUMBER | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(ANY_JSON)
def test_no_answer_breaks_a_parser(answer):
    exact = parse_json(json.dumps(answer).encode())

    for api in PRICE_APIS.values():
        try:
            quotes = api.parse(exact, NOW)
        except BadAnswer:
            continue
        assert all(each.source == api.name and each.price > 0 for each in quotes)


@pytest.mark.parametrize("body", [b"1e99999999999999999999", b"9" * 5000, b"Infinity", b"{"])
def test_numbers_that_are_none_are_no_json(body):
    with pytest.raises(BadAnswer):
        read_price(parse_json(body))


@pytest.mark.parametrize("written", ["1e999999999", "-1", "1e30", '"1e999999999"', "null", '"x"'])
def test_time_that_is_none_is_refused_without_writing_it_out(written):
    with pytest.raises(BadAnswer):
        read_instant(parse_json(written.encode()))


async def test_slow_api_costs_no_more_than_the_time_allowed(reader, server):
    server.fail("coingecko", wait_s=5)
    server.fail("kraken", wait_s=5)

    prices = await read(reader(timeout_s=0.2))

    assert set(verdicts(prices["USDT-USD"])) == {"coinbase", "okx", "bitfinex"}


async def test_api_that_cannot_be_reached_is_left_out(clock, reader, server):
    median = reader("coinbase", "kraken", "okx", "bitfinex")
    median._sources[0].url = "http://127.0.0.1:9"

    assert set(verdicts((await read(median))["USDT-USD"])) == {"kraken", "okx", "bitfinex"}


@pytest.mark.parametrize(
    ("status", "headers", "pause_s"),
    [(429, {"Retry-After": "40"}, 40), (418, {}, 60), (429, {"Retry-After": "soon"}, 60),
     (429, {"Retry-After": "999999999999"}, 900)],
)  # fmt: skip
async def test_api_that_refuses_more_calls_is_left_alone(
    clock, reader, server, status, headers, pause_s
):
    server.fail("kraken", status=status, headers=headers, body=b'{"error":["EAPI:Rate limit"]}')
    median = reader("kraken", "okx", "bitfinex", "coinbase")
    await read(median)
    server.heal("kraken")
    clock.advance(seconds=pause_s - 1)
    await read(median)
    before = server.asked.count("kraken")
    clock.advance(seconds=1)
    prices = await read(median)

    assert (before, server.asked.count("kraken")) == (1, 2)
    assert verdicts(prices["USDT-USD"])["kraken"] == "counted"


async def test_api_is_read_no_more_often_than_it_allows(clock, reader, server):
    median = reader()
    for _ in range(5):
        await read(median)
        clock.advance(seconds=12)

    assert server.asked.count("erapi") == 1
    assert server.asked.count("coingecko") == 2
    assert server.asked.count("kraken") == 5


async def test_api_that_went_silent_counts_until_its_price_is_too_old(clock, reader, server):
    median = reader("coinbase", "kraken", "okx", "bitfinex")
    await read(median)
    server.fail("kraken", status=503)
    seen = []
    for _ in range(3):
        clock.advance(seconds=60)
        seen.append(verdicts((await read(median))["USDT-USD"])["kraken"])

    assert seen == ["counted", "counted", "stale"]


async def test_feed_writes_index_and_sources_into_the_history(markets, reader, server):
    server.scale["coingecko"] = 1.2
    feed = PriceFeed(markets.database, reader(), interval_s=15, wake_lane=markets.woken.append)

    assert await feed.tick() == 1

    ((source, judged),) = await markets.fetch(select(IndexReading.source, IndexReading.judged))
    assert source == "median"
    assert '{"source":"coingecko","price":"31560.6","verdict":"outlier"}' in judged
    assert await markets.fetch(select(MarketIndex.index_ticks)) == [(26_305,)]
    assert markets.woken == ["USDT-VND"]


async def test_step_waits_for_a_second_reading(markets, clock, reader, server):
    feed = PriceFeed(markets.database, reader(), interval_s=15)
    await feed.tick()
    for name in ALL:
        server.scale[name] = 1.05
    on = select(MarketIndex.index_ticks, MarketIndex.floating_on)
    seen = []
    for _ in range(2):
        clock.advance(seconds=31)
        markets.clock.advance(seconds=31)
        # The dollar itself is dearer too, so rates against it may stay as they are.
        await feed.tick()
        seen.append((await markets.fetch(on))[0])

    assert seen[0] == (26_303, False)
    assert seen[1][1]
    assert seen[1][0] > 27_000


async def test_without_three_sources_nothing_is_written(markets, reader, server):
    server.fail("coinbase", status=500)
    feed = PriceFeed(markets.database, reader("coingecko", "coinbase", "kraken"), interval_s=15)

    assert await feed.tick() == 0
    assert await markets.fetch(select(IndexReading.id)) == []
