"""Payment methods: the fields an account on a rail has, and how details are checked and compared.

`payment_methods.fields` holds a JSON list of fields. A field has `name` (a slug), `label`, `kind`
(`text`, `name`, `digits`, `phone`, `email`), `required`, `length_min`, `length_max`, `pattern` (a
regular expression for the whole value, or null) and `identifies`: whether it tells one account
from another, as a number does and a holder's name does not.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from marshmallow import Schema, fields, validate

from models.identity import Reversibility, Speed
from server.core.refusals import Invalid
from server.db import Unit
from server.identity import account_queries as queries
from server.identity.rules import key_of_email, read_phone
from server.identity.sealing import fingerprint

VALUE_CHARS_MAX = 200
SHOWN_CHARS = 4
MASK = "••••"
KINDS = ("text", "name", "digits", "phone", "email")
_SPACES = re.compile(r"\s+")


class RailFieldSchema(Schema):
    """One field of an account on a rail."""

    name = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9_]{0,31}\Z"))
    label = fields.String(required=True, validate=validate.Length(1, 80))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    required = fields.Boolean(load_default=True)
    length_min = fields.Integer(
        load_default=1, strict=True, validate=validate.Range(1, VALUE_CHARS_MAX)
    )
    length_max = fields.Integer(
        load_default=80, strict=True, validate=validate.Range(1, VALUE_CHARS_MAX)
    )
    pattern = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 200))
    identifies = fields.Boolean(load_default=True)


class RailSchema(Schema):
    """A payment method as seeds and administrators write it."""

    id = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9-]{1,39}\Z"))
    name = fields.String(required=True, validate=validate.Length(1, 80))
    currency = fields.String(required=True, validate=validate.Regexp(r"\A[A-Z]{3}\Z"))
    region = fields.String(required=True, validate=validate.Regexp(r"\A[A-Z]{2}\Z"))
    reversibility = fields.String(
        required=True, validate=validate.OneOf([each.value for each in Reversibility])
    )
    speed = fields.String(required=True, validate=validate.OneOf([each.value for each in Speed]))
    fields_ = fields.List(
        fields.Nested(RailFieldSchema),
        required=True,
        data_key="fields",
        validate=validate.Length(1, 12),
    )


async def upsert_payment_methods(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write payment methods (`RailSchema`), new or changed ones only; how many were written.

    Raises `marshmallow.ValidationError` for a row that is not one.
    """
    written = 0
    for row in rows:
        loaded = RailSchema().load(dict(row))
        values = {name: loaded[name] for name in loaded if name != "fields_"}
        values["fields"] = orjson.dumps(loaded["fields_"]).decode()
        for rail_field in loaded["fields_"]:
            re.compile(rail_field["pattern"] or "")
        known = (await unit.execute(queries.method(values["id"]))).first()
        if known is None:
            await unit.execute(queries.insert_method(values))
        elif any(getattr(known, name) != value for name, value in values.items()):
            await unit.execute_guarded(queries.update_method(values["id"], values))
        else:
            continue
        written += 1
    return written


def read_details(
    rail_fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
) -> dict[str, str]:
    """Account details in their stored spelling. Refuses `Invalid` naming each wrong field."""
    errors: dict[str, list[str]] = {}
    known = {rail_field["name"] for rail_field in rail_fields}
    for name in given:
        if name not in known:
            errors[name] = ["Unknown field."]
    details: dict[str, str] = {}
    for rail_field in rail_fields:
        name = rail_field["name"]
        if name not in given:
            if rail_field["required"]:
                errors[name] = ["Missing data for required field."]
            continue
        value, error = _read_value(rail_field, given[name])
        if error is not None:
            errors[name] = [error]
        details[name] = value
    if errors:
        raise Invalid(errors={"details": errors})
    return details


def _read_value(rail_field: Mapping[str, Any], given: Any) -> tuple[str, str | None]:
    if not isinstance(given, str) or len(given) > VALUE_CHARS_MAX:
        return "", f"Write text of at most {VALUE_CHARS_MAX} characters."
    value = _SPACES.sub(" ", unicodedata.normalize("NFKC", given)).strip()
    if any(unicodedata.category(letter)[0] == "C" for letter in value):
        return "", "Control characters are not allowed."
    kind = rail_field["kind"]
    error = None
    if kind == "digits":
        value = re.sub(r"[ .\-]", "", value)
        error = None if value.isascii() and value.isdigit() else "Write digits only."
    elif kind == "phone":
        try:
            value = read_phone(value)
        except Invalid:
            error = "Write the number with + and the country code."
    elif kind == "email" and key_of_email(value) is None:
        error = "This is not an e-mail address."
    if error is None and not rail_field["length_min"] <= len(value) <= rail_field["length_max"]:
        error = f"Use {rail_field['length_min']} to {rail_field['length_max']} characters."
    if error is None and rail_field["pattern"] and not re.fullmatch(rail_field["pattern"], value):
        error = "This does not have the form that the payment method asks for."
    return value, error


def fingerprint_details(
    secret: bytes,
    method_id: str,
    rail_fields: Sequence[Mapping[str, Any]],
    details: Mapping[str, str],
) -> bytes:
    """A keyed digest of what tells an account apart: the same for the same account of anyone."""
    identifying = [each["name"] for each in rail_fields if each["identifies"]] or list(details)
    parts = [method_id]
    for name in sorted(identifying):
        value = unicodedata.normalize("NFKC", details.get(name, "").casefold())
        parts += [name, _SPACES.sub("", value)]
    return fingerprint(secret, *parts)


def mask_details(
    rail_fields: Sequence[Mapping[str, Any]], details: Mapping[str, str]
) -> dict[str, str]:
    """Details as a list shows them: names whole, of everything else the last characters."""
    names = find_names(rail_fields)
    return {name: value if name in names else _mask(value) for name, value in details.items()}


def mask_for_audit(
    rail_fields: Sequence[Mapping[str, Any]], details: Mapping[str, str]
) -> dict[str, str]:
    """Details as the audit keeps them for ever: without names."""
    names = find_names(rail_fields)
    return {name: MASK if name in names else _mask(value) for name, value in details.items()}


def find_names(rail_fields: Sequence[Mapping[str, Any]]) -> set[str]:
    """The fields of a rail that hold the name of a person."""
    return {each["name"] for each in rail_fields if each["kind"] == "name"}


def _mask(value: str) -> str:
    return MASK + (value[-SHOWN_CHARS:] if len(value) > 8 else "")
