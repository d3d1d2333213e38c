"""The public price APIs that the index is read from: what each is asked, and what it answers.

Three kinds of price come of them: USDT in a currency (`USDT`), which counts as it is, and dollars
in a currency (`USD`), which count once multiplied by what USDT costs in dollars. Answers are
parsed into whole `Decimal`s; whatever has another shape raises `BadAnswer`. Pure: no network.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation, getcontext
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

USDT = "USDT"
USD = "USD"
HALF = Decimal("0.5")
PRICE_MAX = Decimal(10) ** 12
PRICE_MIN = Decimal(10) ** -12
INSTANT_MAX = 10**14
"""Far above any time in milliseconds."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadAnswer(Exception):  # noqa: N818 - an answer that is none
    """The answer has not the shape that the API documents, or tells of a failure."""


class Quote(NamedTuple):
    """What one source says that one `base` (USDT or USD) costs in a currency."""

    source: str
    base: str
    currency: str
    price: Decimal
    read_at: datetime
    """When the source read it; the moment of the answer where it does not say."""


class PriceApi(NamedTuple):
    """A public price API."""

    name: str
    url: str
    list_paths: Callable[[Collection[str]], list[str]]
    """What to ask for some currencies; nothing for those that it does not have."""
    parse: Callable[[Any, datetime], list[Quote]]
    """The quotes of one answer, read at an instant."""
    every_s: int
    """The shortest time between two readings, by what the API allows without a contract."""
    key_header: str = ""
    key_query: str = ""
    """Where a key goes; an API that has `key_query` answers nobody without one."""


def read_price(given: Any) -> Decimal:
    """A price that is one; raises `BadAnswer`."""
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise BadAnswer("a price is a number")
    try:
        price = Decimal(given)
    except InvalidOperation:
        raise BadAnswer("a price is a number") from None
    if not price.is_finite() or not PRICE_MIN < price < PRICE_MAX:
        raise BadAnswer("a price is above nothing and below a billion billions")
    return price


