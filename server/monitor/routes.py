"""How the service is, for anybody in a word, for staff in full, for Prometheus in numbers."""

from aiohttp import web
from marshmallow import Schema, fields, validate

from server.core.permissions import Permission
from server.core.refusals import Forbidden, Unauthenticated
from server.http.endpoint import (
    REFUSED_ACCESS,
    STAFF_RIGHTS,
    Access,
    Call,
    Reply,
    Routes,
    holds_permission,
)
from server.monitor.health import HEALTH, PartDown, State
from server.monitor.metrics import METRICS

ROUTES = Routes("Monitoring")
METRICS_NEED = Permission.READ_METRICS
"""What opens the metrics to who asks from another address than the settings name."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METRICS_ADDRESSES = web.AppKey("metrics_addresses", frozenset[str])
_STATE = validate.OneOf([state.value for state in State])


class PartSchema(Schema):
    """How one part is."""

    name = fields.String(required=True)
    state = fields.String(required=True, validate=_STATE)


class HealthSchema(Schema):
    """How the service is."""

    ok = fields.Boolean(required=True, metadata={"description": "Every part is as it should be."})
    parts = fields.List(fields.Nested(PartSchema), required=True)


class PartFactsSchema(PartSchema):
    """How one part is, with what is known about it."""

    facts = fields.Dict(keys=fields.String(), required=True)


class PartsSchema(Schema):
    """How every part is."""

    parts = fields.List(fields.Nested(PartFactsSchema), required=True)


@ROUTES.read(
    "GET",
    "/api/health",
    summary="How the service is; 503 while a part is down that everything needs.",
    access=Access.PUBLIC,
    response=HealthSchema(),
    refusals=(PartDown,),
)
async def get_health(call: Call) -> Reply:
    """Every part's state in a word."""
    health = call.app[HEALTH]
    states = await health.read()
    health.require_essential(states)
    return Reply(
        {
            "ok": all(one.state is State.OK for one in states.values()),
            "parts": [{"name": name, "state": one.state.value} for name, one in states.items()],
        }
    )


@ROUTES.read(
    "GET",
    "/api/monitor/health",
    summary="How each part is, with its facts.",
    access=Permission.READ_HEALTH,
    response=PartsSchema(),
)
async def get_parts(call: Call) -> Reply:
    """Every part's state and facts; answered while parts are down, too."""
    states = await call.app[HEALTH].read()
    parts = [
        {"name": name, "state": one.state.value, "facts": dict(one.facts)}
        for name, one in states.items()
    ]
    return Reply({"parts": parts})


@ROUTES.read(
    "GET",
    "/api/monitor/metrics",
    summary="Metrics for Prometheus; for administrators, and for the addresses in the settings.",
    access=Access.PUBLIC,
    response=None,
    media=("text/plain",),
    refusals=(Forbidden,),
)
async def get_metrics(call: Call) -> Reply:
    """The registry as text."""
    if call.ip not in call.app[METRICS_ADDRESSES]:
        if call.actor is None:
            raise Unauthenticated
        if not holds_permission(call.app[STAFF_RIGHTS], call.actor, METRICS_NEED):
            await call.app[REFUSED_ACCESS].note_refused(call.actor.user_id, call.endpoint.name)
            raise Forbidden
    return Reply(call.app[METRICS].write(), content_type=METRICS_TYPE)
