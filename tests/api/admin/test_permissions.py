"""Every permission that there is guards something."""

from server.admin.audit_routes import ADDRESSES_NEED
from server.core.permissions import BUILT_IN_ROLES, Permission
from server.monitor.routes import METRICS_NEED
from server.settings import load_settings
from server.wiring import list_endpoints
from sockets.audience import STAFF_QUEUES, TRADES_NEED


def list_guards(kinds):
    """The permissions that a call, a proposal, a room, the metrics or the audit ask for."""
    calls = {one.access for one in list_endpoints(load_settings({}))}
    decisions = {each for kind in kinds for each in (kind.propose, kind.approve)}
    asked = calls | decisions | set(STAFF_QUEUES.values()) | {METRICS_NEED, TRADES_NEED}
    asked |= {ADDRESSES_NEED}
    return {each for each in asked if isinstance(each, Permission)}


async def test_every_permission_guards_something(bureau):
    assert list_guards(bureau.office.approvals.values()) == set(Permission)


async def test_permission_that_guards_nothing_is_found(bureau):
    """Without the proposals some permissions would guard nothing."""
    missing = set(Permission) - list_guards([])
    assert {Permission.APPROVE_INDEX, Permission.APPROVE_RESTART} <= missing


def test_every_permission_is_held_by_a_built_in_role_beside_the_administrator_or_is_his():
    held = {each for role in BUILT_IN_ROLES.values() if role.id != "administrator"
            for each in role.permissions}  # fmt: skip
    assert set(Permission) - held == {
        Permission.MANAGE_STAFF, Permission.MANAGE_ROLES, Permission.GRANT_ADMINISTRATOR,
    }  # fmt: skip
