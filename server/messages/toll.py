"""Limits of codes by text message, so that nobody earns by having us send them.

Premium numbers come in blocks, and what is sent to them is never given back. So codes are counted
by number, by block (the number without its last four digits) and by country, and a block or a
country whose codes are not confirmed is stopped for the rest of the day. The counts are rows of
the database, taken under the lock of their country: two processes cannot slip past them together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import phonenumbers
import structlog

from server.core.ids import first_id_at
from server.core.refusals import Invalid, RateLimited
from server.db import Unit
from server.messages import queries

NUMBER_WINDOW = timedelta(minutes=10)
PREFIX_WINDOW = timedelta(hours=1)
COUNTRY_WINDOW = timedelta(hours=1)
CONVERSION_WINDOW = timedelta(hours=24)
CONVERSION_PATIENCE = timedelta(minutes=10)
"""A younger code may still be confirmed and does not count against its block."""
BLOCK_DIGITS = 4
COUNTS_KEPT = timedelta(hours=48)
PURGE_CHUNK = 1000
_TICK = timedelta(milliseconds=1)
log = structlog.get_logger()


class CodesLimited(RateLimited):
    """Too many codes were asked for; which limit it was is not said."""

    code = "codes_limited"
    title = "Too many codes were asked for. Try again later, or use another way."


@dataclass(frozen=True, slots=True)
class SmsLimits:
    """What the settings allow."""

    countries: frozenset[str]
    """Where codes are sent to, as two letters."""
    per_number: int
    """In ten minutes."""
    per_prefix: int
    """In an hour."""
    per_country: int
    """In an hour."""
    conversion_percent: int
    """A block or country with a smaller share of confirmed codes is stopped; 0 stops none."""
    conversion_after: int
    """So many codes are sent to a block in 24 hours before its share is looked at."""


def country_of(number: str) -> str | None:
    """The country of a number in E.164 as two letters; None for what belongs to none."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    return region if region is not None and len(region) == 2 and region.isalpha() else None


def check_country(limits: SmsLimits, number: str) -> str:
    """The country of a number that codes are sent to; refuses `Invalid` any other."""
    country = country_of(number)
    if country is None or country not in limits.countries:
        raise Invalid(errors={"phone": ["We do not send codes to this country."]})
    return country


async def count_sms(unit: Unit, limits: SmsLimits, code_id: UUID, number: str) -> None:
    """Count one code to a number. Refuses `Invalid` (country) and `CodesLimited`."""
    country = check_country(limits, number)
    if (await unit.execute(queries.lock_country(country))).first() is None:
        # Two first codes to a country meet at the key; the unit of the second is tried again.
        await unit.execute(queries.insert_country(country))
    prefix, now = number[:-BLOCK_DIGITS], unit.now

    for name, statement, most, window in (
        (
            "number",
            queries.count_number(number, prefix, _since(now, NUMBER_WINDOW)),
            limits.per_number,
            NUMBER_WINDOW,
        ),
        (
            "prefix",
            queries.count_prefix(prefix, _since(now, PREFIX_WINDOW)),
            limits.per_prefix,
            PREFIX_WINDOW,
        ),
        (
            "country",
            queries.count_country(country, _since(now, COUNTRY_WINDOW)),
            limits.per_country,
            COUNTRY_WINDOW,
        ),
    ):
        counted = (await unit.execute(statement)).one()
        if counted.sent >= most:
            raise _refuse(name, country, counted.first_at + window - now)
    await _check_conversion(unit, limits, prefix, country)
    await unit.execute(
        queries.insert_count(
            {
                "id": code_id,
                "country": country,
                "prefix": prefix,
                "number": number,
                "sent_at": now,
            }
        )
    )


async def _check_conversion(unit: Unit, limits: SmsLimits, prefix: str, country: str) -> None:
    now = unit.now
    since, ripe = _since(now, CONVERSION_WINDOW), first_id_at(now - CONVERSION_PATIENCE)
    counted = (await unit.execute(queries.count_prefix(prefix, since, ripe))).one()
    wanted = limits.conversion_percent * counted.sent
    if counted.sent >= limits.conversion_after and counted.confirmed * 100 < wanted:
        raise _refuse("conversion", country, counted.first_at + CONVERSION_WINDOW - now)


def _since(now: datetime, window: timedelta) -> UUID:
    # What was sent exactly one window ago counts no more.
    return first_id_at(now - window + _TICK)


def _refuse(limit: str, country: str, left: timedelta) -> CodesLimited:
    log.warning("sms_limited", limit=limit, country=country)
    return CodesLimited(retry_after_s=max(1, int(left.total_seconds())))


async def confirm_sms(unit: Unit, code_id: UUID) -> None:
    """The code of a counted text message was given back."""
    await unit.execute(queries.confirm_count(code_id, unit.now))


async def purge_counts(unit: Unit) -> int:
    """Forget one chunk of counts that no limit looks at; how many."""
    rows = (
        await unit.execute(queries.old_counts(first_id_at(unit.now - COUNTS_KEPT), PURGE_CHUNK))
    ).all()
    if rows:
        await unit.execute(queries.delete_counts([row.id for row in rows]))
    return len(rows)
