"""The demo's clients notice what is not as promised."""

import pytest

from seeds.demo.feed import Faults, OwnView, PublicView, RoomWatch
from seeds.demo.listener import Listener
from seeds.demo.tally import Tally

ROOM = "user:1"


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def watch(faults):
    begun = RoomWatch(ROOM, "ann", faults)
    begun.settle(4)
    return begun


def balances(version, available="1.000000"):
    return {"asset": "USDT", "available": available, "version": version}


def order(status="open", **more):
    return {"id": "o1", "status": status, "remaining": "10.000000", **more}


def test_next_numbers_are_taken(watch, faults):
    assert [watch.take(number) for number in (5, 6, 7)] == [True, True, True]
    watch.check_end(7)
    assert faults.count == 0


def test_gap_is_a_fault(watch, faults):
    assert not watch.take(6)
    assert faults.sentences == ["ann got number 6 of user:1 after 4"]


def test_duplicate_is_a_fault(watch, faults):
    watch.take(5)
    assert not watch.take(5)
    assert faults.sentences == ["ann got number 5 of user:1 again"]


def test_event_before_the_subscription_is_not_taken_and_no_fault(faults):
    watch = RoomWatch(ROOM, "ann", faults)
    assert not watch.take(3)
    watch.settle(3)
    assert watch.take(4)
    assert faults.count == 0


def test_replay_after_a_lost_connection_fills_the_gap(watch, faults):
    watch.begin()
    assert not watch.take(8), "what comes too early is replayed in order"
    assert [watch.take(number) for number in (5, 6, 7, 8)] == [True] * 4
    watch.settle(8)
    assert faults.count == 0


def test_replay_that_leaves_a_gap_is_a_fault(watch, faults):
    watch.begin()
    watch.take(5)
    watch.settle(8)
    assert faults.sentences == ["ann missed 6 to 8 of user:1"]


def test_reset_is_a_fault(watch, faults):
    watch.begin()
    watch.settle(900, is_reset=True)
    assert faults.sentences == ["ann was told to load user:1 anew"]


def test_missing_last_event_is_a_fault(watch, faults):
    watch.check_end(5)
    assert faults.sentences == ["ann ended at 4 of user:1, not at 5"]


def test_listener_hands_on_what_is_next_and_notes_the_rest():
    tally, heard = Tally(), []
    listener = Listener("", "ann", tally, lambda *event: heard.append(event))
    listener.watches[ROOM] = RoomWatch(ROOM, "ann", tally.faults)
    listener.watches[ROOM].settle(0)

    for seq in (1, 2, 2, 4):
        listener._take("order_updated", {"room": ROOM, "seq": seq, "data": {"n": seq}})
    listener._take("order_updated", {"room": "user:2", "seq": 1, "data": {}})
    listener._take("order_updated", {"room": ROOM, "seq": None, "data": {}})

    assert [body.get("n") for _, _, body in heard[:2]] == [1, 2]
    assert tally.faults.sentences == [
        "ann got number 2 of user:1 again",
        "ann got number 4 of user:1 after 2",
        "ann hears user:2 without asking",
        "ann got order_updated without a number",
    ]


def test_view_of_events_equals_the_fetch():
    view = OwnView()
    view.apply("order_created", order())
    view.apply("order_updated", order("partially_filled"))
    view.apply("trade_created", {"id": "t1", "status": "awaiting_payment"})
    view.apply("trade_updated", {"id": "t1", "status": "paid", "allowed_actions": ["release"]})
    view.apply("balance_updated", balances(3, "3.000000"))
    view.apply("balance_updated", balances(2, "2.000000"))

    assert not view.list_differences(
        [order("partially_filled")],
        [{"id": "t1", "status": "paid", "allowed_actions": ["release", "open_dispute"]}],
        [balances(3, "3.000000")],
    )


def test_wrong_view_is_told_object_by_object():
    view = OwnView()
    view.apply("order_created", order())
    view.apply("trade_updated", {"id": "t1", "status": "paid"})
    view.apply("balance_updated", balances(3))

    differences = view.list_differences(
        [order("cancelled"), {"id": "o2"}], [], [balances(3, "0.999999")]
    )

    assert differences == [
        "order o1 differs from a fetch: status 'open'/'cancelled'",
        "order o2 is unknown to the view",
        "trade t1 is only in the view",
        "balance USDT differs from a fetch: available '1.000000'/'0.999999'",
    ]


def test_what_was_fetched_never_overwrites_what_events_told():
    view = OwnView()
    view.apply("order_updated", order("filled"))
    view.load([order("open")], [], [])
    assert view.orders["o1"]["status"] == "filled"


def test_public_list_loses_orders_that_rest_no_more():
    view = PublicView()
    view.apply("order_created", order())
    view.apply("order_updated", order("paused"))
    assert view.list_order_differences([]) == []
    assert view.list_order_differences([order()]) == ["listed order o1 is unknown to the view"]


def level(price, amount, orders=1):
    return {"price": price, "margin_bp": None, "amount": amount, "orders": orders}


def test_depth_follows_its_updates():
    view = PublicView()
    view.load_book({"number": 3, "bids": [level("9", "1")], "asks": [level("10", "5")]})
    view.apply("book_updated", {"from": 1, "to": 3, "bids": [level("9", "7")], "asks": []})
    view.apply(
        "book_updated",
        {"from": 3, "to": 5, "bids": [level("9", "0", 0)], "asks": [level("10", "4")]},
    )
    book = {"number": 5, "bids": [], "asks": [level("10", "4")]}
    assert view.list_differences([], book) == []
    assert not view.behind


def test_depth_update_from_beyond_asks_for_the_book_anew():
    view = PublicView()
    view.load_book({"number": 3, "bids": [], "asks": []})
    view.apply("book_updated", {"from": 5, "to": 6, "bids": [level("9", "1")], "asks": []})
    assert view.behind
    view.load_book({"number": 6, "bids": [level("9", "1")], "asks": []})
    assert not view.behind


def test_wrong_depth_is_told():
    view = PublicView()
    view.load_book({"number": 3, "bids": [level("9", "1")], "asks": []})
    differences = view.list_differences([], {"number": 3, "bids": [level("9", "2")], "asks": []})
    assert len(differences) == 1
    assert "amount '1'/'2'" in differences[0]
