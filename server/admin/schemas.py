"""What the calls of the staff take and give."""

from marshmallow import Schema, fields, validate

from server.core.permissions import Permission
from server.http.pages import page_schema

ROLE_ID = r"[a-z][a-z0-9_]{1,31}"
_VERSION = validate.Range(1, 2**53)
_PERMISSION = validate.OneOf([each.value for each in Permission])
_REASON = validate.Length(3, 500)


class PermissionSchema(Schema):
    """One thing that staff may do."""

    id = fields.String(required=True, validate=_PERMISSION)
    sentence = fields.String(required=True)


class PermissionsSchema(Schema):
    """Permissions."""

    items = fields.List(fields.Nested(PermissionSchema), required=True)


class RoleSchema(Schema):
    """A group of permissions."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    built_in = fields.Boolean(required=True)
    permissions = fields.List(fields.String(validate=_PERMISSION), required=True)


class RolesSchema(Schema):
    """Every role."""

    items = fields.List(fields.Nested(RoleSchema), required=True)


class NewRoleSchema(Schema):
    """A role to be made."""

    id = fields.String(
        required=True,
        validate=validate.Regexp(ROLE_ID + r"\Z"),
        metadata={"example": "night_desk"},
    )
    name = fields.String(required=True, validate=validate.Length(2, 60))
    permissions = fields.List(fields.String(validate=_PERMISSION), required=True)


class RoleChangeSchema(Schema):
    """What becomes of a role at a version."""

    version = fields.Integer(required=True, strict=True, validate=_VERSION)
    name = fields.String(validate=validate.Length(2, 60))
    permissions = fields.List(fields.String(validate=_PERMISSION))


class AssignmentSchema(Schema):
    """A role that a person has."""

    role = fields.String(required=True)
    granted_by = fields.UUID(required=True, allow_none=True)
    granted_at = fields.String(required=True)


class StaffMemberSchema(Schema):
    """A person who works here."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    roles = fields.List(fields.Nested(AssignmentSchema), required=True)


class GrantSchema(Schema):
    """A role to be given."""

    role = fields.String(
        required=True,
        validate=validate.Regexp(ROLE_ID + r"\Z"),
        metadata={"example": "support_agent"},
    )


class BreakGlassSchema(Schema):
    """A role to be taken for a short time."""

    role = fields.String(
        required=True, validate=validate.Regexp(ROLE_ID + r"\Z"), metadata={"example": "finance"}
    )
    reason = fields.String(required=True, validate=_REASON)
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, 30))


class ElevationSchema(Schema):
    """A role that somebody took for a short time."""

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    role = fields.String(required=True)
    reason = fields.String(required=True)
    began_at = fields.String(required=True)
    ends_at = fields.String(required=True)
    ended_by = fields.UUID(required=True, allow_none=True)


STAFF_PAGE = page_schema(StaffMemberSchema)
ELEVATION_PAGE = page_schema(ElevationSchema)
