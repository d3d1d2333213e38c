"""What takes more than one person: proposed by one, decided by others, done with the last yes."""

from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import delete, insert, select, update

from models.approvals import Proposal, ProposalVote
from models.operations import Outbox
from models.staff import StaffAssignment
from server.admin.grants import LIFE
from server.core import fault
from server.core.permissions import BUILT_IN_ROLES, GIVEN_BY_TWO
from server.jobs.expire_proposals import expire_proposals
from server.staff import approvals
from server.trades.desk import DESK
from tests.api.admin.cases import APPROVALS, STAFF, asking, breaches_of, crowning


def test_roles_over_money_are_known():
    over_money = {name for name, role in BUILT_IN_ROLES.items() if role.permissions & GIVEN_BY_TWO}
    assert over_money == BUILT_IN_ROLES.keys() - {"auditor"}


async def test_role_over_money_is_not_given_by_one_person(case):
    path = f"{STAFF}/{case.ids['eve']}/roles"
    for role in ("finance", "dispute_ruler", "market_manager", "compliance", "administrator"):
        refused = await case.bureau.refuse(case.tokens["ada"], "POST", path, {"role": role})
        assert refused == (409, "needs_approval")
    assert await case.roles_of("eve") == []


async def test_permission_over_money_is_not_added_to_a_role_that_somebody_has(case):
    await case.bureau.join("frank", "support_agent")
    path = "/api/admin/roles/support_agent"
    change = {"version": 1, "permissions": ["work_tickets", "approve_withdrawals"]}
    refused = await case.bureau.refuse(case.tokens["ada"], "PATCH", path, change)
    assert refused == (409, "role_in_use")
    path = "/api/admin/roles/auditor"
    assert (await case.bureau.act(case.tokens["ada"], "PATCH", path, change))[0] == 200


async def test_role_is_given_with_the_approval_of_another(case):
    proposal = await case.propose()
    assert (proposal["status"], proposal["approvals_needed"]) == ("open", 1)
    assert await case.roles_of("eve") == []
    status, after = await case.act("bob", proposal, "approve")
    assert (status, after["status"]) == (200, "carried_out")
    assert [(vote["user_id"], vote["approved"]) for vote in after["votes"]] == [
        (case.ids["bob"], True)
    ]
    assert after["closed_at"] is not None
    assert await case.roles_of("eve") == ["finance"]
    assert await breaches_of(case.bureau.database) == []


async def test_administrator_is_made_with_two_approvals(case):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    assert proposal["approvals_needed"] == 2
    status, after = await case.act("bob", proposal, "approve")
    assert (status, after["status"]) == (200, "open")
    assert await case.roles_of("eve") == []
    assert await case.refused("bob", proposal, "approve") == (409, "already_voted")
    status, after = await case.act("carol", proposal, "approve")
    assert (status, after["status"], len(after["votes"])) == (200, "carried_out", 2)
    assert await case.roles_of("eve") == ["administrator"]


async def test_requester_never_approves_or_rejects_his_own(case):
    proposal = await case.propose()
    assert await case.refused("ada", proposal, "approve") == (403, "own_proposal")
    answer = await case.refused("ada", proposal, "reject", reason="No more.")
    assert answer == (403, "own_proposal")
    assert await case.status_of(proposal) == "open"


async def test_who_it_is_about_neither_proposes_nor_approves(case):
    hr = {
        "id": "people_desk", "name": "People",
        "permissions": ["manage_staff", "read_approvals", "approve_withdrawals", "read_health"],
    }  # fmt: skip
    assert (await case.bureau.act(case.tokens["ada"], "POST", "/api/admin/roles", hr))[0] == 201
    case.ids["gina"], gina = await case.bureau.join("gina", "people_desk")
    case.tokens["gina"] = gina
    own = asking(case.ids["gina"])
    assert await case.bureau.refuse(gina, "POST", APPROVALS, own) == (403, "party_to_proposal")
    proposal = await case.propose(body=own)
    assert await case.refused("gina", proposal, "approve") == (403, "party_to_proposal")
    assert await case.status_of(proposal) == "open"


async def test_approver_needs_the_permission_at_that_moment(case):
    """It is taken while his process does not know it yet."""
    proposal = await case.propose()

    async def take(unit):
        await unit.execute(
            delete(StaffAssignment).where(StaffAssignment.user_id == UUID(case.ids["bob"]))
        )
        await unit.execute(
            insert(StaffAssignment).values(
                user_id=UUID(case.ids["bob"]), role_id="auditor", granted_by=None,
                granted_at=unit.now,
            )
        )  # fmt: skip

    await case.bureau.database.transact(take, name="test")
    assert await case.refused("bob", proposal, "approve") == (403, "forbidden")
    assert await case.roles_of("eve") == []


