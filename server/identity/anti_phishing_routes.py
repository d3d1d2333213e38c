"""The endpoints of the word that our mails carry, so that their reader knows them for ours."""

from marshmallow import Schema, fields, validate

from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.endpoint import Call, Reply, Routes
from server.identity.context import IDENTITY
from server.identity.notices import tell_owner
from server.identity.step_up import use_request_proof
from server.messages import queries
from server.messages.anti_phishing import context_of, find_code

ROUTES = Routes("Identity")
PROVEN = "anti_phishing"


class NewAntiPhishingCodeSchema(Schema):
    """The word that one's mails shall carry."""

    code = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9 -]{3,23}\Z"),
        metadata={"description": "4 to 24 letters, digits, spaces, dashes; no password."},
    )


class AntiPhishingCodeSchema(Schema):
    """The word, or nothing."""

    code = fields.String(required=True, allow_none=True)


@ROUTES.read(
    "GET",
    "/api/v1/me/anti-phishing-code",
    summary="The word that mails and sensitive screens show, if one has chosen one.",
    response=AntiPhishingCodeSchema(),
)
async def get_anti_phishing_code(call: Call) -> Reply:
    """The word."""
    async with call.database.read() as connection:
        code = await find_code(connection, call.app[IDENTITY].sealer, call.user.user_id)
    return Reply({"code": code})


@ROUTES.write(
    "PUT",
    "/api/v1/me/anti-phishing-code",
    summary="Choose the word that one's mails carry from now on.",
    body=NewAntiPhishingCodeSchema(),
    response=None,
    status=204,
    step_up=True,
)
async def put_anti_phishing_code(call: Call, unit: Unit) -> Reply:
    """Nothing; the notice of it still carries the word before."""
    identity, user_id = call.app[IDENTITY], call.user.user_id
    await use_request_proof(unit, call, PROVEN)
    await tell_owner(unit, identity.hooks, user_id, "anti_phishing_changed")
    sealed = identity.sealer.seal(call.body["code"].encode(), context_of(user_id))
    await unit.execute(  # allowed: unchecked-write, there may be none yet
        queries.delete_anti_phishing(user_id)
    )
    await unit.execute(queries.insert_anti_phishing(user_id, sealed, unit.now))
    await record_audit(unit, Action.ANTI_PHISHING_SET, "user", user_id)
    return Reply(None, 204)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/anti-phishing-code",
    summary="Have mails carry no word any more.",
    response=None,
    status=204,
    refusals=(NotFound,),
    step_up=True,
)
async def delete_anti_phishing_code(call: Call, unit: Unit) -> Reply:
    """Nothing; the notice of it still carries the word."""
    identity, user_id = call.app[IDENTITY], call.user.user_id
    await use_request_proof(unit, call, PROVEN)
    await tell_owner(unit, identity.hooks, user_id, "anti_phishing_changed")
    deleted = await unit.execute(queries.delete_anti_phishing(user_id))
    if deleted.rowcount == 0:
        raise NotFound
    await record_audit(unit, Action.ANTI_PHISHING_SET, "user", user_id, reason="taken away")
    return Reply(None, 204)
