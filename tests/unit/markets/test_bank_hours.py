"""When banks work."""

from datetime import UTC, datetime

import pytest

from server.markets.bank_hours import is_calendar, list_holidays, read_bank_state

VIET_NAM = {
    "zone": "Asia/Ho_Chi_Minh", "holidays": "VN", "days": [1, 2, 3, 4, 5],
    "opens": "08:00", "closes": "16:00",
}  # fmt: skip
NEW_YORK = {
    "zone": "America/New_York", "holidays": "US", "days": [1, 2, 3, 4, 5],
    "opens": "09:00", "closes": "17:00",
}  # fmt: skip
TARGET = {
    "zone": "Europe/Berlin", "holidays": "XECB", "days": [1, 2, 3, 4, 5],
    "opens": "07:00", "closes": "18:00",
}  # fmt: skip


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "is_open", "changes_at"),
    [
        # A Wednesday in Viet Nam, which is seven hours ahead.
        (VIET_NAM, "2026-03-04T00:59:59", False, "2026-03-04T01:00:00"),
        (VIET_NAM, "2026-03-04T01:00:00", True, "2026-03-04T09:00:00"),
        (VIET_NAM, "2026-03-04T09:00:00", False, "2026-03-05T01:00:00"),
        # From Friday evening to Monday.
        (VIET_NAM, "2026-03-06T10:00:00", False, "2026-03-09T01:00:00"),
        # The new year of 2026: a whole week without banks.
        (VIET_NAM, "2026-02-14T02:00:00", False, "2026-02-23T01:00:00"),
        # Clocks change in New York on 8 March: the same hour is another instant.
        (NEW_YORK, "2026-03-06T23:00:00", False, "2026-03-09T13:00:00"),
        (NEW_YORK, "2026-03-05T23:00:00", False, "2026-03-06T14:00:00"),
        (NEW_YORK, "2026-07-03T15:00:00", False, "2026-07-06T13:00:00"),
        # TARGET is closed on Good Friday and Easter Monday.
        (TARGET, "2026-04-02T17:00:00", False, "2026-04-07T05:00:00"),
    ],
)
def test_banks_work_by_zone_day_and_holidays(hours, now, is_open, changes_at):
    assert read_bank_state(hours, at(now)) == (is_open, at(changes_at))


def test_holidays_are_those_of_the_calendar():
    assert datetime(2026, 9, 2, tzinfo=UTC).date() in list_holidays("VN", 2026)
    assert datetime(2026, 9, 2, tzinfo=UTC).date() not in list_holidays("US", 2026)
    assert [is_calendar(code) for code in ("VN", "XECB", "XX", "")] == [True, True, False, False]
