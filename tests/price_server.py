"""A server on this machine that speaks the formats of the price APIs, well and badly."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

USDT_IN = {
    "usd": "0.9998", "vnd": "26300.5", "eur": "0.8612", "ngn": "1452.3", "inr": "88.61",
    "idr": "16650", "php": "58.81", "thb": "32.41", "brl": "5.341", "try": "42.31",
}  # fmt: skip
DOLLAR_IN = {
    "USD": "1", "VND": "26310", "EUR": "0.8615", "NGN": "1453", "INR": "88.6", "IDR": "16655",
    "PHP": "58.8", "THB": "32.4", "BRL": "5.342", "TRY": "42.3", "KES": "129.4",
}  # fmt: skip


def number(text):
    """A number as JSON writes it, not a string."""
    return json.loads(text)


class PriceServer:
    """Answers as each API does; `fail` makes one of them answer otherwise."""

    def __init__(self, clock):
        self.clock = clock
        self.asked = []
        self.failing = {}
        self.lag_s = {}
        self.scale = {}
        self.headers = {}
        self.url = ""

    def fail(self, api, *, status=200, body=b"{}", headers=None, wait_s=0, endless=False):
        self.failing[api] = (status, body, headers or {}, wait_s, endless)

    def heal(self, api):
        self.failing.pop(api, None)

    def seconds(self, api):
        return int(self.clock.now().timestamp()) - self.lag_s.get(api, 0)

    def price(self, api, text):
        return f"{float(text) * self.scale.get(api, 1):.8g}"

    def spread(self, api, text):
        """A best bid and a best ask about a price."""
        middle = float(self.price(api, text))
        return f"{middle * 0.9999:.10g}", f"{middle * 1.0001:.10g}"

    def answer_coingecko(self, query):
        asked = query["vs_currencies"].split(",")
        prices = {each: number(self.price("coingecko", USDT_IN[each])) for each in asked
                  if each in USDT_IN}  # fmt: skip
        return {"tether": {**prices, "last_updated_at": self.seconds("coingecko")}}

    def answer_coinbase(self, query):
        rates = {key.upper(): self.price("coinbase", text) for key, text in USDT_IN.items()}
        rates |= {
            "KES": self.price("coinbase", "129.35"),
            "00": "14.2857142857142857",
            "BTC": "1e-05",
        }
        return {"data": {"currency": query["currency"], "rates": rates}}

    def answer_kraken(self, query):
        result = {}
        for asked, pair in (("USDTUSD", "USDTZUSD"), ("USDTEUR", "USDTEUR")):
            if asked in query["pair"].split(","):
                bid, ask = self.spread("kraken", USDT_IN[asked[4:].lower()])
                result[pair] = {
                    "a": [ask, "1286631", "1286631.000"], "b": [bid, "249475", "249475.000"],
                    "c": [bid, "236.25450180"], "v": ["1.0", "2.0"], "o": "0.99950000",
                }  # fmt: skip
        return {"error": [], "result": result}

    def answer_binance(self, query):
        rows = []
        for symbol in json.loads(query["symbols"]):
            base = symbol.startswith("USDT")
            currency = symbol[4:] if base else symbol[:3]
            text = USDT_IN[currency.lower()]
            bid, ask = self.spread("binance", text if base else f"{1 / float(text):.10g}")
            rows.append({
                "symbol": symbol, "bidPrice": bid, "bidQty": "431.0", "askPrice": ask,
                "askQty": "9.0",
            })  # fmt: skip
        return rows

    def answer_okx(self, query, *, index=False):
        pair, ts = query["instId"], str(self.seconds("okx") * 1000)
        text = USDT_IN[pair[5:].lower()]
        if index:
            row = {"instId": pair, "idxPx": self.price("okx", text), "high24h": "1", "ts": ts}
        else:
            bid, ask = self.spread("okx", text)
            row = {"instType": "SPOT", "instId": pair, "last": bid, "bidPx": bid, "askPx": ask,
                   "ts": ts}  # fmt: skip
        return {"code": "0", "msg": "", "data": [row]}

    def answer_bybit(self, query):
        bid, ask = self.spread("bybit", USDT_IN[query["symbol"][4:].lower()])
        row = {"symbol": query["symbol"], "bid1Price": bid, "ask1Price": ask, "lastPrice": bid}
        return {
            "retCode": 0, "retMsg": "OK", "result": {"category": "spot", "list": [row]},
            "retExtInfo": {}, "time": self.seconds("bybit") * 1000,
        }  # fmt: skip

    def answer_bitfinex(self, _query):
        bid, ask = (number(each) for each in self.spread("bitfinex", USDT_IN["usd"]))
        return [["tUSTUSD", bid, 5e5, ask, 4e5, -0.0001, -0.0001, bid, 5e6, 1.001, 0.999]]

    def answer_erapi(self, _query):
        rates = {key: number(self.price("erapi", text)) for key, text in DOLLAR_IN.items()}
        at = datetime.fromtimestamp(self.seconds("erapi"), UTC)
        return {
            "result": "success", "provider": "https://www.exchangerate-api.com",
            "time_last_update_unix": self.seconds("erapi"),
            "time_last_update_utc": at.strftime("%a, %d %b %Y %H:%M:%S +0000"), "time_eol_unix": 0,
            "base_code": "USD", "rates": rates,
        }  # fmt: skip

    def answer_exchangerate_host(self, query):
        if query.get("access_key") != "the-key":
            return {"success": False, "error": {"code": 101, "type": "invalid_access_key"}}
        quotes = {
            f"USD{each}": number(self.price("exchangerate_host", DOLLAR_IN[each]))
            for each in query["currencies"].split(",")
        }
        return {
            "success": True, "timestamp": self.seconds("exchangerate_host"), "source": "USD",
            "quotes": quotes,
        }  # fmt: skip

    def route(self, api, answer):
        async def handle(request):
            self.asked.append(api)
            self.headers[api] = dict(request.headers)
            if api not in self.failing:
                return web.json_response(answer(request.query))
            status, body, headers, wait_s, endless = self.failing[api]
            await asyncio.sleep(wait_s)
            if not endless:
                return web.Response(status=status, body=body, headers=headers)
            reply = web.StreamResponse(status=status)
            await reply.prepare(request)
            with contextlib.suppress(ConnectionError):
                for _ in range(10_000):
                    await reply.write(b" " * 65_536)
            return reply

        return handle

    def make_app(self):
        app = web.Application()
        for api, path, answer in (
            ("coingecko", "/api/v3/simple/price", self.answer_coingecko),
            ("coinbase", "/v2/exchange-rates", self.answer_coinbase),
            ("kraken", "/0/public/Ticker", self.answer_kraken),
            ("binance", "/api/v3/ticker/bookTicker", self.answer_binance),
            ("okx", "/api/v5/market/ticker", self.answer_okx),
            (
                "okx",
                "/api/v5/market/index-tickers",
                lambda query: self.answer_okx(query, index=True),
            ),
            ("bybit", "/v5/market/tickers", self.answer_bybit),
            ("bitfinex", "/v2/tickers", self.answer_bitfinex),
            ("erapi", "/v6/latest/USD", self.answer_erapi),
            ("exchangerate_host", "/live", self.answer_exchangerate_host),
        ):
            app.router.add_get(path, self.route(api, answer))
        return app


@contextlib.asynccontextmanager
async def start_price_server(clock):
    """The server, answering well until it is told otherwise."""
    prices = PriceServer(clock)
    async with TestServer(prices.make_app()) as server:
        prices.url = str(server.make_url("")).rstrip("/")
        yield prices
