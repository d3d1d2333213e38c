"""Questions about idempotency keys and the outbox, and what the verifier itself keeps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, insert, select, update

from models.operations import Breach as BreachRow
from models.operations import Switch, VerifierMark

KEYS_WITHOUT_EFFECT = """
SELECT k.user_id, k.request_hash FROM idempotency_keys k
WHERE {new_keys} AND (k.status < 200 OR k.status > 299)
"""
"""Only replies that had an effect are kept."""

ROOMS_WITH_GAPS = """
SELECT o.room, o.seq FROM outbox o
LEFT JOIN outbox b ON b.room = o.room AND b.seq = o.seq - 1
WHERE {new_events} AND o.seq > 1 AND b.id IS NULL
AND EXISTS (SELECT 1 FROM outbox e WHERE e.room = o.room AND e.seq < o.seq)
"""
"""Numbers in a room have no gap within the kept window. In a room that was silent for longer all
that came before is forgotten, and that is none."""

ROOMS_AHEAD = """
SELECT o.room, o.seq FROM outbox o JOIN room_seqs r ON r.room = o.room
WHERE {new_events} AND o.seq > r.seq
"""
"""No event has a number that the relay has not given."""

OLDEST_EVENT = "SELECT MIN(id) AS id FROM outbox"

TRADE_EVENT_TIMES = """
SELECT DISTINCT o.created_at FROM outbox o
WHERE o.id > :events_from AND o.name LIKE 'trade_%'
"""
STEP_TIMES = """
SELECT e.trade_id, e.version, e.created_at FROM trade_events e
WHERE {steps} AND e.created_at > :steps_from_us
"""
TRADES_MOVED = """
SELECT DISTINCT t.subject_id AS trade_id FROM transfers t
WHERE {new_transfers} AND t.reason IN
    ('trade_opened', 'trade_released', 'trade_fee', 'trade_returned')
"""
TRADE_ROOMS = """
SELECT DISTINCT o.room FROM outbox o WHERE o.id > :since AND o.room LIKE 'trade:%'
"""

PROPOSALS_UNDECIDED = """
SELECT p.id AS proposal_id FROM proposals p
WHERE p.status = 'carried_out' AND (
    p.approvals_needed > (
        SELECT COUNT(*) FROM proposal_votes v WHERE v.proposal_id = p.id AND v.approved
    )
    OR EXISTS (
        SELECT 1 FROM proposal_votes v
        WHERE v.proposal_id = p.id
        AND (NOT v.approved OR v.voter_id = p.requester_id OR v.voted_at > p.expires_at)
    )
)
"""
"""What was carried out was approved by as many others as it needs, and rejected by nobody."""


def find_mark(name: str) -> Executable:
    """How far a check has read."""
    return select(VerifierMark.through_id).where(VerifierMark.name == name)


def insert_mark(name: str, through: UUID, now: datetime) -> Executable:
    """The first mark."""
    return insert(VerifierMark).values(name=name, through_id=through.bytes, checked_at=now)


def update_mark(name: str, through: UUID, now: datetime) -> Executable:
    """Move a mark on, never back."""
    return (
        update(VerifierMark)
        .where(VerifierMark.name == name, VerifierMark.through_id <= through.bytes)
        .values(through_id=through.bytes, checked_at=now)
    )


def list_open_breaches() -> Executable:
    """Breaches that nobody has settled."""
    return select(BreachRow.invariant, BreachRow.subject).where(BreachRow.settled_at.is_(None))


def lock_open_breaches() -> Executable:
    """Lock the breaches that nobody has settled, the oldest first."""
    return (
        select(BreachRow.id, BreachRow.found_at)
        .where(BreachRow.settled_at.is_(None))
        .order_by(BreachRow.id)
        .with_for_update()
    )


def settle_breach(breach_id: UUID, now: datetime) -> Executable:
    """Close a breach that stands open."""
    return (
        update(BreachRow)
        .where(BreachRow.id == breach_id, BreachRow.settled_at.is_(None))
        .values(settled_at=now)
    )


def insert_breach(row: dict[str, Any]) -> Executable:
    """Note a breach."""
    return insert(BreachRow).values(**row)


def lock_switch(name: str) -> Executable:
    """Lock a switch, if it was ever set."""
    return select(Switch.active, Switch.stopped_by).where(Switch.name == name).with_for_update()


def insert_switch(name: str, reason: str, now: datetime) -> Executable:
    """Set a switch for the first time."""
    return insert(Switch).values(name=name, active=True, reason=reason, changed_at=now)


def set_switch(name: str, reason: str, now: datetime) -> Executable:
    """Set a switch that is off."""
    return (
        update(Switch)
        .where(Switch.name == name, Switch.active.is_(False))
        .values(active=True, reason=reason, changed_at=now)
    )


def clear_switch(name: str, reason: str, now: datetime) -> Executable:
    """Turn off a switch that the verifier has set."""
    return (
        update(Switch)
        .where(Switch.name == name, Switch.active.is_(True), Switch.stopped_by.is_(None))
        .values(active=False, reason=reason, changed_at=now)
    )
