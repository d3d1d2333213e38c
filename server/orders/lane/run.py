"""Runs the commands of a batch on the book. No money and no rows yet: that follows when locked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from server.core.refusals import Refusal
from server.matching.book import Book
from server.matching.orders import BookOrder
from server.matching.outcome import Fill, Outcome
from server.matching.standings import copy_standing
from server.orders.lane.commands import (
    Cancel,
    Command,
    Continue,
    Edit,
    Expire,
    FromInbox,
    Pause,
    Place,
    Recheck,
    Reschedule,
    Resume,
    SetIndex,
    SetTerms,
    Take,
)
from server.orders.refusals import refusal_of

Share = tuple[UUID, int]
"""The sell order that an unpaid trade with a new buyer counts to, and its amount (micro-USDT)."""
SCHEDULE = "schedule"
"""Why an order is paused while its schedule keeps it from matching."""


@dataclass(slots=True)
class Return:
    """A trade that ended unpaid, as one of its sides comes back to the lane."""

    trade_id: UUID
    sell_order_id: UUID
    buy_order_id: UUID
    seller_id: UUID
    amount: int
    """Micro-USDT of the trade that come back; part of it after a split."""
    reserved: int
    """What waits in the seller's reserved account: the amount and the fee on it."""
    unpaid: bool
    """False for the seller's part of a split: the trade was paid, the pair did not fail."""


@dataclass(slots=True)
class Step:
    """A command and what it did on the book."""

    command: Command
    outcome: Outcome
    returned: Return | None = None
    edited_from: int = 0
    """The amount of an order before its edit."""
    touched: list[BookOrder] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """A batch as it went on the book."""

    steps: list[Step] = field(default_factory=list)
    refused: dict[Command, Refusal] = field(default_factory=dict)
    users: set[UUID] = field(default_factory=set)
    """Everyone whose standing decided or changes."""
    sellers: set[UUID] = field(default_factory=set)
    """Everyone whose accounts may move."""

    @property
    def fills(self) -> list[Fill]:
        """All trades to be made, in order."""
        return [fill for step in self.steps for fill in step.outcome.fills]


