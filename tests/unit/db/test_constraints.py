"""The databases themselves refuse what must never be: each CHECK and each UNIQUE, one by one."""

import importlib
import itertools
import pkgutil
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import models
from models.base import Base, Digest, Id, Instant
from server.db import is_unique_violation
from server.db.engine import open_engine

for found in pkgutil.iter_modules(models.__path__):
    importlib.import_module(f"models.{found.name}")
TABLES = {table.name: table for table in Base.metadata.sorted_tables}
LISTED = re.compile(r"(\w+) IN \('(\w+)'")
FRESH = itertools.count(1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

VALID = {
    "kyc_applications": {
        "status": "collecting", "level": 2, "decided_by": None, "first_approver_id": None,
        "provider": None,
    },
    "chats": {"number": 1, "buyer_read": 0, "seller_read": 0},
    "chat_messages": {"kind": "text", "author": "buyer", "event": None, "attachment_id": None},
    "attachments": {
        "media_type": "image/jpeg", "due_at": None, "scanned_at": None, "purged_at": None,
    },
    "data_exports": {"status": "waiting", "size": None, "expires_at": None},
    "orders": {
        "amount": 10, "remaining": 10, "matched": 0, "returned": 0, "closed": 0, "reserved": 0
    },
    "holds": {
        "resolution": None, "resolved_at": None, "amount": 10, "paid_out": 0, "fees": 0,
        "given_back": 0,
    },
    "recoveries": {
        "status": "open", "closed_at": None, "ready_at": LATER,
        "expires_at": LATER + timedelta(hours=1),
    },
    "sanctions": {"ends_at": LATER, "ended_at": None},
    "sanction_appeals": {"decided_at": None, "granted": None},
    "rulings": {
        "outcome": "release", "amount": 1, "buyer_amount": 1, "seller_amount": 0,
        "ended_at": None,
    },
    "screening_hits": {"status": "open", "decided_by": None},
    "elevations": {"ends_at": LATER},
    "user_reports": {"status": "open", "decided_at": None, "user_id": UUID(int=2)},
    "api_keys": {"expires_at": LATER, "ended_at": None, "ended_reason": None},
    "index_overrides": {"ends_at": LATER, "ended_at": None},
    "disputes": {"award_buyer_amount": None, "closed_at": None, "outcome": None},
    "claims": {"closed_at": None, "outcome": None},
    "dispute_offers": {"buyer_amount": None, "answered_at": None},
    "trade_freezes": {"expires_at": LATER, "ended_at": None},
    "proposals": {"approvals_needed": 1, "expires_at": LATER, "closed_at": None},
}  # fmt: skip
"""Values of a valid row where "1 for every number" is none."""
BROKEN = {
    "ck_claims_closed_has_time": [
        {"status": "closed", "outcome": "upheld", "deadline_at": None}, {"closed_at": NOW},
    ],
    "ck_claims_closed_has_outcome": [
        {"status": "closed", "closed_at": NOW, "deadline_at": None}, {"outcome": "upheld"},
    ],
    "ck_claims_open_has_deadline": [
        {"status": "closed", "closed_at": NOW, "outcome": "upheld"}, {"deadline_at": None},
    ],
    "ck_claims_held_not_negative": [{"held_amount": -1}],
    "ck_disputes_closed_has_time": [
        {"status": "closed", "outcome": "conceded", "deadline_at": None}, {"closed_at": NOW},
    ],
    "ck_disputes_closed_has_outcome": [
        {"status": "closed", "closed_at": NOW, "deadline_at": None}, {"outcome": "conceded"},
    ],
    "ck_disputes_open_has_deadline": [
        {"status": "closed", "closed_at": NOW, "outcome": "conceded"}, {"deadline_at": None},
    ],
    "ck_disputes_split_has_part": [
        {"award": "split"}, {"award": "refund", "award_buyer_amount": 1},
        {"award": None, "award_buyer_amount": 1},
    ],
    "ck_dispute_offers_split_has_part": [{"kind": "split"}, {"buyer_amount": 1}],
    "ck_dispute_offers_open_not_answered": [{"answered_at": NOW}],
    "ck_trade_freezes_expires_later": [{"expires_at": NOW}],
    "ck_trade_freezes_active_not_ended": [{"ended_at": NOW}],
    "ck_user_reports_not_oneself": [{"reporter_id": UUID(int=2)}],
    "ck_user_reports_open_not_decided": [{"decided_at": NOW}],
    "ck_api_keys_expires_later": [{"expires_at": NOW}],
    "ck_api_keys_ended_for_a_reason": [
        {"ended_at": NOW, "ended_reason": None}, {"ended_at": None, "ended_reason": "logout"},
    ],
    "ck_candles_prices_ordered": [{"low_ticks": 2}, {"high_ticks": 0}, {"close_ticks": 2}],
    "ck_candles_counts_something": [{"trades": 0}, {"volume_micro": 0}],
    "ck_kyc_applications_level_known": [{"level": 1}, {"level": 4}],
    "ck_kyc_applications_approved_by_somebody": [{"status": "approved", "open_user_id": None}],
    "ck_kyc_applications_level_3_by_two": [
        {
            "status": "approved", "open_user_id": None, "level": 3, "provider": "p",
            "decided_by": None, "first_approver_id": UUID(int=1),
        },
        {
            "status": "approved", "open_user_id": None, "level": 3,
            "decided_by": UUID(int=1), "first_approver_id": None,
        },
        {
            "status": "approved", "open_user_id": None, "level": 3,
            "decided_by": UUID(int=1), "first_approver_id": UUID(int=1),
        },
    ],
    "ck_kyc_applications_open_counted": [{"open_user_id": None}, {"status": "rejected"}],
    "ck_kyc_applications_not_by_oneself": [
        {"user_id": UUID(int=1), "decided_by": UUID(int=1)}
    ],
    "ck_kyc_documents_size_positive": [{"size": 0}],
    "ck_attachments_media_type_known": [{"media_type": "text/html"}],
    "ck_attachments_size_positive": [{"size": 0}],
    "ck_attachments_tries_not_negative": [{"tries": -1}],
    "ck_attachments_scanned_when_decided": [{"status": "clean"}, {"status": "refused"}],
    "ck_attachments_due_while_waiting": [{"status": "waiting"}, {"due_at": NOW}],
    "ck_attachments_no_key_once_purged": [{"purged_at": NOW}],
    "ck_attachment_flags_distance_not_negative": [{"distance": -1}],
    "ck_attachment_flags_not_itself": [{"attachment_id": UUID(int=1), "other_id": UUID(int=1)}],
    "ck_audit_heads_number_not_negative": [{"number": -1}],
    "ck_chats_read_what_is_there": [
        {"buyer_read": -1}, {"buyer_read": 2}, {"seller_read": -1}, {"seller_read": 2},
    ],
    "ck_chats_hash_of_the_last": [{"number": 0}, {"hash": None}],
    "ck_chat_messages_number_positive": [{"number": 0}],
    "ck_chat_messages_system_speaks_for_itself": [
        {"author": "system"}, {"kind": "system", "event": "opened"},
    ],
    "ck_chat_messages_system_names_its_event": [
        {"event": "opened"}, {"kind": "system", "author": "system"},
    ],
    "ck_chat_messages_attachment_names_its_file": [
        {"attachment_id": UUID(int=1)}, {"kind": "attachment"},
    ],
    "ck_data_exports_tries_not_negative": [{"tries": -1}],
    "ck_data_exports_ready_to_fetch": [
        {"status": "ready", "size": None, "expires_at": NOW},
        {"status": "ready", "size": 0, "expires_at": NOW},
        {"status": "ready", "size": 1, "expires_at": None},
    ],
    "ck_data_export_parts_number_not_negative": [{"number": -1}],
    "ck_elevations_ends_later": [{"ends_at": NOW}],
    "ck_index_overrides_index_positive": [{"index_ticks": 0}],
    "ck_index_overrides_ends_later": [{"ends_at": NOW}],
    "ck_index_overrides_slot_while_running": [{"ended_at": NOW}, {"running_in": None}],
    "ck_market_settings_amounts_ordered": [
        {"amount_min_micro": 0}, {"amount_min_micro": 2, "amount_max_micro": 1}
    ],
    "ck_messages_tries_not_negative": [{"tries": -1}],
    "ck_sandbox_counterparties_side_known": [{"side": "both"}],
    "ck_sandbox_counterparties_amount_positive": [{"amount": 0}],
    "ck_notifications_happened_at_least_once": [{"happened": 0}],
    "ck_one_time_codes_errors_not_negative": [{"errors": -1}],
    "ck_orders_parts_not_negative": [
        {"remaining": 9, "returned": 1, "closed": 2}, {"matched": 1, "closed": -1},
    ],
    "ck_orders_reserved_not_negative": [{"reserved": -1}],
    "ck_orders_amount_accounted": [{"amount": 11}, {"matched": 1}, {"closed": 1}],
    "ck_orders_remaining_in_amount": [{"remaining": -1, "closed": 11}],
    "ck_payment_method_schemas_version_positive": [{"version": 0}],
    "ck_platform_postings_amount_not_zero": [{"amount": 0}],
    "ck_postings_amount_not_zero": [{"amount": 0}],
    "ck_postings_account_seq_positive": [{"account_seq": 0}],
    "ck_postings_balance_after_not_negative": [{"balance_after": -1}],
    "ck_transfers_amount_positive": [{"amount": 0}, {"amount": -1}],
    "ck_accounts_balance_not_negative": [{"balance": -1}],
    "ck_blocks_not_oneself": [{"user_id": UUID(int=1), "blocked_id": UUID(int=1)}],
    "ck_trusted_people_not_oneself": [{"user_id": UUID(int=1), "trusted_id": UUID(int=1)}],
    "ck_holds_amount_positive": [{"amount": 0}],
    "ck_holds_parts_sum": [
        {"paid_out": 10},
        {"resolution": "released", "paid_out": 10},
        {"resolution": "released", "resolved_at": NOW, "paid_out": 9},
        {"resolution": "split", "resolved_at": NOW, "paid_out": 9, "fees": 1, "given_back": 1},
    ],
    "ck_lots_amount_positive": [{"amount": 0}],
    "ck_proposals_approvals_one_or_two": [{"approvals_needed": 0}, {"approvals_needed": 3}],
    "ck_proposals_expires_later": [{"expires_at": NOW}],
    "ck_proposals_slot_while_open": [{"closed_at": NOW}, {"open_slot": None}],
    "ck_recoveries_open_counted": [{"open_user_id": None}],
    "ck_recoveries_closed_at_its_end": [
        {"closed_at": LATER}, {"status": "stopped", "open_user_id": None, "closed_at": None},
    ],
    "ck_recoveries_times_ordered": [{"ready_at": NOW}, {"expires_at": LATER}],
    "ck_recoveries_waited_before_end": [
        {"status": "completed", "open_user_id": None, "closed_at": NOW}
    ],
    "ck_account_links_ordered": [{"low_id": UUID(int=9), "high_id": UUID(int=8)}],
    "ck_ratings_not_oneself": [{"rater_id": UUID(int=1), "rated_id": UUID(int=1)}],
    "ck_ratings_stars_known": [{"stars": 0}, {"stars": 6}],
    "ck_ratings_weight_not_negative": [{"weight": -1}],
    "ck_reputation_pairs_two_people": [{"user_id": UUID(int=1), "other_id": UUID(int=1)}],
    "ck_reputation_pairs_between_one_and_five_stars": [
        {"stars_weight": 0}, {"stars_weight": 6},
    ],
    "ck_reputations_not_negative": [
        {"counterparties": -1}, {"excess": -1}, {"raters": -1}, {"score_weight": -1},
    ],
    "ck_sanctions_ends_later": [{"ends_at": NOW}],
    "ck_sanctions_ended_when_not_active": [{"ended_at": NOW}, {"status": "lifted"}],
    "ck_sanction_appeals_decided_whole": [{"granted": True}, {"decided_at": NOW}],
    "ck_desk_cases_priority_known": [{"priority": 0}, {"priority": 4}],
    "ck_desk_cases_one_objection": [{"round": 0}, {"round": 3}],
    "ck_desk_cases_assigned_once": [{"assignee_id": None}, {"assigned_at": None}],
    "ck_rulings_parts_sum": [{"amount": 2}, {"amount": 0}],
    "ck_rulings_parts_not_negative": [
        {"amount": -1, "buyer_amount": -1},
        {"outcome": "refund", "amount": -1, "buyer_amount": 0, "seller_amount": -1},
    ],
    "ck_rulings_parts_as_outcome": [
        {"outcome": "refund"}, {"outcome": "split"}, {"buyer_amount": 0, "seller_amount": 1},
    ],
    "ck_rulings_one_objection": [{"round": 0}, {"round": 3}],
    "ck_rulings_two_people": [{"ruler_id": UUID(int=1), "approver_id": UUID(int=1)}],
    "ck_rulings_ended_once": [{"ended_at": NOW}, {"status": "carried_out"}],
    "ck_canned_texts_version_positive": [{"version": 0}],
    "ck_case_audits_decided_once": [{"decided_at": None}, {"verdict": None}],
    "ck_screening_hits_decided_by_somebody": [
        {"status": "false_match"}, {"decided_by": UUID(int=2)},
    ],
    "ck_screening_hits_not_by_oneself": [
        {"status": "true_match", "user_id": UUID(int=1), "decided_by": UUID(int=1)}
    ],
    "ck_split_offers_buyer_amount_positive": [{"buyer_amount": 0}],
    "ck_standings_open_unpaid_not_negative": [{"open_unpaid_as_buyer": -1}],
    "ck_standings_limit_used_not_negative": [{"limit_used_micro": -1}],
    "ck_user_security_errors_counted": [{"errors": -1}, {"day_errors": -1}],
    "ck_trades_amounts_positive": [{"amount": 0}, {"fiat_minor": 0}],
    "ck_trades_two_parties": [{"buyer_id": UUID(int=1), "seller_id": UUID(int=1)}],
}  # fmt: skip
"""Rows that break a CHECK, as differences from a valid row."""


def list_checks():
    return [
        (table, check)
        for table in TABLES.values()
        for check in sorted(table.constraints, key=lambda one: str(one.name))
        if isinstance(check, CheckConstraint)
    ]


def list_keys():
    """Every set of columns that may exist once: primary keys, UNIQUE and unique indexes."""
    for table in TABLES.values():
        yield table, tuple(column.name for column in table.primary_key)
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                yield table, tuple(column.name for column in constraint.columns)
        for index in table.indexes:
            if index.unique:
                yield table, tuple(column.name for column in index.columns)


def make_row(table):
    """A valid row whose identifiers, words and bytes were never used before."""
    known = {
        found[1]: found[2]
        for check in table.constraints
        if isinstance(check, CheckConstraint)
        for found in [LISTED.match(str(check.sqltext))]
        if found
    }
    row = {}
    for column in table.columns:
        number = next(FRESH)
        if column.name in known:
            row[column.name] = known[column.name]
        elif isinstance(column.type, Id):
            row[column.name] = UUID(int=number)
        elif isinstance(column.type, Instant):
            row[column.name] = NOW
        elif isinstance(column.type, Digest):
            row[column.name] = number.to_bytes(min(column.type.length, 8), "big")
        elif isinstance(column.type, String | Text):
            row[column.name] = f"{number:x}"[-(column.type.length or 8) :]
        elif column.type.python_type is bytes:
            row[column.name] = b"b"
        elif column.type.python_type is bool:
            row[column.name] = False
        else:
            row[column.name] = number if column.primary_key else 1
    return row | VALID.get(table.name, {})


@pytest.fixture
async def connection(database_url):
    """A connection that checks no foreign keys, so that a row can stand alone."""
    engine = open_engine(database_url)
    sqlite = engine.dialect.name == "sqlite"
    switch = "PRAGMA foreign_keys=OFF" if sqlite else "SET SESSION foreign_key_checks=0"
    async with engine.connect() as opened:
        # SQLite ignores the switch inside a transaction, so it is said before one begins.
        driver = await opened.get_raw_connection()
        cursor = await driver.driver_connection.cursor()
        await cursor.execute(switch)
        await cursor.close()
        yield opened
        await opened.rollback()
    await engine.dispose()


async def refused_because(connection, table, row):
    """The text of the database's refusal of a row; None when it took it."""
    try:
        async with connection.begin_nested():
            await connection.execute(insert(table).values(**row))
    except DBAPIError as error:
        return str(error.orig)
    return None


async def test_each_check_refuses_a_row_that_breaks_it(connection):
    tried = set()
    for table, check in list_checks():
        column = LISTED.match(str(check.sqltext))
        for broken in [{column[1]: "none"}] if column else BROKEN[check.name]:
            row = make_row(table)
            assert await refused_because(connection, table, row) is None, table.name

            reason = await refused_because(connection, table, make_row(table) | broken)

            assert reason is not None, f"{check.name} lets {broken} pass"
            assert "CHECK constraint failed" in reason or "CONSTRAINT `ck_" in reason
            assert check.name in reason, f"{broken} was meant for {check.name}: {reason}"
        tried.add(check.name)

    assert tried >= BROKEN.keys()
    assert len(tried) > 30


async def test_each_key_refuses_a_second_row(connection):
    count = 0
    for table, key in list_keys():
        first, second = make_row(table), make_row(table)
        assert await refused_because(connection, table, first) is None, table.name
        assert await refused_because(connection, table, second) is None, table.name

        with pytest.raises(IntegrityError) as refused:
            async with connection.begin_nested():
                await connection.execute(
                    insert(table).values(**make_row(table) | {name: first[name] for name in key})
                )

        assert is_unique_violation(refused.value), f"{table.name} {key}"
        count += 1
    assert count > len(TABLES)


async def test_keys_compare_byte_by_byte(connection):
    users = UUID(int=next(FRESH))
    table = TABLES["idempotency_keys"]
    for key in (b"Key", b"key", b"key ", b"KEY", b"ke\xcc\x81y"):
        assert await refused_because(connection, table, make_row(table) | {
            "user_id": users, "key": key}) is None  # fmt: skip
    for name in ("username_key", "email_key"):
        profiles = TABLES["user_profiles"]
        for key in ("anna", "Anna", "anna ", "änna", "ännа"):
            row = make_row(profiles) | {name: key}
            assert await refused_because(connection, profiles, row) is None, key
    tokens = TABLES["refresh_tokens"]
    for digest in (b"a" * 32, b"A" * 32, b" " * 32, b"a" * 31 + b" "):
        assert await refused_because(connection, tokens, make_row(tokens) | {
            "digest": digest}) is None  # fmt: skip


async def test_identifiers_are_sixteen_bytes(connection):
    table = TABLES["commit_markers"]
    made = UUID("01940000-0000-7000-8000-000000000020")
    """Ends in a space's byte, which a padded comparison would lose."""
    await connection.execute(insert(table).values(id=made, created_at=NOW))

    stored = (await connection.execute(text("SELECT id FROM commit_markers"))).scalar_one()

    assert bytes(stored) == made.bytes
    assert (await connection.execute(table.select())).one().id == made


def test_every_text_of_mariadb_has_a_binary_collation_without_padding():
    from sqlalchemy.dialects import mysql

    dialect = mysql.dialect()
    for table in TABLES.values():
        for column in table.columns:
            written = column.type.dialect_impl(dialect).compile(dialect=dialect)
            if "CHAR" in written or "TEXT" in written:
                assert "_nopad_bin" in written, f"{table.name}.{column.name}: {written}"
