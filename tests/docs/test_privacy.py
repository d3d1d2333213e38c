"""docs/security/privacy.md says what the code does with personal data: its tables are compared."""

import importlib
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from models.base import Base
from server.compliance import forget_queries
from server.core.clock import EPOCH
from server.files.duties import purge_attachments
from server.identity.sign_in_history import purge_sign_ins
from server.jobs.purge import PURGES
from server.kyc.duties import purge_identities
from server.privacy.content import SECTIONS
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.docs.test_security_handbook import UNITS
from tests.docs.test_security_handbook import read_tables as read_handbook
from tests.services import ROOT

TEXT = (ROOT / "docs" / "security" / "privacy.md").read_text()
TABLES = set(Base.metadata.tables)
TIME = re.compile(r"(\d+) (minutes|hours|days)")
PLACE = re.compile(r"`([\w.]+)`")
PERSON = UUID(int=1)


def read_tables(heading: str) -> list[list[list[str]]]:
    """The tables below a heading, each as rows of cells without its head."""
    text = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    tables: list[list[list[str]]] = []
    for line in text.splitlines():
        if line.startswith("| ---"):
            tables.append([])
        elif line.startswith("|") and tables and not line.startswith(("| table |", "| file |")):
            tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return tables


COPIED, LEFT_OUT = read_tables("The copy")
(ENDING,) = read_tables("What ends by time")
(FORGOTTEN,) = read_tables("Erasure")
(STAYING,) = read_tables("What stays")
(SHOWN,) = read_tables("What staff see")


def read_place(name: str) -> Any:
    if name.startswith("IQX_"):
        value = getattr(load_settings({}), name.removeprefix("IQX_").lower())
        return timedelta(days=value) if name.endswith("_DAYS") else value
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def test_every_file_of_the_copy_is_listed_with_its_tables():
    said = {row[0]: row[1] for row in COPIED}
    assert said == {section.file: ", ".join(section.tables) for section in SECTIONS}


def test_every_table_about_people_is_in_the_copy_or_left_out_for_a_reason():
    _, classes = read_handbook("Data")
    about_people = {row[0] for row in classes if row[1] in ("personal", "secret", "money")}
    copied = {table for section in SECTIONS for table in section.tables}
    left_out = {row[0] for row in LEFT_OUT}
    assert all(row[1] for row in LEFT_OUT)
    assert about_people - copied - left_out == set()
    assert copied & left_out == set()
    assert left_out <= TABLES


@pytest.mark.parametrize("row", ENDING, ids=lambda row: row[0])
def test_time_of_the_document_is_that_of_the_code(row):
    told = [timedelta(seconds=int(count) * UNITS[unit]) for count, unit in TIME.findall(row[1])]
    places = PLACE.findall(row[2])
    assert places
    found = [read_place(place) for place in places]
    if told:
        assert told == found


def test_every_purge_of_the_schedule_is_listed_and_no_other():
    said = {PLACE.fullmatch(row[3])[1] for row in ENDING}
    purges = (*PURGES, purge_sign_ins, purge_identities, purge_attachments)
    there = {f"{each.__module__}.{each.__name__}" for each in purges}
    assert said == there


def test_every_table_that_erasure_touches_is_listed_and_no_other():
    trades = [UUID(int=2)]
    now: datetime = EPOCH
    statements: list[Any] = [
        *forget_queries.forget_person(PERSON, now),
        *forget_queries.forget_words(trades, PERSON, "buyer"),
        *forget_queries.forget_words(trades, PERSON, "seller"),
        forget_queries.forget_terms(trades, "buy"),
        forget_queries.empty_payment_account(PERSON, b""),
    ]
    assert {row[0] for row in FORGOTTEN} == {each.table.name for each in statements}


def test_every_table_ends_is_forgotten_or_stays_for_a_reason():
    ends, forgotten = {row[0] for row in ENDING}, {row[0] for row in FORGOTTEN}
    stays = {row[0] for row in STAYING}
    assert TABLES - ends - forgotten - stays == set()
    assert (ends | forgotten | stays) - TABLES == set()
    assert stays & (ends | forgotten) == set()
    assert all(row[1] for row in STAYING)


def test_calls_that_show_staff_more_are_calls_of_the_staff():
    calls = {f"{one.method} {one.path}" for one in list_endpoints(load_settings({}))}
    assert {row[0] for row in SHOWN} <= calls
    assert all(row[0].split()[1].startswith("/api/admin/") for row in SHOWN)
