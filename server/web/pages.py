"""The public pages as crawlers read them: what each tells of itself, in each language."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from aiohttp import web
from babel.numbers import format_decimal as write_number

from server.core.money import REAL_ASSET, format_decimal, format_usdt
from server.core.refusals import NotFound
from server.http.endpoint import DATABASE
from server.markets.currencies import describe_currency
from server.markets.tickers import TICKERS, Ticker
from server.trust.profile_routes import read_profile
from server.web.facts import FACTS
from server.web.head import Page, locate
from server.web.texts import say

PPM_DIGITS = 4
"""Fees are stored in millionths; a per cent has ten thousand of them."""
Write = Callable[[web.Application, Mapping[str, str], str, str], Awaitable[Page]]
"""Makes a page from what its path names, a language and the origin. Refuses `NotFound`."""


def _plain(kind: str, path: str, language: str, **filled: object) -> Page:
    title = say(language, f"{kind}.title")
    return Page(path, language, title, say(language, f"{kind}.description", **filled))


async def write_home(_: web.Application, __: Mapping[str, str], language: str, origin: str) -> Page:
    """The landing page."""
    page = _plain("home", "/", language)
    site = {
        "@type": "WebSite",
        "name": "IQX",
        "url": locate(origin, "/", language),
        "description": page.description,
        "inLanguage": language,
    }
    return Page(page.path, language, page.title, page.description, (site,))


async def write_markets(
    app: web.Application, _: Mapping[str, str], language: str, origin: str
) -> Page:
    """The list of markets."""
    markets = await list_real_markets(app)
    page = _plain("markets", "/markets", language, count=len(markets))
    listed = [
        {
            "@type": "ListItem",
            "position": place,
            "name": row.id,
            "url": locate(origin, f"/markets/{row.id}", language),
        }
        for place, row in enumerate(markets, start=1)
    ]
    structured = {"@type": "ItemList", "name": page.title, "itemListElement": listed}
    return Page(page.path, language, page.title, page.description, (structured,))


async def list_real_markets(app: web.Application) -> Sequence[Any]:
    """The markets of money; those of the sandbox are nobody's business."""
    markets = await app[FACTS].markets.look(app[DATABASE])
    return [row for row in markets if row.asset == REAL_ASSET]


async def write_market(
    app: web.Application, path: Mapping[str, str], language: str, origin: str
) -> Page:
    """One market with its figures of today."""
    markets = await app[FACTS].markets.look(app[DATABASE])
    row = next((one for one in markets if one.id == path["market"]), None)
    if row is None:
        raise NotFound
    ticker = await app[TICKERS].read_ticker(app[DATABASE], row.id)
    ticks = row.index_ticks if ticker.last_ticks is None else ticker.last_ticks
    currency = describe_currency(row.currency, language)
    told = {"code": row.currency, "currency": currency.name}
    if ticks is None:
        title = say(language, "market.title", **told)
    else:
        price = write_price(ticks, row.price_digits, language)
        title = say(language, "market.title.priced", **told, price=price)
    address = f"/markets/{row.id}"
    structured = [_crumbs(origin, language, address, row.id)]
    if ticks is not None:
        rate = format_decimal(ticks, row.price_digits)
        structured.append(_exchange_rate(row, rate, locate(origin, address, language)))
    described = _describe_market(language, ticker, told)
    real = row.asset == REAL_ASSET
    return Page(address, language, title, described, structured, listed=real)


def _describe_market(language: str, ticker: Ticker, told: Mapping[str, str]) -> str:
    if not ticker.trades:
        return say(language, "market.description", **told)
    volume = write_number(Decimal(format_usdt(ticker.volume_micro)), "#,##0", locale=language)
    return say(language, "market.description.traded", trades=ticker.trades, volume=volume, **told)


def write_price(ticks: int, digits: int, language: str) -> str:
    """A price as people of a language write it, with all its digits."""
    form = "#,##0" if digits == 0 else f"#,##0.{'0' * digits}"
    return write_number(Decimal(format_decimal(ticks, digits)), form, locale=language)


