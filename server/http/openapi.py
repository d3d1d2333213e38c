"""The OpenAPI 3.1 document, made from the endpoints' own declarations."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from server.core import refusals
from server.core.permissions import Permission
from server.core.refusals import Refusal
from server.db import DatabaseBusy, DatabaseDown
from server.db.errors import OutcomeUnknown
from server.http.app_version import ALWAYS_SERVED, AppOutdated
from server.http.endpoint import Access, Endpoint
from server.http.problems import PROBLEM_TYPE
from server.http.scopes import SCOPE_SENTENCES, KeyNotEnough

TITLE = "IQX"
VERSION = "1.0.0"
INTRODUCTION = (
    "A peer-to-peer USDT marketplace with escrow. Requests and answers are JSON; fields that are "
    "not listed are refused. Money is a decimal string, times are RFC 3339 in UTC, identifiers "
    "are UUIDs. Lists are pages of `items` with a `next_cursor`.\n\n"
    "Calls that change something take an `Idempotency-Key`: repeat a call with the same key and "
    "body until it is answered, and it takes effect once. Our apps say `App-Version: ios/1.2.3`; "
    "one that is too old is refused on every call but a few. Every refusal is a problem document "
    "with a stable `code`."
)
WRITERS = frozenset({"POST", "PUT", "PATCH"})
CALLERS = {
    Access.PUBLIC: "Anybody.",
    Access.USER: "The signed-in user.",
}
SCHEMES = {
    "session": "An access token.",
    "api_key": "An API key with the named scope; "
    + " ".join(f"`{scope.value}`: {sentence}" for scope, sentence in SCOPE_SENTENCES.items()),
}
PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "status", "code", "title", "request_id"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; programs decide by it."},
        "title": {"type": "string", "description": "One sentence for people."},
        "request_id": {"type": "string", "description": "Names this request in our log."},
        "detail": {"type": "string", "description": "More about this case."},
        "errors": {
            "type": "object",
            "description": "Sentences by field.",
            "additionalProperties": True,
        },
        "params": {
            "type": "object",
            "description": "Values that belong to the code.",
            "additionalProperties": True,
        },
    },
    "additionalProperties": False,
}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names this request in our log.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true` on a repetition of an earlier answer.",
        "schema": {"type": "string", "const": "true"},
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}},
}
_PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")


@dataclass(frozen=True, slots=True)
class EventDocument:
    """An event as sockets and `/events` carry it."""

    name: str
    summary: str
    rooms: tuple[str, ...]
    body: Schema


def build_document(
    endpoints: Iterable[Endpoint], *, events: Sequence[EventDocument] = ()
) -> dict[str, Any]:
    """The document of these endpoints, with the socket events as webhooks."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name_schema)
    spec = APISpec(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": INTRODUCTION, "license": {"name": "Apache-2.0"}},
        servers=[{"url": "/"}],
    )
    spec.components.schema("Problem", PROBLEM)
    for name, sentence in SCHEMES.items():
        described = {"type": "http", "scheme": "bearer", "description": sentence}
        spec.components.security_scheme(name, described)
    ordered = sorted(endpoints, key=lambda one: (one.path, one.method))
    names = [endpoint.name for endpoint in ordered]
    assert len(set(names)) == len(names), "two endpoints share a name"
    for header, described in HEADERS.items():
        spec.components.header(header, described)
    for endpoint in ordered:
        for status, found in list_refusals(endpoint).items():
            name = name_refusals(found)
            if name not in spec.components.responses:
                spec.components.response(name, _describe_refusals(status, found))
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        spec.path(path=path, operations={endpoint.method.lower(): _describe(endpoint, plugin)})
    for event in events:
        # The library resolves schemas in paths only; these move to the webhooks below.
        spec.path(path=f"/{event.name}", operations=_describe_event(event))
    document = spec.to_dict()
    document["tags"] = [{"name": tag} for tag in sorted({one.tag for one in ordered})]
    if events:
        document["webhooks"] = {
            event.name: document["paths"].pop(f"/{event.name}") for event in events
        }
    for kind in ("schemas", "responses"):
        document["components"][kind] = dict(sorted(document["components"][kind].items()))
    tidied = _tidy(document)
    assert isinstance(tidied, dict)
    return tidied


def write_document(document: Mapping[str, Any]) -> str:
    """The text of the document as it is committed."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def list_refusals(endpoint: Endpoint) -> dict[int, list[type[Refusal]]]:
    """What may be refused, by status: the endpoint's own refusals and those of the wrapper."""
    found: list[type[Refusal]] = [
        *endpoint.refusals,
        refusals.BadRequest,
        refusals.Unauthenticated,
        refusals.Invalid,
        refusals.RateLimited,
        DatabaseDown,
        DatabaseBusy,
        refusals.Unavailable,
    ]
    if endpoint.method in WRITERS or endpoint.body is not None:
        found += [refusals.TooLarge, refusals.UnsupportedMedia]
    if isinstance(endpoint.access, Permission):
        found.append(refusals.Forbidden)
    found.append(KeyNotEnough)
    if endpoint.path not in ALWAYS_SERVED:
        found.append(AppOutdated)
    if endpoint.step_up:
        found.append(refusals.StepUpRequired)
    if _PARAMETER.search(endpoint.path):
        found.append(refusals.NotFound)
    if endpoint.keyed:
        if endpoint.access is Access.USER:
            found.append(refusals.ReadOnly)
        found += [
            OutcomeUnknown,
            refusals.KeyMissing,
            refusals.KeyInvalid,
            refusals.KeyReused,
            refusals.KeyInFlight,
        ]
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in dict.fromkeys(found):
        by_status.setdefault(refusal.status, []).append(refusal)
    return dict(sorted(by_status.items()))


