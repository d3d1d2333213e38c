"""Random commands for a small, crowded market, and whole sequences of them."""

from random import Random

from server.matching.orders import BookOrder, Guard, Requirements
from tests.unit.matching.driver import Market, Twins, check_idle, mirror_market
from tests.unit.matching.factory import USDT, read_book


class Crowd:
    """Random commands of a small, crowded market, where almost everything crosses."""

    def __init__(self, rng: Random, market: Market):
        self.rng = rng
        self.market = market
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
            "needs": Requirements(
                kyc_level=rng.choice((1, 2, 3)), completed_trades=rng.choice((0, 5))
            )
            if rng.random() < 0.2
            else None,
            "guard": None,
        }

    def make_size(self):
        """An amount and, sometimes, bounds in fiat around it."""
        rng = self.rng
        amount = rng.choice((10, 12, 25, 40, 75, 100, 250)) * USDT + rng.choice((0, 0, 1, 333_333))
        scale = self.market.terms["scale"]
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
        rng, orders = self.rng, self.market.book.state.orders
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
            scale = self.market.terms["scale"]
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
        if rng.random() < 0.2:
            changes["methods"] = tuple(rng.sample(self.methods, rng.randint(1, len(self.methods))))
            changes["accounts"] = {method: f"{key}:{method}" for method in changes["methods"]}
        if rng.random() < 0.1:
            changes["guard"] = rng.choice((None, Guard(98, None), Guard(None, 102)))
        return ("edit", key, changes)

    def make_return(self):
        """One side of a trade that ended unpaid; each side comes back once."""
        fill = self.rng.choice(self.market.fills)
        key, other = fill.sell_order_id, fill.buy_order_id
        if self.rng.random() < 0.4:
            key, other = other, key
        if (fill, key) in self.returned:
            return self.make_place()
        was_new = fill.is_new_buyer and (fill, "share") not in self.returned
        self.returned |= {(fill, key), (fill, "share")}
        return ("give_back", key, fill.amount_micro, other, was_new)

    def make_release(self):
        fill = self.rng.choice(self.market.fills)
        if not fill.is_new_buyer or (fill, "share") in self.returned:
            return self.make_place()
        self.returned.add((fill, "share"))
        return ("release_share", fill.sell_order_id, fill.amount_micro)

    def make_switch(self, key):
        """End, stop or start an order; starting picks one that is stopped, if there is one."""
        name = self.rng.choice(("cancel", "expire", "pause", "resume", "resume", "suspend", "lift"))
        wanted = {"resume": "paused", "lift": "suspended"}.get(name)
        orders = self.market.book.state.orders.values()
        stopped = [order.id for order in orders if order.status == wanted]
        return (name, self.rng.choice(stopped) if stopped else key)

    def make_command(self):
        """The next command, from what the book holds now."""
        rng, orders = self.rng, self.market.book.state.orders
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
        if kind < 0.9 + 0.1 * (not self.market.book.state.terms.is_open):
            off = rng.choice(((), (), ("momo",)))
            return ("terms", not self.market.book.state.terms.is_open or rng.random() < 0.8, off)
        if self.market.fills:
            return self.make_return() if kind < 0.97 else self.make_release()
        return self.make_place()


SCALES = ((1, 1), (1, 100), (25, 1), (100, 7))


def run_sequence(rng, command_count=200):
    """One random market of `command_count` commands, compared after each."""
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
    returned = set(crowd.returned)
    commands = [crowd.make_command() for _ in range(crowd.rng.randint(1, 6))]
    first = twins.try_batch(commands)
    if crowd.rng.random() < 0.3:
        crowd.returned = returned
        return 0
    fills_before = len(twins.fills)
    for command in commands:
        twins.apply(command)
    assert twins.fills[fills_before:] == first
    return len(commands)


def run_unfinished(rng, command_count=200):
    """Commands come between a command that met the bound and its continuation.

    Nothing is compared on the way; at the end, when nothing is pending, all must be idle.
    """
    market = Market(rng.choice(SCALES), rng.choice((0, 400)), rng.choice((1, 2, 3)))
    crowd = Crowd(rng, market)
    for command in crowd.open_market():
        market.command(command)
    for _ in range(command_count):
        mark = market.book.mark()
        if rng.random() < 0.1:
            before = read_book(market.book)
            if market.book.is_pending:
                market.book.continue_matching()
            market.book.undo(mark)
            assert read_book(market.book) == before
        unfinished = rng.random() < 0.3 and market.book.is_pending
        outcome = (
            market.book.continue_matching() if unfinished else market.command(crowd.make_command())
        )
        market.fills += outcome.fills
        market.book.forget()
    while market.book.is_pending:
        market.book.continue_matching()
    check_idle(mirror_market(market))
    return market
