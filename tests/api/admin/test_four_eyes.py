"""No role that is there from the start lets one person be two."""

from dataclasses import replace

from server.core.permissions import (
    ADMINISTRATOR,
    BUILT_IN_ROLES,
    GIVEN_BY_TWO,
    RESERVED,
    Permission,
)
from tests.api.admin.cases import APPROVALS, asking

GIVING = frozenset({Permission.MANAGE_STAFF, Permission.MANAGE_ROLES})
TAKING = frozenset({Permission.BREAK_GLASS})
"""Takes any of them for half an hour."""
TWO_REVIEWERS = frozenset({Permission.REVIEW_KYC})
"""Decides level 3 of KYC, which takes two of them, without a proposal."""


def find_lone_passes(kinds, roles):
    """Sentences about what would let one person pass where two must agree."""
    found = []
    guarded = {Permission(one) for kind in kinds for one in (kind.propose, kind.approve)}
    # Else a giver of roles would give it to a second account of his own, and be both people.
    found += [
        f"{each} is given on one person's word"
        for each in sorted((guarded | GIVING | TAKING | TWO_REVIEWERS) - GIVEN_BY_TWO - RESERVED)
    ]
    found += [
        f"{role.id} gives roles beside the administrator"
        for role in roles
        if role.id != ADMINISTRATOR and role.permissions & GIVING
    ]
    return found


async def test_no_role_of_the_start_lets_one_person_pass_alone(bureau):
    kinds = list(bureau.office.approvals.values())
    assert find_lone_passes(kinds, BUILT_IN_ROLES.values()) == []


async def test_check_of_the_roles_finds_what_it_looks_for(bureau):
    kinds = list(bureau.office.approvals.values())
    auditor = BUILT_IN_ROLES["auditor"]
    both = replace(auditor, permissions=auditor.permissions | {Permission.MANAGE_STAFF})
    assert find_lone_passes(kinds, [both]) == ["auditor gives roles beside the administrator"]
    loose = replace(kinds[0], approve=Permission.READ_HEALTH)
    assert find_lone_passes([loose], []) == ["read_health is given on one person's word"]


async def test_who_has_every_role_still_needs_another_person(bureau):
    _, token = await bureau.join("ada", *BUILT_IN_ROLES)
    eve, _ = await bureau.join("eve")
    _, proposal = await bureau.act(token, "POST", APPROVALS, asking(eve))
    path, body = f"{APPROVALS}/{proposal['id']}/approve", {"hash": proposal["hash"]}
    assert await bureau.refuse(token, "POST", path, body) == (403, "own_proposal")


async def test_second_account_of_a_giver_of_roles_gets_nothing_by_which_two_must_agree(bureau):
    _, ada = await bureau.join("ada", "administrator")
    twin, _ = await bureau.join("twin")
    path = f"/api/admin/staff/{twin}/roles"
    for permission in sorted(GIVEN_BY_TWO):
        role = {"id": permission.value, "name": "Twin", "permissions": [permission.value]}
        assert (await bureau.act(ada, "POST", "/api/admin/roles", role))[0] == 201
        refused = await bureau.refuse(ada, "POST", path, {"role": permission.value})
        assert refused == (409, "needs_approval")