def _describe_security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    if endpoint.access is Access.PUBLIC:
        return []
    keys = [] if endpoint.scope is None else [{"api_key": [endpoint.scope.value]}]
    return [{"session": []}, *keys]


def _name_callers(access: Access | Permission) -> str:
    if isinstance(access, Permission):
        return f"Staff with the permission `{access.value}`."
    return CALLERS[access]


def _name_permission(access: Access | Permission) -> dict[str, str]:
    return {"x-permission": access.value} if isinstance(access, Permission) else {}


def _name_schema(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Schema")


def _describe(endpoint: Endpoint, plugin: MarshmallowPlugin) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "security": _describe_security(endpoint),
        "x-callers": _name_callers(endpoint.access),
        **_name_permission(endpoint.access),
        "parameters": _list_parameters(endpoint, plugin),
        "responses": {
            str(endpoint.status): _describe_success(endpoint),
            **{
                str(status): name_refusals(found)
                for status, found in list_refusals(endpoint).items()
            },
        },
    }
    if endpoint.takes:
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": _shape_of(media)} for media in endpoint.takes},
        }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": endpoint.body}},
        }
    return operation


def _shape_of(media: str) -> dict[str, Any]:
    """The schema of a body that is handed over as its bytes."""
    return {"type": "object"} if media == "application/json" else {}


def _list_parameters(endpoint: Endpoint, plugin: MarshmallowPlugin) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {"type": "string", "format": "uuid"}
            if name == "id" or name.endswith("_id")
            else {"type": "string", "minLength": 1},
        }
        for name in _PARAMETER.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        assert plugin.converter is not None
        asked = plugin.converter.schema2parameters(endpoint.query, location="query")
        parameters += [{**one, "schema": _without_null(one["schema"])} for one in asked]
    if endpoint.keyed:
        parameters.append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": True,
                "description": "Names this call; the same key takes effect once.",
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 255,
                    "pattern": "^[!-~]+$",
                },
            }
        )
    if endpoint.step_up:
        parameters.append(
            {
                "in": "header",
                "name": "Step-Up",
                "required": True,
                "description": "A fresh proof of who is asking, from /api/v1/auth/step-up.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 4096},
            }
        )
    return parameters


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a query may say: a value that is not given is not null, it is absent."""
    told = {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    if isinstance(told.get("type"), list):
        told["type"] = next(kind for kind in told["type"] if kind != "null")
    if "enum" in told:
        told["enum"] = [value for value in told["enum"] if value is not None]
    return told


def _describe_success(endpoint: Endpoint) -> dict[str, Any]:
    names = ["X-Request-Id", "Idempotency-Replayed"] if endpoint.keyed else ["X-Request-Id"]
    described: dict[str, Any] = {
        "description": "Done.",
        "headers": {name: _refer_to_header(name) for name in names},
    }
    content: dict[str, Any] = {}
    if endpoint.response is not None:
        shapes = [endpoint.response, *endpoint.also]
        content["application/json"] = {"schema": {"oneOf": shapes} if endpoint.also else shapes[0]}
    for media in endpoint.media:
        content[media] = {"schema": {"type": "string"}}
    if content:
        described["content"] = content
    return described


def name_refusals(found: Sequence[type[Refusal]]) -> str:
    """The name of the answer that may carry these refusals of one status."""
    return "".join(sorted({refusal.__name__ for refusal in found}))


def _describe_refusals(status: int, found: Sequence[type[Refusal]]) -> dict[str, Any]:
    codes = sorted({refusal.code: refusal.title for refusal in found}.items())
    names = ["X-Request-Id"]
    if status in (429, 503):
        names.append("Retry-After")
    if status == 401:
        names.append("WWW-Authenticate")
    return {
        "description": "\n".join(f"- `{code}`: {title}" for code, title in codes),
        "x-refusals": [{"code": code, "title": title} for code, title in codes],
        "headers": {name: _refer_to_header(name) for name in names},
        "content": {
            PROBLEM_TYPE: {
                "schema": {
                    "allOf": [{"$ref": "#/components/schemas/Problem"}],
                    "properties": {"code": {"enum": [code for code, _ in codes]}},
                }
            }
        },
    }


def _refer_to_header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _describe_event(event: EventDocument) -> dict[str, Any]:
    return {
        "post": {
            "operationId": f"event_{event.name}",
            "summary": event.summary,
            "tags": ["Events"],
            "x-rooms": list(event.rooms),
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": event.body}},
            },
            "responses": {"200": {"description": "Nothing is answered to an event."}},
        }
    }


def _tidy(node: Any) -> Any:
    """What the plugin leaves open: unknown fields are refused, patterns are of JavaScript."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidied = {str(name): _tidy(value) for name, value in node.items()}
    if "object" in tidied.get("type", ()):
        for name, right in (("minLength", "minProperties"), ("maxLength", "maxProperties")):
            if name in tidied:
                tidied[right] = tidied.pop(name)
    if (
        tidied.get("type") == "object"
        and isinstance(tidied.get("properties"), dict)
        and "additionalProperties" not in tidied
    ):
        tidied["additionalProperties"] = False
    pattern = tidied.get("pattern")
    if isinstance(pattern, str):
        # Python matches at the start of a text, JavaScript anywhere in it.
        pattern = pattern.replace(r"\Z", "$").removeprefix(r"\A").removeprefix("^")
        tidied["pattern"] = f"^{pattern}"
    return tidied