def read_instant(given: Any, *, per_s: int = 1) -> datetime:
    """An instant counted from the epoch; raises `BadAnswer`."""
    try:
        # Compared before it is written out: a short text may name a number of a billion digits.
        counted = Decimal(given)
        if 0 <= counted < INSTANT_MAX:
            return EPOCH + timedelta(microseconds=int(counted) * 1_000_000 // per_s)
    except (TypeError, ValueError, ArithmeticError):
        pass
    raise BadAnswer("a time is a number")


def middle(bid: Any, ask: Any) -> Decimal:
    """The middle between the best bid and the best ask."""
    low, high = read_price(bid), read_price(ask)
    if low > high:
        raise BadAnswer("a bid is not above an ask")
    return (low + high) * HALF


def _part(answer: Any, *keys: str | int) -> Any:
    """A part of an answer; raises `BadAnswer` when it is not there."""
    for key in keys:
        try:
            answer = answer[key]
        except (KeyError, IndexError, TypeError):
            raise BadAnswer(f"there is no {key}") from None
    return answer


def _rates_of(
    source: str, base: str, rates: Any, read_at: datetime, *, prefix: str = ""
) -> list[Quote]:
    """Quotes of a mapping from currencies to prices; other keys are passed over."""
    if not isinstance(rates, Mapping):
        raise BadAnswer("rates are an object")
    return [
        Quote(source, base, key.removeprefix(prefix), read_price(value), read_at)
        for key, value in rates.items()
        if key.startswith(prefix) and key.removeprefix(prefix) in CURRENCIES
    ]


CURRENCIES = frozenset(
    {"VND", "USD", "EUR", "NGN", "INR", "IDR", "PHP", "THB", "BRL", "TRY", "KES"}
)
"""The currencies that are looked for."""


def _ask_coingecko(currencies: Collection[str]) -> list[str]:
    asked = {
        "ids": "tether",
        "vs_currencies": ",".join(sorted(each.lower() for each in {*currencies, USD})),
        "include_last_updated_at": "true",
        "precision": "full",
    }
    return [f"/api/v3/simple/price?{urlencode(asked)}"]


def _parse_coingecko(answer: Any, _now: datetime) -> list[Quote]:
    tether = _part(answer, "tether")
    read_at = read_instant(_part(tether, "last_updated_at"))
    prices = {key.upper(): value for key, value in tether.items() if key != "last_updated_at"}
    return _rates_of("coingecko", USDT, prices, read_at)


def _ask_coinbase(_currencies: Collection[str]) -> list[str]:
    return ["/v2/exchange-rates?currency=USDT"]


def _parse_coinbase(answer: Any, now: datetime) -> list[Quote]:
    if _part(answer, "data", "currency") != USDT:
        raise BadAnswer("these are the rates of another currency")
    return _rates_of("coinbase", USDT, _part(answer, "data", "rates"), now)


KRAKEN_PAIRS = {"USDTZUSD": USD, "USDTEUR": "EUR"}


def _ask_kraken(_currencies: Collection[str]) -> list[str]:
    return ["/0/public/Ticker?pair=USDTUSD,USDTEUR"]


def _parse_kraken(answer: Any, now: datetime) -> list[Quote]:
    if _part(answer, "error"):
        raise BadAnswer("the API tells of an error")
    tickers = _part(answer, "result")
    return [
        Quote("kraken", USDT, currency, middle(_part(row, "b", 0), _part(row, "a", 0)), now)
        for pair, currency in KRAKEN_PAIRS.items()
        if (row := _find(tickers, pair)) is not None
    ]


def _find(mapping: Any, key: str) -> Any:
    if not isinstance(mapping, Mapping):
        raise BadAnswer("this is no object")
    return mapping.get(key)


BINANCE_PAIRS = {"USDTTRY": "TRY", "USDTBRL": "BRL", "EURUSDT": "EUR"}


def _ask_binance(currencies: Collection[str]) -> list[str]:
    symbols = [pair for pair, currency in BINANCE_PAIRS.items() if currency in currencies]
    if not symbols:
        return []
    listed = ",".join(f'"{symbol}"' for symbol in symbols)
    return [f"/api/v3/ticker/bookTicker?symbols={quote(f'[{listed}]')}"]


def _parse_binance(answer: Any, now: datetime) -> list[Quote]:
    if not isinstance(answer, list):
        raise BadAnswer("this is no list")
    quotes = []
    for row in answer:
        symbol = str(_part(row, "symbol"))
        if symbol not in BINANCE_PAIRS:
            continue
        price = middle(_part(row, "bidPrice"), _part(row, "askPrice"))
        if symbol.endswith(USDT):
            # Rounded to the 28 digits of the context, far below a tick.
            price = getcontext().divide(Decimal(1), price)
        quotes.append(Quote("binance", USDT, BINANCE_PAIRS[symbol], price, now))
    return quotes


OKX_PAIRS = {"USDT-EUR": "EUR", "USDT-BRL": "BRL", "USDT-TRY": "TRY"}


def _ask_okx(currencies: Collection[str]) -> list[str]:
    return [
        "/api/v5/market/index-tickers?instId=USDT-USD",
        *(
            f"/api/v5/market/ticker?instId={pair}"
            for pair, currency in OKX_PAIRS.items()
            if currency in currencies
        ),
    ]


def _parse_okx(answer: Any, _now: datetime) -> list[Quote]:
    if _part(answer, "code") != "0":
        raise BadAnswer("the API tells of an error")
    row = _part(answer, "data", 0)
    pair = str(_part(row, "instId"))
    read_at = read_instant(_part(row, "ts"), per_s=1000)
    if pair == "USDT-USD":
        return [Quote("okx", USDT, USD, read_price(_part(row, "idxPx")), read_at)]
    if pair not in OKX_PAIRS:
        raise BadAnswer("this is another pair")
    price = middle(_part(row, "bidPx"), _part(row, "askPx"))
    return [Quote("okx", USDT, OKX_PAIRS[pair], price, read_at)]


BYBIT_PAIRS = {"USDTEUR": "EUR", "USDTBRL": "BRL", "USDTTRY": "TRY"}


def _ask_bybit(currencies: Collection[str]) -> list[str]:
    return [
        f"/v5/market/tickers?category=spot&symbol={pair}"
        for pair, currency in BYBIT_PAIRS.items()
        if currency in currencies
    ]


def _parse_bybit(answer: Any, _now: datetime) -> list[Quote]:
    if _part(answer, "retCode") != 0:
        raise BadAnswer("the API tells of an error")
    row = _part(answer, "result", "list", 0)
    pair = str(_part(row, "symbol"))
    if pair not in BYBIT_PAIRS:
        raise BadAnswer("this is another pair")
    price = middle(_part(row, "bid1Price"), _part(row, "ask1Price"))
    read_at = read_instant(_part(answer, "time"), per_s=1000)
    return [Quote("bybit", USDT, BYBIT_PAIRS[pair], price, read_at)]


def _ask_bitfinex(_currencies: Collection[str]) -> list[str]:
    return ["/v2/tickers?symbols=tUSTUSD"]


def _parse_bitfinex(answer: Any, now: datetime) -> list[Quote]:
    # A row is the symbol, bid, its size, ask, its size, and figures of the day.
    row = _part(answer, 0)
    if _part(row, 0) != "tUSTUSD":
        raise BadAnswer("this is another pair, or an error")
    return [Quote("bitfinex", USDT, USD, middle(_part(row, 1), _part(row, 3)), now)]


def _ask_erapi(_currencies: Collection[str]) -> list[str]:
    return ["/v6/latest/USD"]


def _parse_erapi(answer: Any, _now: datetime) -> list[Quote]:
    if _part(answer, "result") != "success" or _part(answer, "base_code") != USD:
        raise BadAnswer("the API tells of an error")
    read_at = read_instant(_part(answer, "time_last_update_unix"))
    return _rates_of("erapi", USD, _part(answer, "rates"), read_at)


def _ask_exchangerate_host(currencies: Collection[str]) -> list[str]:
    listed = ",".join(sorted(set(currencies) - {USD}))
    return [f"/live?source=USD&currencies={listed}"] if listed else []


def _parse_exchangerate_host(answer: Any, _now: datetime) -> list[Quote]:
    if _part(answer, "success") is not True or _part(answer, "source") != USD:
        raise BadAnswer("the API tells of an error")
    read_at = read_instant(_part(answer, "timestamp"))
    return _rates_of("exchangerate_host", USD, _part(answer, "quotes"), read_at, prefix=USD)


PRICE_APIS = {
    api.name: api
    for api in (
        PriceApi(
            "coingecko", "https://api.coingecko.com", _ask_coingecko, _parse_coingecko, 30,
            key_header="x-cg-demo-api-key",
        ),
        PriceApi("coinbase", "https://api.coinbase.com", _ask_coinbase, _parse_coinbase, 10),
        PriceApi("kraken", "https://api.kraken.com", _ask_kraken, _parse_kraken, 10),
        PriceApi("binance", "https://api.binance.com", _ask_binance, _parse_binance, 10),
        PriceApi("okx", "https://www.okx.com", _ask_okx, _parse_okx, 10),
        PriceApi("bybit", "https://api.bybit.com", _ask_bybit, _parse_bybit, 10),
        PriceApi("bitfinex", "https://api-pub.bitfinex.com", _ask_bitfinex, _parse_bitfinex, 10),
        PriceApi("erapi", "https://open.er-api.com", _ask_erapi, _parse_erapi, 3600),
        PriceApi(
            "exchangerate_host", "https://api.exchangerate.host", _ask_exchangerate_host,
            _parse_exchangerate_host, 3600, key_query="access_key",
        ),
    )
}  # fmt: skip
"""The APIs by the names that settings and the history of the index use."""
