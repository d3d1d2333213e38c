"""The markets and payment methods that come with the product, in files of data by country.

`markets.toml` has a market a currency, `rails/COUNTRY.toml` the rails of a country with their
fields, hours and banks, `rails/fields.toml` the fields that several countries have. They are read
and checked whole; `iqx migrate` and the seeds write them into the database, where a payment method
keeps every version of its fields: an account stays valid in the version that it was added with.
"""

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from marshmallow import ValidationError

from server.core.money import parse_decimal
from server.db import Unit
from server.identity.rails import upsert_payment_methods
from server.markets.rail_schema import RailSchema
from server.markets.service import NewMarket, add_market

FOLDER = Path(__file__).parent
SHARED = "fields.toml"
REAL_ASSET = "USDT"
Written = dict[str, Any]


class CatalogMarket(NamedTuple):
    """A market of the catalog; its limits and fees are the product's."""

    currency: str
    price_digits: int
    demo_ticks: int
    """Where the made-up prices of development begin."""


class CatalogError(Exception):
    """A file of the catalog cannot be used; the text names file and reason."""


def list_markets() -> tuple[CatalogMarket, ...]:
    """The markets of the catalog, in the order of the file."""
    written = _read_file(FOLDER.joinpath("markets.toml"))
    return tuple(
        CatalogMarket(
            currency, row["price_digits"], parse_decimal(row["demo_price"], row["price_digits"])
        )
        for currency, row in written.items()
    )


def new_market(market: CatalogMarket, asset: str) -> NewMarket:
    """What a market of the catalog is when it is added for an asset."""
    return NewMarket(asset, market.currency, market.price_digits)


@cache
def list_rails() -> tuple[Written, ...]:
    """The payment methods of the catalog, checked, as `RailSchema` reads them.

    Raises `CatalogError`.
    """
    folder = FOLDER.joinpath("rails")
    shared = _read_file(folder.joinpath(SHARED))
    rails: list[Written] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name != SHARED:
            rails += read_country(_read_file(path), shared, path.name)
    names = [rail["id"] for rail in rails]
    if len(set(names)) != len(names):
        raise CatalogError("Two payment methods have one id.")
    return tuple(rails)


def read_country(written: Written, shared: Mapping[str, Written], name: str) -> list[Written]:
    """The rails of one file, with their fields filled in and checked; raises `CatalogError`."""
    templates = dict(shared)
    for field_name, field in written.get("fields", {}).items():
        templates[field_name] = _fill(field, templates, name)
    rails = []
    for row in written["rails"]:
        rail = {"currency": written["currency"], "region": written["region"], **row}
        rail["hours"] = written.get("hours") if row.get("hours") else None
        rail["fields"] = [_fill(field, templates, name) for field in row["fields"]]
        try:
            RailSchema().load(rail)
        except ValidationError as error:
            raise CatalogError(f"{name}: {row['id']}: {error.messages}") from None
        rails.append(rail)
    return rails


def _fill(field: Written, templates: Mapping[str, Written], name: str) -> Written:
    """A field with what it takes from a template."""
    filled = {**field}
    used = filled.pop("use", None)
    if used is None:
        return filled
    if used not in templates:
        raise CatalogError(f"{name}: there is no field {used}.")
    return {**templates[used], **filled}


def _read_file(path: Path) -> Written:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(f"{path.name}: {error}") from None


async def write_catalog(unit: Unit, currencies: Collection[str]) -> int:
    """Write the rails of the catalog and the markets of some currencies; how many are new or other.

    A market that exists is left as it is. Raises `CatalogError` for a currency without a market.
    """
    markets = {market.currency: market for market in list_markets()}
    unknown = sorted(set(currencies) - markets.keys())
    if unknown:
        raise CatalogError(f"There is no market of {', '.join(unknown)}.")
    written = await upsert_payment_methods(unit, list_rails())
    for currency in currencies:
        written += await add_market(unit, new_market(markets[currency], REAL_ASSET))
    return written
