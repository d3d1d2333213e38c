"""Deciding one proposal at one instant has one winner; what was done without approvals is found."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from models.approvals import Proposal, ProposalVote
from server.admin.grants import LIFE
from server.core.permissions import GIVEN_BY_TWO
from server.jobs.expire_proposals import expire_proposals
from server.staff import approvals
from server.trades.desk import DESK
from tests.api.admin.cases import APPROVALS, breaches_of, crowning


class Bench:
    """Two processes that decide one proposal at one instant."""

    def __init__(self, case, other):
        self.case = case
        self.processes = (case.bureau, other)

    async def decide(self, proposal, *steps):
        """Each step is a person and what he does; (status, code or status of proposal) of each."""

        async def one(number, who, step, body):
            bureau = self.processes[number % 2]
            path = f"{APPROVALS}/{proposal['id']}/{step}"
            sent = {} if step == "withdraw" else {"hash": proposal["hash"], **body}
            status, found = await bureau.act(self.case.tokens[who], "POST", path, sent)
            return status, found.get("code", found.get("status"))

        return await asyncio.gather(*(one(number, *step) for number, step in enumerate(steps)))


@pytest.fixture
async def bench(case, other_bureau):
    for name in ("ada", "bob", "carol", "dave"):
        await other_bureau.wait_for_rights(case.ids[name], next(iter(GIVEN_BY_TWO)), held=True)
    return Bench(case, other_bureau)


async def test_two_approvers_at_once_carry_it_out_once(case, bench):
    proposal = await case.propose()
    answers = await bench.decide(proposal, ("bob", "approve", {}), ("carol", "approve", {}))
    assert sorted(answers) == [(200, "carried_out"), (409, "proposal_closed")]
    assert await case.roles_of("eve") == ["finance"]
    assert len(await case.bureau.read(select(ProposalVote.voter_id))) == 1
    assert len(await case.bureau.audited("proposal_carried_out")) == 1


async def test_two_needed_approvals_at_once_both_count(case, bench):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    answers = await bench.decide(proposal, ("bob", "approve", {}), ("carol", "approve", {}))
    assert sorted(answers) == [(200, "carried_out"), (200, "open")]
    assert await case.roles_of("eve") == ["administrator"]


async def test_three_approvers_at_once_are_two_and_one_too_late(case, bench):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    answers = await bench.decide(
        proposal, ("bob", "approve", {}), ("carol", "approve", {}), ("dave", "approve", {})
    )
    assert sorted(answers) == [(200, "carried_out"), (200, "open"), (409, "proposal_closed")]


async def test_one_approver_twice_at_once_counts_once(case, bench):
    proposal = await case.propose(body=crowning(case.ids["eve"]))
    answers = await bench.decide(proposal, ("bob", "approve", {}), ("bob", "approve", {}))
    assert sorted(answers) == [(200, "open"), (409, "already_voted")]
    assert await case.roles_of("eve") == []


@pytest.mark.parametrize(
    ("other", "end"),
    [(("ada", "withdraw", {}), "withdrawn"), (("carol", "reject", {"reason": "No."}), "rejected")],
)
async def test_approval_against_withdrawal_or_rejection_has_one_winner(case, bench, other, end):
    proposal = await case.propose()
    answers = await bench.decide(proposal, ("bob", "approve", {}), other)
    closed = await case.status_of(proposal)
    assert closed in ("carried_out", end)
    assert sorted(answers) == sorted([(200, closed), (409, "proposal_closed")])
    assert await case.roles_of("eve") == (["finance"] if closed == "carried_out" else [])


async def test_approval_against_expiry_has_one_winner(case, bench):
    """The instant of the end belongs to the expiry, whoever comes first."""
    proposal = await case.propose()
    case.bureau.clock.advance(seconds=LIFE.total_seconds() - 600)
    database, desk = case.bureau.database, case.bureau.client.server.app[DESK]
    registry, shown = case.bureau.office.approvals, bytes.fromhex(proposal["hash"])

    async def approve(unit):
        await approvals.approve(unit, registry, UUID(case.ids["bob"]), UUID(proposal["id"]), shown)

    async def pass_the_end():
        case.bureau.clock.advance(minutes=10)
        await expire_proposals(desk)

    ended = await asyncio.gather(
        database.transact(approve, name="test"), pass_the_end(), return_exceptions=True
    )
    (row,) = await case.bureau.read(select(Proposal.status, Proposal.expires_at))
    if row.status == "carried_out":
        assert ended[0] is None
        assert await case.roles_of("eve") == ["finance"]
    else:
        assert (row.status, type(ended[0]).__name__) == ("expired", "ProposalClosed")
        assert await case.roles_of("eve") == []
    assert await breaches_of(database) == []


@pytest.mark.parametrize("lost", ["vote", "requester_voted", "late", "no"])
async def test_i22_act_without_its_approvals_is_found(case, lost):
    proposal = await case.propose()
    await case.act("bob", proposal, "approve")
    change = {
        "vote": delete(ProposalVote),
        "requester_voted": update(ProposalVote).values(voter_id=UUID(case.ids["ada"])),
        "late": update(ProposalVote).values(voted_at=case.bureau.clock.now() + timedelta(days=9)),
        "no": update(ProposalVote).values(approved=False),
    }[lost]

    async def tamper(unit):
        await unit.execute(change)

    await case.bureau.database.transact(tamper, name="test")
    found = await breaches_of(case.bureau.database)
    assert [(one.invariant, one.subject) for one in found] == [
        ("I22", f"proposal:{proposal['id']}")
    ]
