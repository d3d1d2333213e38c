"""Reads JSON bodies strictly: what two readers could understand differently is refused."""

import json
from typing import Any

import orjson

from server.core.refusals import BadRequest

DEPTH_MAX = 16
NODES_MAX = 5_000


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text.

    Refuses `BadRequest` for what is not JSON (NaN and Infinity included), for repeated keys, NUL
    characters and nesting deeper than `DEPTH_MAX`.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error.msg}.") from None
    keys = _count_keys(value)
    if raw.count(b":") != keys:
        _refuse_repeated_keys(raw)
    if b"\\u0000" in raw and _has_nul(value):
        raise BadRequest("The body has a NUL character.")
    return value


def _count_keys(value: Any) -> int:
    keys = nodes = 0
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise BadRequest(f"The body is nested deeper than {DEPTH_MAX} levels.")
        inner: list[Any] = []
        for item in level:
            if type(item) is dict:
                keys += len(item)
                inner.extend(v for v in item.values() if type(v) in (dict, list))
            elif type(item) is list:
                inner.extend(v for v in item if type(v) in (dict, list))
        nodes += len(inner)
        if nodes > NODES_MAX:
            raise BadRequest("The body has too many parts.")
        level = inner
    return keys


def _refuse_repeated_keys(raw: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise BadRequest("The body names a field twice.")

    json.loads(raw, object_pairs_hook=check)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any("\x00" in key or _has_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(_has_nul(item) for item in value)
    return False
