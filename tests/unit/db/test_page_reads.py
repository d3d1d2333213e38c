"""What a page from the middle of a long list reads in MariaDB, by its own counters.

Left alone, MariaDB may take the column that a whole list shares for the way in and walk past, or
sort, everything before the page. Each table is filled with one long list; a page of it, and one
from its middle, may read only a few times as many rows as it shows.
"""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from inspect import isawaitable
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, SmallInteger, text
from sqlalchemy.ext.asyncio import create_async_engine

from models.approvals import Proposal
from models.audit import AuditEntry
from models.base import Digest, Id, Instant
from models.chat import ChatMessage
from models.claims import Claim
from models.compliance import AccountHold, SuspicionReport
from models.disputes import DisputeParty
from models.files import Attachment, AttachmentFlag
from models.identity import Block, PaymentAccountFlag, Profile, Session, SessionState
from models.kyc import KycApplication
from models.links import AccountLink, TradeFlag
from models.moderation import UserReport
from models.notifications import Notification
from models.orders import Order
from models.privacy import DataExport
from models.recovery import Recovery
from models.reputation import Rating
from models.rulings import CaseAudit, DeskCase, Precedent, PrecedentTerm
from models.sandbox import Counterparty
from models.screening import ScreeningHit
from models.sign_ins import SignIn
from models.staff import Elevation
from models.trades import Outage, Trade, UserTrade
from models.trust import Sanction, SanctionAppeal
from server.chat import queries as chat
from server.compliance import queries as compliance
from server.core.clock import from_micros
from server.disputes import claim_queries, rulings_queries, staff_queries
from server.disputes import queries as disputes
from server.files import queries as files
from server.identity import account_queries, list_queries, sign_in_queries
from server.identity import queries as identity
from server.kyc import queries as kyc
from server.kyc import screening_queries
from server.moderation import queries as moderation
from server.notifications import queries as notifications
from server.orders import queries as orders
from server.privacy import queries as privacy
from server.recovery import queries as recovery
from server.sandbox import queries as sandbox
from server.staff import approval_queries, audit_queries
from server.staff import queries as staff
from server.trades import outage_queries
from server.trades import queries as trades
from server.trust import flag_queries, link_queries, rating_queries, sanction_queries
from tests.databases import lend_schema

ROWS = 2_400
LIMIT = 51
READS_A_ROW_MAX = 8
"""A row, its entry in the index, and the rows that are joined to it; a look at either side."""
BEGAN_MS = 1_790_000_000_000
ONE = UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0001)
ALL, COMMON, RARE = "1 = 1", "n % 10 > 0", "n % 100 = 0"


def name(number):
    """The identifier of a row, by its number."""
    return UUID(int=BEGAN_MS + number << 80 | 0x7 << 76 | 0x8 << 60 | number)


def when(number):
    """The time of a row."""
    return from_micros((BEGAN_MS + number) * 1000)


NAME = f"UNHEX(CONCAT(LPAD(HEX({BEGAN_MS} + n), 12, '0'), '7000', '8000', LPAD(HEX(n), 12, '0')))"
WHEN = f"(({BEGAN_MS} + n) * 1000)"
OURS = f"X'{ONE.hex}'"


def fill(table, key="id", **given):
    """SQL that fills a table: its key counts up, what is not given is plain."""
    written = {key: NAME, **given}
    for column in table.__table__.columns:
        if column.name in written:
            continue
        kind = column.type
        if column.nullable:
            written[column.name] = "NULL"
        elif isinstance(kind, Id):
            written[column.name] = NAME
        elif isinstance(kind, Instant):
            written[column.name] = WHEN
        elif isinstance(kind, Digest):
            written[column.name] = NAME
        elif isinstance(kind, (Boolean, BigInteger, Integer, SmallInteger)):
            written[column.name] = "1"
        elif isinstance(kind, LargeBinary):
            written[column.name] = "X'00'"
        else:
            written[column.name] = "n"
    columns = ", ".join(f"`{each}`" for each in written)
    values = ", ".join(written.values())
    return (
        f"INSERT INTO {table.__tablename__} ({columns}) SELECT {values}"
        f" FROM (SELECT seq AS n FROM seq_1_to_{ROWS}) AS counted"
    )


@dataclass(frozen=True)
class List:
    """A list: what fills its tables, and its page before or after a row with a number."""

    fills: list
    page: object
    """Gives a statement for a number, or none for the first page."""
    rows: int = LIMIT
    more: dict = field(default_factory=dict)


def by_id(page, *given, place="before", **named):
    """A page whose cursor is an identifier."""

    def make(number):
        cursor = None if number is None else name(number)
        return page(*given, **{place: cursor, "limit": LIMIT}, **named)

    return make


