"""When the banks of a rail work: by time zone, day of the week and the holidays of a calendar.

Instant rails have no hours. Hours change no payment window: who pays on a closed day has paid, and
the seller sees when the money can come. Pure: the instant is given.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays

DAYS_AHEAD_MAX = 30
"""No bank is closed for longer; a calendar that says so is wrong."""
FINANCIAL = frozenset({"XECB", "XNYS"})
"""Calendars of payment systems; all others are those of countries."""


class BankState(NamedTuple):
    """Whether the banks work, and when they open or close next."""

    is_open: bool
    changes_at: datetime


def is_calendar(code: str) -> bool:
    """Whether there is a calendar of holidays with this name."""
    return code in FINANCIAL or code in holidays.list_supported_countries()


@lru_cache(maxsize=256)
def list_holidays(calendar: str, year: int) -> frozenset[date]:
    """The free days of a year."""
    if calendar in FINANCIAL:
        return frozenset(holidays.financial_holidays(calendar, years=year))
    return frozenset(holidays.country_holidays(calendar, years=year))


def read_bank_state(hours: Mapping[str, Any], now: datetime) -> BankState:
    """Whether banks with these hours (`HoursSchema`) work at `now`, and until or from when."""
    zone = ZoneInfo(hours["zone"])
    local = now.astimezone(zone)
    opens, closes = time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"])
    for ahead in range(DAYS_AHEAD_MAX):
        day = local.date() + timedelta(days=ahead)
        is_free = day in list_holidays(hours["holidays"], day.year)
        if day.isoweekday() not in hours["days"] or is_free:
            continue
        begins = datetime.combine(day, opens, zone).astimezone(UTC)
        ends = datetime.combine(day, closes, zone).astimezone(UTC)
        if now < begins:
            return BankState(is_open=False, changes_at=begins)
        if now < ends:
            return BankState(is_open=True, changes_at=ends)
    raise AssertionError(f"banks are closed for {DAYS_AHEAD_MAX} days")
