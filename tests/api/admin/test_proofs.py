"""Acts of the staff over money or roles ask for a fresh proof of who acts, bound to the act."""

import pytest
from sqlalchemy import select

from models.approvals import ProposalVote
from server.core.permissions import Permission
from server.identity.step_up import LIFETIME
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.api.admin.cases import APPROVALS, asking

PROVEN = {
    ("POST", "/api/admin/approvals"),
    ("POST", "/api/admin/approvals/{id}/approve"),
    ("POST", "/api/admin/roles"),
    ("PATCH", "/api/admin/roles/{role}"),
    ("DELETE", "/api/admin/roles/{role}"),
    ("POST", "/api/admin/staff/{id}/roles"),
    ("DELETE", "/api/admin/staff/{id}/roles/{role}"),
    ("POST", "/api/admin/elevations"),
    ("POST", "/api/admin/switches/{name}/stop"),
    ("POST", "/api/admin/markets/{market}/index-override/end"),
    ("POST", "/api/admin/app-versions/{platform}"),
    ("POST", "/api/admin/users/{id}/freeze"),
    ("POST", "/api/admin/users/{id}/unfreeze"),
    ("POST", "/api/admin/users/{id}/sessions/end"),
}
BODIES = {
    ("POST", "/api/admin/approvals"): "proposal",
    ("POST", "/api/admin/approvals/{id}/approve"): "hash",
    ("POST", "/api/admin/roles"): {"id": "desk", "name": "Desk", "permissions": []},
    ("PATCH", "/api/admin/roles/{role}"): {"version": 1, "permissions": []},
    ("POST", "/api/admin/staff/{id}/roles"): {"role": "auditor"},
    ("POST", "/api/admin/elevations"): {"role": "auditor", "reason": "Night.", "minutes": 5},
    ("POST", "/api/admin/switches/{name}/stop"): {"reason": "Night."},
    ("POST", "/api/admin/app-versions/{platform}"): {
        "least": "1.0.0", "message": "Install it.", "reason": "Night.",
    },
    ("POST", "/api/admin/users/{id}/freeze"): {"reason": "Night."},
    ("POST", "/api/admin/users/{id}/unfreeze"): {"reason": "Night."},
    ("POST", "/api/admin/users/{id}/sessions/end"): {"reason": "Night."},
}  # fmt: skip


OF_OTHER_PARTS = {
    ("POST", "/api/admin/claims/{id}/approve"),
    ("POST", "/api/admin/claims/{id}/hold"),
    ("POST", "/api/admin/claims/{id}/reject"),
    ("POST", "/api/admin/claims/{id}/uphold"),
    ("POST", "/api/admin/disputes"),
    ("POST", "/api/admin/disputes/{id}/assign"),
    ("POST", "/api/admin/disputes/{id}/end-evidence"),
    ("POST", "/api/admin/disputes/{id}/penalties"),
    ("POST", "/api/admin/disputes/{id}/ruling"),
    ("POST", "/api/admin/links/{id}/decision"),
    ("POST", "/api/admin/sanctions/{id}/appeal/decision"),
    ("POST", "/api/admin/sanctions/{id}/lift"),
    ("POST", "/api/admin/trade-flags/{id}/resolve"),
    ("POST", "/api/admin/trades/{id}/freeze"),
    ("POST", "/api/admin/trades/{id}/freeze/lift"),
    ("POST", "/api/admin/users/{id}/sanctions"),
}
"""Acts that name a case, a trade or a person there must be; their parts show them unproven."""


def test_acts_over_money_and_roles_are_known():
    declared = {
        (one.method, one.path)
        for one in list_endpoints(load_settings({}))
        if one.step_up and isinstance(one.access, Permission)
    }
    assert declared == PROVEN | OF_OTHER_PARTS


async def send(case, who, proposal, proof=None):
    """An approval with a proof, or without one."""
    headers = {} if proof is None else {"Step-Up": proof}
    path, body = f"{APPROVALS}/{proposal['id']}/approve", {"hash": proposal["hash"]}
    reply = await case.bureau.ask("POST", path, body, token=case.tokens[who], headers=headers)
    return reply.status, (await reply.json()).get("code")


async def prove(case, who, proposal, **more):
    path, body = f"{APPROVALS}/{proposal['id']}/approve", {"hash": proposal["hash"], **more}
    return await case.bureau.prove(case.tokens[who], "staff", "POST", path, body)


REFUSED = (403, "step_up_required")


