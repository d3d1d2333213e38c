"""Claims on the staff's desk: who decides one, and when the desk is done with it.

A claim lies in the desk's queue as disputes do: with a priority, a clock and somebody whom the lot
named. What a decision does to claim and money stands in `claims`.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import claims
from server.disputes.claim import ClaimRow, lock_claim
from server.disputes.claim_lifecycle import ClaimAction
from server.disputes.staff_assignment import read_barred
from server.disputes.staff_cases import Case, lock_case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import CaseNotYours

Decide = Callable[..., Awaitable[ClaimRow]]
DECISIONS: dict[ClaimAction, Decide] = {
    ClaimAction.HOLD_FUNDS: claims.hold_funds,
    ClaimAction.APPROVE: claims.approve_claim,
    ClaimAction.UPHOLD: claims.uphold_claim,
    ClaimAction.REJECT: claims.reject_claim,
}


async def decide_claim(
    unit: Unit, desk: CaseDesk, person: UUID, claim_id: UUID, action: ClaimAction, *, reason: str
) -> ClaimRow:
    """Decide a claim that one was given, or as the second of two uphold it.

    Refuses `NotFound` for its parties, `CaseNotYours`, `PartyToCase`, and what the claim's
    lifecycle refuses.
    """
    _, claim = await lock_claim(unit, desk.trades, claim_id)
    if person in claim.parties:
        raise NotFound
    await _check_decider(unit, desk, person, claim, await lock_case(unit, claim_id), action)
    return await DECISIONS[action](unit, desk.trades, claim_id, staff_id=person, reason=reason)


async def _check_decider(
    unit: Unit, desk: CaseDesk, person: UUID, claim: ClaimRow, case: Case, action: ClaimAction
) -> None:
    second = action is ClaimAction.UPHOLD and claim.facts.waits_for_second
    approves = second and Permission.APPROVE_RULINGS in desk.rights.permissions_of(person)
    if case.assignee_id != person and not approves:
        raise CaseNotYours
    (await read_barred(unit, desk, case, frozenset({person}))).check(person)
