"""A client's view that is built from events alone, and the proof that it equals a fresh fetch."""

from collections.abc import Awaitable, Callable
from typing import Any

ENDED = frozenset({"filled", "cancelled", "expired"})
HINTS = frozenset(
    {
        "attachment_added",
        "attachment_flagged",
        "dispute_queue_changed",
        "kyc_queue_changed",
        "report_queue_changed",
    }
)
"""Events that say where to look; nothing of them is kept."""
Get = Callable[[str], Awaitable[Any]]
"""GET of a path below /api/v1; the decoded body."""


class View:
    """What one reader knows. `take` applies an event once and in order."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}
        self.taken: list[tuple[str, int, str]] = []
        """room, number and name of every event that was applied."""
        self.repeated = 0
        self.gaps: list[tuple[str, int, int]] = []
        """room, last number and the number that came instead of the next."""
        self.orders: dict[str, dict[str, Any]] = {}
        self.public_orders: dict[str, dict[str, Any]] = {}
        self.trades: dict[str, dict[str, Any]] = {}
        self.shared_trades: dict[str, dict[str, Any]] = {}
        self.cases: dict[str, dict[str, Any]] = {}
        self.claims: dict[str, dict[str, Any]] = {}
        self.balances: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.hints: list[str] = []
        self.proposals: dict[str, dict[str, Any]] = {}
        self.books: dict[str, dict[str, Any]] = {}
        self.stale_books: set[str] = set()
        self.tickers: dict[str, dict[str, Any]] = {}
        self.indexes: dict[str, dict[str, Any]] = {}
        self.stopped: dict[str, str] = {}
        """What is stopped, and since when."""
        self.messages: dict[str, dict[int, dict[str, Any]]] = {}
        """By trade and number."""
        self.read_marks: dict[str, dict[str, int]] = {}
        self.typing: list[dict[str, Any]] = []
        self.tape: list[dict[str, Any]] = []

    def start(self, room: str, seq: int) -> None:
        """Begin to follow a room from number `seq` on."""
        self.last[room] = seq

    def take(self, envelope: dict[str, Any]) -> bool:
        """Apply an event; False if it had been applied, or if events before it are missing."""
        room, seq = envelope["room"], envelope["seq"]
        if seq is not None:
            last = self.last.setdefault(room, 0)
            if seq <= last:
                self.repeated += 1
                return False
            if seq != last + 1:
                self.gaps.append((room, last, seq))
                return False
            self.last[room] = seq
            self.taken.append((room, seq, envelope["event"]))
        self._apply(room.partition(":")[0], envelope["event"], envelope["data"])
        return True

    def hold_book(self, book: dict[str, Any]) -> None:
        """Begin with a fetched book."""
        self.books[book["market"]] = {
            "number": book["number"],
            "bids": _by_level(book["bids"]),
            "asks": _by_level(book["asks"]),
        }
        self.stale_books.discard(book["market"])

    def _apply(self, kind: str, name: str, body: dict[str, Any]) -> None:
        if self._apply_figures(name, body) or self._apply_chat(name, body):
            return
        if name.startswith("order_"):
            orders = self.orders if kind == "user" else self.public_orders
            orders.setdefault(body["id"], {}).update(body)
            if kind == "market" and (
                name in ("order_filled", "order_cancelled") or body.get("status") in ENDED
            ):
                del orders[body["id"]]
        elif name.startswith("trade_"):
            trades = self.trades if kind == "user" else self.shared_trades
            held = trades.setdefault(body["id"], {})
            if held.get("version", 0) <= body["version"]:
                held.update(body)
        elif name in ("dispute_updated", "claim_updated"):
            cases = self.cases if name == "dispute_updated" else self.claims
            if cases.get(body["id"], {}).get("version", 0) <= body["version"]:
                cases[body["id"]] = body
        elif name == "balance_updated":
            if self.balances.get(body["asset"], {}).get("version", -1) < body["version"]:
                self.balances[body["asset"]] = body
        elif name == "notification_created":
            self.notifications.append(body)
        elif name == "proposal_updated":
            self.proposals[body["id"]] = body
        else:
            raise AssertionError(f"no view knows {name}")

    def _apply_chat(self, name: str, body: dict[str, Any]) -> bool:
        if name == "message_created":
            self.messages.setdefault(body["trade_id"], {})[body["number"]] = body
        elif name == "message_read":
            self.read_marks.setdefault(body["trade_id"], {})[body["reader"]] = body["number"]
        elif name == "typing":
            self.typing.append(body)
        elif name in HINTS:
            self.hints.append(name)
        else:
            return False
        return True

    def _apply_figures(self, name: str, body: dict[str, Any]) -> bool:
        if name == "book_updated":
            self._change_book(body)
        elif name == "ticker_updated":
            self.tickers[body["market"]] = body
        elif name == "index_updated":
            self.indexes[body["market"]] = body
        elif name == "switch_updated" and body["active"]:
            self.stopped[body["switch"]] = body["changed_at"]
        elif name == "switch_updated":
            self.stopped.pop(body["switch"], None)
        elif name == "trade_completed":
            self.tape.append(body)
        else:
            return False
        return True

    def _change_book(self, body: dict[str, Any]) -> None:
        book = self.books.get(body["market"])
        if book is None or body["to"] <= book["number"]:
            return
        if body["from"] > book["number"]:
            self.stale_books.add(body["market"])
            return
        for side in ("bids", "asks"):
            for key, level in _by_level(body[side]).items():
                if level["orders"] == 0:
                    book[side].pop(key, None)
                else:
                    book[side][key] = level
        book["number"] = body["to"]


def _by_level(levels: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {(level["price"], level["margin_bp"]): level for level in levels}


async def _fetch_all(get: Get, path: str) -> dict[str, dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    page = await get(path)
    while True:
        items |= {item["id"]: item for item in page["items"]}
        if page["next_cursor"] is None:
            return items
        page = await get(f"{path}{'&' if '?' in path else '?'}cursor={page['next_cursor']}")


def differences(view: View, held: str, fetched: dict[str, dict[str, Any]]) -> list[str]:
    """Where what the view holds is another than what was fetched; only fields that events carry."""
    found = []
    for key, body in getattr(view, held).items():
        fresh = fetched.get(key)
        if fresh is None:
            found.append(f"{held} {key}: not in the fetch")
            continue
        found += [
            f"{held} {key}: {name} is {value!r}, fetched {fresh[name]!r}"
            for name, value in body.items()
            if name in fresh and fresh[name] != value
        ]
    found += [f"{held} {key}: not in the view" for key in fetched.keys() - getattr(view, held)]
    return found


async def find_differences(view: View, get: Get, market: str) -> list[str]:
    """Compare all that a person's view holds with fresh fetches; an empty list is equality."""
    found = differences(view, "orders", await _fetch_all(get, "/orders?mine=true"))
    public: dict[str, dict[str, Any]] = {}
    for side in ("buy", "sell"):
        public |= await _fetch_all(get, f"/orders?market={market}&side={side}")
    found += differences(view, "public_orders", public)
    found += differences(view, "trades", await _fetch_all(get, "/trades"))
    wallet = await get("/wallet")
    balances = {item["asset"]: item for item in wallet["items"]}
    found += [
        text for text in differences(view, "balances", balances) if "not in the view" not in text
    ]
    book = await get(f"/markets/{market}/book")
    if market in view.books:
        held = view.books[market]
        for side in ("bids", "asks"):
            if held[side] != _by_level(book[side]):
                found.append(f"book {side}: {held[side]} but fetched {book[side]}")
    return found


