"""Everything that is known about a person, file by file."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from server.chat.views import context_of as message_context
from server.core.clock import format_instant
from server.core.money import format_decimal, format_usdt
from server.identity.accounts import context_of
from server.identity.names import legal_name_context
from server.identity.sealing import Sealer
from server.kyc.applications import context_of as application_context
from server.ledger import history
from server.moderation.notes import context_of as note_context
from server.moderation.reports import context_of as report_context
from server.privacy import (
    case_queries,
    ruling_queries,
    told_queries,
    trust_queries,
    written_queries,
)
from server.privacy import content_queries as queries
from server.trades.views import payer_context
from server.wallets.routes import show_entry

PAGE = 500
PAGES_MAX = 10_000
"""Far more pages than fit an archive."""
_USDT = "_usdt"
Page = Callable[[UUID, Any, int], queries.Selected]
Row = Mapping[Any, Any]
Show = Callable[[Sealer, Row], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """One file of the archive."""

    file: str
    tables: tuple[str, ...]
    """Whose rows are in it."""
    read: Callable[["Source"], AsyncIterator[list[dict[str, Any]]]]
    """Its rows, page by page."""


@dataclass(frozen=True, slots=True)
class Source:
    """Whose data are read, and with what."""

    connection: AsyncConnection
    sealer: Sealer
    user_id: UUID


def show_plain(_sealer: Sealer, row: Row) -> dict[str, Any]:
    """A row as it is: identifiers and instants as text, micro-units as decimals."""
    return show_values(row)


def show_values(values: Row) -> dict[str, Any]:
    """Values of a row by name, without its place in the list."""
    return {
        name.removesuffix(_USDT): _show_value(name, value)
        for name, value in values.items()
        if name != "place"
    }


def _show_value(name: str, value: Any) -> Any:
    assert not isinstance(value, bytes), f"{name} is no text"
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, UUID):
        return str(value)
    return format_usdt(value) if name.endswith(_USDT) and value is not None else value


async def _read_pages(source: Source, page: Page) -> AsyncIterator[list[Row]]:
    after: Any = None
    for _ in range(PAGES_MAX):
        rows = (await source.connection.execute(page(source.user_id, after, PAGE))).mappings().all()
        if rows:
            yield list(rows)
        if len(rows) < PAGE:
            return
        after = rows[-1]["place"]
    raise AssertionError("a list has an end")


def _of(page: Page, show: Show = show_plain) -> Any:
    async def read(source: Source) -> AsyncIterator[list[dict[str, Any]]]:
        async for rows in _read_pages(source, page):
            yield [show(source.sealer, row) for row in rows]

    return read


def _without(row: Row, *names: str) -> dict[str, Any]:
    return show_values({name: value for name, value in row.items() if name not in names})


def _show_profile(_sealer: Sealer, row: Row) -> dict[str, Any]:
    verified = row["phone_verified"] is not None
    return _without(row, "phone_verified") | {"phone_verified": verified}


def _show_account(sealer: Sealer, row: Row) -> dict[str, Any]:
    details = orjson.loads(sealer.open_sealed(bytes(row["sealed"]), context_of(row["id"])))
    return _without(row, "sealed") | {"details": details}


def _show_report(sealer: Sealer, row: Row) -> dict[str, Any]:
    text = None
    if row["sealed"] is not None:
        text = sealer.open_sealed(bytes(row["sealed"]), report_context(row["place"])).decode()
    return _without(row, "sealed") | {"text": text}


def _show_note(sealer: Sealer, row: Row) -> dict[str, Any]:
    text = sealer.open_sealed(bytes(row["sealed"]), note_context(row["place"])).decode()
    return _without(row, "sealed") | {"text": text}


def _show_application(sealer: Sealer, row: Row) -> dict[str, Any]:
    """Without who decided it and what the fingerprints are."""
    person = None
    if row["sealed"] is not None:
        opened = sealer.open_sealed(bytes(row["sealed"]), application_context(row["id"]))
        person = orjson.loads(opened)
    kept = ("id", "level", "status", "document_expires_at", "created_at", "submitted_at",
            "decided_at", "reason", "provider", "expires_at", "purged_at")  # fmt: skip
    shown = show_values({name: row[name] for name in kept})
    return shown | {"person": person}


def _show_name(sealer: Sealer, row: Row) -> dict[str, Any]:
    name = sealer.open_sealed(bytes(row["sealed"]), legal_name_context(row["place"])).decode()
    return {"full_name": name, "verified_at": format_instant(row["verified_at"])}


def _read_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _show_act(_sealer: Sealer, row: Row) -> dict[str, Any]:
    changed = {"before": _read_json(row["before"]), "after": _read_json(row["after"])}
    return _without(row, "before", "after") | changed


def _show_file(_sealer: Sealer, row: Row) -> dict[str, Any]:
    return _without(row, "digest") | {"sha256": bytes(row["digest"]).hex()}


def _show_notice(_sealer: Sealer, row: Row) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(row["body"])
    return told


def _show_told(_sealer: Sealer, row: Row) -> dict[str, Any]:
    return _without(row, "params") | {"params": orjson.loads(row["params"])}


def _show_order(_sealer: Sealer, row: Row) -> dict[str, Any]:
    digits, places = row["minor_digits"], row["price_digits"]
    shown = _without(
        row, "user_id", "minor_digits", "price_digits", "price_ticks", "worst_price_ticks",
        "min_fiat_minor", "max_fiat_minor", "priority", "rules",
    )  # fmt: skip
    for name in ("amount", "remaining", "matched", "returned", "closed", "reserved"):
        shown[name] = format_usdt(shown[name])
    for name, ticks in (("price", row["price_ticks"]), ("worst_price", row["worst_price_ticks"])):
        shown[name] = None if ticks is None else format_decimal(ticks, places)
    shown["min_fiat"] = format_decimal(row["min_fiat_minor"], digits)
    shown["max_fiat"] = format_decimal(row["max_fiat_minor"], digits)
    shown["rules"] = orjson.loads(row["rules"]) if row["rules"] else None
    return shown


def _show_trade(sealer: Sealer, row: Row) -> dict[str, Any]:
    """A trade for one of its parties; the payer's name for who declared it."""
    is_buyer = row["role"] == "buyer"
    shown = _without(
        row, "buyer_id", "seller_id", "minor_digits", "price_digits", "price_ticks", "fiat_minor",
        "payer_name", "payment_account_id", "new_buyer", "escrow", "buyer_fee_ppm",
        "seller_fee_ppm",
    )  # fmt: skip
    shown["amount"] = format_usdt(row["amount"])
    shown["price"] = format_decimal(row["price_ticks"], row["price_digits"])
    shown["fiat"] = format_decimal(row["fiat_minor"], row["minor_digits"])
    shown["fee_ppm"] = row["buyer_fee_ppm"] if is_buyer else row["seller_fee_ppm"]
    shown["payer_name"] = None
    if is_buyer and row["payer_name"] is not None:
        opened = sealer.open_sealed(bytes(row["payer_name"]), payer_context(row["id"]))
        shown["payer_name"] = opened.decode()
    if not is_buyer:
        shown["payment_account_id"] = str(row["payment_account_id"])
        shown["escrow"] = None if row["escrow"] is None else format_usdt(row["escrow"])
    return shown


