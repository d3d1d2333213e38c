"""The endpoints of one's API keys. Only a person who signed in makes, sees and ends them."""

from typing import Any

from marshmallow import Schema, fields, validate

from server.core.clock import format_instant
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.http.scopes import Scope
from server.identity import key_queries as queries
from server.identity.api_keys import NewKey, make_api_key
from server.identity.context import IDENTITY
from server.identity.key_ends import KEYS_MAX, end_own_key
from server.identity.refusals import AccountIsFrozen, TooManyApiKeys
from server.identity.step_up import use_request_proof
from server.identity.views import show_instant

ROUTES = Routes("API keys")
PROVEN = "api_key"
NAME_CHARS_MAX = 60
NETWORKS_MAX = 10
DAYS_DEFAULT = 90
DAYS_MAX = 365
_SCOPE = fields.String(validate=validate.OneOf([scope.value for scope in Scope]))
_NETWORK = fields.String(
    validate=validate.Length(1, 49), metadata={"description": "192.0.2.7, 192.0.2.0/24, 2001::/32"}
)


class NewApiKeySchema(Schema):
    """What a new key shall open, from where and for how long."""

    name = fields.String(
        required=True,
        validate=[
            validate.Length(1, NAME_CHARS_MAX),
            validate.Predicate("isprintable", error="Has characters that cannot be printed."),
        ],
    )
    scopes = fields.List(_SCOPE, required=True, validate=validate.Length(1, len(Scope)))
    networks = fields.List(
        _NETWORK,
        load_default=list,
        validate=validate.Length(max=NETWORKS_MAX),
        metadata={"description": "From where it may be used; nothing is from everywhere."},
    )
    expires_in_days = fields.Integer(
        load_default=DAYS_DEFAULT, strict=True, validate=validate.Range(1, DAYS_MAX)
    )


class ApiKeySchema(Schema):
    """A key as its owner's list shows it."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    begins = fields.String(required=True, metadata={"description": "How the key begins."})
    scopes = fields.List(_SCOPE, required=True)
    networks = fields.List(fields.String(), required=True)
    created_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    used_at = fields.String(
        required=True, allow_none=True, metadata={"description": "To a few minutes."}
    )
    used_from = fields.String(
        required=True, allow_none=True, metadata={"description": "A network, cut."}
    )


class ApiKeysSchema(Schema):
    """All keys of a user that have not ended; there are few."""

    items = fields.List(fields.Nested(ApiKeySchema), required=True)


class MadeApiKeySchema(ApiKeySchema):
    """A new key. `key` is never shown again."""

    key = fields.String(required=True)


def _show(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "begins": row.begins,
        "scopes": row.scopes.split(),
        "networks": row.networks.split(),
        "created_at": format_instant(row.created_at),
        "expires_at": format_instant(row.expires_at),
        "used_at": show_instant(row.used_at),
        "used_from": row.used_from,
    }


@ROUTES.read(
    "GET",
    "/api/v1/me/api-keys",
    summary="One's API keys, newest first.",
    response=ApiKeysSchema(),
)
async def list_api_keys(call: Call) -> Reply:
    """At most ten."""
    now = call.database.clock.now()
    async with call.database.read() as connection:
        statement = queries.live_keys(call.user.user_id, now, KEYS_MAX)
        rows = (await connection.execute(statement)).all()
    return Reply({"items": [_show(row) for row in rows]})


# The reply carries a secret, so it is not kept: who repeats the call is asked for a new proof.
@ROUTES.own(
    "POST",
    "/api/v1/me/api-keys",
    summary="Make an API key, which is shown once.",
    body=NewApiKeySchema(),
    response=MadeApiKeySchema(),
    status=201,
    refusals=(TooManyApiKeys, AccountIsFrozen, Invalid),
    step_up=True,
)
async def create_api_key(call: Call) -> Reply:
    """The key."""
    user_id = call.user.user_id

    async def work(unit: Unit) -> tuple[NewKey, Any]:
        await use_request_proof(unit, call, PROVEN)
        key = await make_api_key(call.app[IDENTITY], unit, user_id, call.body)
        row = (await unit.execute(queries.live_keys(user_id, unit.now, 1))).one()
        return key, row

    key, row = await call.database.transact(work, name="create_api_key")
    return Reply({**_show(row), "key": key.text}, 201)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/api-keys/{id}",
    summary="End an API key, everywhere within a second.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def delete_api_key(call: Call, unit: Unit) -> Reply:
    """The end of a key."""
    await end_own_key(call.app[IDENTITY], unit, call.user.user_id, call.path_id())
    return Reply(None, 204)