async def find_all_differences(view: View, get: Get, market: str, own_room: str) -> list[str]:
    """`find_differences`, and the same for what belongs to trades, markets and the user's room."""
    found = await find_differences(view, get, market)
    shared = {key: await get(f"/trades/{key}") for key in view.shared_trades}
    found += differences(view, "shared_trades", shared)
    cases = {key: await get(f"/disputes/{key}") for key in view.cases}
    found += differences(view, "cases", cases)
    claims = {key: await get(f"/claims/{key}") for key in view.claims}
    found += differences(view, "claims", claims)
    for key, held in view.messages.items():
        page = await get(f"/trades/{key}/messages?limit=100")
        fetched = {message["number"]: message for message in page["items"]}
        if held != fetched:
            found.append(f"messages {key}: {held} but fetched {fetched}")
        marks = {"buyer": 0, "seller": 0, **view.read_marks.get(key, {})}
        if marks != page["read"]:
            found.append(f"read_marks {key}: {marks} but fetched {page['read']}")
    for figures, path in (("tickers", "ticker"), ("indexes", "index")):
        found += differences(view, figures, {market: await get(f"/markets/{market}/{path}")})
    stopped = {one["switch"]: one["since"] for one in (await get("/status"))["items"]}
    if view.stopped != stopped:
        found.append(f"stopped: {view.stopped} but fetched {stopped}")
    tape = (await get(f"/markets/{market}/trades"))["items"]
    if view.tape[::-1] != tape:
        found.append(f"tape: {view.tape} but fetched {tape}")
    events = await _fetch_events(get, own_room)
    notes = [event["data"] for event in events if event["event"] == "notification_created"]
    if view.notifications != notes:
        found.append(f"notifications: {view.notifications} but fetched {notes}")
    return found


async def _fetch_events(get: Get, room: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    page = await get(f"/events?room={room}&limit=100")
    while True:
        events += page["items"]
        if page["next_cursor"] is None:
            return events
        page = await get(f"/events?room={room}&limit=100&cursor={page['next_cursor']}")
