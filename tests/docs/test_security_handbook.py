"""docs/security/handbook.md says what the code does: its tables are compared with it."""

import ast
import importlib
import re
from datetime import timedelta
from typing import Any

import pytest

from models.base import Base
from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.services import ROOT
from tests.tidy.test_bans import read_sources

HANDBOOK = (ROOT / "docs" / "security" / "handbook.md").read_text()
SERVING = ("server", "models", "sockets")
CRYPTOGRAPHY = ("hashlib", "hmac", "bcrypt", "jwt", "pyotp", "webauthn", "cryptography", "nacl")
LOG_CALLS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
CLASSES = {"secret", "personal", "money", "public", "internal"}
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
NUMBER = re.compile(r"^([\d,]+)(?: (seconds|minutes|hours|days))?$")
PLACE = re.compile(r"^`([\w.]+)`$")


def read_tables(heading: str) -> list[list[list[str]]]:
    """The tables below a heading, each as rows of cells without its head."""
    text = HANDBOOK.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    tables: list[list[list[str]]] = []
    before = ""
    for line in text.splitlines():
        if line.startswith("| ---"):
            tables.append([])
        elif line.startswith("|") and before.startswith("|"):
            tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        before = line
    return tables


def read_place(place: str) -> Any:
    """The value of a setting (by default) or of a constant."""
    if place.startswith("IQX_"):
        return getattr(load_settings({}), place.removeprefix("IQX_").lower())
    module, _, name = place.rpartition(".")
    return getattr(importlib.import_module(module), name)


def list_differences(said: set[str], found: set[str]) -> list[str]:
    """What the handbook leaves out and what it should no longer hold."""
    missing = [f"add to docs/security/handbook.md: {each}" for each in sorted(found - said)]
    return missing + [f"remove from it: {each}" for each in sorted(said - found)]


NUMBERS = [
    row
    for heading in ("Lost factors", "Guessing", "Sessions", "Costly calls")
    for table in read_tables(heading)
    for row in table
]


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row[0])
def test_number_of_the_handbook_is_that_of_the_code(row):
    number, place = NUMBER.match(row[1]), PLACE.match(row[2])
    assert number is not None, row[1]
    assert place is not None, row[2]
    said: Any = int(number[1].replace(",", ""))
    if number[2]:
        said = timedelta(seconds=said * UNITS[number[2]])
    assert said == read_place(place[1])


def test_handbook_has_numbers_of_guessing_sessions_and_costs():
    assert len(NUMBERS) > 25


def test_every_way_to_sign_in_is_in_the_handbook():
    document = build_document(list_endpoints(load_settings({})))
    schemas = document["components"]["schemas"]

    def gives_tokens(schema: dict[str, Any]) -> bool:
        if "$ref" in schema:
            return gives_tokens(schemas[schema["$ref"].rpartition("/")[2]])
        return "access_token" in schema.get("properties", {}) or any(
            gives_tokens(each)
            for kind in ("anyOf", "oneOf", "allOf")
            for each in schema.get(kind, [])
        )

    ways = {
        f"{method.upper()} {path}"
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        for status, reply in call["responses"].items()
        if status.startswith("2") and path.startswith("/api/v1/")
        if any(gives_tokens(content["schema"]) for content in reply.get("content", {}).values())
    }
    (table,) = read_tables("Ways to sign in")
    assert list_differences({row[0] for row in table}, ways) == []


def test_every_use_of_cryptography_is_in_the_handbook():
    using = {
        source.path
        for source in read_sources(*SERVING)
        for node in ast.walk(source.tree)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if module.partition(".")[0] in CRYPTOGRAPHY
    }
    (table,) = read_tables("Keys and algorithms")
    assert list_differences({row[0] for row in table}, using) == []
    assert all(len(row) == 3 and all(row) for row in table)


def test_every_table_has_its_class_in_the_handbook():
    classes, tables = read_tables("Data")
    assert {row[0] for row in classes} == CLASSES
    assert all(row[1] for row in classes)
    assert list_differences({row[0] for row in tables}, set(Base.metadata.tables)) == []
    assert {row[1] for row in tables} <= CLASSES
    assert all(row[2] for row in tables)


def test_every_line_of_the_log_is_in_the_handbook():
    written = {
        argument.value
        for source in read_sources(*SERVING)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LOG_CALLS
        and ast.unparse(node.func.value) in {"log", "structlog.get_logger()"}
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert len(written) > 30
    (table,) = read_tables("Logs")
    assert list_differences({row[0] for row in table}, written) == []


def test_log_goes_to_standard_output_and_nowhere_else():
    handlers = [
        f"{source.path}:{line}: {name}"
        for source in read_sources(*SERVING)
        for line, name in source.names()
        if name.startswith(("logging.handlers", "logging.FileHandler", "syslog", "sentry_sdk"))
    ]
    assert handlers == []


def test_every_connection_is_in_the_handbook():
    (table,) = read_tables("Connections")
    named = {row[2].strip("`") for row in table}
    settings = (ROOT / ".env.example").read_text()
    addresses = set(re.findall(r"^#(IQX_\w+_(?:URLS?|HOST))=", settings, re.MULTILINE)) - {
        "IQX_HOST"
    }
    assert list_differences(named, addresses) == []


def test_handbook_gives_each_severity_its_time():
    (table,) = read_tables("Libraries")
    days = [int(row[1].partition(" ")[0]) for row in table]
    assert [row[0] for row in table][:4] == ["critical", "high", "medium", "low"]
    assert days == sorted(days)
    assert days[0] <= 2
