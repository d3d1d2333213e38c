"""The same rules by brute force: a sorted list, scanned anew after every trade."""

MICRO, BP, LOW, HIGH, FAR = 10**6, 10**4, 10 * 10**6, 50_000 * 10**6, 10**30
LIVE = ("open", "partially_filled")


class Reference:
    def __init__(self, scale, band_bp):
        self.scale, self.band_bp, self.orders, self.gone, self.users = scale, band_bp, {}, {}, {}
        self.index, self.floating, self.seq, self.band = None, True, 1, (0, FAR)
        self.is_open, self.methods_off, self.todo, self.fills = True, (), [], []

    def scaled(self, o):
        is_floating = o.pricing == "floating"
        return self.index * (BP + o.margin_bp) if is_floating else o.price_ticks * BP

    def own(self, o):
        return self.scaled(o) // BP if o.side == "buy" else -(-self.scaled(o) // BP)

    def rank(self, o):
        return (self.scaled(o) if o.side == "sell" else -self.scaled(o), o.seq)

    def tired(self, o):
        s, sells = self.users[o.user], o.side == "sell"
        full = not s.may_sell if sells else s.open_unpaid >= s.open_unpaid_max
        return full or not s.may_trade or min(s.limit_left_micro, s.trade_cap_micro) < LOW

    def ready(self, o, own=False):
        here = own or ((o.always_on or self.users[o.user].is_present) and not o.immediate)
        able = o.status in LIVE and not o.manual and self.is_open and not self.tired(o)
        return here and able and self.priced(o)

    def priced(self, o):
        if o.pricing == "floating":
            return self.floating and self.index is not None
        return o.pricing == "market" or self.band[0] <= o.price_ticks <= self.band[1]

    def crossed(self, o):
        mine, sign = self.own(o), 1 if o.side == "buy" else -1
        rails = set(o.methods).difference(self.methods_off)
        others = [c for c in self.orders.values() if c.side != o.side and self.ready(c)]
        near = (c for c in others if sign * (mine - self.own(c)) >= 0 and rails & set(c.methods))
        return sorted(near, key=self.rank)

    def worth(self, amount, price):
        return -(-amount * price * self.scale[0] // (MICRO * self.scale[1]))

    def fit(self, maker, taker, price):
        m, t = self.users[maker.user], self.users[taker.user]
        apart = maker.user == taker.user or taker.user in m.apart or maker.user in t.apart
        failed = taker.id in maker.failed or maker.id in taker.failed
        spent = taker.target is None and (failed or taker.takes_made >= taker.max_trades)
        if apart or spent or not t.may_take or self.rail(maker, taker) is None:
            return 0
        for needs, s in ((maker.needs, t), (taker.needs, m)):
            if any(getattr(s, name) < least for name, least in needs.items()):
                return 0
        buy, sell = (maker, taker) if maker.side == "buy" else (taker, maker)
        b, s = self.users[buy.user], self.users[sell.user]
        tops = [buy.remaining_micro, sell.remaining_micro, b.limit_left_micro, s.limit_left_micro]
        tops += [HIGH, b.trade_cap_micro, s.trade_cap_micro]
        if b.completed_trades < 5:
            tops.append(max(sell.amount_micro // 10, LOW) - sell.new_unpaid_micro)
        for o in (buy, sell):
            if o.max_fiat_minor:
                tops.append(o.max_fiat_minor * MICRO * self.scale[1] // (price * self.scale[0]))
        value = self.worth(min(tops), price)
        for o in (buy, sell):
            if value < o.min_fiat_minor <= self.worth(o.remaining_micro, price):
                return 0
        return min(tops) if min(tops) >= LOW else 0

    def rail(self, maker, taker):
        off = self.methods_off
        return next((x for x in maker.methods if x in taker.methods and x not in off), None)

    def pair(self, o, c):
        maker, taker = sorted((o, c), key=lambda one: one.seq)
        return c, maker, taker, self.fit(maker, taker, self.own(maker))

    def trade(self, maker, taker, amount, fiat=None):
        buy, sell = (maker, taker) if maker.side == "buy" else (taker, maker)
        price, rail = self.own(maker), self.rail(maker, taker)
        fiat = self.worth(amount, price) if fiat is None else fiat
        self.fills.append((maker.id, taker.id, amount, fiat, price, rail, sell.accounts[rail]))
        taker.takes_made += 1
        sell.new_unpaid_micro += amount if self.users[buy.user].completed_trades < 5 else 0
        self.users[buy.user].open_unpaid += 1
        for o in (maker, taker):
            self.users[o.user].limit_left_micro -= amount
            o.remaining_micro -= amount
            o.matched_micro += amount
            self.refresh(o)

    def refresh(self, o):
        if o.remaining_micro < LOW:
            self.end(o, "cancelled" if o.remaining_micro else "filled")
        elif o.status not in ("paused", "suspended"):
            o.status = "partially_filled" if o.matched_micro > o.returned_micro else "open"

    def end(self, o, status):
        o.closed_micro, o.remaining_micro, o.status = o.closed_micro + o.remaining_micro, 0, status
        self.gone[o.id] = self.orders.pop(o.id)

    def walk(self, o, own=False, waiver=False):
        first = self.crossed(o)[:1] if waiver and self.ready(o) else ()
        for price in [self.own(o if o.side == "sell" else c) for c in first]:
            waiver = self.worth(o.remaining_micro, price) >= o.min_fiat_minor
        while not waiver and self.ready(o, own):
            pairs = (self.pair(o, c) for c in self.crossed(o))
            found = next((pair for pair in pairs if pair[3]), None)
            if found is None:
                break
            self.trade(*found[1:])
            self.todo += [found[0]] if found[0].min_fiat_minor and found[0].status in LIVE else []
        if o.immediate and o.status in LIVE:
            self.end(o, "cancelled")

    def run(self, orders, own=False):
        for o in orders:
            self.walk(o, own)
        while self.todo:
            self.walk(self.todo.pop(0), waiver=True)

    def guard(self, o):
        was, (low, high) = o.status, o.guard
        mine = was in LIVE or (was, o.reason) == ("paused", "guard")
        if mine and not o.immediate and self.index is not None:
            holds = not low <= self.index <= high
            o.status, o.reason = "paused" if holds else "open", "guard"
            self.refresh(o)
            return was == "paused" and not holds
        return False

    def set_index(self, index, floating):
        (low, high), self.index, self.floating = self.band, index, floating
        self.set_band()
        rearmed = [o for o in sorted(self.orders.values(), key=lambda o: o.seq) if self.guard(o)]
        again = self.listed("fixed", lambda o: o.price_ticks < low, lambda o: o.price_ticks > high)
        self.run(self.listed("floating") + again + rearmed)

    def set_band(self):
        low, high = (self.index or 0) * (BP - self.band_bp), (self.index or 0) * (BP + self.band_bp)
        self.band = (-(-low // BP), high // BP) if low < high else (0, FAR)

    def listed(self, pricing, *of_side):
        both = [o for o in self.orders.values() if o.pricing == pricing and self.ready(o)]
        sells, buys = of_side or (bool, bool)
        asks = sorted((o for o in both if o.side == "sell" and sells(o)), key=self.rank)
        return asks + sorted((o for o in both if o.side == "buy" and buys(o)), key=self.rank)
