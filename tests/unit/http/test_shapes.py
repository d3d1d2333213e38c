"""The short way of loading a body gives what the schema gives, for good and bad bodies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from server.http.examples import make_example
from server.http.fields import UsdtAmount
from server.http.openapi import build_document
from server.http.shapes import compile_loader
from server.settings import load_settings
from server.wiring import list_endpoints


class InnerSchema(Schema):
    amount = UsdtAmount(required=True)


class WholeSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 5))
    amount = UsdtAmount(load_default=None)
    count = fields.Integer(load_default=3, strict=True)
    kind = fields.String(data_key="type", validate=validate.OneOf(("a", "b")))
    many = fields.List(fields.Nested(InnerSchema), load_default=list)
    inner = fields.Nested(InnerSchema, attribute="inside")


class HookedSchema(WholeSchema):
    @validates_schema
    def refuse_nothing(self, loaded, **_):
        """A hook, so that the schema itself reads."""


class LooseSchema(WholeSchema):
    class Meta:
        unknown = EXCLUDE


def ask(load, body):
    """What it loads or complains, in a form that compares."""
    try:
        return "loaded", load(body)
    except ValidationError as error:
        return "refused", error.messages


NAMES = ("name", "amount", "count", "kind", "type", "many", "inner", "inside", "more")
ATOMS = st.sampled_from(
    [None, True, 0, 3, -1, 1.5, "", "a", "b", "abcdef", "1.5", "0", "-1", [], {}, [None]]
)
INNER = st.dictionaries(st.sampled_from(["amount", "x"]), ATOMS, max_size=2)
VALUES = ATOMS | INNER | st.lists(INNER, max_size=2)


@pytest.mark.parametrize("kind", [WholeSchema, HookedSchema, LooseSchema])
@given(body=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=7))
@settings(max_examples=300)
def test_short_way_is_the_schema_s_own(kind, body):
    schema = kind()
    assert ask(compile_loader(schema), body) == ask(schema.load, body)


def list_bodies():
    endpoints = [one for one in list_endpoints(load_settings({})) if one.body is not None]
    return {endpoint.name: endpoint for endpoint in endpoints}


BODIES = list_bodies()


@pytest.mark.parametrize("name", BODIES)
@given(data=st.data())
@settings(max_examples=30)
def test_every_body_of_the_service_loads_the_same_both_ways(name, data):
    endpoint = BODIES[name]
    document = build_document([endpoint])
    operation = document["paths"][endpoint.path][endpoint.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    body = make_example(document, schema)
    for field in data.draw(st.lists(st.sampled_from([*sorted(body), "more"]), max_size=3)):
        if data.draw(st.booleans()):
            body.pop(field, None)
        else:
            body[field] = data.draw(ATOMS)
    assert ask(compile_loader(endpoint.body), body) == ask(endpoint.body.load, body)


def test_defaults_are_made_anew_for_each_body():
    load = compile_loader(WholeSchema())
    first, second = load({"name": "a"}), load({"name": "a"})
    assert first["many"] is not second["many"]