def by_time(page, *given, place="before", **named):
    """A page whose cursor is a time and an identifier."""

    def make(number):
        cursor = None if number is None else (when(number), name(number))
        return page(*given, **{place: cursor, "limit": LIMIT}, **named)

    return make


def of_messages(number):
    return chat.page_for(ONE, ONE, below=number, above=0, limit=LIMIT)


def of_desk(**asked):
    every = {"is_open": True, "kind": None, "assignee_id": None, "unassigned": False}
    return by_time(staff_queries.page_of_cases, place="after", **{**every, **asked})


class Caught:
    """A connection that keeps the statement it is given."""

    async def execute(self, statement):
        self.statement = statement
        return self

    def all(self):
        return []


async def catch_own_orders(number, **asked):
    caught, before = Caught(), None if number is None else name(number)
    await orders.list_own(caught, ONE, before=before, limit=LIMIT, **asked)
    return caught.statement


def of_orders(market, status):
    return partial(catch_own_orders, market=market, status=status)


PROFILES = fill(Profile, "user_id", username="CONCAT('u', n)", username_key="CONCAT('u', n)")
PROFILE = (
    f"INSERT INTO {Profile.__tablename__} (user_id, username, username_key)"
    f" VALUES ({OURS}, 'me', 'me')"
)
OWN = {"user_id": OURS}
KEPT = {"status": "'clean'"}
LISTS = {
    "ratings": List(
        [fill(Rating, rated_id=OURS, revealed_at=WHEN)],
        by_time(rating_queries.public_ratings, ONE),
    ),
    "notifications": List(
        [fill(Notification, **OWN)], by_id(notifications.page_of_user, ONE, unread=False)
    ),
    "unread notifications": List([], by_id(notifications.page_of_user, ONE, unread=True)),
    "chat": List([fill(ChatMessage, "number", number="n", trade_id=OURS)], of_messages),
    "files": List(
        [fill(Attachment, trade_id=OURS, **KEPT)],
        by_id(files.page_of_trade, ONE, place="after", reader_id=ONE),
    ),
    "alike files": List([fill(AttachmentFlag)], by_id(files.page_of_flags)),
    "own cases": List(
        [fill(DisputeParty, "dispute_id", role="'buyer'", **OWN)],
        by_id(disputes.page_of_user, ONE, open_only=None, role=None),
    ),
    "open own cases": List([], by_id(disputes.page_of_user, ONE, open_only=True, role="buyer")),
    "desk": List(
        [
            fill(
                DeskCase,
                "case_id",
                assignee_id=f"IF({COMMON}, {OURS}, NULL)",
                kind=f"IF({COMMON}, 'dispute', 'claim')",
            ),
            PROFILES,
        ],
        of_desk(),
    ),
    "claims of the desk": List([], of_desk(kind="claim")),
    "own desk": List([], of_desk(assignee_id=ONE)),
    "unassigned desk": List([], of_desk(unassigned=True)),
    "second looks": List(
        [fill(CaseAudit, auditor_id=OURS, open=f"IF({COMMON}, 0, 1)")],
        by_id(rulings_queries.audits_of, ONE, is_open=True),
    ),
    "precedents": List([fill(Precedent)], by_id(rulings_queries.find_precedents, [])),
    "precedents with words": List(
        [fill(PrecedentTerm, "precedent_id", term="'paid'")],
        by_id(rulings_queries.find_precedents, ["paid", "late"]),
    ),
    "claims": List(
        [
            fill(Claim, claimant_id=OURS, trade_id=NAME),
            fill(Trade),
        ],
        by_id(claim_queries.page_of_user, ONE),
    ),
    "user reports": List(
        [fill(UserReport, status=f"IF({COMMON}, 'open', 'acted')")],
        by_id(moderation.reports, status="open"),
    ),
    "all user reports": List([], by_id(moderation.reports, status=None)),
    "suspicions": List(
        [fill(SuspicionReport, status=f"IF({RARE}, 'open', 'filed')")],
        by_id(compliance.reports, status="filed"),
    ),
    "holds": List([fill(AccountHold, **OWN)], by_id(compliance.holds_of, ONE)),
    "audit": List(
        [fill(AuditEntry, actor_id=OURS, action="'ruled'", object_kind="'case'", object_id="'x'")],
        by_id(audit_queries.search, audit_queries.Filter()),
    ),
    **{
        f"audit by {what}": List([], by_id(audit_queries.search, audit_queries.Filter(**asked)))
        for what, asked in {
            "person": {"actor_id": ONE},
            "act": {"action": "ruled"},
            "thing": {"object_kind": "case", "object_id": "x"},
            "person and act": {"actor_id": ONE, "action": "ruled"},
            "time": {"since": when(10), "until": when(ROWS + 10)},
            "person and time": {"actor_id": ONE, "since": when(10)},
        }.items()
    },
    "sign-ins": List([fill(SignIn, **OWN)], by_id(sign_in_queries.sign_ins_of, ONE)),
    "sessions": List(
        [
            fill(Session, **OWN, expires_at=f"{WHEN} * 2"),
            fill(SessionState, "session_id", idle_until=f"{WHEN} * 2"),
        ],
        by_id(partial(identity.live_sessions, ONE, when(ROWS))),
    ),
    "blocks": List(
        [fill(Block, "blocked_id", **OWN)],
        by_id(list_queries.people_of, list_queries.BLOCKED, ONE, place="after"),
    ),
    "account flags": List([fill(PaymentAccountFlag)], by_id(account_queries.flags, is_open=True)),
    "trade flags": List([fill(TradeFlag, status="'open'")], by_id(flag_queries.flags, "open")),
    "links": List([fill(AccountLink, status="'open'")], by_id(link_queries.links, "open")),
    "sanctions": List([fill(Sanction, **OWN)], by_id(sanction_queries.sanctions_of, ONE)),
    "appeals": List(
        [fill(SanctionAppeal, "sanction_id")],
        by_id(sanction_queries.waiting_appeals, place="after"),
    ),
    "approvals": List(
        [
            fill(
                Proposal,
                status=f"IF({COMMON}, 'carried_out', 'open')",
                kind="'ruling'",
                open_slot="NULL",
                object_id="CONCAT('x', n)",
            )
        ],
        by_id(approval_queries.list_proposals, None, None),
    ),
    "open approvals": List([], by_id(approval_queries.list_proposals, "open", None)),
    "approvals of a kind": List([], by_id(approval_queries.list_proposals, "open", "ruling")),
    "elevations": List([fill(Elevation)], by_id(staff.list_elevations)),
    "applications": List(
        [fill(KycApplication, status="'waiting'")], by_id(kyc.queue, "waiting", place="after")
    ),
    "hits": List(
        [fill(ScreeningHit, status="'open'")],
        by_id(screening_queries.queue, "open", place="after"),
    ),
    "recoveries": List(
        [fill(Recovery, status="'open'")], by_id(recovery.queue, "open", place="after")
    ),
    "counterparties": List([fill(Counterparty, **OWN)], by_id(sandbox.page_of_user, ONE)),
    "exports": List([fill(DataExport, **OWN)], by_id(privacy.exports_of, ONE)),
    "orders": List(
        [
            fill(Order, **OWN, market="'m'", status="IF(n % 20 > 0, 'cancelled', 'open')"),
            PROFILE,
        ],
        of_orders(None, None),
    ),
    "open orders": List([], of_orders("m", "open")),
    "cancelled orders": List([], of_orders("m", "cancelled")),
    "trades": List(
        [fill(UserTrade, "trade_id", **OWN)],
        by_id(trades.page_of_user, ONE, open_only=None),
    ),
    "outages": List([fill(Outage)], by_id(outage_queries.page_of_outages)),
}