def _exchange_rate(row: Any, rate: str, address: str) -> Mapping[str, Any]:
    return {
        "@type": "ExchangeRateSpecification",
        "name": row.id,
        "url": address,
        "currency": row.asset,
        "currentExchangeRate": {
            "@type": "UnitPriceSpecification",
            "price": rate,
            "priceCurrency": row.currency,
        },
    }


def _crumbs(origin: str, language: str, address: str, name: str) -> Mapping[str, Any]:
    steps = [
        (say(language, "crumb.home"), "/"),
        (say(language, "crumb.markets"), "/markets"),
        (name, address),
    ]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": text,
                "item": locate(origin, path, language),
            }
            for place, (text, path) in enumerate(steps, start=1)
        ],
    }


async def write_user(
    app: web.Application, path: Mapping[str, str], language: str, origin: str
) -> Page:
    """The public profile of a user."""
    shown = await read_profile(app, path["username"])
    name, trades, rate = shown["username"], shown["trades_completed"], shown["completion_rate"]
    told = {"trades": trades, "year": shown["created_at"][:4]}
    if rate is None:
        described = say(language, "user.description.new", **told)
    else:
        share = f"{write_number(Decimal(rate), '#,##0.##', locale=language)} %"
        described = say(language, "user.description", rate=share, **told)
    address = f"/u/{name}"
    structured = {
        "@type": "ProfilePage",
        "url": locate(origin, address, language),
        "dateCreated": shown["created_at"],
        "mainEntity": {
            "@type": "Person",
            "name": name,
            "identifier": name,
            "agentInteractionStatistic": {
                "@type": "InteractionCounter",
                "interactionType": "https://schema.org/TradeAction",
                "userInteractionCount": trades,
            },
        },
    }
    title = say(language, "user.title", username=name)
    return Page(address, language, title, described, (structured,))


async def write_fees(
    app: web.Application, _: Mapping[str, str], language: str, origin: str
) -> Page:
    """What trades cost."""
    rates = [
        rate
        for row in await list_real_markets(app)
        for rate in (row.maker_fee_ppm, row.taker_fee_ppm)
    ]
    low, high = (write_share(one(rates, default=0), language) for one in (min, max))
    page = _plain("fees", "/fees", language, low=low, high=high)
    structured = {
        "@type": "FinancialService",
        "name": "IQX",
        "url": locate(origin, "/", language),
        "feesAndCommissionsSpecification": locate(origin, "/fees", language),
    }
    return Page(page.path, language, page.title, page.description, (structured,))


def write_share(ppm: int, language: str) -> str:
    """A share of millionths in per cent."""
    percent = Decimal(format_decimal(ppm, PPM_DIGITS))
    return f"{write_number(percent, '0.####', locale=language)} %"


async def write_help(_: web.Application, __: Mapping[str, str], language: str, origin: str) -> Page:
    """Help."""
    page = _plain("help", "/help", language)
    return Page(page.path, language, page.title, page.description, (_describe_page(page, origin),))


def _describe_page(page: Page, origin: str) -> Mapping[str, Any]:
    return {
        "@type": "WebPage",
        "name": page.title,
        "description": page.description,
        "url": locate(origin, page.path, page.language),
        "inLanguage": page.language,
    }


async def write_status(
    app: web.Application, _: Mapping[str, str], language: str, origin: str
) -> Page:
    """Whether everything works."""
    out = await app[FACTS].outage.look(app[DATABASE])
    described = say(language, "status.description.out" if out else "status.description")
    page = Page("/status", language, say(language, "status.title"), described)
    return Page(page.path, language, page.title, page.description, (_describe_page(page, origin),))


PUBLIC: Mapping[str, Write] = {
    "/": write_home,
    "/markets": write_markets,
    "/markets/{market}": write_market,
    "/u/{username}": write_user,
    "/fees": write_fees,
    "/help": write_help,
    "/status": write_status,
}
"""The pages that anybody may read, by path."""


def write_private(language: str) -> Page:
    """Any other address of the app: it tells nothing, and nobody may list it."""
    title, described = say(language, "app.title"), say(language, "app.description")
    return Page("/", language, title, described, listed=False)


def write_missing(language: str) -> Page:
    """An address that names nothing that exists."""
    title, described = say(language, "missing.title"), say(language, "missing.description")
    return Page("/", language, title, described, listed=False)
