"""What a client makes of its events: numbers without gaps, and a view built from events alone."""

from collections.abc import Mapping
from typing import Any

FAULTS_MAX = 50
"""More faults than this are only counted."""
LISTED = frozenset({"open", "partially_filled"})
"""Statuses of the orders that the public list shows."""
BY_TIME = frozenset({"allowed_actions"})
"""What a trade allows changes with time alone, without an event."""

Body = Mapping[str, Any]


class Faults:
    """Everything that was not as promised; the demo is green while there is none."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.count = 0

    def add(self, sentence: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.sentences) < FAULTS_MAX:
            self.sentences.append(sentence)


class RoomWatch:
    """Checks that the numbers of a room come once, in order and without gaps.

    From connecting to the answer of `subscribe` the room is catching up: what was missed is
    replayed then, so a number may come twice or too early, and is not taken.
    """

    def __init__(self, room: str, reader: str, faults: Faults) -> None:
        self.room = room
        self.last: int | None = None
        """The last number taken; None before the first subscription."""
        self.catching_up = True
        self._reader = reader
        self._faults = faults

    def begin(self) -> None:
        """The connection is new."""
        self.catching_up = True

    def take(self, seq: int) -> bool:
        """Whether the event with this number is the next one."""
        if self.last is not None and seq == self.last + 1:
            self.last = seq
            return True
        if self.catching_up:
            return False
        assert self.last is not None, "a watch that is not catching up has begun"
        wrong = "again" if seq <= self.last else f"after {self.last}"
        self._faults.add(f"{self._reader} got number {seq} of {self.room} {wrong}")
        self.last = max(seq, self.last)
        return False

    def settle(self, seq: int, *, is_reset: bool = False) -> None:
        """The answer of `subscribe`: all up to `seq` was sent before it, if it was asked for."""
        if self.last is None:
            self.last = seq
        elif is_reset:
            self._faults.add(f"{self._reader} was told to load {self.room} anew")
            self.last = seq
        elif self.last < seq:
            self._faults.add(f"{self._reader} missed {self.last + 1} to {seq} of {self.room}")
            self.last = seq
        self.catching_up = False

    def check_end(self, seq: int) -> None:
        """Nothing is outstanding: the server's last number is ours."""
        if self.last != seq:
            self._faults.add(f"{self._reader} ended at {self.last} of {self.room}, not at {seq}")


class OwnView:
    """One user's orders, trades and wallet, from the events of his room."""

    def __init__(self) -> None:
        self.orders: dict[str, Body] = {}
        self.trades: dict[str, Body] = {}
        self.wallet: dict[str, Body] = {}

    def apply(self, name: str, body: Body) -> None:
        """Take one event; events of other things are ignored."""
        if name.startswith("order_"):
            self.orders[body["id"]] = body
        elif name.startswith("trade_"):
            # A new trade is told in short; every later event tells it whole.
            self.trades[body["id"]] = {**self.trades.get(body["id"], {}), **body}
        elif name == "balance_updated":
            self.take_balances(body)

    def take_balances(self, body: Body) -> None:
        """The newer of two answers about an asset stays."""
        known = self.wallet.get(body["asset"])
        if known is None or body["version"] >= known["version"]:
            self.wallet[body["asset"]] = body

    def load(self, orders: list[Body], trades: list[Body], wallet: list[Body]) -> None:
        """The state as fetched after subscribing: what events told meanwhile is newer."""
        for order in orders:
            self.orders.setdefault(order["id"], order)
        for trade in trades:
            self.trades.setdefault(trade["id"], trade)
        for balances in wallet:
            self.take_balances(balances)

    def list_differences(
        self, orders: list[Body], trades: list[Body], wallet: list[Body]
    ) -> list[str]:
        """How the view differs from what was fetched anew; a sentence for each object."""
        return [
            *_compare("order", self.orders, {one["id"]: one for one in orders}),
            *_compare("trade", self.trades, {one["id"]: one for one in trades}, spared=BY_TIME),
            *_compare("balance", self.wallet, {one["asset"]: one for one in wallet}),
        ]


class PublicView:
    """The listed orders of one market and its depth, from public events alone."""

    def __init__(self) -> None:
        self.orders: dict[str, Body] = {}
        self.levels: dict[tuple[str, str | None, int | None], Body] = {}
        self.number = -1
        """Of the book that the levels show; below zero before one was fetched."""
        self.behind = False
        """An update began beyond our book: it must be fetched again."""

    def apply(self, name: str, body: Body) -> None:
        """Take one event."""
        if name == "book_updated":
            self._apply_depth(body)
        elif name.startswith("order_"):
            if body.get("status") in LISTED:
                self.orders[body["id"]] = body
            else:
                self.orders.pop(body["id"], None)

    def load(self, orders: list[Body]) -> None:
        """The public list as fetched after subscribing."""
        for order in orders:
            self.orders.setdefault(order["id"], order)

    def load_book(self, book: Body) -> None:
        """The depth as fetched."""
        self.levels = dict(_list_levels(book))
        self.number = book["number"]
        self.behind = False

    def list_differences(self, orders: list[Body], book: Body) -> list[str]:
        """How the view differs from what was fetched anew."""
        return [
            *self.list_order_differences(orders),
            *_compare("level", self.levels, dict(_list_levels(book))),
        ]

    def list_order_differences(self, orders: list[Body]) -> list[str]:
        """As `list_differences`, of the orders alone."""
        return _compare("listed order", self.orders, {one["id"]: one for one in orders})

    def _apply_depth(self, body: Body) -> None:
        if self.number < 0 or body["to"] <= self.number:
            return
        if body["from"] > self.number:
            self.behind = True
            return
        for key, level in _list_levels(body):
            if level["orders"]:
                self.levels[key] = level
            else:
                self.levels.pop(key, None)
        self.number = body["to"]


def _list_levels(book: Body) -> list[tuple[tuple[str, str | None, int | None], Body]]:
    return [
        ((side, level["price"], level["margin_bp"]), level)
        for side in ("bids", "asks")
        for level in book[side]
    ]


def _compare(
    kind: str,
    ours: Mapping[Any, Body],
    fetched: Mapping[Any, Body],
    *,
    spared: frozenset[str] = frozenset(),
) -> list[str]:
    sentences = [f"{kind} {key} is unknown to the view" for key in fetched.keys() - ours.keys()]
    sentences += [f"{kind} {key} is only in the view" for key in ours.keys() - fetched.keys()]
    for key in ours.keys() & fetched.keys():
        mine, theirs = ours[key], fetched[key]
        names = sorted(
            name for name in mine.keys() - spared if mine[name] != theirs.get(name, None)
        )
        if names:
            shown = ", ".join(f"{name} {mine[name]!r}/{theirs.get(name)!r}" for name in names[:4])
            sentences.append(f"{kind} {key} differs from a fetch: {shown}")
    return sorted(sentences)
