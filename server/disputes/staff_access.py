"""Who may read a whole case: who was given it, who approves its ruling, who looks at it again.

The same people read, hear and file what belongs to its trade: a permission alone opens no trade.
Every reading is audited before anything is shown, every refused one too, and each person reads
only so many in a day.
"""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from models.rulings import CaseKind
from server.core.ids import first_id_at
from server.core.permissions import Permission
from server.core.refusals import Forbidden, NotFound
from server.db import Database, Unit
from server.db.audit import Action, Origin, record_audit
from server.disputes import rulings_queries, staff_rules
from server.disputes import staff_queries as queries
from server.disputes.claim import get_claim
from server.disputes.staff_assignment import read_barred
from server.disputes.staff_cases import Case, get_case, read_row
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import CaseNotYours, CaseReadsExhausted, PartyToCase
from server.trades.trade import Reader, get_trade

RULING = "ruling"
"""The kind of proposal of a ruling that takes two people."""
READ = {CaseKind.DISPUTE: Action.DISPUTE_READ, CaseKind.CLAIM: Action.CLAIM_READ}
OBJECT = {CaseKind.DISPUTE: "case", CaseKind.CLAIM: "claim"}
"""What the audit says that was read."""


async def check_reader(reader: Reader, desk: CaseDesk, person: UUID, case: Case) -> None:
    """Refuse `CaseNotYours` and `PartyToCase`."""
    mine = case.assignee_id == person
    if not mine:
        looks = (await reader.execute(rulings_queries.open_audits(case.case_id))).scalars().all()
        mine = person in looks
    if not mine and Permission.APPROVE_RULINGS in desk.rights.permissions_of(person):
        mine = await _waits_for_second(reader, case)
    # Who broke the glass to read disputes is on everybody's screen, and in the audit.
    if not mine and desk.rights.elevation_for(person, Permission.READ_DISPUTES) is None:
        raise CaseNotYours
    barred = await read_barred(reader, desk, case, frozenset({person}))
    if person in barred.parties | barred.linked:
        raise PartyToCase


async def _waits_for_second(reader: Reader, case: Case) -> bool:
    """Whether somebody has decided and another one has to agree."""
    if case.kind is CaseKind.CLAIM:
        return (await get_claim(reader, case.case_id)).facts.waits_for_second
    proposed = await reader.execute(queries.proposals_about(case.case_id, RULING))
    return proposed.first() is not None


async def check_trade_reader(
    reader: Reader, desk: CaseDesk, person: UUID, trade_id: UUID
) -> UUID | None:
    """Who may look into a trade of others; what he took in an emergency, if it is by that alone.

    Whoever may read a case about the trade, and who broke the glass to read trades: that is on
    everybody's screen. Refuses `NotFound` to its parties, who read it as such, `CaseNotYours`,
    `PartyToCase`.
    """
    trade = await get_trade(reader, trade_id)
    if person in (trade.buyer_id, trade.seller_id):
        raise NotFound
    for row in (await reader.execute(queries.cases_about([trade_id]))).all():
        with suppress(CaseNotYours):
            await check_reader(reader, desk, person, read_row(row))
            return None
    taken = desk.rights.find_taken(person, Permission.READ_TRADES)
    if taken is None:
        raise CaseNotYours
    parties = frozenset({trade.buyer_id, trade.seller_id})
    if await desk.find_linked(reader, parties, frozenset({person})):
        raise PartyToCase
    return taken


async def check_trade_worker(reader: Reader, person: UUID, trade_id: UUID) -> None:
    """Refuse `CaseNotYours` to everybody but who was given an open case about the trade."""
    rows = (await reader.execute(queries.cases_about([trade_id]))).all()
    if not any(row.closed_at is None and row.assignee_id == person for row in rows):
        raise CaseNotYours


async def find_trade_readers(
    reader: Reader, desk: CaseDesk, pairs: Collection[tuple[UUID, UUID]]
) -> set[tuple[UUID, UUID]]:
    """Which of some people may still look into some trades of others: person and trade."""
    rows = (await reader.execute(queries.cases_about({trade_id for _, trade_id in pairs}))).all()
    known = {(row.assignee_id, row.trade_id) for row in rows}
    still = {pair for pair in pairs if pair in known}
    for person, trade_id in set(pairs) - still:
        with suppress(NotFound, CaseNotYours, PartyToCase):
            await check_trade_reader(reader, desk, person, trade_id)
            still.add((person, trade_id))
    return still


async def note_refused(
    database: Database, trade_id: UUID, refusal: Forbidden, *, origin: Origin | None = None
) -> None:
    """Keep in the audit that somebody asked for a trade that he may not look into.

    `origin` is who it was, where no request says so.
    """

    async def work(unit: Unit) -> None:
        await record_audit(
            unit, Action.TRADE_READ_REFUSED, "trade", trade_id, reason=refusal.code, origin=origin
        )

    await database.transact(work, name="note_trade_refused")


async def note_reading(
    desk: CaseDesk, person: UUID, case_id: UUID, *, kind: CaseKind = CaseKind.DISPUTE
) -> Case:
    """Audit that somebody reads a whole case of a kind, before he does.

    Refuses `NotFound`, `CaseNotYours`, `PartyToCase`, `CaseReadsExhausted`; that is kept too.
    """

    async def work(unit: Unit) -> tuple[Case, Forbidden | CaseReadsExhausted | None]:
        case = await get_case(unit, case_id)
        if case.kind is not kind:
            raise NotFound
        try:
            await check_reader(unit, desk, person, case)
        except Forbidden as refusal:
            await record_audit(
                unit, Action.DISPUTE_READ_REFUSED, OBJECT[kind], case_id, reason=refusal.code
            )
            return case, refusal
        since = first_id_at(unit.now - staff_rules.DAY)
        read = queries.count_acts(person, READ.values(), since)
        if (await unit.execute(read)).scalar_one() >= staff_rules.CASES_READ_PER_DAY_MAX:
            return case, CaseReadsExhausted(retry_after_s=int(staff_rules.DAY.total_seconds()))
        await record_audit(unit, READ[kind], OBJECT[kind], case_id)
        return case, None

    # The attempt is committed although it is refused.
    case, refusal = await desk.trades.database.transact(work, name="note_case_read")
    if refusal is not None:
        raise refusal
    return case
