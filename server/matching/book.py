"""One market's order book: its commands, its undo, its views."""
# allowed: long-file, the commands of the book are read as one list

from collections.abc import Iterable, Mapping
from dataclasses import replace

from server.matching.admission import (
    check_edit,
    check_place,
    check_take,
    check_target,
    price_take,
)
from server.matching.fills import fill_pair
from server.matching.orders import (
    BUY,
    CANCELLED,
    EXPIRED,
    FLOATING,
    HELD,
    LIVE,
    PAUSED,
    SELL,
    SUSPENDED,
    BookOrder,
    Key,
    OrderChanges,
    live_status,
)
from server.matching.outcome import Outcome
from server.matching.shelf import DepthLevel
from server.matching.standings import MarketTerms, Standing, copy_standing
from server.matching.state import State
from server.matching.uncross import (
    SweepTask,
    Task,
    WalkTask,
    list_index_tasks,
    run_tasks,
    sweep_fixed,
)


class Book:
    """Each command returns an `Outcome`; a refused command has changed nothing.

    The book owns the `BookOrder` and `Standing` objects given to it. A user's standing must be
    set before his first order.
    """

    def __init__(self, terms: MarketTerms) -> None:
        self.state = State(terms)

    # Undo.

    def mark(self) -> int:
        """A point to return to with `undo`."""
        return self.state.journal.mark()

    def undo(self, mark: int) -> None:
        """Take back exactly all that happened since the mark."""
        self.state.journal.undo(mark)

    def forget(self) -> None:
        """Make what happened final: the batch is committed."""
        self.state.journal.forget()

    # Orders.

    def place(self, order: BookOrder) -> Outcome:
        """Match a new order; rest what is left of it, or end it if it is `immediate`."""
        state = self.state
        refusal = check_place(state, order)
        if refusal is not None:
            return Outcome(refusal=refusal)

        self._begin(order)
        state.watch(order)
        return self._run([WalkTask(order, is_own=True)], order)

    def _begin(self, order: BookOrder) -> None:
        state = self.state
        state.save_order(order)
        order.seq = state.take_seq()
        state.admit(order)

    def take(
        self,
        take: BookOrder,
        *,
        target_version: int | None = None,
        worst_price_ticks: int | None = None,
    ) -> Outcome:
        """Trade against one chosen order: `take.target`, the whole of what is asked or nothing.

        `take` is an `immediate` order of the other side; its amount, or `fiat_left_minor`.
        """
        state = self.state
        take.member = state.members[take.user]
        refusal = check_target(state, take, target_version, worst_price_ticks)
        if refusal is not None:
            return Outcome(refusal=refusal)
        target = state.orders[take.target]
        mark = state.journal.mark()
        state.save_order(take)
        take.amount_micro = take.remaining_micro = price_take(state, take, target)
        refusal = check_take(state, take, target)
        if refusal is not None:
            state.journal.undo(mark)
            return Outcome(refusal=refusal)

        outcome = Outcome(examined=1)
        self._begin(take)
        fill_pair(state, take, target, take.amount_micro, state.price_of(target), outcome)
        waives = target.status in LIVE and target.min_fiat_minor > 0
        tasks = [WalkTask(target, is_waiver=True)] if waives else []
        return run_tasks(state, tasks, outcome)

    def edit(self, order_id: Key, changes: OrderChanges, version: int | None = None) -> Outcome:
        """Change an order; another price or a larger amount loses time priority."""
        state = self.state
        order = state.orders.get(order_id)
        refusal = check_edit(state, order, version, changes)
        if refusal is not None:
            return Outcome(refusal=refusal)
        assert order is not None

        before = (order.pricing, order.price_ticks, order.margin_bp)
        amount_before = order.amount_micro
        self._open_for_change(order)
        for name, value in changes.items():
            setattr(order, name, value)
        order.remaining_micro += order.amount_micro - amount_before
        order.version += 1
        after = (order.pricing, order.price_ticks, order.margin_bp)
        if before != after or order.amount_micro > amount_before:
            order.seq = state.take_seq()
        if state.pending:
            state.assign(
                "pending",
                tuple(t for t in state.pending if isinstance(t, SweepTask) or t.order is not order),
            )
        return self._reopen(order, is_own=True)

    def cancel(self, order_id: Key) -> Outcome:
        """End an order at its owner's wish."""
        return self._end(order_id, CANCELLED, "owner")

    def expire(self, order_id: Key) -> Outcome:
        """End an order whose time is over."""
        return self._end(order_id, EXPIRED, None)

    def pause(self, order_id: Key, reason: str = "owner") -> Outcome:
        """Stop an order from trading until it is resumed."""
        order = self.state.orders.get(order_id)
        if order is None or order.immediate:
            return Outcome(refusal="order_not_open")
        if order.status in HELD and order.reason != "guard":
            return Outcome(
                refusal="order_suspended" if order.status == SUSPENDED else "order_paused"
            )

        return self._hold(order, PAUSED, reason)

    def resume(self, order_id: Key) -> Outcome:
        """Let a paused order trade again; it keeps its time priority."""
        order = self.state.orders.get(order_id)
        if order is None:
            return Outcome(refusal="order_not_open")
        if order.status != PAUSED:
            code = "order_suspended" if order.status == SUSPENDED else "order_not_paused"
            return Outcome(refusal=code)

        self._open_for_change(order)
        return self._reopen(order, is_own=True, resumes=True)

    def suspend(self, order_id: Key, reason: str) -> Outcome:
        """Stop an order by the system, with a reason that its owner reads."""
        order = self.state.orders.get(order_id)
        if order is None or order.immediate:
            return Outcome(refusal="order_not_open")

        paused_for = order.paused_for
        if order.status == PAUSED and order.reason != "guard":
            paused_for = order.reason
        outcome = self._hold(order, SUSPENDED, reason)
        order.paused_for = paused_for
        return outcome

    def pause_after(self, order_id: Key, reason: str | None) -> Outcome:
        """Say whether a suspended order is paused once it is lifted; None trades again then."""
        order = self.state.orders.get(order_id)
        if order is None or order.status != SUSPENDED:
            return Outcome(refusal="order_not_open")

        self.state.save_order(order)
        order.paused_for = reason
        return Outcome(touched={order.id: order})

    def lift(self, order_id: Key) -> Outcome:
        """End a suspension; what was paused before it, or was to pause during it, is paused."""
        order = self.state.orders.get(order_id)
        if order is None or order.status != SUSPENDED:
            return Outcome(refusal="order_not_open")

        if order.paused_for is not None:
            outcome = self._hold(order, PAUSED, order.paused_for)
            order.paused_for = None
            return outcome
        self._open_for_change(order)
        return self._reopen(order, is_own=False, resumes=True)

    def _hold(self, order: BookOrder, status: str, reason: str) -> Outcome:
        state = self.state
        state.unshelve(order)
        state.unwatch(order)
        state.save_order(order)
        order.status, order.reason = status, reason
        return Outcome(touched={order.id: order})

    def _end(self, order_id: Key, status: str, reason: str | None) -> Outcome:
        order = self.state.orders.get(order_id)
        if order is None:
            return Outcome(refusal="order_not_open")

        self.state.end_order(order, status, reason)
        return Outcome(touched={order.id: order})

    def _open_for_change(self, order: BookOrder) -> None:
        """Take the order off every structure, so that any of its fields may change."""
        self.state.unshelve(order)
        self.state.unwatch(order)
        self.state.save_order(order)

    def _reopen(self, order: BookOrder, *, is_own: bool, resumes: bool = False) -> Outcome:
        """Set a changed order back where it belongs and match it."""
        is_held = order.status in HELD
        if is_held and order.reason == "guard":
            is_held = order.guard is not None and self.state.index_ticks is None
        if resumes or not is_held:
            order.status, order.reason = live_status(order), None
        self.state.watch(order)
        return self._run([WalkTask(order, is_own=is_own)], order)

    # Trades that ended.

    def admit(self, order: BookOrder) -> None:
        """Let in an order that had ended or was filled, so that a return can reach it."""
        self.state.admit(order)

    def give_back(
        self,
        order_id: Key,
        amount_micro: int,
        other_id: Key | None = None,
        *,
        was_new: bool = False,
    ) -> Outcome:
        """What a trade that ended unpaid means for one of its two orders.

        A sell order gets `amount_micro` back and opens again unless it has ended; a buy order
        gets nothing and pauses. `other_id` is the trade's other order: the two never match by
        themselves again. `was_new` says that the fill counted against the new buyers' share.
        """
        state = self.state
        order = state.orders.get(order_id)
        if order is None:
            return Outcome(refusal="order_not_open")

        state.forbid_pair(order, other_id)
        if order.side == BUY:
            return self._pause_unpaid(order)
        self._open_for_change(order)
        order.returned_micro += amount_micro
        if was_new:
            order.new_unpaid_micro -= amount_micro
        if order.status in {CANCELLED, EXPIRED}:
            order.closed_micro += amount_micro
            return self._dismiss(order)
        order.remaining_micro += amount_micro
        if order.immediate:
            return self._end(order.id, CANCELLED, "immediate")
        if order.remaining_micro < state.terms.amount_min_micro:
            return self._end(order.id, CANCELLED, "remainder")
        return self._reopen(order, is_own=False)

    def _pause_unpaid(self, order: BookOrder) -> Outcome:
        if order.status in LIVE or order.reason == "guard":
            return self._hold(order, PAUSED, "unpaid")
        if order.status == SUSPENDED and order.paused_for is None:
            return self.pause_after(order.id, "unpaid")
        if order.status in HELD:
            return Outcome(touched={order.id: order})
        return self._dismiss(order)

    def _dismiss(self, order: BookOrder) -> Outcome:
        self.state.dismiss(order)
        return Outcome(touched={order.id: order})

    def release_share(self, order_id: Key, amount_micro: int) -> Outcome:
        """A trade with a buyer of few completed trades is paid: its share is free again."""
        order = self.state.orders.get(order_id)
        if order is None:
            return Outcome(refusal="order_not_open")

        self.state.save_order(order)
        order.new_unpaid_micro -= amount_micro
        return self._run([WalkTask(order)], order)

    def count_share(self, order: BookOrder, change_micro: int) -> None:
        """So much more (or less) of a sell order is unpaid with buyers of few completed trades;
        the order may be outside the book."""
        self.state.save_order(order)
        order.new_unpaid_micro += change_micro

    # Users and market.

    def set_standing(self, user: Key, standing: Standing) -> Outcome:
        """Take over a user's standing and match his resting orders anew."""
        member = self.state.set_member(user, standing)
        shelved = [order for order in member.orders.values() if order.is_shelved]
        shelved.sort(key=lambda order: order.seq)
        return run_tasks(self.state, [WalkTask(order) for order in shelved], Outcome())

    def forget_user(self, user: Key) -> bool:
        """Forget a user, unless he has orders here; not undone, so only between two batches."""
        member = self.state.members.get(user)
        if member is not None and not member.orders:
            del self.state.members[user]
        return member is None or not member.orders

    def find_standing(self, user: Key) -> Standing | None:
        """The user's standing with the fills so far counted in."""
        member = self.state.members.get(user)
        return None if member is None else member.standing

    def stamp_version(self, user: Key, version: int) -> None:
        """Number a user's standing as it will be stored."""
        standing = self.state.members[user].standing
        self.state.journal.record(setattr, standing, "version", standing.version)
        standing.version = version

    def set_index(self, index_ticks: int | None, *, is_floating_on: bool = True) -> Outcome:
        """Move the index (in ticks), or switch the floating side of the market."""
        state = self.state
        old_band = state.band
        state.assign("index_ticks", index_ticks)
        state.assign("is_floating_on", is_floating_on)
        state.assign("band", state.band_of(index_ticks))
        state.assign("epoch", state.epoch + 1)
        outcome = Outcome()
        rearmed = state.pull_guards(outcome)
        return run_tasks(state, list_index_tasks(state, old_band, rearmed), outcome)

    def set_terms(self, terms: MarketTerms) -> Outcome:
        """Change the market's settings and switches; costs a look at every user."""
        state = self.state
        state.assign("terms", terms)
        state.assign("band", state.band_of(state.index_ticks))
        state.assign("epoch", state.epoch + 1)
        for member in state.members.values():
            state.refresh_sleep(member)
            for order in member.orders.values():
                state.shelve(order)
        tasks: list[Task] = [sweep_fixed(SELL, *state.band), SweepTask(SELL, FLOATING)]
        return run_tasks(state, tasks, Outcome())

    def continue_matching(self) -> Outcome:
        """Go on with what met the bound, as a command of its own."""
        tasks = self.state.pending
        self.state.assign("pending", ())
        return run_tasks(self.state, tasks, Outcome())

    @property
    def is_pending(self) -> bool:
        """Whether `continue_matching` has something to do."""
        return bool(self.state.pending)

    def load(
        self,
        standings: Mapping[Key, Standing],
        orders: Iterable[BookOrder],
        *,
        next_seq: int = 1,
        index_ticks: int | None = None,
        is_floating_on: bool = True,
        unfinished: Iterable[Key] = (),
    ) -> None:
        """Rebuild an empty book. `unfinished` orders had met the bound: they become pending."""
        state = self.state
        assert not state.orders, "only an empty book is loaded"
        state.index_ticks = index_ticks
        state.is_floating_on = is_floating_on
        state.band = state.band_of(index_ticks)
        state.next_seq = next_seq
        for user, standing in standings.items():
            state.set_member(user, standing)
        state.load_orders(orders)
        state.pending = tuple(WalkTask(state.orders[key]) for key in unfinished)
        state.journal.forget()

    # Views.

    def find_order(self, order_id: Key) -> BookOrder | None:
        """An order in the book: live, paused or suspended."""
        return self.state.orders.get(order_id)

    def quote(self, order: BookOrder, standing: Standing | None = None) -> Outcome:
        """What an immediate order would match, changing nothing.

        For a sum in fiat set `fiat_left_minor` and any amount that is large enough. `standing`
        stands for a user whom the book does not know.
        """
        mark = self.mark()
        if standing is not None:
            self.state.set_member(order.user, copy_standing(standing))
        outcome = self.place(order)
        self.undo(mark)
        return replace(outcome, touched={})

    def list_skips(self, order: BookOrder) -> dict[str, int]:
        """How often the order was passed over, by reason; what stops it now counts once."""
        return self.state.list_skips(order)

    def list_depth(self, side: str, level_count: int) -> tuple[list[DepthLevel], list[DepthLevel]]:
        """The best levels of a side by fixed price and by margin, listed orders only.

        Counts what may match by itself now: a sleeping or manual order is not in the depth.
        """
        return self.state.shelves[side].list_depth(level_count)

    def _run(self, tasks: list[Task], order: BookOrder) -> Outcome:
        return run_tasks(self.state, tasks, Outcome(touched={order.id: order}))
