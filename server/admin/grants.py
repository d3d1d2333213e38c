"""Roles that are given by more than one person: those over money, and the administrator's."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema, fields, validate

from server.admin.refusals import RoleFixed, RoleGiven
from server.admin.schemas import ROLE_ID
from server.admin.service import assign_role, get_role, require_held, require_person
from server.core.permissions import ADMINISTRATOR, Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.identity.context import Identity
from server.staff import queries
from server.staff.approvals import Body, ProposalKind, Subject
from server.staff.rights import Rights
from server.staff.service import lock_staff

LIFE = timedelta(days=3)


class GrantedRoleSchema(Schema):
    """The role that a person shall have."""

    role = fields.String(required=True, validate=validate.Regexp(ROLE_ID + r"\Z"))


class NothingSchema(Schema):
    """The kind says it all."""


def list_grants(identity: Identity, rights: Rights) -> Mapping[str, ProposalKind]:
    """The kinds of proposals about roles, by name."""

    async def give(unit: Unit, requester: UUID, object_id: str, role_id: str) -> None:
        await lock_staff(unit, rights)
        await assign_role(identity, unit, UUID(object_id), role_id, granted_by=requester)

    async def give_role(unit: Unit, requester: UUID, object_id: str, body: Body) -> None:
        await give(unit, requester, object_id, body["role"])

    async def make_administrator(unit: Unit, requester: UUID, object_id: str, _: Body) -> None:
        await give(unit, requester, object_id, ADMINISTRATOR)

    kinds = (
        ProposalKind(
            name="grant_role",
            sentence="Give a person a role.",
            propose=Permission.MANAGE_STAFF,
            approve=Permission.MANAGE_STAFF,
            approvals_needed=1,
            life=LIFE,
            body=GrantedRoleSchema(),
            read_subject=_read_grant,
            check=_check_giver,
            carry_out=give_role,
        ),
        ProposalKind(
            name="grant_administrator",
            sentence="Make a person administrator.",
            propose=Permission.GRANT_ADMINISTRATOR,
            approve=Permission.GRANT_ADMINISTRATOR,
            approvals_needed=2,
            life=LIFE,
            body=NothingSchema(),
            read_subject=_read_administrator,
            check=_let_through,
            carry_out=make_administrator,
        ),
    )
    return {kind.name: kind for kind in kinds}


async def _read_grant(unit: Unit, object_id: str, body: Body) -> Subject:
    if body["role"] == ADMINISTRATOR:
        raise RoleFixed("Propose grant_administrator.")
    return await _read_person(unit, object_id, body["role"])


async def _read_administrator(unit: Unit, object_id: str, _: Body) -> Subject:
    return await _read_person(unit, object_id, ADMINISTRATOR)


async def _read_person(unit: Unit, object_id: str, role_id: str) -> Subject:
    """The person and what he has. Refuses `NotFound`, `RoleGiven`."""
    try:
        user_id = UUID(object_id)
    except ValueError:
        raise NotFound from None
    await require_person(unit, user_id)
    role = await get_role(unit, role_id)
    held = [row.role_id for row in await unit.execute(queries.assignments(user_id))]
    if role_id in held:
        raise RoleGiven
    # Another role that he got meanwhile, or another content of this one, is another matter.
    state: list[Any] = [sorted(held), role.version, sorted(role.permissions)]
    version = hashlib.sha256(orjson.dumps(state)).hexdigest()
    return Subject("user", str(user_id), version, frozenset({user_id}))


async def _check_giver(unit: Unit, actor: UUID, body: Body) -> None:
    """Refuse `NotYoursToGive`."""
    await require_held(unit, actor, (await get_role(unit, body["role"])).permissions)


async def _let_through(_unit: Unit, _actor: UUID, _body: Body) -> None:
    """The permission that the kind asks for is enough."""