def _show_message(sealer: Sealer, row: Row) -> dict[str, Any]:
    """What he wrote, as he wrote it."""
    text = None
    if row["sealed"] is not None:
        opened = sealer.open_sealed(bytes(row["sealed"]), message_context(row["id"]))
        written = orjson.loads(opened)
        text = written["original"] or written["text"]
    return {**_without(row, "sealed"), "text": text}


async def _read_trades(source: Source) -> AsyncIterator[list[dict[str, Any]]]:
    """Trades with their history, offers and cases."""
    beside: Sequence[tuple[str, Callable[[Sequence[UUID]], queries.Selected]]] = (
        ("history", queries.steps_of),
        ("cancel_requests", queries.cancel_requests_of),
        ("split_offers", queries.split_offers_of),
        ("disputes", case_queries.disputes_of),
        ("dispute_history", case_queries.dispute_steps_of),
        ("dispute_offers", case_queries.dispute_offers_of),
        ("claims", case_queries.claims_of),
        ("claim_history", case_queries.claim_steps_of),
        ("evidence", case_queries.evidence_of),
    )
    async for rows in _read_pages(source, queries.trades):
        shown = {row["id"]: _show_trade(source.sealer, row) for row in rows}
        for name, statement in beside:
            found = (await source.connection.execute(statement(tuple(shown)))).mappings().all()
            for trade in shown.values():
                trade[name] = []
            for each in found:
                shown[each["trade_id"]][name].append(_show_beside(source, each))
        yield list(shown.values())


def _show_beside(source: Source, row: Row) -> dict[str, Any]:
    shown = _without(row, "trade_id", "proposer_id", "detail")
    if "detail" in row:
        shown["detail"] = orjson.loads(row["detail"])
    if "proposer_id" in row:
        shown["proposed_by_me"] = row["proposer_id"] == source.user_id
    return shown


