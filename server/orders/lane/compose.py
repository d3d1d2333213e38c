"""Makes the rows, events and replies of a batch that is settled."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from server.core.clock import format_instant
from server.core.events import room_of_market
from server.core.money import format_decimal, format_usdt
from server.http.endpoint import Reply
from server.ledger.events import balances_updated
from server.ledger.sheet import Sheet
from server.matching.orders import FIXED, FLOATING, SELL, BookOrder
from server.matching.outcome import Fill
from server.orders.lane.commands import Cancel, Command, Edit, FromInbox, Pause, Place, Resume, Take
from server.orders.lane.records import (
    MarketCard,
    MemberCard,
    OrderRecord,
    Rows,
    StandingRow,
    change_rules,
)
from server.orders.lane.run import Run, Step
from server.orders.lane.settle import ENDED, Settlement
from server.orders.views import view_own_part, view_public_order
from server.trades.rules import ROLLING, counts_to_record, window_s

AWAITING = "awaiting_payment"


@dataclass(slots=True)
class Rails:
    """What the lane knows of payment methods: how fast each is."""

    speed_of: dict[str, Any]


@dataclass(slots=True)
class Composed:
    """What a batch writes and says."""

    rows: Rows = field(default_factory=Rows)
    replies: dict[Command, Reply] = field(default_factory=dict)
    room_events: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, name and JSON of each event of the market's room, to be sent after the commit."""
    shares: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    """New unpaid trades that count to a sell order's share of new buyers."""
    versions: dict[UUID, int] = field(default_factory=dict)
    """Standing versions as written."""
    new_records: dict[UUID, OrderRecord] = field(default_factory=dict)
    announced: set[UUID] = field(default_factory=set)
    seq: int = 0
    """The market room's last number after the batch."""