async def test_approval_without_a_proof_changes_nothing(case):
    proposal = await case.propose()
    for proof in (None, "", "x" * 43, "x" * 1000):
        assert await send(case, "bob", proposal, proof) == REFUSED
    assert await case.status_of(proposal) == "open"
    assert await case.bureau.read(select(ProposalVote.voter_id)) == []
    assert await case.roles_of("eve") == []


async def test_proof_is_good_for_the_hash_for_which_it_was_given(case):
    proposal = await case.propose()
    other = await case.propose(body=asking(case.ids["eve"], "dispute_ruler"))
    crossed = {**proposal, "hash": other["hash"]}
    for wrong in (other, crossed):
        assert await send(case, "bob", proposal, await prove(case, "bob", wrong)) == REFUSED
    assert await send(case, "bob", proposal, await prove(case, "bob", proposal)) == (200, None)
    assert await case.status_of(proposal) == "carried_out"


async def test_proof_of_somebody_else_or_for_something_else_is_refused(case):
    proposal = await case.propose()
    assert await send(case, "bob", proposal, await prove(case, "carol", proposal)) == REFUSED
    path, body = f"{APPROVALS}/{proposal['id']}/approve", {"hash": proposal["hash"]}
    for action in ("account", "factor", "withdrawal"):
        proof = await case.bureau.prove(case.tokens["bob"], action, "POST", path, body)
        assert await send(case, "bob", proposal, proof) == REFUSED
    assert await case.status_of(proposal) == "open"


async def test_proof_lasts_two_minutes_and_is_used_once(case):
    first, second = [await case.propose(body=asking(case.ids["eve"], role)) for role in
                     ("finance", "dispute_ruler")]  # fmt: skip
    late = await prove(case, "bob", first)
    case.bureau.clock.advance(seconds=LIFETIME.total_seconds())
    assert await send(case, "bob", first, late) == REFUSED
    proof = await prove(case, "bob", first)
    assert await send(case, "bob", first, proof) == (200, None)
    assert await send(case, "bob", second, proof) == REFUSED


async def test_password_proves_no_act_of_staff_where_proofs_need_a_factor(database_url, clock):
    from tests.api.admin.conftest import Bureau
    from tests.api.identity.conftest import PASSWORD, start_api

    async with start_api(database_url, clock, make=Bureau, step_up="none") as bureau:
        _, ada = await bureau.join("ada", "administrator")
        request = {"method": "POST", "path": "/api/admin/roles", "body": {}}
        asked = {"password": PASSWORD, "action": "staff", "request": request}
        reply = await bureau.ask("POST", "/api/v1/auth/step-up", asked, token=ada)
        assert (reply.status, (await reply.json())["code"]) == (403, "step_up_refused")


OF_A_MARKET = ("POST", "/api/admin/markets/{market}/index-override/end")
"""Shown where there is a market."""


@pytest.mark.parametrize(("method", "path"), sorted(PROVEN - {OF_A_MARKET}))
async def test_no_act_over_money_or_roles_is_done_without_a_proof(case, method, path):
    proposal = await case.propose()
    await case.bureau.join("sam", "support_agent")
    body = BODIES.get((method, path))
    if body == "proposal":
        body = asking(case.ids["eve"], "dispute_ruler")
    elif body == "hash":
        body = {"hash": proposal["hash"]}
    name = proposal["id"] if "approvals" in path else case.ids["eve"]
    path = path.replace("{id}", name).replace("{role}", "auditor")
    path = path.replace("{name}", "trading_stopped").replace("{platform}", "ios")
    reply = await case.bureau.ask(method, path, body, token=case.tokens["bob"])
    assert (reply.status, (await reply.json())["code"]) == REFUSED
    assert await case.status_of(proposal) == "open"
    assert await case.roles_of("eve") == []


async def test_what_is_not_there_is_not_found_before_a_proof_is_asked(case):
    missing = "01890000-0000-7000-8000-000000000000"
    for method, path, body in (
        ("POST", f"{APPROVALS}/{missing}/approve", {"hash": "0" * 64}),
        ("PATCH", "/api/admin/roles/none", {"version": 1}),
        ("DELETE", "/api/admin/roles/none", None),
        ("POST", f"/api/admin/staff/{missing}/roles", {"role": "auditor"}),
        ("DELETE", f"/api/admin/staff/{missing}/roles/auditor", None),
    ):
        reply = await case.bureau.ask(method, path, body, token=case.tokens["bob"])
        assert (reply.status, (await reply.json())["code"]) == (404, "not_found"), path