async def test_requester_who_lost_his_right_meanwhile_has_proposed_nothing(case):
    proposal = await case.propose()

    async def take(unit):
        await unit.execute(
            delete(StaffAssignment).where(StaffAssignment.user_id == UUID(case.ids["ada"]))
        )

    await case.bureau.database.transact(take, name="test")
    assert await case.refused("bob", proposal, "approve") == (409, "object_changed")
    assert await case.roles_of("eve") == []


async def test_nobody_proposes_without_the_permission_of_the_kind(case):
    _, frank = await case.bureau.join("frank", "auditor")
    body = asking(case.ids["eve"])
    assert await case.bureau.refuse(frank, "POST", APPROVALS, body) == (403, "forbidden")
    _, grace = await case.bureau.join("grace")
    assert await case.bureau.refuse(grace, "GET", APPROVALS) == (403, "forbidden")
    assert await case.bureau.refuse(grace, "POST", APPROVALS, body) == (403, "forbidden")


async def test_one_no_ends_a_proposal(case):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    await case.act("bob", proposal, "approve")
    status, after = await case.act("carol", proposal, "reject", reason="Too early.")
    assert (status, after["status"]) == (200, "rejected")
    assert {vote["reason"] for vote in after["votes"]} == {None, "Too early."}
    assert await case.refused("dave", proposal, "approve") == (409, "proposal_closed")
    assert await case.roles_of("eve") == []


async def test_only_the_requester_withdraws(case):
    proposal = await case.propose()
    assert await case.refused("bob", proposal, "withdraw") == (403, "forbidden")
    status, after = await case.act("ada", proposal, "withdraw")
    assert (status, after["status"]) == (200, "withdrawn")
    assert await case.refused("ada", proposal, "withdraw") == (409, "proposal_closed")
    assert await case.refused("bob", proposal, "approve") == (409, "proposal_closed")


async def test_overdue_proposal_is_closed_by_the_time_itself_and_then_by_the_duty(case):
    proposal = await case.propose()
    database = case.bureau.database
    desk = case.bureau.client.server.app[DESK]

    async def approve(unit):
        shown = bytes.fromhex(proposal["hash"])
        registry = case.bureau.office.approvals
        await approvals.approve(unit, registry, UUID(case.ids["bob"]), UUID(proposal["id"]), shown)

    # A minute early nothing expires; the schedule of the server looks at the same time.
    case.bureau.clock.advance(seconds=LIFE.total_seconds() - 60)
    await expire_proposals(desk)
    (row,) = await case.bureau.read(select(Proposal.status))
    assert row.status == "open"
    case.bureau.clock.advance(minutes=1)
    with pytest.raises(approvals.ProposalClosed):
        await database.transact(approve, name="test")
    await expire_proposals(desk)
    (row,) = await case.bureau.read(select(Proposal.status, Proposal.open_slot))
    assert (row.status, row.open_slot) == ("expired", None)
    assert len(await case.bureau.audited("proposal_expired")) == 1
    assert await case.roles_of("eve") == []


async def test_approval_names_the_hash_that_was_shown(case):
    proposal = await case.propose()
    other = await case.propose(body=asking(case.ids["eve"], "dispute_ruler"))
    for wrong in ("0" * 64, other["hash"]):
        answer = await case.refused("bob", {**proposal, "hash": wrong}, "approve")
        assert answer == (409, "proposal_changed")
    assert await case.roles_of("eve") == []


@pytest.mark.parametrize(
    "change", [{"body": '{"role":"administrator"}'}, {"approvals_needed": 1}, {"object_id": "x"}]
)
async def test_proposal_edited_in_the_database_is_not_approved(case, change):
    proposal = await case.propose(body=crowning(case.ids["eve"]))

    async def edit(unit):
        await unit.execute(update(Proposal).values(**change))

    await case.bureau.database.transact(edit, name="test")
    assert await case.refused("bob", proposal, "approve") == (409, "proposal_changed")
    assert await case.roles_of("eve") == []


async def test_object_that_changed_since_is_not_approved(case):
    """The role holds something else, or the person has another role, than when it was proposed."""
    proposal = await case.propose()
    change = {"version": 1, "permissions": ["approve_withdrawals", "read_trades"]}
    path = "/api/admin/roles/finance"
    assert (await case.bureau.act(case.tokens["ada"], "PATCH", path, change))[0] == 200
    assert await case.refused("bob", proposal, "approve") == (409, "object_changed")
    status, after = await case.act("bob", proposal, "reject", reason="It changed.")
    assert (status, after["status"]) == (200, "rejected")
    assert await case.roles_of("eve") == []


async def test_same_act_is_open_once(case):
    await case.propose()
    answer = await case.bureau.refuse(
        case.tokens["bob"], "POST", APPROVALS, asking(case.ids["eve"])
    )
    assert answer == (409, "proposal_open")