class Runner:
    """Runs commands on one book; `open_shares` are unpaid trades that count to a sell order's
    share of new buyers, by trade; `ended` are orders outside the book that returns may reach."""

    def __init__(
        self,
        book: Book,
        open_shares: dict[UUID, Share],
        ended: dict[UUID, BookOrder],
    ) -> None:
        self.book = book
        self.open_shares = open_shares
        self.ended = ended
        self.share_changes: dict[UUID, Share | None] = {}
        """What the run makes of `open_shares`; None counts no more."""
        self._touched: dict[object, BookOrder] = {}
        self._filled: dict[object, tuple[int, int]] = {}
        self._handlers: dict[type[Command], Callable[[Any], Step]] = {
            Place: self._place,
            Take: self._take,
            Edit: self._edit,
            Cancel: self._cancel,
            Pause: self._pause,
            Resume: self._resume,
            Expire: self._expire,
            Reschedule: self._reschedule,
            SetIndex: self._set_index,
            SetTerms: self._set_terms,
            Continue: self._continue,
            Recheck: self._recheck,
            FromInbox: self._from_inbox,
        }

    def run(self, commands: list[Command], refused: dict[Command, Refusal]) -> Run:
        """Run the commands in order; those in `refused` are refused without being run."""
        self.share_changes.clear()
        self._touched.clear()
        self._filled.clear()
        run = Run()
        for command in commands:
            refusal = refused.get(command)
            if refusal is None:
                step = self._step(command)
                code = step.outcome.refusal
                if code is not None and command.answer is not None:
                    refusal = refusal_of(code)
                    if command.user_id is not None:
                        # His row may have moved without a word: the no must be true of it.
                        run.users.add(command.user_id)
                elif code is None or isinstance(command, FromInbox):
                    # A row of the inbox is consumed though its order has ended meanwhile.
                    self._note(run, step)
                    continue
            if refusal is not None:
                run.refused[command] = refusal
        return run

    def _note(self, run: Run, step: Step) -> None:
        run.steps.append(step)
        if step.command.user_id is not None and not isinstance(step.command, FromInbox):
            run.users.add(step.command.user_id)
        for order in step.outcome.touched.values():
            assert isinstance(order.user, UUID)
            self._touched[order.id] = order
            step.touched.append(order)
            if order.side == "sell" or order.bonded:
                run.sellers.add(order.user)
        for fill in step.outcome.fills:
            run.users.update((fill.buyer, fill.seller))  # type: ignore[arg-type]  # keys here are UUIDs
            for user, unpaid in ((fill.buyer, 1), (fill.seller, 0)):
                before = self._filled.get(user, (0, 0))
                self._filled[user] = (before[0] + unpaid, before[1] + fill.amount_micro)
        if step.returned is not None:
            run.sellers.add(step.returned.seller_id)

    def _step(self, command: Command) -> Step:
        return self._handlers[type(command)](command)

    def _own(self, command: Command, order_id: UUID) -> BookOrder | None:
        """The caller's own order; another's, and one that has ended, is None."""
        order = self.book.find_order(order_id)
        return order if order is not None and order.user == command.user_id else None

    def _place(self, command: Place) -> Step:
        return Step(command, self.book.place(command.order))

    def _take(self, command: Take) -> Step:
        outcome = self.book.take(
            command.order,
            target_version=command.target_version,
            worst_price_ticks=command.worst_price_ticks,
        )
        return Step(command, outcome)

    def _edit(self, command: Edit) -> Step:
        order = self._own(command, command.order_id)
        if order is None:
            return Step(command, Outcome(refusal="order_not_open"))
        amount = order.amount_micro
        outcome = self.book.edit(command.order_id, command.changes, command.version)
        return Step(command, outcome, edited_from=amount)

    def _cancel(self, command: Cancel) -> Step:
        if self._own(command, command.order_id) is None:
            return Step(command, Outcome(refusal="order_not_open"))
        return Step(command, self.book.cancel(command.order_id))

    def _pause(self, command: Pause) -> Step:
        if self._own(command, command.order_id) is None:
            return Step(command, Outcome(refusal="order_not_open"))
        return Step(command, self.book.pause(command.order_id))

    def _resume(self, command: Resume) -> Step:
        if self._own(command, command.order_id) is None:
            return Step(command, Outcome(refusal="order_not_open"))
        return Step(command, self.book.resume(command.order_id))

    def _expire(self, command: Expire) -> Step:
        return Step(command, self.book.expire(command.order_id))

    def _reschedule(self, command: Reschedule) -> Step:
        order = self.book.find_order(command.order_id)
        if order is None:
            return Step(command, Outcome(refusal="order_not_open"))
        if order.status == "suspended":
            return Step(command, self._reschedule_suspended(order, is_on=command.on))
        if not command.on:
            return Step(command, self.book.pause(command.order_id, SCHEDULE))
        if order.status == "paused" and order.reason == SCHEDULE:
            return Step(command, self.book.resume(command.order_id))
        return Step(command, Outcome())

    def _reschedule_suspended(self, order: BookOrder, *, is_on: bool) -> Outcome:
        """The hours of a suspended order decide what it is once the suspension is lifted."""
        if order.paused_for not in {None, SCHEDULE}:
            return Outcome()
        return self.book.pause_after(order.id, None if is_on else SCHEDULE)

    def _set_index(self, command: SetIndex) -> Step:
        outcome = self.book.set_index(command.index_ticks, is_floating_on=command.floating_on)
        return Step(command, outcome)

    def _set_terms(self, command: SetTerms) -> Step:
        return Step(command, self.book.set_terms(command.terms))

    def _continue(self, command: Continue) -> Step:
        return Step(command, self.book.continue_matching())

    def _recheck(self, command: Recheck) -> Step:
        known = self.book.find_standing(command.subject)
        if known is not None and command.standing.version < known.version:
            # Made before the row was locked, or before a batch that wrote it: it would put an old
            # limit or a lifted freeze in the place of the present one.
            return Step(command, Outcome())
        standing = copy_standing(command.standing)
        # It was read before the fills that this batch has made so far.
        unpaid, amount_micro = self._filled.get(command.subject, (0, 0))
        standing.open_unpaid += unpaid
        standing.limit_left_micro -= amount_micro
        return Step(command, self.book.set_standing(command.subject, standing))

    def _from_inbox(self, command: FromInbox) -> Step:
        if command.kind == "return":
            return self._return(command)
        if command.kind == "account_removed":
            return self._drop_account(command, UUID(command.body["account_id"]))
        return Step(command, self._apply_row(command, command.body))

    def _apply_row(self, command: FromInbox, body: dict[str, Any]) -> Outcome:
        if command.kind == "share":
            return self._change_share(body)
        if command.kind == "suspend":
            return self.book.suspend(UUID(body["order_id"]), str(body["reason"]))
        if command.kind == "lift":
            return self.book.lift(UUID(body["order_id"]))
        if command.kind == "index" and not command.superseded:
            return self.book.set_index(
                int(body["index_ticks"]), is_floating_on=bool(body["floating_on"])
            )
        known = {"tape", "recheck", "terms", "index"}
        assert command.kind in known, f"unknown inbox row {command.kind}"
        return Outcome()

    def _find_share(self, trade_id: UUID) -> Share | None:
        if trade_id in self.share_changes:
            return self.share_changes[trade_id]
        return self.open_shares.get(trade_id)

    def _change_share(self, body: dict[str, Any]) -> Outcome:
        """A new buyer has paid, or took that back. A lane that was rebuilt may know it already."""
        trade_id, order_id = UUID(body["trade_id"]), UUID(body["order_id"])
        amount, counts = int(body["amount"]), bool(body["counts"])
        if counts == (self._find_share(trade_id) is not None):
            return Outcome()
        self.share_changes[trade_id] = (order_id, amount) if counts else None
        order = self.book.find_order(order_id)
        if order is not None and not counts:
            return self.book.release_share(order_id, amount)
        order = order or self._touched.get(order_id) or self.ended.get(order_id)
        if order is not None:
            self.book.count_share(order, amount if counts else -amount)
        return Outcome()

    def _return(self, command: FromInbox) -> Step:
        body = command.body
        sell_order = self._reach(UUID(body["seller_order_id"]))
        assert sell_order is not None, "the lane loads the orders of a return"
        assert isinstance(sell_order.user, UUID)
        returned = Return(
            trade_id=UUID(body["trade_id"]),
            sell_order_id=UUID(body["seller_order_id"]),
            buy_order_id=UUID(body["buyer_order_id"]),
            seller_id=sell_order.user,
            amount=int(body["amount"]),
            reserved=int(body["reserved"]),
            unpaid=bool(body["unpaid"]),
        )
        was_new = self._find_share(returned.trade_id) is not None
        if was_new:
            self.share_changes[returned.trade_id] = None
        buy, other_id = Outcome(), None
        if returned.unpaid:
            self._reach(returned.buy_order_id)
            buy = self.book.give_back(returned.buy_order_id, 0, returned.sell_order_id)
            other_id = returned.buy_order_id
        sell = self.book.give_back(
            returned.sell_order_id, returned.amount, other_id, was_new=was_new
        )
        merged = Outcome(fills=buy.fills + sell.fills, touched={**buy.touched, **sell.touched})
        merged.continuing = buy.continuing or sell.continuing
        return Step(command, merged, returned=returned)

    def _reach(self, order_id: UUID) -> BookOrder | None:
        """An order that something returns to. One that has ended is let in again for it, whether
        it ended before this batch, earlier in it, or went again after another return."""
        order = self.book.find_order(order_id)
        if order is None:
            order = self._touched.get(order_id) or self.ended.get(order_id)
            if order is not None:
                self.book.admit(order)
        return order

    def _drop_account(self, command: FromInbox, account_id: UUID) -> Step:
        """Suspend every order that pays out to an account that was removed."""
        merged = Outcome()
        member = self.book.state.members.get(UUID(command.body["user_id"]))
        for order in list(member.orders.values()) if member else ():
            if account_id in order.accounts.values():
                outcome = self.book.suspend(order.id, "payment_account_removed")
                merged.touched.update(outcome.touched)
        return Step(command, merged)
