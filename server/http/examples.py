"""Example values of schemas, for people who read the documentation."""

from collections.abc import Mapping
from typing import Any

DEPTH_MAX = 8
TEXTS = {
    "uuid": "01890000-0000-7000-8000-000000000000",
    "date-time": "2026-01-31T12:00:00.000Z",
    "email": "ada@example.com",
}
NAMED = {
    "email": "ada@example.com",
    "username": "ada",
    "password": "correct horse battery",
    "amount": "100.000000",
    "price": "26350",
    "language": "en",
    "phone": "+84901234567",
    "role": "user",
    "currency": "VND",
    "asset": "USDT",
    "market": "USDT-VND",
    "number": "12345678",
    "ip": "203.0.113.7",
}


def resolve(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `$ref` points to, or the node itself."""
    reference = node.get("$ref")
    if reference is None:
        return node
    found: Any = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found[part]
    return resolve(document, found)


def make_example(
    document: Mapping[str, Any], node: Mapping[str, Any], name: str = "", depth: int = 0
) -> Any:
    """A believable value of the schema."""
    schema = resolve(document, node)
    if "oneOf" in schema:
        return make_example(document, schema["oneOf"][0], name, depth)
    for fixed in ("example", "const"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        return schema["enum"][0]
    assert depth <= DEPTH_MAX, "schemas do not nest without end"
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
    if kind in ("object", "array"):
        return _make_whole(document, schema, name, depth)
    if kind == "string":
        return _make_text(schema, name)
    return True if kind == "boolean" else schema.get("minimum", 1)


def _make_whole(
    document: Mapping[str, Any], schema: Mapping[str, Any], name: str, depth: int
) -> Any:
    if schema.get("type") == "array":
        return [make_example(document, schema["items"], name, depth + 1)]
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and not schema.get("properties"):
        return {"number": make_example(document, others, "number", depth + 1)}
    return {
        member: make_example(document, inner, member, depth + 1)
        for member, inner in schema.get("properties", {}).items()
    }


def _make_text(schema: Mapping[str, Any], name: str) -> str:
    if schema.get("format") in TEXTS:
        return TEXTS[schema["format"]]
    if name in NAMED:
        return NAMED[name]
    if name.endswith("_at"):
        return TEXTS["date-time"]
    if name.endswith("_token") or name == "proof":
        return "..."
    if name in ("available", "reserved", "escrow", "held", "withdrawal", "bond", "locked"):
        return "0.000000"
    return name.replace("_", " ") or "text"