async def _read_ledger(source: Source) -> AsyncIterator[list[dict[str, Any]]]:
    place: history.Place | None = None
    for _ in range(PAGES_MAX):
        entries, place = await history.list_entries(
            source.connection, source.user_id, history.Filters(), after=place, limit=PAGE
        )
        if entries:
            yield [show_entry(entry) for entry in entries]
        if place is None:
            return
    raise AssertionError("a list has an end")


TRADES = ("trades", "user_trades", "trade_events", "cancel_requests", "split_offers", "disputes",
          "dispute_events", "dispute_offers", "dispute_parties", "claims", "claim_events",
          "evidence", "evidence_attachments", "holds")  # fmt: skip
PROFILE = ("users", "user_profiles", "standings", "user_security")
SECTIONS = (
    Section("profile", PROFILE, _of(queries.profile, _show_profile)),
    Section("terms", ("terms_acceptances",), _of(queries.terms)),
    Section("sessions", ("sessions", "session_states"), _of(queries.sessions)),
    Section("sign_ins", ("sign_ins",), _of(queries.sign_ins)),
    Section("contact_changes", ("contact_changes",), _of(queries.contact_changes)),
    Section("devices", ("devices",), _of(queries.devices)),
    Section("authenticator_app", ("totp_factors", "recovery_codes"), _of(queries.apps)),
    Section("reports", ("user_reports",), _of(written_queries.reports, _show_report)),
    Section("notes", ("user_notes",), _of(written_queries.notes, _show_note)),
    Section("api_keys", ("api_keys",), _of(written_queries.api_keys)),
    Section("passkeys", ("passkeys",), _of(queries.passkeys)),
    Section(
        "payment_accounts",
        ("payment_accounts", "payment_account_states"),
        _of(queries.payment_accounts, _show_account),
    ),
    Section("blocks", ("blocks",), _of(trust_queries.blocks)),
    Section("trusted", ("trusted_people",), _of(trust_queries.trusted)),
    Section("orders", ("orders",), _of(queries.orders, _show_order)),
    Section("trades", TRADES, _read_trades),
    Section("chats", ("chats", "chat_messages"), _of(queries.chats, _show_message)),
    Section("files", ("attachments",), _of(queries.files, _show_file)),
    Section("faults", ("trade_faults",), _of(queries.faults)),
    Section("balances", ("accounts",), _of(queries.balances)),
    Section("lots", ("lots",), _of(queries.lots)),
    Section("ledger", ("postings", "transfers"), _read_ledger),
    Section("identity", ("kyc_applications",), _of(queries.applications, _show_application)),
    Section("identity_documents", ("kyc_documents",), _of(queries.documents)),
    Section("legal_name", ("legal_names",), _of(queries.legal_name, _show_name)),
    Section("holds", ("account_holds",), _of(queries.holds)),
    Section("sanctions", ("sanctions", "sanction_appeals"), _of(trust_queries.sanctions)),
    Section("trade_flags", ("trade_flags",), _of(trust_queries.trade_flags)),
    Section("ratings_given", ("ratings",), _of(trust_queries.ratings_given)),
    Section("ratings_received", ("ratings",), _of(trust_queries.ratings_received)),
    Section("reputation", ("reputations",), _of(trust_queries.reputation)),
    Section("trading_days", ("reputation_days",), _of(trust_queries.days)),
    Section("trading_times", ("reputation_times",), _of(trust_queries.times)),
    Section("recoveries", ("recoveries",), _of(queries.recoveries)),
    Section("rulings", ("rulings",), _of(ruling_queries.rulings)),
    Section("objections", ("objections",), _of(ruling_queries.objections)),
    Section("staff_roles", ("staff_assignments",), _of(queries.roles)),
    Section("notices", ("outbox",), _of(queries.notices, _show_notice)),
    Section("sandbox", ("sandbox_counterparties",), _of(told_queries.counterparties)),
    Section("notifications", ("notifications",), _of(told_queries.notifications, _show_told)),
    Section(
        "notification_settings", ("notification_settings",), _of(told_queries.notification_settings)
    ),
    Section("own_acts", ("audit_entries",), _of(queries.acts, _show_act)),
    Section("acts_on_the_account", ("audit_entries",), _of(queries.acts_of_others, _show_act)),
    Section("exports", ("data_exports",), _of(queries.exports)),
)
"""Every file, in the order of the archive."""
