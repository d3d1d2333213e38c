"""The document is valid, complete, committed, and strict in both directions."""

import warnings

import orjson
import pytest
from marshmallow import Schema, fields
from openapi_spec_validator import validate

from server.http.endpoint import Access
from server.http.openapi import EventDocument, build_document, list_refusals, write_document
from server.settings import load_settings
from server.wiring import list_endpoints
from sockets.events import document_events
from tests.services import ROOT


class ThingSchema(Schema):
    id = fields.UUID(required=True)


PARTIAL = {"AnyOrder"}
"""Answers that hold more for the owner than for others."""
EVENT = EventDocument("thing_created", "A thing was made.", ("user:{id}",), ThingSchema())


@pytest.fixture(scope="module")
def endpoints():
    return list_endpoints(load_settings({}))


@pytest.fixture(scope="module")
def document(endpoints):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return build_document(endpoints, events=[EVENT])


def operations(document):
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_committed_document_is_current(endpoints):
    committed = (ROOT / "contract" / "openapi.json").read_text()
    document = build_document(endpoints, events=document_events())
    assert committed == write_document(document), "run: make contract"


def test_text_of_the_document_is_the_same_each_time(endpoints):
    backwards = build_document(reversed(endpoints))
    assert write_document(backwards) == write_document(build_document(endpoints))


def test_every_endpoint_is_in_the_document(endpoints, document):
    assert len(endpoints) > 20
    listed = {(path, method.upper()) for path, method, _ in operations(document)}
    assert listed == {(endpoint.path, endpoint.method) for endpoint in endpoints}


def test_names_of_operations_are_unique(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_session_or_key_is_asked_for_unless_public(endpoints, document):
    for endpoint in endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        keys = [] if endpoint.scope is None else [{"api_key": [endpoint.scope.value]}]
        assert operation["security"] == (
            [] if endpoint.access is Access.PUBLIC else [{"session": []}, *keys]
        )


def test_keyed_endpoints_name_the_header_and_its_refusals(endpoints, document):
    keyed = [endpoint for endpoint in endpoints if endpoint.keyed]
    assert keyed
    for endpoint in endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) == endpoint.keyed
        assert ("Step-Up" in headers) == endpoint.step_up
        assert ("428" in operation["responses"]) == endpoint.keyed


def test_each_refusal_is_listed_with_its_status_and_code(endpoints, document):
    for endpoint in endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        for status, found in list_refusals(endpoint).items():
            name = operation["responses"][str(status)]["$ref"].rpartition("/")[2]
            answer = document["components"]["responses"][name]
            schema = answer["content"]["application/problem+json"]["schema"]
            assert schema["properties"]["code"]["enum"] == sorted({one.code for one in found})
            assert [one["code"] for one in answer["x-refusals"]] == sorted(
                {one.code for one in found}
            )


def test_every_own_refusal_of_an_endpoint_is_listed(endpoints):
    for endpoint in endpoints:
        listed = {one for found in list_refusals(endpoint).values() for one in found}
        assert set(endpoint.refusals) <= listed


def find_references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from find_references(value)
    elif isinstance(node, list):
        for value in node:
            yield from find_references(value)


def reach(document, start):
    """The schemas that a part of the document uses, directly or not."""
    schemas = document["components"]["schemas"]
    reached, open_ends = set(), set(find_references(start))
    while open_ends:
        name = open_ends.pop()
        if name in schemas and name not in reached:
            reached.add(name)
            open_ends |= set(find_references(schemas[name]))
    return reached


def test_answers_have_no_field_that_may_be_missing(document):
    answers = {
        name
        for _, _, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for name in reach(document, answer)
    }
    assert len(answers) > 10
    for name in answers - PARTIAL:
        schema = document["components"]["schemas"][name]
        assert set(schema["required"]) == set(schema["properties"]), name


def test_no_schema_takes_unknown_fields(document):
    for name, schema in document["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name


def test_query_parameters_are_never_null(document):
    for _, _, operation in operations(document):
        for parameter in operation["parameters"]:
            assert "null" not in parameter["schema"].get("type", ""), parameter
            assert None not in parameter["schema"].get("enum", ())


def test_events_are_webhooks_with_their_rooms(document):
    event = document["webhooks"]["thing_created"]["post"]
    assert event["x-rooms"] == ["user:{id}"]
    assert event["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Thing"
    }
    assert "/" not in document["paths"]


def test_two_endpoints_of_one_name_are_a_fault(endpoints):
    with pytest.raises(AssertionError, match="share a name"):
        build_document([endpoints[0], endpoints[0]])


def test_written_document_reads_back(document):
    assert orjson.loads(write_document(document)) == document


def test_every_change_outside_auth_and_quote_takes_a_key(endpoints):
    free = {
        endpoint.path for endpoint in endpoints if endpoint.method != "GET" and not endpoint.keyed
    }
    assert free
    spared = {
        "/api/v1/quote",
        # A token of the provider is a secret, and his own messages are told apart by content.
        "/api/v1/me/kyc/provider-token",
        "/api/v1/kyc/provider-messages",
        # The client id of a message is its key.
        "/api/v1/trades/{id}/messages",
        "/api/admin/trades/{id}/messages",
    }
    for path in free - spared:
        assert path.startswith(("/api/v1/auth/", "/api/auth/"))


def test_calls_that_answer_with_secrets_keep_no_reply(endpoints, document):
    secret = {"access_token", "refresh_token", "proof", "secret", "recovery_codes"}
    found = 0
    for endpoint in endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        answer = operation["responses"][str(endpoint.status)]
        fields_told = {
            name
            for schema in reach(document, answer)
            for name in document["components"]["schemas"][schema]["properties"]
        }
        if fields_told & secret:
            found += 1
            # Under /me a key is asked for like everywhere, but nothing is kept under it.
            keyed = endpoint.keyed and not endpoint.path.startswith("/api/v1/me/")
            assert not keyed, endpoint.name
            assert not endpoint.transactional, endpoint.name
    assert found >= 8


def test_lists_are_pages(endpoints, document):
    for endpoint in endpoints:
        if not endpoint.name.startswith("list_") or endpoint.query is None:
            continue
        operation = document["paths"][endpoint.path]["get"]
        asked = {one["name"]: one["schema"] for one in operation["parameters"]}
        if "cursor" in asked:
            assert asked["limit"]["maximum"] == 100, endpoint.name
        name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][name.rpartition("/")[2]]
        assert "items" in schema["properties"], endpoint.name
        assert ("cursor" in asked) == ("next_cursor" in schema["properties"]), endpoint.name
