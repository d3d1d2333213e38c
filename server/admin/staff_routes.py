"""The endpoints of roles and of who has them."""

from typing import Any

from server.admin import refusals, schemas, service
from server.admin.context import OFFICE
from server.core.clock import format_instant
from server.core.permissions import (
    BUILT_IN_ROLES,
    SENTENCES,
    Permission,
    read_permissions,
)
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import page_of, read_id_cursor
from server.staff import queries
from server.staff.rights import read_roles

ROUTES = Routes("Staff")


def _show_role(role_id: str, name: str, version: int, held: frozenset[Permission]) -> Any:
    return {
        "id": role_id,
        "name": name,
        "version": version,
        "built_in": role_id in BUILT_IN_ROLES,
        "permissions": sorted(held),
    }


def _show_permissions(held: frozenset[Permission] | set[Permission]) -> dict[str, Any]:
    return {
        "items": [{"id": each.value, "sentence": SENTENCES[each]} for each in sorted(held)],
    }


@ROUTES.read(
    "GET",
    "/api/v1/me/permissions",
    summary="What one may do on the staff; nothing for everybody else.",
    response=schemas.PermissionsSchema(),
)
async def list_own_permissions(call: Call) -> Reply:
    """One's own permissions."""
    return Reply(_show_permissions(call.app[OFFICE].rights.permissions_of(call.user.user_id)))


@ROUTES.read(
    "GET",
    "/api/admin/permissions",
    summary="Everything that staff may do.",
    access=Permission.READ_STAFF,
    response=schemas.PermissionsSchema(),
)
async def list_permissions(call: Call) -> Reply:  # noqa: ARG001 - the list is fixed
    """The closed list of permissions."""
    return Reply(_show_permissions(set(Permission)))


@ROUTES.read(
    "GET",
    "/api/admin/roles",
    summary="Every role and what it holds.",
    access=Permission.READ_STAFF,
    response=schemas.RolesSchema(),
)
async def list_roles(call: Call) -> Reply:
    """The roles."""
    async with call.database.read() as connection:
        held = await read_roles(connection)
        rows = (await connection.execute(queries.roles())).all()
    nothing: frozenset[Permission] = frozenset()
    items = [
        _show_role(row.id, row.name, row.version, held.get(row.id, nothing)) for row in rows
    ]  # fmt: skip
    return Reply({"items": items})


@ROUTES.write(
    "POST",
    "/api/admin/roles",
    summary="Make a role out of permissions that one has.",
    access=Permission.MANAGE_ROLES,
    body=schemas.NewRoleSchema(),
    response=schemas.RoleSchema(),
    status=201,
    refusals=(
        refusals.RoleExists,
        refusals.TooManyRoles,
        refusals.RoleFixed,
        refusals.NotYoursToGive,
    ),
    step_up=True,
)
async def create_role(call: Call, unit: Unit) -> Reply:
    """A new role."""
    await use_request_proof(unit, call, STAFF)
    asked, held = call.body, read_permissions(call.body["permissions"])
    role = await service.create_role(
        unit, call.app[OFFICE].rights, call.user.user_id, asked["id"], asked["name"], held
    )
    return Reply(_show_role(role.id, role.name, role.version, role.permissions), 201)


@ROUTES.write(
    "PATCH",
    "/api/admin/roles/{role}",
    summary="Change a role by permissions that one has.",
    access=Permission.MANAGE_ROLES,
    body=schemas.RoleChangeSchema(),
    response=schemas.RoleSchema(),
    refusals=(
        refusals.RoleFixed,
        refusals.RoleChanged,
        refusals.RoleInUse,
        refusals.NotYoursToGive,
    ),
    step_up=True,
)
async def edit_role(call: Call, unit: Unit) -> Reply:
    """The role after the change."""
    await service.get_role(unit, call.path["role"])
    await use_request_proof(unit, call, STAFF)
    asked = call.body
    held = read_permissions(asked["permissions"]) if "permissions" in asked else None
    role = await service.change_role(
        unit,
        call.app[OFFICE].rights,
        call.user.user_id,
        call.path["role"],
        version=asked["version"],
        name=asked.get("name"),
        held=held,
    )
    return Reply(_show_role(role.id, role.name, role.version, role.permissions))


@ROUTES.write(
    "DELETE",
    "/api/admin/roles/{role}",
    summary="Forget a role that nobody has.",
    access=Permission.MANAGE_ROLES,
    response=None,
    status=204,
    refusals=(refusals.RoleFixed, refusals.RoleInUse, refusals.NotYoursToGive),
    step_up=True,
)
async def delete_role(call: Call, unit: Unit) -> Reply:
    """The end of a role."""
    await service.get_role(unit, call.path["role"])
    await use_request_proof(unit, call, STAFF)
    rights = call.app[OFFICE].rights
    await service.delete_role(unit, rights, call.user.user_id, call.path["role"])
    return Reply(None, 204)


@ROUTES.read(
    "GET",
    "/api/admin/staff",
    summary="Who works here.",
    access=Permission.READ_STAFF,
    query=PageQuery(),
    response=schemas.STAFF_PAGE,
)
async def list_staff(call: Call) -> Reply:
    """A page of people with roles."""
    limit, after = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        people = (await connection.execute(queries.people(after, limit + 1))).all()
        ids = [row.user_id for row in people[:limit]]
        rows = (await connection.execute(queries.assignments_of(ids))).all() if ids else []
    items = [_show_member(row, rows) for row in people[:limit]]
    return page_of(items, people, limit, place="user_id")


def _show_member(person: Any, assignments: Any) -> dict[str, Any]:
    return {
        "id": str(person.user_id),
        "username": person.username,
        "roles": [
            {
                "role": row.role_id,
                "granted_by": None if row.granted_by is None else str(row.granted_by),
                "granted_at": format_instant(row.granted_at),
            }
            for row in assignments
            if row.user_id == person.user_id
        ],
    }


@ROUTES.write(
    "POST",
    "/api/admin/staff/{id}/roles",
    summary="Give a person a role that holds nothing but what one has.",
    access=Permission.MANAGE_STAFF,
    body=schemas.GrantSchema(),
    response=None,
    status=204,
    refusals=(
        NotFound,
        refusals.NotOneself,
        refusals.NeedsApproval,
        refusals.NotYoursToGive,
        refusals.RoleGiven,
    ),
    step_up=True,
)
async def grant_role(call: Call, unit: Unit) -> Reply:
    """A role more."""
    office, user_id = call.app[OFFICE], call.path_id()
    await service.require_person(unit, user_id)
    await use_request_proof(unit, call, STAFF)
    await service.grant_role(
        office.identity, unit, office.rights, call.user.user_id, user_id, call.body["role"]
    )
    return Reply(None, 204)


@ROUTES.write(
    "DELETE",
    "/api/admin/staff/{id}/roles/{role}",
    summary="Take a role from a person.",
    access=Permission.MANAGE_STAFF,
    response=None,
    status=204,
    refusals=(NotFound, refusals.LastAdministrator, refusals.NotYoursToGive),
    step_up=True,
)
async def take_role(call: Call, unit: Unit) -> Reply:
    """A role less."""
    office, user_id = call.app[OFFICE], call.path_id()
    await service.require_person(unit, user_id)
    await use_request_proof(unit, call, STAFF)
    await service.take_role(
        office.identity, unit, office.rights, call.user.user_id, user_id, call.path["role"]
    )
    return Reply(None, 204)