class Composer:
    """Composes one batch. `seq` is the last number given in the market's room."""

    def __init__(
        self,
        *,
        market: MarketCard,
        rails: Rails,
        members: dict[UUID, MemberCard],
        settlement: Settlement,
        standings: dict[UUID, StandingRow],
        new_id: Callable[[], UUID],
        now: datetime,
        seq: int,
        batch: int,
    ) -> None:
        self.market = market
        self.rails = rails
        self.members = members
        self.settlement = settlement
        self.standings = standings
        self.new_id = new_id
        self.now = now
        self.batch = batch
        self.out = Composed(seq=seq)
        self.rows = self.out.rows
        self._deltas: dict[UUID, list[int]] = {}
        self._record_changes: dict[UUID, dict[str, Any]] = {}
        self._opened = 0
        self._continuing: set[Command] = set()
        self._touched: dict[object, BookOrder] = {}
        self._wholes: dict[UUID, bytes] = {}
        """The orders as their owners see them after the batch, encoded."""
        self._room = room_of_market(market.id)

    def compose(self, run: Run, sheet: Sheet) -> Composed:
        """Everything that the batch writes and says."""
        placed: dict[UUID, Command] = {}
        edited: set[UUID] = set()
        touched = self._touched
        trades_of: dict[Command, list[bytes]] = {}
        for step in run.steps:
            command = step.command
            if isinstance(command, Place | Take):
                assert isinstance(command.order.id, UUID)
                placed[command.order.id] = command
            elif isinstance(command, Edit):
                edited.add(command.order_id)
                self._note_edit(command)
            for order in step.touched:
                assert isinstance(order.id, UUID)
                touched[order.id] = order
            if step.outcome.continuing:
                self._continuing.add(command)
            trades_of[command] = [self._open_trade(fill) for fill in step.outcome.fills]
            if isinstance(command, FromInbox):
                self._consume(command, step)

        for order in touched.values():
            order_id = order.id
            assert isinstance(order_id, UUID)
            record = self.settlement.record_of(order_id)
            record_after = self._updated_record(order_id, record)
            self._write_order(order, record_after, is_new=order_id in placed, edited=edited)
            self._tell_of_order(order, record_after, is_new=order_id in placed)
        self._write_standings()
        self._write_money(sheet)
        for step in run.steps:
            if step.command.answer is not None:
                self._reply(step.command, trades_of[step.command])
        return self.out

    def _note_edit(self, command: Edit) -> None:
        """Remember what an edit changes of the record, on top of the edits before it."""
        changes = self._record_changes.setdefault(command.order_id, {})
        changes.update(command.record_changes)
        if command.rules_changes:
            known = self.settlement.record_of(command.order_id).rules
            changes["rules"] = change_rules(changes.get("rules", known), command.rules_changes)

    def _updated_record(self, order_id: UUID, record: OrderRecord) -> OrderRecord:
        """The record after the batch; kept apart until the batch is committed."""
        reserved = self.settlement.reserved.get(order_id, record.reserved)
        copied = replace(
            record,
            reserved=reserved,
            updated_at=self.now,
            **self._record_changes.get(order_id, {}),
        )
        self.out.new_records[order_id] = copied
        return copied

    # Trades.

    def _open_trade(self, fill: Fill) -> bytes:
        market, settlement = self.market, self.settlement
        trade_id = self.settlement.trade_ids[self._opened]
        self._opened += 1
        maker_order = self._touched[fill.maker_id]
        length_s = window_s(self.rails.speed_of[str(fill.method)], maker_order.window_s)
        deadline = self.now + timedelta(seconds=length_s)
        self.rows.add(
            "trades",
            (
                trade_id, market.id, market.asset, fill.maker_id, fill.taker_id, fill.buyer,
                fill.seller, maker_order.side, fill.price_ticks, fill.amount_micro,
                fill.fiat_minor, settlement.buyer_fee_ppm(fill), settlement.seller_fee_ppm(fill),
                fill.method, fill.payment_account, length_s, self._text_at_match(fill, "terms"),
                AWAITING, 1, deadline, deadline, False, False, False, False, fill.is_new_buyer,
                False, self.now,
            ),
        )  # fmt: skip
        for user, other, role in (
            (fill.buyer, fill.seller, "buyer"),
            (fill.seller, fill.buyer, "seller"),
        ):
            self.rows.add("user_trades", (user, trade_id, other, role, True, True))
        self.rows.add(
            "trade_events",
            (trade_id, 1, "opened", "system", None, None, AWAITING, "{}", self.now),
        )
        greeting = self._text_at_match(fill, "auto_reply")
        self.rows.add("chats", (trade_id, greeting, self.now))
        self.rows.add("holds", (trade_id, fill.seller, market.asset, settlement.hold_of(fill)))
        if fill.is_new_buyer:
            assert isinstance(fill.sell_order_id, UUID)
            self.out.shares[trade_id] = (fill.sell_order_id, fill.amount_micro)
        self._count(fill)
        # The body is encoded once; each side's event adds his role, and the reply takes it as is.
        body = orjson.dumps(self._view_trade(trade_id, fill, deadline))
        text = body[:-1].decode()
        for user, role in ((fill.buyer, "buyer"), (fill.seller, "seller")):
            self._tell_user(user, "trade_created", f'{text},"role":"{role}"}}')
        return body

    def _text_at_match(self, fill: Fill, name: str) -> str:
        """The maker's terms or automatic reply, with what this batch changed before the match."""
        assert isinstance(fill.maker_id, UUID)
        changed = self._record_changes.get(fill.maker_id, {})
        text: str = changed.get(name, getattr(self.settlement.record_of(fill.maker_id), name))
        return text

    def _view_trade(self, trade_id: UUID, fill: Fill, deadline: datetime) -> dict[str, Any]:
        assert isinstance(fill.buyer, UUID)
        assert isinstance(fill.seller, UUID)
        return {
            "id": str(trade_id),
            "market": self.market.id,
            "maker_order_id": str(fill.maker_id),
            "taker_order_id": str(fill.taker_id),
            "buyer": self.members[fill.buyer].username,
            "seller": self.members[fill.seller].username,
            "price": format_decimal(fill.price_ticks, self.market.price_digits),
            "amount": format_usdt(fill.amount_micro),
            "fiat": format_decimal(fill.fiat_minor, self.market.minor_digits),
            "payment_method": fill.method,
            "status": AWAITING,
            "deadline": format_instant(deadline),
            "version": 1,
        }

    def _count(self, fill: Fill) -> None:
        if not counts_to_record(self.market.asset):
            return
        assert isinstance(fill.buyer, UUID)
        assert isinstance(fill.seller, UUID)
        buyer = self._deltas.setdefault(fill.buyer, [0, 0])
        buyer[0] += 1
        buyer[1] += fill.amount_micro
        self._deltas.setdefault(fill.seller, [0, 0])[1] += fill.amount_micro

    # Rows.

    def _write_order(
        self, order: BookOrder, record: OrderRecord, *, is_new: bool, edited: set[UUID]
    ) -> None:
        state = (
            order.amount_micro, order.remaining_micro, order.matched_micro,
            order.returned_micro, order.closed_micro, record.reserved, order.takes_made,
            order.status, order.reason or "", order.paused_for or "", order.version, order.seq,
            self.now,
        )  # fmt: skip
        if is_new:
            self.rows.add("orders", self._new_order_row(order, record))
        elif order.id in edited:
            self.rows.add("orders_edited", (order.id, *state, *self._terms_of(order, record)))
        else:
            self.rows.add("orders_touched", (order.id, *state))

    def _terms_of(self, order: BookOrder, record: OrderRecord) -> tuple[object, ...]:
        return (
            order.pricing,
            order.price_ticks if order.pricing == FIXED else None,
            order.margin_bp if order.pricing == FLOATING else None,
            order.min_fiat_minor, order.max_fiat_minor, write_methods(order), order.window_s,
            record.expires_at, "manual" if order.manual else "auto",
            "public" if order.listed else "unlisted", order.always_on, order.max_trades,
            record.rules, record.terms, record.auto_reply,
        )  # fmt: skip

    def _new_order_row(self, order: BookOrder, record: OrderRecord) -> tuple[object, ...]:
        return (
            order.id, self.market.id, order.user, order.side, order.pricing,
            order.price_ticks if order.pricing == FIXED else None,
            order.margin_bp if order.pricing == FLOATING else None,
            record.worst_price_ticks, order.amount_micro, order.remaining_micro,
            order.matched_micro, order.returned_micro, order.closed_micro, record.reserved,
            record.maker_fee_ppm, record.taker_fee_ppm, order.min_fiat_minor,
            order.max_fiat_minor, write_methods(order), order.window_s, record.time_in_force,
            record.expires_at, "manual" if order.manual else "auto",
            "public" if order.listed else "unlisted", order.always_on, order.max_trades,
            order.takes_made, record.rules, record.terms, record.auto_reply, order.target,
            order.status, order.reason or "", order.paused_for or "", order.version, order.seq,
            record.created_at, self.now,
        )  # fmt: skip

    def _write_standings(self) -> None:
        horizon = self.now + ROLLING
        for user_id, (unpaid, used_micro) in sorted(self._deltas.items()):
            row = self.standings[user_id]
            version = row.version + 1
            recheck_at = horizon if row.recheck_at is None else min(row.recheck_at, horizon)
            self.rows.add(
                "standings",
                (
                    user_id, version, row.open_unpaid_as_buyer + unpaid,
                    row.limit_used_micro + used_micro, recheck_at,
                ),
            )  # fmt: skip
            self.out.versions[user_id] = version

    def _write_money(self, sheet: Sheet) -> None:
        for transfer in sheet.transfers:
            self.rows.add("transfers", tuple(transfer))
        for posting in sheet.postings:
            self.rows.add("postings", tuple(posting))
        assert not sheet.platform_postings, "a batch moves nothing to the platform"
        for change in sheet.changes():
            self.rows.add("accounts", (*change.key, change.balance, change.seq))
        for event in balances_updated(sheet):
            body = orjson.dumps(event.body).decode()
            self._tell_user(event.subject_id, event.name, body)

    def _consume(self, command: FromInbox, step: Step) -> None:
        self.rows.add("lane_inbox", (command.inbox_id, self.batch))
        if step.returned is not None and step.returned.unpaid:
            pair = sorted((step.returned.sell_order_id, step.returned.buy_order_id))
            self.rows.add("failed_pairs", (*pair, self.market.id))
        if command.kind == "tape":
            self._tell_room("trade_completed", orjson.dumps(command.body).decode())
        elif command.kind == "terms" and "switch" in command.body:
            told = {"market": self.market.id, **command.body}
            self._tell_room("switch_updated", orjson.dumps(told).decode())
        elif command.kind == "index":
            index = format_decimal(command.body["index_ticks"], self.market.price_digits)
            updated = {
                "market": self.market.id,
                "index": index,
                "floating_on": command.body["floating_on"],
                "read_at": command.body["read_at"],
            }
            self._tell_room("index_updated", orjson.dumps(updated).decode())

    # Events.

    def _tell_user(self, user: object, name: str, text: str) -> None:
        assert isinstance(user, UUID)
        room = self.members[user].room
        self.rows.add("outbox", (self.new_id(), room, name, text, self.now, None, None))

    def _tell_room(self, name: str, text: str) -> None:
        self.out.seq += 1
        self.rows.add("outbox", (self.new_id(), self._room, name, text, self.now, self.out.seq, 0))
        self.out.room_events.append((self.out.seq, name, text))

    def _tell_of_order(self, order: BookOrder, record: OrderRecord, *, is_new: bool) -> None:
        assert isinstance(order.user, UUID)
        assert isinstance(order.id, UUID)
        username = self.members[order.user].username
        name = _name_event(order, is_new=is_new)
        # To the owner an order is its public part and more; each part is encoded once.
        public = orjson.dumps(view_public_order(order, record, self.market, username))
        whole = public[:-1] + b"," + orjson.dumps(view_own_part(order, record))[1:]
        self._wholes[order.id] = whole
        self._tell_user(order.user, name, whole.decode())
        if order.immediate or not (order.listed or record.announced):
            return
        if order.status in ENDED and not record.announced:
            return
        if not order.listed and record.announced:
            # It was public until this edit: to the public it ends.
            ended = orjson.dumps({"id": str(order.id), "market": self.market.id})
            self._tell_room("order_cancelled", ended.decode())
            record.announced = False
            return
        self._tell_room(name if record.announced else "order_created", public.decode())
        record.announced = order.status not in ENDED

    # Replies.

    def _reply(self, command: Command, trades: list[bytes]) -> None:
        order_id = _order_id_of(command)
        continuing = b"true" if command in self._continuing else b"false"
        body = b'%b,"trades":[%b],"continuing":%b}' % (
            self._wholes[order_id][:-1], b",".join(trades), continuing,
        )  # fmt: skip
        status = 201 if isinstance(command, Place | Take) else 200
        self.out.replies[command] = Reply(body, status)
        if command.key is not None:
            self.rows.add(
                "idempotency_keys",
                (
                    command.user_id, command.key.text.encode(), command.key.request_hash, status,
                    body, self.now,
                ),
            )  # fmt: skip


def _order_id_of(command: Command) -> UUID:
    if isinstance(command, Place | Take):
        assert isinstance(command.order.id, UUID)
        return command.order.id
    assert isinstance(command, Edit | Cancel | Pause | Resume)
    return command.order_id


def _name_event(order: BookOrder, *, is_new: bool) -> str:
    if is_new:
        return "order_created"
    if order.status == "filled":
        return "order_filled"
    return "order_cancelled" if order.status in ENDED else "order_updated"


def write_methods(order: BookOrder) -> str:
    """The column `methods` of an order: `method:account` in order of preference."""
    if order.side == SELL:
        return " ".join(f"{method}:{order.accounts[method]}" for method in order.methods)
    return " ".join(str(method) for method in order.methods)