async def fill_tables(url):
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(
            text("SET SESSION foreign_key_checks = 0, check_constraint_checks = 0, sql_mode = ''")
        )
        tables = set()
        for listed in LISTS.values():
            for statement in listed.fills:
                await connection.execute(text(statement))
                tables.add(statement.split()[2])
        await connection.commit()
        await connection.execute(text(f"ANALYZE TABLE {', '.join(sorted(tables))}"))
    await engine.dispose()


async def measure_reads(url):
    """Rows shown and rows read by list, for the first page and one from the middle."""
    engine, found = create_async_engine(url), {}
    async with engine.connect() as connection:
        for what, listed in LISTS.items():
            for number in (None, ROWS // 2):
                await connection.execute(text("FLUSH STATUS"))
                page = listed.page(number)
                statement = await page if isawaitable(page) else page
                shown = len((await connection.execute(statement)).all())
                counted = await connection.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
                reads = sum(int(row[1]) for row in counted)
                found[what, "first" if number is None else "middle"] = shown, reads
    await engine.dispose()
    return found


@pytest.fixture(scope="module")
def found(mariadb_schemas):
    with lend_schema(mariadb_schemas) as url:
        asyncio.run(fill_tables(url))
        yield asyncio.run(measure_reads(url))


def test_every_page_is_full(found):
    assert {what: shown for what, (shown, _) in found.items() if shown != LIMIT} == {}


def test_page_reads_a_few_times_what_it_shows_from_the_middle_too(found):
    most = LIMIT * READS_A_ROW_MAX
    assert {what: reads for what, (_, reads) in found.items() if reads > most} == {}
