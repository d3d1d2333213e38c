"""The endpoint with which an index that people have set is taken back before its time."""

from server.admin.context import OFFICE
from server.admin.switch_schemas import StopSchema
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof
from server.markets.overrides import end_override, require_override

ROUTES = Routes("Markets")


@ROUTES.write(
    "POST",
    "/api/admin/markets/{market}/index-override/end",
    summary="Go back to the sources of the index before the override's time is over.",
    access=Permission.PROPOSE_INDEX,
    body=StopSchema(),
    response=None,
    status=204,
    refusals=(NotFound,),
    step_up=True,
)
async def end_index_override(call: Call, unit: Unit) -> Reply:
    """Nothing; the sources count again."""
    market = call.path["market"]
    await require_override(unit, market)
    await use_request_proof(unit, call, STAFF)
    await end_override(
        unit,
        market,
        ended_by=call.user.user_id,
        reason=call.body["reason"],
        wake_lane=call.app[OFFICE].wake_lane,
    )
    return Reply(None, 204)
