"""Applies the clock rows of cases, claims and freezes that are due."""

import structlog

from models.disputes import DisputeStatus
from server.disputes import claim_lifecycle
from server.disputes.claim_clocks import apply_due_claim, list_due_claims
from server.disputes.clocks import CHUNK, apply_due_rows, list_due
from server.disputes.freezes import end_due_freezes
from server.disputes.lifecycle import UNDECIDED
from server.trades.desk import Desk

CHUNKS_MAX = 20
"""How many chunks of one status a run looks at; the next run goes on."""
log = structlog.get_logger()


async def run_case_clocks(desk: Desk) -> int:
    """Apply what is due, each case in its own unit; how many moved.

    A case that cannot be moved is logged and left for the next run; the others go on.
    """
    moved = await end_due_freezes(desk)
    moved += sum([await _run_status(desk, status) for status in reversed(UNDECIDED)])
    return moved + await _run_claims(desk)


async def _run_claims(desk: Desk) -> int:
    moved = 0
    for status in reversed(claim_lifecycle.UNDECIDED):
        for claim_id in await list_due_claims(desk, status):
            try:
                moved += await apply_due_claim(desk, claim_id)
            except Exception:
                log.exception("claim_clock_failed", claim_id=str(claim_id))
    return moved


async def _run_status(desk: Desk, status: DisputeStatus) -> int:
    moved, after = 0, None
    for _ in range(CHUNKS_MAX):
        due = await list_due(desk, status, after=after)
        for _deadline_at, dispute_id in due:
            try:
                moved += await apply_due_rows(desk, dispute_id)
            except Exception:
                log.exception("case_clock_failed", dispute_id=str(dispute_id))
        if len(due) < CHUNK:
            break
        after = due[-1]
    return moved
