"""Gives the same commands to the book and to its brute-force reference, and compares."""

from copy import copy
from operator import attrgetter
from random import Random
from types import SimpleNamespace

from server.core.money import PriceScale, usdt_for_fiat_down
from server.matching.book import Book
from server.matching.orders import BookOrder, Guard, Requirements
from server.matching.standings import MarketTerms, Standing
from tests.unit.matching.factory import USDT, read_book
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
    "target": None,
    "immediate": False,
}


def twin_order(spec):
    """The reference's order for a spec of keyword arguments."""
    needs, guard = spec["needs"], spec["guard"]
    fields = {**FRESH, **spec, "remaining_micro": spec["amount_micro"]}
    fields["needs"] = {"kyc_level": needs.kyc_level} | (
        {"completed_trades": needs.completed_trades} if needs.completed_trades else {}
    ) if needs else {}
    fields["guard"] = (guard.low_ticks or 0, guard.high_ticks or FAR) if guard else (0, FAR)
    return SimpleNamespace(**fields)


class Twins:
    """The book and the reference, kept in step; `fills` are the book's trades so far."""

    def __init__(self, scale, band_bp, candidates_max):
        self.terms = {
            "scale": PriceScale(*scale),
            "band_bp": band_bp,
            "candidates_max": candidates_max,
        }
        self.book = Book(MarketTerms(**self.terms))
        self.reference = Reference(scale, band_bp)
        self.known = {}
        self.fills = []
        self.examined = 0

    def apply(self, command):
        """Give one command to both, finish what it left pending, and compare."""
        name, *given = command
        outcome = getattr(self, f"send_{name}")(*given)
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
        asks = self.reference.listed("fixed") + self.reference.listed("floating")
        for ask in (o for o in asks if o.side == "sell"):
            crossed = self.reference.crossed(ask)
            assert not any(self.reference.pair(ask, other)[3] for other in crossed), ask.id

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

    # Commands. Refusals other than those of takes are decided by the book alone.

    def send_place(self, order, spec):
        outcome = self.book.place(order)
        self.known[order.id] = order
        if outcome.refusal is None:
            twin = twin_order(spec)
            self._admit(twin)
            self.reference.guard(twin)
            self.reference.run([twin], own=True)
        return outcome

    def _admit(self, twin):
        twin.seq, self.reference.seq = self.reference.seq, self.reference.seq + 1
        self.reference.orders[twin.id] = twin

    def send_take(self, order, spec, fiat):
        outcome = self.book.take(order)
        self.known[order.id] = order
        reference, twin = self.reference, twin_order(spec)
        target = reference.orders.get(twin.target)
        able = reference.is_open and target is not None and target.status in LIVE
        if able and reference.priced(target) and not target.immediate:
            s = reference.users[target.user]
            able = target.manual or target.always_on or s.is_present
            able = able and not reference.tired(target) and not reference.tired(twin)
            if fiat is not None:
                price, scale = reference.own(target), PriceScale(*reference.scale)
                twin.amount_micro = usdt_for_fiat_down(fiat, price, scale)
                twin.remaining_micro = twin.amount_micro
                rest = reference.worth(target.remaining_micro, price)
                able = able and not fiat < target.min_fiat_minor <= rest
                able = able and fiat <= (target.max_fiat_minor or FAR)
            twin.seq = reference.seq
            able = able and reference.fit(target, twin, reference.own(target)) == twin.amount_micro
        else:
            able = False
        assert (outcome.refusal is None) == bool(able), outcome.refusal
        if able:
            self._admit(twin)
            reference.trade(target, twin, twin.amount_micro, fiat)
            if target.status in LIVE and target.min_fiat_minor:
                reference.todo.append(target)
            reference.run([])
        return outcome

    def send_edit(self, key, changes):
        outcome = self.book.edit(key, changes)
        twin = self.reference.orders.get(key)
        if outcome.refusal is None:
            added = changes.get("amount_micro", twin.amount_micro) - twin.amount_micro
            price = (twin.price_ticks, twin.margin_bp)
            for name, value in changes.items():
                setattr(twin, name, value)
            twin.remaining_micro += added
            if added > 0 or price != (twin.price_ticks, twin.margin_bp):
                twin.seq, self.reference.seq = self.reference.seq, self.reference.seq + 1
            self._wake(twin, own=True)
        return outcome

    def _wake(self, twin, own=False):
        self.reference.guard(twin)
        self.reference.run([twin], own=own)

    def send_cancel(self, key):
        outcome = self.book.cancel(key)
        if outcome.refusal is None:
            self.reference.end(self.reference.orders[key], "cancelled")
        return outcome

    def send_expire(self, key):
        outcome = self.book.expire(key)
        if outcome.refusal is None:
            self.reference.end(self.reference.orders[key], "expired")
        return outcome

    def _hold(self, outcome, key, status, reason):
        if outcome.refusal is None:
            twin = self.reference.orders[key]
            twin.status, twin.reason = status, reason
        return outcome

    def send_pause(self, key):
        return self._hold(self.book.pause(key), key, "paused", "owner")

    def send_suspend(self, key):
        return self._hold(self.book.suspend(key, "review"), key, "suspended", "review")

    def _release(self, outcome, key, *, own):
        if outcome.refusal is None:
            twin = self.reference.orders[key]
            twin.status = "open"
            self.reference.refresh(twin)
            self._wake(twin, own=own)
        return outcome

    def send_resume(self, key):
        return self._release(self.book.resume(key), key, own=True)

    def send_lift(self, key):
        return self._release(self.book.lift(key), key, own=False)

    def send_give_back(self, key, amount, other_key, was_new):
        if self.book.find_order(key) is None:
            self.book.admit(self.known[key])
        outcome = self.book.give_back(key, amount, other_key, was_new=was_new)
        reference = self.reference
        everything = {**reference.gone, **reference.orders}
        twin, other = everything[key], everything[other_key]
        twin.failed |= {other_key}
        other.failed |= {key}
        if twin.side == "buy":
            if twin.status in LIVE or (twin.status, twin.reason) == ("paused", "guard"):
                twin.status, twin.reason = "paused", "unpaid"
            return outcome
        twin.returned_micro += amount
        twin.new_unpaid_micro -= amount if was_new else 0
        if twin.immediate or twin.status in {"cancelled", "expired"}:
            twin.closed_micro += amount
            twin.status = "cancelled" if twin.status == "filled" else twin.status
            return outcome
        twin.remaining_micro += amount
        reference.orders[key] = twin
        reference.gone.pop(key, None)
        reference.refresh(twin)
        if twin.status in LIVE or (twin.status, twin.reason) == ("paused", "guard"):
            self._wake(twin)
        return outcome

    def send_release_share(self, key, amount):
        outcome = self.book.release_share(key, amount)
        if outcome.refusal is None:
            twin = self.reference.orders[key]
            twin.new_unpaid_micro -= amount
            self.reference.run([twin])
        return outcome

    def send_standing(self, user, facts):
        outcome = self.book.set_standing(user, Standing(**facts))
        reference = self.reference
        reference.users[user] = SimpleNamespace(**{**vars_of(Standing()), **facts})
        mine = [o for o in reference.orders.values() if o.user == user and reference.ready(o)]
        reference.run(sorted(mine, key=lambda o: o.seq))
        return outcome

    def send_index(self, index, floating):
        outcome = self.book.set_index(index, is_floating_on=floating)
        self.reference.set_index(index, floating)
        return outcome

    def send_terms(self, is_open, methods_off):
        terms = MarketTerms(**self.terms, is_open=is_open, methods_off=frozenset(methods_off))
        outcome = self.book.set_terms(terms)
        reference = self.reference
        reference.is_open, reference.methods_off = is_open, methods_off
        sells = [o for kind in ("fixed", "floating") for o in reference.listed(kind)]
        reference.run([o for o in sells if o.side == "sell"])
        return outcome


