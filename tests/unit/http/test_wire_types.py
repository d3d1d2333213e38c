"""Money and times on the wire: decimal strings and RFC 3339, never JSON numbers."""

import re

import pytest
from marshmallow import Schema, ValidationError, fields

from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from sockets.events import document_events

MONEY = re.compile(
    r"(^|_)(amount|price|fiat|fee|available|reserved|escrow|held|withdrawal|locked|total|remaining"
    r"|matched|returned|closed|index|bid|ask|volume|high|low|balance)(_|$)"
)
NOT_MONEY = re.compile(r"_(digits|ppm|bp|id|at|guard|version)$")
BUCKETS = {"bond"}
"""Money by its name in a wallet, a yes or no in an order."""


def is_money(name):
    return bool(MONEY.search(name)) and not NOT_MONEY.search(name)


@pytest.fixture(scope="module")
def endpoints():
    return list_endpoints(load_settings({}))


def list_properties(node, path=""):
    """Every named property of the document with its schema."""
    if isinstance(node, dict):
        for name, shape in (node.get("properties") or {}).items():
            yield f"{path}/{name}", name, shape
        for name, inner in node.items():
            yield from list_properties(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from list_properties(inner, f"{path}/{number}")


def test_money_of_every_answer_and_event_is_a_string(endpoints):
    document = build_document(endpoints, events=document_events())
    found = [
        (path, name, shape)
        for path, name, shape in list_properties(document)
        if is_money(name)
        # The list of prices of one side of a book, and numbers of events, are no amounts.
        and name not in ("asks", "bids")
        # A receipt's escrow is an object, whose own amounts are looked at.
        and "$ref" not in shape
    ]

    names = {name for _, name, _ in found}
    assert {"amount", "price", "fiat", "fee", "available", "balance_after", "volume_24h"} <= names
    wrong = [
        (path, shape)
        for path, _, shape in found
        if shape.get("type") not in ("string", ["string", "null"])
    ]
    assert wrong == []


def test_no_answer_and_no_request_holds_a_broken_number(endpoints):
    document = build_document(endpoints, events=document_events())

    def types(node):
        if isinstance(node, dict):
            kind = node.get("type")
            yield from kind if isinstance(kind, list) else [kind]
            for inner in node.values():
                yield from types(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from types(inner)

    kinds = {kind for kind in types(document) if isinstance(kind, str)}
    assert "string" in kinds
    assert "number" not in kinds


def list_bodies(schema, seen=()):
    """A request's schema and those inside it."""
    yield schema
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested) and type(inner.schema) not in seen:
            yield from list_bodies(inner.schema, (*seen, type(inner.schema)))


@pytest.mark.parametrize("number", [1, 1.5, 10**30, True, {"amount": "1"}, ["1"]])
def test_money_of_a_request_is_refused_unless_it_is_a_string(endpoints, number):
    asked = []
    for endpoint in endpoints:
        if not isinstance(endpoint.body, Schema):
            continue
        for schema in list_bodies(endpoint.body):
            for name, field in schema.fields.items():
                if not is_money(name) or isinstance(field, fields.Nested | fields.Boolean):
                    continue
                with pytest.raises(ValidationError) as refused:
                    schema.load({name: number})
                assert name in refused.value.messages_dict, f"{type(schema).__name__}.{name}"
                asked.append(name)
    assert {"amount", "price", "worst_price", "fiat", "min_fiat", "max_fiat"} <= set(asked)
    assert "buyer_amount" in asked
