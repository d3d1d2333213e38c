"""Payment methods in the database, and the details of accounts on them: read, compared, masked.

A method's fields (`server.markets.rail_schema`) are kept in every version that they ever had. An
account stays in the version that it was added with; a new one is also compared by the rules of
the older versions, so that a changed schema lets nobody add another's account.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from server.core.refusals import Invalid
from server.db import Unit
from server.identity import account_queries as queries
from server.identity.sealing import fingerprint
from server.markets.rail_kinds import SENTENCES, read_value
from server.markets.rail_schema import RailSchema, fill_space

SHOWN_CHARS = 4
MASK = "••••"
SHOWN_WHOLE = frozenset({"name", "choice"})
"""Kinds that a list shows whole: whose account it is, and at which bank."""
VERSIONS_MAX = 50
"""Versions of a method's fields that a new account is compared by, the newest ones."""


async def upsert_payment_methods(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write payment methods (`RailSchema`), new or changed ones only; how many were written.

    Changed fields are a new version. Raises `marshmallow.ValidationError` for a row that is none.
    """
    written = 0
    for row in rows:
        loaded = RailSchema().load(dict(row))
        fields = orjson.dumps(loaded.pop("fields_")).decode()
        hours = loaded["hours"]
        values = {**loaded, "hours": hours and orjson.dumps(hours).decode()}
        known = (await unit.execute(queries.method(values["id"]))).first()
        is_same = known is not None and known.fields == fields
        if is_same and all(getattr(known, name) == value for name, value in values.items()):
            continue
        values["schema_version"] = 1 if known is None else known.schema_version + (not is_same)
        if known is None:
            await unit.execute(queries.insert_method(values))
        else:
            await unit.execute_guarded(queries.update_method(values["id"], values))
        if not is_same:
            schema = {"method_id": values["id"], "version": values["schema_version"]}
            await unit.execute(
                queries.insert_schema({**schema, "fields": fields, "created_at": unit.now})
            )
        written += 1
    return written


def read_details(
    rail_fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
) -> dict[str, str]:
    """Account details in their stored spelling.

    Refuses `Invalid` with a sentence for each wrong field in `errors` and its code in `params`.
    """
    known = {rail_field["name"] for rail_field in rail_fields}
    codes = {name: "unknown_field" for name in given if name not in known}
    details: dict[str, str] = {}
    for rail_field in rail_fields:
        name = rail_field["name"]
        if name not in given:
            if rail_field["required"]:
                codes[name] = "required"
            continue
        details[name], error = read_value(rail_field, given[name])
        if error is not None:
            codes[name] = error
    if codes:
        errors = {name: [SENTENCES[code]] for name, code in codes.items()}
        raise Invalid(errors={"details": errors}, codes={"details": codes})
    return details


def list_fingerprints(
    secret: bytes,
    method_id: str,
    versions: Sequence[Sequence[Mapping[str, Any]]],
    details: Mapping[str, str],
) -> list[bytes]:
    """The fingerprints of details by those versions of a method's fields that can read them."""
    digests = []
    for rail_fields in versions:
        known = {each["name"]: each for each in rail_fields}
        try:
            read = read_details(
                rail_fields, {name: value for name, value in details.items() if name in known}
            )
        except Invalid:
            continue
        digests.append(fingerprint_details(secret, method_id, rail_fields, read))
    return digests


def fingerprint_details(
    secret: bytes,
    method_id: str,
    rail_fields: Sequence[Mapping[str, Any]],
    details: Mapping[str, str],
) -> bytes:
    """A keyed digest of what tells an account apart: the same for the same account of anyone.

    A field with a space names the account alone, on whatever rail.
    """
    for each in rail_fields:
        if each["space"]:
            return fingerprint(secret, fill_space(each["space"], details), details[each["name"]])
    parts = [method_id]
    for name in sorted(each["name"] for each in rail_fields if each["identifies"]):
        # Without a space a value was read into one spelling already, but text keeps its case.
        parts += [name, details.get(name, "").casefold().replace(" ", "")]
    return fingerprint(secret, *parts)


def mask_details(
    rail_fields: Sequence[Mapping[str, Any]], details: Mapping[str, str]
) -> dict[str, str]:
    """Details as a list shows them: names and banks whole, of all else the last characters."""
    whole = {each["name"] for each in rail_fields if each["kind"] in SHOWN_WHOLE}
    return {name: value if name in whole else _mask(value) for name, value in details.items()}


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
