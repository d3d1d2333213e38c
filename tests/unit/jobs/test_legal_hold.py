"""Nothing that deletes a person's data touches somebody under a legal hold; each job is listed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select

from models.api_keys import ApiKey
from models.candles import Candle
from models.codes import ContactChange, OneTimeCode, PasswordReset
from models.compliance import AccountHold, SuspicionReport
from models.devices import Device, DeviceHold, DeviceWarning
from models.factors import PasskeyChallenge, PendingSignIn
from models.identity import RefreshToken, Session, SessionRevocation, SessionState, StepUpProof
from models.kyc import KycProviderEvent
from models.links import LinkSignal, Payer, PayerSighting, PaymentReference
from models.markets import IndexReading
from models.messages import Message, SmsCount, SmsNotice
from models.notifications import Notification
from models.operations import CommitMarker, IdempotencyKey, Outbox
from models.orders import FailedPair, LaneInbox, OrderSkip
from models.privacy import DataExport, DataExportPart
from models.reputation import ReputationDay
from models.sandbox import Counterparty
from server.jobs.purge import PURGES
from server.settings import load_settings
from server.wiring import build_app, open_kernel
from server.wiring.duties import SCHEDULE

LONG = timedelta(days=3650)
DELETES = {
    "purge_events": (Outbox,),
    "purge_markers": (CommitMarker,),
    "purge_skips": (OrderSkip,),
    "purge_inbox": (LaneInbox,),
    "purge_pairs": (FailedPair,),
    "purge_sessions": (Session, SessionState, RefreshToken),
    "purge_old_replies": (IdempotencyKey,),
    "purge_revocations": (SessionRevocation,),
    "purge_proofs": (StepUpProof,),
    "purge_pending": (PendingSignIn,),
    "purge_challenges": (PasskeyChallenge,),
    "purge_codes": (OneTimeCode,),
    "purge_contact_changes": (ContactChange,),
    "purge_resets": (PasswordReset,),
    "purge_devices": (Device, DeviceHold, DeviceWarning),
    "purge_api_keys": (ApiKey,),
    "purge_messages": (Message,),
    "purge_sms_notices": (SmsNotice,),
    "purge_counts": (SmsCount,),
    "purge_readings": (IndexReading,),
    "purge_candles": (Candle,),
    "purge_provider_messages": (KycProviderEvent,),
    "purge_exports": (DataExportPart, DataExport),
    "purge_reports": (SuspicionReport,),
    "purge_notifications": (Notification,),
    "purge_days": (ReputationDay,),
    "purge_counterparties": (Counterparty,),
    "purge_signals": (LinkSignal,),
    "purge_sightings": (Payer, PayerSighting, PaymentReference),
}
"""What each purge deletes."""
SAYS_NOTHING = {StepUpProof, PendingSignIn, LaneInbox, DataExport, SmsNotice, ReputationDay}
"""Digests of secrets of minutes, work that a lane has done, copies of what stands elsewhere, and
counts of a day, of which the trades themselves stay."""
OF_A_PERSON = sorted(
    {
        table
        for tables in DELETES.values()
        for table in tables
        if "user_id" in table.__table__.columns and table not in SAYS_NOTHING
    },
    key=lambda table: table.__tablename__,
)
PURGING_DUTIES = {
    "purge": "each of its purges is listed here",
    "purge_sign_ins": "tests/api/identity/test_sign_in_history.py",
    "purge_identities": "tests/api/kyc/test_time.py",
    "purge_attachments": "tests/api/files/test_staff.py",
    "purge_recoveries": "tests/api/recovery/test_recovery.py",
    "forget_closed": "tests/api/admin/test_account_life.py",
}
"""Duties that delete what people left, and where it is shown that a hold stops them."""


def test_every_purge_is_listed_with_what_it_deletes():
    assert DELETES.keys() == {purge.__name__ for purge in PURGES}
    assert {table.__tablename__ for table in OF_A_PERSON} == {
        "api_keys", "contact_changes", "devices", "idempotency_keys", "link_signals",
        "notifications",
        "one_time_codes", "password_resets", "sandbox_counterparties", "sessions",
        "suspicion_reports",
    }  # fmt: skip


async def test_every_duty_that_deletes_is_listed(tmp_path):
    settings = load_settings({"IQX_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/iqx.db"})
    app = build_app(open_kernel(settings))
    names = {duty.name for duty in app[SCHEDULE]._duties}
    found = {name for name in names if name.startswith(("purge", "forget"))}
    assert found == PURGING_DUTIES.keys()


def row_of(table, unit, user_id, tag):
    now = unit.now
    digest = (tag * 32)[:32].encode()
    return {
        Session: {
            "id": unit.ids.new_id(), "user_id": user_id, "device": "d", "ip": "::1",
            "created_at": now, "expires_at": now,
        },
        IdempotencyKey: {
            "user_id": user_id, "key": b"k", "request_hash": digest, "status": 200, "body": b"{}",
            "created_at": now,
        },
        OneTimeCode: {
            "id": unit.ids.new_id(), "user_id": user_id, "purpose": "verify_email",
            "digest": digest, "sent_at": now, "expires_at": now, "errors": 0,
        },
        PasswordReset: {
            "digest": digest, "account": digest, "user_id": user_id, "asked_at": now,
            "expires_at": now,
        },
        ContactChange: {
            "id": unit.ids.new_id(), "user_id": user_id, "session_id": unit.ids.new_id(),
            "kind": "email", "contact": "a@example.org", "expires_at": now,
        },
        Device: {
            "id": unit.ids.new_id(), "user_id": user_id, "digest": digest, "known_at": now,
            "seen_at": now,
        },
        LinkSignal: {
            "kind": "device", "digest": digest, "user_id": user_id, "first_at": now,
            "seen_at": now,
        },
        Notification: {
            "id": unit.ids.new_id(), "user_id": user_id, "kind": "trade_paid",
            "cause_id": unit.ids.new_id(), "happened": 1, "params": "{}", "created_at": now,
        },
        ApiKey: {
            "id": unit.ids.new_id(), "user_id": user_id, "digest": digest, "name": "Bot",
            "begins": "iqx_abcd", "scopes": "read", "networks": "",
            "created_at": now - timedelta(days=1), "expires_at": now,
        },
        Counterparty: {
            "id": unit.ids.new_id(), "user_id": user_id, "script": "silent", "side": "buy",
            "market": "m", "method_id": "r", "amount": 1, "price": "1", "payer_name": "",
            "done": "[]", "status": "ended", "created_at": now,
        },
        SuspicionReport: {
            "id": unit.ids.new_id(), "user_id": user_id, "reported_by": user_id, "created_at": now,
            "sealed": b"x", "status": "filed", "decided_by": user_id, "decided_at": now,
        },
    }[table]  # fmt: skip


@pytest.mark.parametrize("table", OF_A_PERSON, ids=lambda table: table.__tablename__)
async def test_what_a_purge_deletes_of_others_it_keeps_of_who_is_held(world, table):
    people = SimpleNamespace(held=world.buyer, other=world.seller)

    async def write(unit):
        await unit.execute(table.__table__.delete())
        for user_id, tag in ((people.held, "h"), (people.other, "o")):
            await unit.execute(insert(table).values(**row_of(table, unit, user_id, tag)))
        await unit.execute(
            insert(AccountHold).values(
                id=unit.ids.new_id(), user_id=people.held, kind="legal", reason="A court asks.",
                placed_at=unit.now,
            )
        )  # fmt: skip

    if table is Session:
        await world.run(lambda unit: unit.execute(RefreshToken.__table__.delete()))
        await world.run(lambda unit: unit.execute(SessionState.__table__.delete()))
    await world.run(write)
    world.clock.advance(seconds=LONG.total_seconds())
    (purge,) = (each for each in PURGES if table in DELETES[each.__name__])

    await world.database.transact(purge, name="test")

    left = await world.fetch(select(table.user_id))
    assert [row.user_id for row in left] == [people.held]
