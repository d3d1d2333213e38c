"""Working through the tasks of a command until no compatible pair is crossed, or the bound."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from server.core.money import fiat_for_usdt_up
from server.matching.fills import fill_pair
from server.matching.fit import REASONS, SIZE, measure_fit
from server.matching.ladder import SEQ_BITS, SEQ_MASK
from server.matching.orders import BP, BUY, CANCELLED, FIXED, FLOATING, LIVE, SELL, BookOrder, Key
from server.matching.outcome import Outcome
from server.matching.state import PRICE_MAX, State
from server.matching.walk import NONE_LEFT, START, Position, Walk


class WalkTask(NamedTuple):
    """Match one order. `position` and `watch_ticks` take up a walk that met the bound."""

    order: BookOrder
    is_own: bool = False
    """Its owner asked for it just now, so he is present."""
    is_waiver: bool = False
    """Only if its remainder now waives its minimum."""
    position: Position | None = None
    watch_ticks: int | None = None
    epoch: int = -1


class SweepTask(NamedTuple):
    """Match the orders of one side and pricing in price-time order, keys above `passed`."""

    side: str
    pricing: str
    passed: int = START
    stop: int = NONE_LEFT


Task = WalkTask | SweepTask


def sweep_fixed(side: str, low_ticks: int, high_ticks: int) -> SweepTask:
    """A sweep of the fixed prices from low to high, both included."""
    near, far = (low_ticks, high_ticks) if side == SELL else (-high_ticks, -low_ticks)
    return SweepTask(side, FIXED, (near * BP << SEQ_BITS) - 1, (far * BP + 1) << SEQ_BITS)


def run_tasks(state: State, tasks: Iterable[Task], outcome: Outcome) -> Outcome:
    """Work through tasks, first in, first out; what the bound leaves becomes pending."""
    queue: deque[Task] = deque(tasks)
    while queue:
        task = queue.popleft()
        if isinstance(task, WalkTask):
            rest = _walk_order(state, task, queue, outcome)
            if rest is not None:
                queue.appendleft(rest)
                break
            continue
        order = _find_swept(state, task)
        if order is None:
            continue
        if outcome.examined >= state.terms.candidates_max:
            queue.appendleft(task)
            break
        outcome.examined += 1
        queue.appendleft(task._replace(passed=order.shelf_key))
        queue.appendleft(WalkTask(order))
    if queue:
        outcome.continuing = True
        state.assign("pending", (*state.pending, *queue))
    return outcome


def _walk_order(
    state: State, task: WalkTask, queue: deque[Task], outcome: Outcome
) -> WalkTask | None:
    """Match one order and rest or end it; the rest of the task if the bound was met."""
    order = task.order
    if order.status not in LIVE:
        return None
    if not _may_walk(state, task) or (task.is_waiver and not _waives_minimum(state, order)):
        _settle(state, order, outcome)
        return None
    position = task.position if task.epoch == state.epoch else None
    rest = _match(state, task._replace(position=position), queue, outcome)
    if rest is None or not order.immediate:
        _settle(state, order, outcome)
    return rest if order.status in LIVE else None


def _may_walk(state: State, task: WalkTask) -> bool:
    order = task.order
    member = order.member
    return (
        member.find_sleep(order.side) is None
        and (order.immediate or member.standing.may_rest)
        and state.terms.is_open
        and not order.manual
        and (task.is_own or order.always_on or member.standing.is_present)
        and state.is_priced(order)
        and state.is_in_band(order)
    )


def _waives_minimum(state: State, order: BookOrder) -> bool:
    """Whether the remainder is worth less than the minimum at the best price it could get."""
    walk = Walk(state, order)
    if walk.step() is None:
        return False
    price = state.price_of(order) if order.side == SELL else walk.price_ticks
    return _is_below_minimum(state, order, price)


def _is_below_minimum(state: State, order: BookOrder, price_ticks: int) -> bool:
    worth = fiat_for_usdt_up(order.remaining_micro, price_ticks, state.terms.scale)
    return worth < order.min_fiat_minor


def _settle(state: State, order: BookOrder, outcome: Outcome) -> None:
    """Rest what is left of an order, or end it with its command."""
    if order.status not in LIVE:
        return
    if order.immediate:
        outcome.touched[order.id] = order
        state.end_order(order, CANCELLED, "immediate")
    else:
        state.shelve(order)


def _match(state: State, task: WalkTask, queue: deque[Task], outcome: Outcome) -> WalkTask | None:
    """Fill an order from the candidates it crosses; the rest of the task at the bound.

    A candidate is met again after a fill that the bounds of one trade have cut: it is still best.
    """
    order = task.order
    terms = state.terms
    own_ticks = state.price_of(order)
    walk = Walk(state, order, task.position)
    watch_ticks = task.watch_ticks
    other: BookOrder | None = None
    while order.status in LIVE and order.member.find_sleep(order.side) is None:
        if order.takes_made >= order.max_trades and order.seq == state.next_seq - 1:
            break  # The youngest order is always the taker, and this one takes no more.
        if other is None or not other.is_shelved:
            other = walk.step()
            if other is None:
                break
        if outcome.examined >= terms.candidates_max:
            return WalkTask(
                order,
                is_own=task.is_own,
                position=walk.position(),
                watch_ticks=watch_ticks,
                epoch=state.epoch,
            )
        outcome.examined += 1
        is_maker = order.seq < other.seq
        price = own_ticks if is_maker else walk.price_ticks
        if _is_spent(state, order, price):
            break
        fit = measure_fit(order, other, price, terms, is_maker=is_maker)
        if fit < 0:
            reason = REASONS[-fit]
            state.count_skip(other, reason)
            state.count_skip(order, reason)
            outcome.skipped.append((other.id, reason))
            if -fit >= SIZE and order.min_fiat_minor:
                watch_ticks = price if watch_ticks is None else min(watch_ticks, price)
            other = None
            continue
        fill_pair(state, order, other, fit, price, outcome)
        if other.min_fiat_minor and other.status in LIVE:
            queue.append(WalkTask(other, is_waiver=True))
        if watch_ticks is not None and _is_below_minimum(state, order, watch_ticks):
            # Candidates that this order's own minimum kept out may fit its remainder.
            walk, watch_ticks, other = Walk(state, order), None, None
    return None


def _is_spent(state: State, order: BookOrder, price_ticks: int) -> bool:
    """Whether a buyer's sum in fiat buys no trade any more; prices only get worse."""
    if order.fiat_left_minor is None or order.side != BUY or not order.matched_micro:
        return False
    least = fiat_for_usdt_up(state.terms.amount_min_micro, price_ticks, state.terms.scale)
    return order.fiat_left_minor < least


