"""Hostile text in every place of every call that takes text: refused or stored as text."""

import asyncio
from copy import deepcopy
from urllib.parse import quote

import pytest

from server.http.examples import make_example, resolve
from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.fuzz.caller import LIMITS, Caller, change, furnish
from tests.server_process import run_server

pytestmark = pytest.mark.fuzz

TEXTS = (
    "' OR 1=1 -- ",
    '"; DROP TABLE users; --',
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<script>alert(1)</script>",
    "a\r\nSet-Cookie: x=1",
    "\u00e9\u2603\U0001f600",
    "\u202egnp.exe",
    "../../etc/passwd",
    "%00%0d%0a",
    "x" * 5000,
    "",
)


def find_texts(document, schema, path=()):
    """The places in a body where a text may stand, whatever its form."""
    schema = resolve(document, schema)
    kinds = schema.get("type", ())
    if "string" in kinds:
        yield path
    elif "array" in kinds:
        yield from find_texts(document, schema["items"], (*path, 0))
    elif "object" in kinds:
        for name, inner in schema.get("properties", {}).items():
            yield from find_texts(document, inner, (*path, name))


def make_body(document, schema, known):
    """A body that passes as much as it can, so that the text is what is looked at."""
    body = make_example(document, schema)
    return {name: known.get(name, [value])[0] for name, value in body.items()}


def put(body, path, value):
    """A copy of the body with the value in this place."""
    changed = deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def list_calls(document, known):
    """Method, path template, path values, query and body of every hostile call."""
    for template, operations in document["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"].endswith("logout"):
                continue
            parameters = operation["parameters"]
            values = {
                one["name"]: known.get(one["name"], ["nothing"])[0]
                for one in parameters
                if one["in"] == "path"
            }
            schema = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema")
            )
            body = None if schema is None else make_body(document, schema, known)
            for text in TEXTS:
                for name in values:
                    yield operation, method, template, {**values, name: text}, {}, body
                for one in parameters:
                    if one["in"] == "query":
                        yield operation, method, template, values, {one["name"]: text}, body
                for place in find_texts(document, schema or {}):
                    yield operation, method, template, values, {}, put(body, place, text)


def send(caller, number, call):
    """What one hostile call is answered with."""
    _, method, template, values, query, body = call
    path = template
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    headers = {
        "Authorization": f"Bearer {caller.token}",
        "Idempotency-Key": f"text-{number}",
        "Step-Up": "none",
    }
    return caller.session.request(
        method, caller.base + path, params=query, json=body, headers=headers, timeout=20,
        allow_redirects=False,
    )  # fmt: skip


def try_all(base, database_url):
    caller = Caller(base)
    caller.settle_in(database_url)
    document = build_document(list_endpoints(load_settings({})))
    failures, tried = [], 0
    for number, call in enumerate(list_calls(document, caller.known)):
        reply = send(caller, number, call)
        tried += 1
        operation, method, template, values, query, body = call
        # A path that is no longer that of the call (a slash, nothing at all) is simply missing.
        known = {*operation["responses"], "404", "405"}
        if str(reply.status_code) not in known or "Set-Cookie" in reply.headers:
            failures.append(f"{reply.status_code} {method} {template} {values} {query} {body}")
    caller.session.close()
    assert not failures, "\n".join(line[:300] for line in failures)
    return tried


async def test_text_of_any_kind_in_any_place_is_refused_or_stored(database_url):
    await change(database_url, furnish)
    async with run_server(database_url, **LIMITS) as server:
        tried = await asyncio.to_thread(try_all, server.base, database_url)
    assert tried > 1000