async def test_nobody_has_more_open_proposals_than_he_may(case, monkeypatch):
    monkeypatch.setattr(approvals, "OPEN_MAX", 1)
    await case.propose()
    answer = await case.bureau.refuse(
        case.tokens["ada"], "POST", APPROVALS, asking(case.ids["eve"], "dispute_ruler")
    )
    assert answer == (409, "too_many_proposals")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "make_rich"}, {"kind": 1}, {"kind": "x" * 40}, {"object_id": ""},
        {"object_id": "a b"}, {"object_id": None}, {"body": []}, {"body": {}},
        {"body": {"role": "finance", "amount": 1}}, {"body": {"role": 7}}, {"body": None},
        {"reason": ""}, {"reason": "x" * 501}, {"status": "carried_out"}, {"requester_id": "x"},
        {"approvals_needed": 1},
    ],
)  # fmt: skip
async def test_malformed_proposal_is_refused(case, change):
    body = {**asking(case.ids["eve"]), **change}
    refused = await case.bureau.refuse(case.tokens["ada"], "POST", APPROVALS, body)
    assert refused == (422, "invalid")
    assert await case.bureau.read(select(Proposal.id)) == []


async def test_unknown_person_role_and_proposal_are_not_found(case):
    ada = case.tokens["ada"]
    for body in (asking(str(uuid4())), asking("nobody"), asking(case.ids["eve"], "no_such")):
        assert await case.bureau.refuse(ada, "POST", APPROVALS, body) == (404, "not_found")
    for name in (str(uuid4()), "x"):
        path = f"{APPROVALS}/{name}"
        assert await case.bureau.refuse(ada, "GET", path) == (404, "not_found")
        missing = {"id": name, "hash": "0" * 64}
        assert await case.refused("ada", missing, "approve") == (404, "not_found")
        assert await case.refused("ada", missing, "reject", reason="None.") == (404, "not_found")
        assert await case.refused("ada", missing, "withdraw") == (404, "not_found")


async def test_administrator_is_not_given_as_an_ordinary_role(case):
    body = asking(case.ids["eve"], "administrator")
    answer = await case.bureau.refuse(case.tokens["ada"], "POST", APPROVALS, body)
    assert answer == (409, "role_fixed")


async def test_repeated_approval_with_one_key_counts_once(case):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    path, body = f"{APPROVALS}/{proposal['id']}/approve", {"hash": proposal["hash"]}
    answers = [
        await case.bureau.act(case.tokens["bob"], "POST", path, body, key="once") for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 200
    assert len(await case.bureau.read(select(ProposalVote.voter_id))) == 1


async def test_proposals_are_listed_by_status_and_kind_page_by_page(case):
    first = await case.propose()
    second = await case.propose(body=asking(case.ids["eve"], "dispute_ruler"))
    third = await case.propose(body=crowning(case.ids["eve"]))
    await case.act("ada", second, "withdraw")

    async def listed(query):
        _, page = await case.bureau.act(case.tokens["bob"], "GET", f"{APPROVALS}?{query}")
        return [one["id"] for one in page["items"]], page["next_cursor"]

    assert await listed("") == ([third["id"], second["id"], first["id"]], None)
    assert (await listed("status=open&kind=grant_role"))[0] == [first["id"]]
    page, cursor = await listed("limit=2")
    assert page == [third["id"], second["id"]]
    assert await listed(f"limit=2&cursor={cursor}") == ([first["id"]], None)


async def test_every_step_is_audited_and_told_to_the_room_of_approvals(case):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    await case.act("bob", proposal, "approve")
    await case.act("carol", proposal, "approve")
    made = await case.bureau.audited("proposal_made")
    approved = await case.bureau.audited("proposal_approved")
    done = await case.bureau.audited("proposal_carried_out")
    assert [str(row.actor_id) for row in (*made, *approved, *done)] == [
        case.ids[name] for name in ("ada", "bob", "carol", "carol")
    ]
    assert {row.object_id for row in (*made, *approved, *done)} == {proposal["id"]}
    assert orjson.loads(done[0].after)["hash"] == proposal["hash"]
    (granted,) = [row for row in await case.bureau.audited("role_granted") if row.request_id]
    assert granted.object_id == case.ids["eve"]
    told = await case.bureau.read(
        select(Outbox.body).where(Outbox.room == "staff:approvals").order_by(Outbox.id)
    )
    bodies = [orjson.loads(row.body) for row in told]
    assert [(one["status"], one["approvals"]) for one in bodies] == [
        ("open", 0), ("open", 1), ("carried_out", 2),
    ]  # fmt: skip


async def test_approval_that_fails_half_way_leaves_nothing(case):
    proposal = await case.propose()

    def fail():
        raise RuntimeError

    fault.arm("unit.before_commit@approve", fail)
    try:
        assert (await case.act("bob", proposal, "approve"))[0] == 500
    finally:
        fault.disarm()
    assert (await case.get(proposal))["votes"] == []
    assert await case.roles_of("eve") == []
    assert await case.bureau.audited("proposal_approved") == []
    assert (await case.act("bob", proposal, "approve"))[1]["status"] == "carried_out"