def _find_swept(state: State, task: SweepTask) -> BookOrder | None:
    """The next order of a sweep that crosses something on one of its rails.

    On each rail the heads are in price order, so the first that does not cross ends the rail:
    the sweep costs what it crosses, and rails that do not meet cost nothing.
    """
    if not state.terms.is_open:
        return None
    if task.pricing == FLOATING and not (state.is_floating_on and state.index_ticks):
        return None
    shelf = state.shelves[task.side]
    ladders = shelf.floating if task.pricing == FLOATING else shelf.fixed
    best = NONE_LEFT
    for method, ladder in ladders.items():
        key = ladder.after(task.passed)
        if key is None or key >= min(task.stop, best) or method in state.terms.methods_off:
            continue
        level = key >> SEQ_BITS
        if task.pricing == FLOATING:
            level = (state.index_ticks or 0) * (shelf.sign * BP + level)
        opposite = _find_best(state, BUY if task.side == SELL else SELL, method)
        if opposite is not None and -(-level // BP) + opposite <= 0:
            best = key
    return None if best == NONE_LEFT else state.by_seq[best & SEQ_MASK]


def _find_best(state: State, side: str, method: Key) -> int | None:
    """The best signed price in ticks on a rail, of fixed prices in the band and floating ones."""
    shelf = state.shelves[side]
    low, high = state.band
    near, far = (low, high) if side == SELL else (-high, -low)
    best: int | None = None
    key = shelf.ladder(FIXED, method).after((near * BP << SEQ_BITS) - 1)
    if key is not None and key >> SEQ_BITS <= far * BP:
        best = (key >> SEQ_BITS) // BP
    if state.is_floating_on and state.index_ticks:
        key = shelf.ladder(FLOATING, method).first()
        if key is not None:
            scaled = state.index_ticks * (shelf.sign * BP + (key >> SEQ_BITS))
            ticks = -(-scaled // BP)
            best = ticks if best is None else min(best, ticks)
    return best


def list_index_tasks(
    state: State, old_band: tuple[int, int], rearmed: list[BookOrder]
) -> list[Task]:
    """What a moved index may have crossed, in the order of the package's docstring."""
    tasks: list[Task] = [SweepTask(SELL, FLOATING), SweepTask(BUY, FLOATING)]
    if state.band[0] < old_band[0]:
        tasks.append(sweep_fixed(SELL, state.band[0], old_band[0] - 1))
    if state.band[1] > old_band[1]:
        tasks.append(sweep_fixed(BUY, old_band[1] + 1, min(state.band[1], PRICE_MAX)))
    tasks += [WalkTask(order) for order in rearmed]
    return tasks
