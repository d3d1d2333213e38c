"""Gives the same commands to the book and to its brute-force reference, and compares."""

from copy import copy
from operator import attrgetter
from types import SimpleNamespace

from server.core.money import PriceScale, usdt_for_fiat_down
from server.matching.book import Book
from server.matching.orders import SAVED_FIELDS
from server.matching.standings import MarketTerms, Standing
from tests.unit.matching.factory import read_book
from tests.unit.matching.reference_book import FAR, LIVE, Reference

FACTS = (
    "status",
    "seq",
    "amount_micro",
    "remaining_micro",
    "matched_micro",
    "returned_micro",
    "closed_micro",
    "takes_made",
    "new_unpaid_micro",
)
read_facts = attrgetter(*FACTS)
read_counts = attrgetter("limit_left_micro", "open_unpaid")
FRESH = {
    "seq": 0,
    "matched_micro": 0,
    "returned_micro": 0,
    "closed_micro": 0,
    "takes_made": 0,
    "new_unpaid_micro": 0,
    "failed": frozenset(),
    "status": "open",
    "reason": None,
    "paused_for": None,
    "target": None,
    "immediate": False,
}


def twin_order(spec):
    """The reference's order for a spec of keyword arguments."""
    needs, guard = spec["needs"], spec["guard"]
    fields = {**FRESH, **spec, "remaining_micro": spec["amount_micro"]}
    fields["needs"] = (
        {"kyc_level": needs.kyc_level}
        | ({"completed_trades": needs.completed_trades} if needs.completed_trades else {})
        if needs
        else {}
    )
    fields["guard"] = twin_guard(guard)
    return SimpleNamespace(**fields)


def twin_guard(guard):
    """The range of index ticks in which the order is armed."""
    return (guard.low_ticks or 0, guard.high_ticks or FAR) if guard else (0, FAR)


class Market:
    """A book with its terms, every order it ever had, and the trades it made."""

    def __init__(self, scale, band_bp, candidates_max):
        self.terms = {
            "scale": PriceScale(*scale),
            "band_bp": band_bp,
            "candidates_max": candidates_max,
        }
        self.book = Book(MarketTerms(**self.terms))
        self.known = {}
        self.fills = []

    def command(self, command):
        """Give a command to the book; its outcome."""
        name, *given = command
        act = getattr(self, f"_{name}", None) or getattr(self.book, name)
        return act(*given)

    def _place(self, order, spec):
        self.known[order.id] = order
        return self.book.place(order)

    def _take(self, order, spec, fiat):
        self.known[order.id] = order
        return self.book.take(order)

    def _give_back(self, key, amount, other_key, was_new):
        if self.book.find_order(key) is None:
            self.book.admit(self.known[key])
        return self.book.give_back(key, amount, other_key, was_new=was_new)

    def _suspend(self, key):
        return self.book.suspend(key, "review")

    def _standing(self, user, facts):
        return self.book.set_standing(user, Standing(**facts))

    def _index(self, index, floating):
        return self.book.set_index(index, is_floating_on=floating)

    def _terms(self, is_open, methods_off):
        terms = MarketTerms(**self.terms, is_open=is_open, methods_off=frozenset(methods_off))
        return self.book.set_terms(terms)


