"""The content of one market's book and the journaled changes that everything is made of."""

from collections.abc import Iterable
from typing import Any

from server.matching.guards import Guards
from server.matching.journal import Journal
from server.matching.orders import (
    BP,
    BUY,
    CANCELLED,
    FILLED,
    FIXED,
    FLOATING,
    HELD,
    LIVE,
    PAUSED,
    SELL,
    BookOrder,
    Key,
    live_status,
    own_price,
    read_fields,
    write_fields,
)
from server.matching.outcome import Outcome
from server.matching.shelf import Shelf
from server.matching.standings import MarketTerms, Member, Standing, derive_sleep

PRICE_MAX = 1 << 80
"""Above every scaled price; stands for "no bound"."""


class State:
    """Orders, users, shelves, guards and counters. Every method that changes records its undo."""

    def __init__(self, terms: MarketTerms) -> None:
        self.terms = terms
        self.journal = Journal()
        self.orders: dict[Key, BookOrder] = {}
        self.members: dict[Key, Member] = {}
        self.by_seq: dict[int, BookOrder] = {}
        self.shelves = {SELL: Shelf(SELL), BUY: Shelf(BUY)}
        self.guards = Guards()
        self.index_ticks: int | None = None
        self.is_floating_on = True
        self.band: tuple[int, int] = (0, PRICE_MAX)
        self.epoch = 0
        """Grows when candidates may have moved under a walk that waits to go on."""
        self.skips_changed: set[Key] = set()
        """Orders whose skip counts may differ from what is stored; whoever stores them clears it.
        Not undone: it may name too many."""
        self.next_seq = 1
        self.pending: tuple[Any, ...] = ()

    def assign(self, name: str, value: object) -> None:
        """Set one of the state's own fields."""
        self.journal.record(setattr, self, name, getattr(self, name))
        setattr(self, name, value)

    def take_seq(self) -> int:
        """The next time priority."""
        seq = self.next_seq
        self.assign("next_seq", seq + 1)
        return seq

    def save_order(self, order: BookOrder) -> None:
        """Record all that a command may change of an order, before changing it."""
        self.journal.record(write_fields, order, read_fields(order))

    # Shelves.

    def is_awake(self, order: BookOrder) -> bool:
        """Whether the order may match by itself now, its owner's standing considered."""
        member = order.member
        return (
            order.status in LIVE
            and not order.manual
            and not order.immediate
            and member.find_sleep(order.side) is None
            and member.standing.may_rest
            and (order.always_on or member.standing.is_present)
        )

    def _put(self, order: BookOrder) -> None:
        self.by_seq[order.seq] = order
        self.shelves[order.side].put(order)

    def _drop(self, order: BookOrder) -> None:
        del self.by_seq[order.seq]
        self.shelves[order.side].drop(order)

    def shelve(self, order: BookOrder) -> None:
        """Set the order on its ladders if it is awake, take it off if it is not."""
        if order.is_shelved == self.is_awake(order):
            return
        if order.is_shelved:
            self.unshelve(order)
        else:
            self._put(order)
            self.journal.record(self._drop, order)

    def unshelve(self, order: BookOrder) -> None:
        """Take the order off its ladders if it is there."""
        if order.is_shelved:
            self._drop(order)
            self.journal.record(self._put, order)

    # Orders.

    def _insert(self, order: BookOrder) -> None:
        self.orders[order.id] = order
        order.member.orders[order.id] = order

    def _remove(self, order: BookOrder) -> None:
        del self.orders[order.id]
        del order.member.orders[order.id]

    def admit(self, order: BookOrder) -> None:
        """Let an order in; its owner must have a standing."""
        assert order.id not in self.orders, "an order is admitted once"
        order.member = self.members[order.user]
        self._insert(order)
        self.journal.record(self._remove, order)

    def dismiss(self, order: BookOrder) -> None:
        """Let an ended order go again that was admitted for a return."""
        self._remove(order)
        self.journal.record(self._insert, order)

    def end_order(self, order: BookOrder, status: str, reason: str | None) -> None:
        """Close what remains and let the order go."""
        self.unshelve(order)
        self.unwatch(order)
        self.save_fill(order)
        order.closed_micro += order.remaining_micro
        order.remaining_micro = 0
        order.status, order.reason = status, reason
        self._remove(order)
        self.journal.record(self._insert, order)

    def close_remainder(self, order: BookOrder) -> None:
        """End an order that is filled or has less left than a trade may be."""
        if order.remaining_micro == 0:
            self.end_order(order, FILLED, None)
        elif order.remaining_micro < self.terms.amount_min_micro:
            self.end_order(order, CANCELLED, "remainder")

    def save_fill(self, order: BookOrder) -> None:
        """Record what a fill or an end changes of an order; cheaper than the whole."""
        self.journal.record(
            _write_fill,
            order,
            order.remaining_micro,
            order.matched_micro,
            order.closed_micro,
            order.takes_made,
            order.new_unpaid_micro,
            order.fiat_left_minor,
            order.status,
            order.reason,
        )

    def count_skip(self, order: BookOrder, reason: str, count: int = 1) -> None:
        """Count a reason why the order was passed over, for its owner."""
        self.skips_changed.add(order.id)
        self._shift_skip(order, reason, count)
        self.journal.record(self._shift_skip, order, reason, -count)

    @staticmethod
    def _shift_skip(order: BookOrder, reason: str, count: int) -> None:
        total = order.skips.get(reason, 0) + count
        if total:
            order.skips[reason] = total
        else:
            del order.skips[reason]

    def forbid_pair(self, order: BookOrder, other_id: Key | None) -> None:
        """Two orders whose trade ended unpaid do not match by themselves again."""
        if other_id is None:
            return
        for one, other in ((order.id, other_id), (other_id, order.id)):
            known = self.orders.get(one)
            if known is not None and other not in known.failed:
                self.journal.record(setattr, known, "failed", known.failed)
                known.failed |= {other}

    def list_skips(self, order: BookOrder) -> dict[str, int]:
        """The counted reasons and, at least once, what stops the order now."""
        counts = dict(order.skips)
        reason: str | None = None
        if order.status in LIVE and not order.manual:
            reason = self._find_rest(order.member, order.side)
            if reason is None and not (order.always_on or order.member.standing.is_present):
                reason = "not_present"
            if reason is None and not self.is_in_band(order):
                reason = "price_band"
            if reason is None and not self.is_priced(order):
                reason = "index_stale"
        if reason is not None:
            counts.setdefault(reason, 1)
        return counts

    # Guards. An order is watched while it is live (armed) or paused by its guard (held).

    def watch(self, order: BookOrder) -> None:
        """Begin to watch the order's price guard; pause it if the index is outside.

        Without an index a guard keeps an order as it is.
        """
        if order.guard is None or order.immediate:
            return
        if order.status in HELD and order.reason != "guard":
            return
        if self.index_ticks is not None and order.guard.holds_back(self.index_ticks):
            order.status, order.reason = PAUSED, "guard"
        held = order.status == PAUSED
        self.guards.add(order, held)
        self.journal.record(self.guards.remove, order, held)

    def unwatch(self, order: BookOrder) -> None:
        """Stop watching the order's price guard."""
        if order.guard is None or order.seq not in self.guards.by_seq:
            return
        held = order.status == PAUSED
        self.guards.remove(order, held)
        self.journal.record(self.guards.add, order, held)

    def pull_guards(self, outcome: Outcome) -> list[BookOrder]:
        """Pause and re-arm orders after the index moved; the re-armed ones, by `seq`."""
        rearmed = []
        if self.index_ticks is None:
            return []
        for order in self.guards.list_triggered(self.index_ticks):
            assert order.guard is not None
            holds = order.guard.holds_back(self.index_ticks)
            if holds == (order.status == PAUSED):
                continue
            self.unshelve(order)
            self.unwatch(order)
            self.save_order(order)
            order.status, order.reason = live_status(order), None
            self.watch(order)
            outcome.touched[order.id] = order
            if not holds:
                self.shelve(order)
                rearmed.append(order)
        return rearmed

    # Standings.

    def set_member(self, user: Key, standing: Standing) -> Member:
        """Take over a user's standing and wake or send to sleep his orders."""
        member = self.members.get(user)
        if member is None:
            member = self.members[user] = Member(user, standing)
            self.journal.record(self.members.pop, user)
        else:
            self.journal.record(setattr, member, "standing", member.standing)
            member.standing = standing
        self.refresh_sleep(member)
        for order in member.orders.values():
            was_shelved = order.is_shelved
            self.shelve(order)
            if was_shelved and not order.is_shelved:
                self.count_skip(order, self._find_rest(member, order.side) or "not_present")
        return member

    @staticmethod
    def _find_rest(member: Member, side: str) -> str | None:
        """Why the user's orders of a side cannot wait for others now, presence apart."""
        return member.find_sleep(side) or (None if member.standing.may_rest else "not_eligible")

    def refresh_sleep(self, member: Member) -> None:
        """Derive anew which sides of the user sleep."""
        standing, terms = member.standing, self.terms
        self._set_sleep(
            member, derive_sleep(standing, BUY, terms), derive_sleep(standing, SELL, terms)
        )

    def _set_sleep(self, member: Member, buy: str | None, sell: str | None) -> None:
        if (member.buy_sleep, member.sell_sleep) != (buy, sell):
            self.journal.record(self._write_sleep, member, member.buy_sleep, member.sell_sleep)
            self._write_sleep(member, buy, sell)

    @staticmethod
    def _write_sleep(member: Member, buy: str | None, sell: str | None) -> None:
        member.buy_sleep, member.sell_sleep = buy, sell

    def tire(self, member: Member) -> None:
        """Send to sleep what the fill has stopped: an allowance or a count is used up."""
        before = (member.buy_sleep, member.sell_sleep)
        self.refresh_sleep(member)
        if before == (member.buy_sleep, member.sell_sleep):
            return
        for order in member.orders.values():
            if order.is_shelved and not self.is_awake(order):
                self.unshelve(order)
                self.count_skip(order, self._find_rest(member, order.side) or "not_present")

    # Index and band.

    def band_of(self, index_ticks: int | None) -> tuple[int, int]:
        """Lowest and highest fixed price in ticks that may trade at this index."""
        band = self.terms.band_bp
        if index_ticks is None or not band:
            return 0, PRICE_MAX
        return -(-index_ticks * (BP - band) // BP), index_ticks * (BP + band) // BP

    def is_in_band(self, order: BookOrder) -> bool:
        """Whether a fixed price lies in the band; floating margins are checked when set."""
        return order.pricing != FIXED or self.band[0] <= order.price_ticks <= self.band[1]

    def is_priced(self, order: BookOrder) -> bool:
        """Whether the order has a price now: floating ones need a fresh index."""
        return order.pricing != FLOATING or (self.is_floating_on and self.index_ticks is not None)

    def price_of(self, order: BookOrder) -> int:
        """The order's own price in ticks, for an order that is priced."""
        return own_price(order, self.index_ticks or 0)

    # Rebuild.

    def load_orders(self, orders: Iterable[BookOrder]) -> None:
        """Fill an empty book; not journaled."""
        awake: dict[str, list[BookOrder]] = {SELL: [], BUY: []}
        for order in orders:
            order.member = self.members[order.user]
            self._insert(order)
            if order.seq >= self.next_seq:
                self.next_seq = order.seq + 1
            if order.guard is not None and not order.immediate:
                held = order.status == PAUSED and order.reason == "guard"
                if held or order.status in LIVE:
                    self.guards.add(order, held)
            if self.is_awake(order):
                self.by_seq[order.seq] = order
                awake[order.side].append(order)
        for side, of_side in awake.items():
            self.shelves[side].put_many(of_side)


def _write_fill(
    order: BookOrder,
    remaining_micro: int,
    matched_micro: int,
    closed_micro: int,
    takes_made: int,
    new_unpaid_micro: int,
    fiat_left_minor: int | None,
    status: str,
    reason: str | None,
) -> None:
    order.remaining_micro = remaining_micro
    order.matched_micro = matched_micro
    order.closed_micro = closed_micro
    order.takes_made = takes_made
    order.new_unpaid_micro = new_unpaid_micro
    order.fiat_left_minor = fiat_left_minor
    order.status = status
    order.reason = reason
