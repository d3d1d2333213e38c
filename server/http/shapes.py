"""Loads bodies by their schemas, good ones by the short way.

`Schema.load` spends most of its time on what a good body does not need: stores of errors, closures
for each field, hooks that are not there. The short way asks the same fields in the same order; at
the first doubt the schema itself reads the body, so that every refusal is its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing

Load = Callable[[Mapping[str, Any]], Any]
Read = Callable[[Any, str, Mapping[str, Any]], Any]


def compile_loader(schema: Schema) -> Load:
    """What `schema.load` does, for one object."""
    if not _is_plain(schema):
        return schema.load
    steps = [
        (
            field.data_key if field.data_key is not None else name,
            field.attribute or name,
            field.load_default,
            field.required,
            _compile_reader(field),
        )
        for name, field in schema.load_fields.items()
    ]

    def load(body: Mapping[str, Any]) -> Any:
        loaded: dict[str, Any] = {}
        known = 0
        try:
            for key, target, default, required, deserialize in steps:
                if key in body:
                    known += 1
                    value = deserialize(body[key], key, body)
                elif required:
                    return schema.load(body)
                else:
                    value = default() if callable(default) else default
                if value is not missing:
                    loaded[target] = value
        except ValidationError:
            return schema.load(body)
        return loaded if known == len(body) else schema.load(body)

    return load


def _compile_reader(field: fields.Field[Any]) -> Read:
    """What `field.deserialize` does; an object within the object goes the short way too."""
    deserialize: Read = field.deserialize
    if type(field) is not fields.Nested or field.validators or field.unknown not in (None, RAISE):
        return deserialize
    inner = field.schema
    if not _is_plain(inner):
        return deserialize
    load = compile_loader(inner)

    def read(value: Any, key: str, body: Mapping[str, Any]) -> Any:
        return load(value) if type(value) is dict else deserialize(value, key, body)

    return read


def _is_plain(schema: Schema) -> bool:
    hooks = schema._hooks  # noqa: SLF001 - the library has no public word for them
    return (
        not any(hooks.values())
        and schema.unknown == RAISE
        and not schema.many
        and not schema.partial
        and schema.dict_class is dict
        and not any("." in (field.attribute or name) for name, field in schema.load_fields.items())
    )