def vars_of(standing):
    """The fields of a standing, which has no `__dict__`."""
    return {name: getattr(standing, name) for name in Standing.__slots__}


class Crowd:
    """Random commands of a small, crowded market, where almost everything crosses."""

    def __init__(self, rng: Random, twins: Twins):
        self.rng = rng
        self.twins = twins
        self.users = [f"u{n}" for n in range(rng.choice((4, 10, 25)))]
        self.methods = ("bank", "momo", "wise")[: rng.choice((1, 2, 3))]
        self.count = 0
        self.returned = set()

    def open_market(self):
        """The first commands: users and, mostly, an index."""
        for user in self.users:
            yield ("standing", user, self.make_standing(calm=True))
        if self.rng.random() < 0.8:
            yield ("index", 100, True)

    def make_standing(self, *, calm=False):
        """A user's facts; calm ones hinder nothing."""
        rng = self.rng
        odd = 0 if calm else 0.1
        return {
            "kyc_level": rng.choice((1, 2, 3)),
            "completed_trades": rng.choice((0, 5, 50, 50)),
            "is_present": rng.random() >= odd,
            "may_trade": rng.random() >= odd / 2,
            "may_take": rng.random() >= odd,
            "may_sell": rng.random() >= odd,
            "has_earned_resting": True,
            "limit_left_micro": rng.choice((15, 300, 50_000, 50_000, 50_000)) * USDT,
            "trade_cap_micro": rng.choice((2**62, 2**62, 60 * USDT)),
            "open_unpaid_max": rng.choice((1, 4, 50, 50)),
            "apart": frozenset(rng.sample(self.users, 1)) if rng.random() < 0.2 else frozenset(),
        }

    def make_terms(self):
        """What every order has, placed or taken."""
        rng = self.rng
        self.count += 1
        methods = tuple(rng.sample(self.methods, rng.randint(1, len(self.methods))))
        user = rng.choice(self.users)
        return {
            "id": f"o{self.count}",
            "user": user,
            "methods": methods,
            "accounts": {method: f"{user}:{method}" for method in methods},
            "needs": Requirements(kyc_level=rng.choice((1, 2, 3)), completed_trades=rng.choice((0, 5)))
            if rng.random() < 0.2
            else None,
            "guard": None,
        }

    def make_size(self):
        """An amount and, sometimes, bounds in fiat around it."""
        rng = self.rng
        amount = rng.choice((10, 12, 25, 40, 75, 100, 250)) * USDT + rng.choice((0, 0, 1, 333_333))
        scale = self.twins.terms["scale"]
        worth = amount * 100 * scale.num // (USDT * scale.den)
        low = worth * rng.choice((20, 50, 90)) // 100 if rng.random() < 0.4 else 0
        high = worth * rng.choice((95, 60)) // 100 if rng.random() < 0.2 else 0
        return {
            "amount_micro": amount,
            "min_fiat_minor": low,
            "max_fiat_minor": max(high, low) if high else 0,
        }

    def make_place(self):
        rng = self.rng
        spec = {
            **self.make_terms(),
            **self.make_size(),
            "side": rng.choice(("buy", "sell")),
            "pricing": rng.choice(("fixed", "fixed", "floating", "floating", "market")),
            "price_ticks": rng.choice((rng.randint(95, 105), rng.randint(99, 101))),
            "margin_bp": rng.choice((0, rng.randint(-400, 400))),
            "max_trades": rng.choice((1, 2, 50, 50)),
            "manual": rng.random() < 0.1,
            "always_on": rng.random() < 0.2,
            "listed": rng.random() < 0.8,
        }
        if spec["pricing"] == "market" or rng.random() < 0.1:
            spec |= {"immediate": True, "manual": False}
        if rng.random() < 0.15:
            low, high = rng.choice(((98, None), (None, 102), (97, 103)))
            spec["guard"] = Guard(low, high)
        return ("place", BookOrder(**spec), spec)

    def make_take(self):
        rng, orders = self.rng, self.twins.book.state.orders
        target = orders[rng.choice(list(orders))]
        spec = {
            **self.make_terms(),
            "side": "buy" if target.side == "sell" else "sell",
            "pricing": "market",
            "amount_micro": min(rng.choice((10, 25, 60)) * USDT, target.remaining_micro),
            "immediate": True,
            "target": target.id,
        }
        fiat = None
        if rng.random() < 0.5:
            scale = self.twins.terms["scale"]
            worth = spec["amount_micro"] * 100 * scale.num // (USDT * scale.den)
            fiat = rng.choice((worth, worth + 1, target.min_fiat_minor or worth))
        twin_spec = {**spec, "min_fiat_minor": 0, "max_fiat_minor": 0, "price_ticks": 0}
        twin_spec |= {"margin_bp": 0, "max_trades": 1, "manual": False, "always_on": False}
        return ("take", BookOrder(**spec, fiat_left_minor=fiat), twin_spec, fiat)

    def make_edit(self, key):
        rng = self.rng
        changes = {}
        if rng.random() < 0.5:
            changes["price_ticks"] = rng.randint(96, 104)
        if rng.random() < 0.3:
            changes["margin_bp"] = rng.randint(-400, 400)
        if rng.random() < 0.4:
            changes |= self.make_size()
        if rng.random() < 0.3:
            changes["max_trades"] = rng.choice((1, 5, 50))
        if rng.random() < 0.2:
            changes["always_on"] = rng.random() < 0.5
        return ("edit", key, changes)

    def make_return(self):
        """One side of a trade that ended unpaid; each side comes back once."""
        fill = self.rng.choice(self.twins.fills)
        key, other = fill.sell_order_id, fill.buy_order_id
        if self.rng.random() < 0.4:
            key, other = other, key
        if (fill, key) in self.returned:
            return self.make_place()
        was_new = fill.is_new_buyer and (fill, "share") not in self.returned
        self.returned |= {(fill, key), (fill, "share")}
        return ("give_back", key, fill.amount_micro, other, was_new)

    def make_release(self):
        fill = self.rng.choice(self.twins.fills)
        if not fill.is_new_buyer or (fill, "share") in self.returned:
            return self.make_place()
        self.returned.add((fill, "share"))
        return ("release_share", fill.sell_order_id, fill.amount_micro)

    def make_switch(self, key):
        """End, stop or start an order; starting picks one that is stopped, if there is one."""
        name = self.rng.choice(("cancel", "expire", "pause", "resume", "resume", "suspend", "lift"))
        wanted = {"resume": "paused", "lift": "suspended"}.get(name)
        orders = self.twins.book.state.orders.values()
        stopped = [order.id for order in orders if order.status == wanted]
        return (name, self.rng.choice(stopped) if stopped else key)

    def make_command(self):
        """The next command, from what the book holds now."""
        rng, orders = self.rng, self.twins.book.state.orders
        kind = rng.random()
        if kind < 0.5 or not orders:
            return self.make_place()
        key = rng.choice(list(orders))
        if kind < 0.58:
            return self.make_take()
        if kind < 0.66:
            return self.make_edit(key)
        if kind < 0.74:
            return self.make_switch(key)
        if kind < 0.8:
            index = rng.choice((rng.randint(95, 105), 100)) if rng.random() < 0.9 else None
            return ("index", index, rng.random() < 0.9)
        if kind < 0.89:
            return ("standing", rng.choice(self.users), self.make_standing())
        if kind < 0.9 + 0.1 * (not self.twins.reference.is_open):
            off = rng.choice(((), (), ("momo",)))
            return ("terms", not self.twins.reference.is_open or rng.random() < 0.8, off)
        if self.twins.fills:
            return self.make_return() if kind < 0.97 else self.make_release()
        return self.make_place()


SCALES = ((1, 1), (1, 100), (25, 1), (100, 7))


def run_sequence(seed, command_count=200):
    """One seeded market of `command_count` commands, compared after each."""
    rng = Random(seed)
    twins = Twins(rng.choice(SCALES), rng.choice((0, 400, 2_000)), rng.choice((1, 2, 5, 200, 200)))
    crowd = Crowd(rng, twins)
    for command in crowd.open_market():
        twins.apply(command)
    sent = 0
    while sent < command_count:
        if rng.random() < 0.02:
            sent += play_batch(crowd, twins)
        else:
            twins.apply(crowd.make_command())
            sent += 1
        twins.book.forget()
        if sent % 50 == 0:
            twins.compare_all()
    twins.compare_all()
    return twins


def play_batch(crowd, twins):
    """A batch that is taken back whole and then, mostly, run again with the same result."""
    commands, returned = [], set(crowd.returned)
    for _ in range(crowd.rng.randint(1, 6)):
        commands.append(crowd.make_command())
    first = twins.try_batch(commands)
    if crowd.rng.random() < 0.3:
        crowd.returned = returned
        return 0
    fills_before = len(twins.fills)
    for command in commands:
        twins.apply(command)
    assert twins.fills[fills_before:] == first
    return len(commands)
