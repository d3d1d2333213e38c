"""The endpoints of the least versions of our apps: who reads them, and who sets them."""

from typing import Any

from marshmallow import Schema, fields, validate

from server.admin.context import OFFICE
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.app_version import NUMBERS, PLATFORMS
from server.http.endpoint import Access, Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof
from server.staff import version_queries as queries
from server.staff.queries import staff_version

ROUTES = Routes("Apps")
MESSAGE_CHARS_MAX = 200
_VERSION = {"example": "1.2.3", "description": "Three numbers; 0.0.0 serves every version."}


class LeastVersionSchema(Schema):
    """The oldest version of a platform that is served, as everybody may know."""

    platform = fields.String(required=True, validate=validate.OneOf(PLATFORMS))
    least = fields.String(required=True, metadata=_VERSION)
    message = fields.String(
        required=True, metadata={"description": "What to tell who has an older one."}
    )


class LeastVersionsSchema(Schema):
    """Of each platform that has one."""

    items = fields.List(fields.Nested(LeastVersionSchema), required=True)


class SetVersionSchema(LeastVersionSchema):
    """The same for the staff."""

    changed_at = fields.String(required=True, metadata={"format": "date-time"})
    changed_by = fields.UUID(required=True)


class SetVersionsSchema(Schema):
    """Of each platform that ever had one."""

    items = fields.List(fields.Nested(SetVersionSchema), required=True)


class NewVersionSchema(Schema):
    """A least version, and why; it may be lower than the one before."""

    least = fields.String(
        required=True, validate=validate.Regexp(rf"(?:{NUMBERS.pattern})\Z"), metadata=_VERSION
    )
    message = fields.String(required=True, validate=validate.Length(3, MESSAGE_CHARS_MAX))
    reason = fields.String(required=True, validate=validate.Length(3, MESSAGE_CHARS_MAX))


def _show(row: Any) -> dict[str, Any]:
    return {"platform": row.platform, "least": row.least, "message": row.message}


def _show_set(row: Any) -> dict[str, Any]:
    return {
        **_show(row),
        "changed_at": format_instant(row.changed_at),
        "changed_by": str(row.changed_by),
    }


@ROUTES.read(
    "GET",
    "/api/v1/app",
    summary="The oldest versions of our apps that are served.",
    access=Access.PUBLIC,
    response=LeastVersionsSchema(),
)
async def get_app(call: Call) -> Reply:
    """A platform that is not listed serves every version."""
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.list_versions())).all()
    return Reply({"items": [_show(row) for row in rows]})


@ROUTES.read(
    "GET",
    "/api/admin/app-versions",
    summary="The oldest versions that are served, and who said so.",
    access=Permission.READ_HEALTH,
    response=SetVersionsSchema(),
)
async def list_app_versions(call: Call) -> Reply:
    """Of each platform that ever had one."""
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.list_versions())).all()
    return Reply({"items": [_show_set(row) for row in rows]})


@ROUTES.write(
    "POST",
    "/api/admin/app-versions/{platform}",
    summary="Serve no app older than this from now on; or older ones again.",
    access=Permission.STOP_SERVICES,
    body=NewVersionSchema(),
    response=SetVersionSchema(),
    refusals=(NotFound, Invalid),
    step_up=True,
)
async def set_app_version(call: Call, unit: Unit) -> Reply:
    """The least version after it."""
    platform, by, asked = call.path["platform"], call.user.user_id, call.body
    if platform not in PLATFORMS:
        raise NotFound
    await use_request_proof(unit, call, STAFF)
    # One change at a time, so that a platform's first row is not inserted twice.
    await unit.execute(staff_version(lock=True))
    before = (await unit.execute(queries.version_of(platform))).first()
    values = (platform, asked["least"], asked["message"], by, unit.now)
    if before is None:
        await unit.execute(queries.insert_version(*values))
    else:
        await unit.execute_guarded(queries.change_version(*values))
    await record_audit(
        unit, Action.APP_VERSION_SET, "app", platform,
        before=None if before is None else {"least": before.least},
        after={"least": asked["least"]}, reason=asked["reason"],
    )  # fmt: skip
    unit.after_commit(call.app[OFFICE].versions.wake)
    return Reply(_show_set((await unit.execute(queries.version_of(platform))).one()))