class Twins(Market):
    """A market and its reference, kept in step."""

    def __init__(self, scale, band_bp, candidates_max):
        super().__init__(scale, band_bp, candidates_max)
        self.reference = Reference(scale, band_bp)

    def apply(self, command):
        """Give one command to both, finish what it left pending, and compare."""
        name, *given = command
        outcome = self.command(command)
        if outcome.refusal is None or name == "take":
            getattr(self, f"mirror_{name}")(outcome, *given)
        fills = list(outcome.fills)
        while outcome.continuing:
            outcome = self.book.continue_matching()
            assert outcome.examined <= self.terms["candidates_max"]
            fills += outcome.fills
        self.fills += fills
        self.compare(fills)

    def compare(self, fills):
        """Every trade, and of every order what remains, its priority and its sums."""
        made = [(f[0], f[1], f[6], f[7], f[8], f[9], f[10]) for f in fills]
        assert made == self.reference.fills
        self.reference.fills.clear()
        orders = self.book.state.orders
        assert orders.keys() == self.reference.orders.keys()
        for key, twin in self.reference.orders.items():
            assert read_facts(orders[key]) == read_facts(twin), key

    def compare_all(self):
        """What ended too, the users' counts, the sums of every order, and that all is idle."""
        for key, twin in {**self.reference.gone, **self.reference.orders}.items():
            order = self.known[key]
            assert read_facts(order) == read_facts(twin), key
            assert order.amount_micro == (
                order.remaining_micro
                + order.matched_micro
                - order.returned_micro
                + order.closed_micro
            )
            assert 0 <= order.remaining_micro <= order.amount_micro
        for user, twin in self.reference.users.items():
            assert read_counts(self.book.find_standing(user)) == read_counts(twin), user
        check_idle(self.reference)

    def try_batch(self, commands):
        """Run a batch, take all of it back, and leave both as they were."""
        book_before, reference_before = read_book(self.book), self.reference
        fills_before, mark = list(self.fills), self.book.mark()
        self.reference = twin = copy(reference_before)
        twin.orders = {key: copy(o) for key, o in twin.orders.items()}
        twin.gone = {key: copy(o) for key, o in twin.gone.items()}
        twin.users = {key: copy(s) for key, s in twin.users.items()}
        twin.todo, twin.fills = [], []
        for command in commands:
            self.apply(command)
        result = self.fills[len(fills_before) :]
        self.book.undo(mark)
        self.reference, self.fills = reference_before, fills_before
        assert read_book(self.book) == book_before
        return result

    # What each command means to the reference. Refusals are decided by the book alone, but for
    # takes: a take is refused if and only if the reference refuses it.

    def mirror_place(self, outcome, order, spec):
        twin = twin_order(spec)
        self._admit(twin)
        self.reference.guard(twin)
        self.reference.run([twin], own=True)

    def _admit(self, twin):
        twin.seq, self.reference.seq = self.reference.seq, self.reference.seq + 1
        self.reference.orders[twin.id] = twin

    def mirror_take(self, outcome, order, spec, fiat):
        reference, twin = self.reference, twin_order(spec)
        target = reference.orders.get(twin.target)
        able = self._may_take(twin, target, fiat)
        assert (outcome.refusal is None) == able, outcome.refusal
        if able:
            self._admit(twin)
            reference.trade(target, twin, twin.amount_micro, fiat)
            if target.status in LIVE and target.min_fiat_minor:
                reference.todo.append(target)
            reference.run([])

    def _may_take(self, twin, target, fiat):
        reference = self.reference
        if not reference.is_open or target is None or target.status not in LIVE:
            return False
        if not reference.priced(target) or reference.tired(target) or reference.tired(twin):
            return False
        if not (target.manual or target.always_on or reference.users[target.user].is_present):
            return False
        price = reference.own(target)
        if fiat is not None:
            twin.amount_micro = usdt_for_fiat_down(fiat, price, PriceScale(*reference.scale))
            twin.remaining_micro = twin.amount_micro
            rest = reference.worth(target.remaining_micro, price)
            if fiat < target.min_fiat_minor <= rest or fiat > (target.max_fiat_minor or FAR):
                return False
        return reference.fit(target, twin, price) == twin.amount_micro

    def mirror_edit(self, outcome, key, changes):
        twin = self.reference.orders[key]
        added = changes.get("amount_micro", twin.amount_micro) - twin.amount_micro
        price = (twin.price_ticks, twin.margin_bp)
        for name, value in changes.items():
            setattr(twin, name, twin_guard(value) if name == "guard" else value)
        twin.remaining_micro += added
        if twin.guard == (0, FAR) and (twin.status, twin.reason) == ("paused", "guard"):
            twin.status = "open"
            self.reference.refresh(twin)
        if added > 0 or price != (twin.price_ticks, twin.margin_bp):
            twin.seq, self.reference.seq = self.reference.seq, self.reference.seq + 1
        self._wake(twin, own=True)

    def _wake(self, twin, *, own):
        self.reference.guard(twin)
        self.reference.run([twin], own=own)

    def mirror_cancel(self, outcome, key):
        self.reference.end(self.reference.orders[key], "cancelled")

    def mirror_expire(self, outcome, key):
        self.reference.end(self.reference.orders[key], "expired")

    def _hold(self, key, status, reason):
        twin = self.reference.orders[key]
        twin.status, twin.reason = status, reason

    def mirror_pause(self, outcome, key):
        self._hold(key, "paused", "owner")

    def mirror_suspend(self, outcome, key):
        twin = self.reference.orders[key]
        if twin.status == "paused" and twin.reason != "guard":
            twin.paused_for = twin.reason
        self._hold(key, "suspended", "review")

    def _release(self, key, *, own):
        twin = self.reference.orders[key]
        twin.status = "open"
        self.reference.refresh(twin)
        self._wake(twin, own=own)

    def mirror_resume(self, outcome, key):
        self._release(key, own=True)

    def mirror_lift(self, outcome, key):
        twin = self.reference.orders[key]
        kept, twin.paused_for = twin.paused_for, None
        if kept:
            self._hold(key, "paused", kept)
        else:
            self._release(key, own=False)

    def mirror_give_back(self, outcome, key, amount, other_key, was_new):
        reference = self.reference
        everything = {**reference.gone, **reference.orders}
        twin, other = everything[key], everything[other_key]
        twin.failed |= {other_key}
        other.failed |= {key}
        is_guarded = (twin.status, twin.reason) == ("paused", "guard")
        if twin.side == "buy":
            if twin.status in LIVE or is_guarded:
                twin.status, twin.reason = "paused", "unpaid"
            elif twin.status == "suspended":
                twin.paused_for = twin.paused_for or "unpaid"
            return
        twin.returned_micro += amount
        twin.new_unpaid_micro -= amount if was_new else 0
        if twin.immediate or twin.status in {"cancelled", "expired"}:
            twin.closed_micro += amount
            twin.status = "cancelled" if twin.status == "filled" else twin.status
            return
        twin.remaining_micro += amount
        reference.orders[key] = twin
        reference.gone.pop(key, None)
        reference.refresh(twin)
        if twin.status in LIVE or is_guarded:
            self._wake(twin, own=False)

    def mirror_release_share(self, outcome, key, amount):
        twin = self.reference.orders[key]
        twin.new_unpaid_micro -= amount
        self.reference.run([twin])

    def mirror_standing(self, outcome, user, facts):
        reference = self.reference
        reference.users[user] = SimpleNamespace(**{**vars_of(Standing()), **facts})
        mine = [o for o in reference.orders.values() if o.user == user and reference.ready(o)]
        reference.run(sorted(mine, key=lambda o: o.seq))

    def mirror_index(self, outcome, index, floating):
        self.reference.set_index(index, floating)

    def mirror_terms(self, outcome, is_open, methods_off):
        reference = self.reference
        reference.is_open, reference.methods_off = is_open, methods_off
        sells = [o for kind in ("fixed", "floating") for o in reference.listed(kind)]
        reference.run([o for o in sells if o.side == "sell"])


def vars_of(standing):
    """The fields of a standing, which has no `__dict__`."""
    return {name: getattr(standing, name) for name in Standing.__slots__}


def check_idle(reference):
    """No pair that fits is crossed."""
    for ask in reference.listed("fixed") + reference.listed("floating"):
        if ask.side == "sell":
            crossed = reference.crossed(ask)
            assert not any(reference.pair(ask, other)[3] for other in crossed), ask.id


def mirror_market(market):
    """A reference with the present content of a book."""
    state = market.book.state
    reference = Reference(state.terms.scale, state.terms.band_bp)
    reference.is_open, reference.methods_off = state.terms.is_open, state.terms.methods_off
    reference.index, reference.floating = state.index_ticks, state.is_floating_on
    reference.set_band()
    for user, member in state.members.items():
        reference.users[user] = SimpleNamespace(**vars_of(member.standing))
    for key, order in state.orders.items():
        spec = {name: getattr(order, name) for name in SAVED_FIELDS}
        twin = twin_order({"id": key, "user": order.user, **spec})
        twin.remaining_micro = order.remaining_micro
        reference.orders[key] = twin
    return reference
