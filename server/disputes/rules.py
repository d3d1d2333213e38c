"""The numbers of cases, claims and freezes. Pure."""

from datetime import timedelta

EVIDENCE_TIME = timedelta(hours=24)
"""What each side has for its evidence."""
RULING_TIME = timedelta(hours=24)
"""What the desk has before a case counts as overdue; then as long again, and so on."""
OBJECTION_TIME = timedelta(hours=24)
"""In which the losing side may object to a ruling; the money moves after it."""

LOST_MAX = 4
"""So many cases lost as their opener are tolerated ..."""
LOST_WITHIN = timedelta(days=180)
"""... in this time; after the last of them nobody opens one more."""

LIKE_CASES_WITHIN = timedelta(days=180)
"""How far back the ends of like cases are counted ..."""
LIKE_CASES_MIN = 10
"""... and how many there must be before they are shown: fewer would tell of people."""

STATEMENT_CHARS_MAX = 2000
EVIDENCE_PER_SIDE_MAX = 20
ATTACHMENTS_PER_EVIDENCE_MAX = 10
OFFERS_PER_SIDE_MAX = 20
"""Offers of one side in one case, replaced ones included."""
