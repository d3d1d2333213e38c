"""The journeys through the sandbox, one a line, and what each ending means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Journey:
    """A script, the counterparty's side, a rail, what the learner does, and how it ends.

    `taker` says that the counterparty takes the learner's order instead of placing one.
    """

    script: str
    side: str
    rail: str
    moves: tuple[str, ...]
    ending: str
    taker: bool = False

    @property
    def name(self):
        return f"{self.script}-{self.side}-{self.rail}-{self.ending}"


def buys(script, rail, ending, *moves, taker=False):
    """The counterparty buys; the learner sells."""
    return Journey(script, "buy", rail, moves, ending, taker)


def sells(script, rail, ending, *moves, taker=False):
    """The counterparty sells; the learner buys."""
    return Journey(script, "sell", rail, moves, ending, taker)


PAYS = ("declare", "pay")
REFUND = ("refund", "objection_time")
UNPAID = ("window", "grace")
AGAIN = ("see_objection", "refund")
AGAIN_AWARD = ("see_objection", "award")
"""The counterparty objects, and somebody else rules the same for good."""
JOURNEYS = (
    buys("on_time", "vn-one", "released", "release"),
    buys("on_time", "vn-slow", "split_agreed", "split"),
    buys("on_time", "vn-two", "conceded_by_seller", "release_time", "concede", taker=True),
    buys("late", "vn-one", "released", "window", "release"),
    buys("late", "vn-two", "split_agreed", "window", "split"),
    buys("late", "vn-slow", "released_in_dispute", "window", "release_time", "release"),
    buys("underpays", "vn-one", "split_agreed", "accept_split"),
    buys("underpays", "vn-slow", "released", "decline_split", "release"),
    buys("underpays", "vn-two", "released_in_dispute", "release_time", "release", taker=True),
    buys("third_party", "vn-one", "released", "see_stranger", "release_declared"),
    buys("third_party", "vn-two", "released_in_dispute", "see_stranger", "dispute", "release"),
    buys("silent", "vn-one", "expired", "window", "grace"),
    buys("silent", "vn-slow", "released", "release_early"),
    buys("silent", "vn-two", "expired_extended", "extend", "window", "grace", taker=True),
    buys("false_proof", "vn-one", "released", "release"),
    buys("false_proof", "vn-two", "released_in_dispute", "wait", "dispute", "release"),
    buys("haggles", "vn-one", "released", "answer", "release"),
    buys("haggles", "vn-two", "cancel_agreed", "ask_cancel"),
    buys("haggles", "vn-slow", "expired", "window", "grace", taker=True),
    buys("cancels", "vn-one", "cancelled"),
    buys("cancels", "vn-slow", "cancelled_contested", "nothing", taker=True),
    buys("concedes", "vn-one", "refunded", "wait", "dispute"),
    buys("concedes", "vn-slow", "refunded_by_clock", "release_time"),
    buys("objects", "vn-one", "ruled_refund", "wait", "dispute", "refund", *AGAIN),
    buys("false_proof", "vn-slow", "ruled_refund", "release_time", "show", *REFUND),
    buys("underpays", "vn-two", "ruled_split", "release_time", "divide", "objection_time"),
    buys("on_time", "vn-two", "agreed_split", "wait", "dispute", "offer_split", taker=True),
    buys("underpays", "vn-slow", "agreed_split", "release_time", "take_offer"),
    sells("objects", "vn-one", "ruled_release", *PAYS, "wait", "show", "award", *AGAIN_AWARD),
    sells("on_time", "vn-one", "released", *PAYS),
    sells("on_time", "vn-slow", "released_late", "declare", "window", "pay"),
    sells("on_time", "vn-two", "cancelled", "declare", "cancel", taker=True),
    sells("late", "vn-one", "released_in_dispute", *PAYS, "release_time"),
    sells("late", "vn-slow", "payment_denied", *PAYS, "did_not_pay"),
    sells("underpays", "vn-one", "split_agreed", *PAYS, "accept_split"),
    sells("underpays", "vn-two", "conceded", *PAYS, "decline_split", "release_time", "concede"),
    sells("third_party", "vn-one", "conceded", *PAYS, "concede"),
    sells("silent", "vn-one", "cancelled", "cancel", taker=True),
    sells("silent", "vn-slow", "conceded", *PAYS, "release_time", "concede"),
    sells("silent", "vn-two", "expired", "window", "grace"),
    sells("false_proof", "vn-one", "conceded", *PAYS, "wait", "concede"),
    sells("haggles", "vn-one", "released", "declare", "answer", "pay"),
    sells("haggles", "vn-slow", "cancelled", "nothing", "cancel"),
    sells("cancels", "vn-one", "cancel_agreed", "accept_cancel"),
    sells("cancels", "vn-two", "released", "decline_cancel", *PAYS, taker=True),
    sells("concedes", "vn-one", "released_in_dispute", *PAYS, "wait"),
    sells("false_proof", "vn-two", "agreed_refund", *PAYS, "wait", "offer_refund"),
    sells("silent", "vn-one", "upheld", *UNPAID, "claim", "hold", "answer_time", "uphold"),
    sells("haggles", "vn-two", "rejected", *UNPAID, "claim", "answer_time", "reject"),
    sells("cancels", "vn-slow", "withdrawn", "accept_cancel", "claim", "withdraw"),
)
ENDINGS = {
    "released": ("completed", "released"),
    "released_late": ("completed", "released"),
    "released_in_dispute": ("completed", ("released", "conceded_by_seller")),
    "conceded_by_seller": ("completed", "conceded_by_seller"),
    "split_agreed": ("completed", "split_agreed"),
    "cancelled": ("cancelled", "cancelled"),
    "cancelled_contested": ("cancelled", "cancelled"),
    "cancel_agreed": ("cancelled", "cancel_agreed"),
    "payment_denied": ("cancelled", "payment_denied"),
    "agreed_split": ("completed", "agreed_split"),
    "agreed_refund": ("refunded", "agreed_refund"),
    "expired": ("expired", "grace_over"),
    "expired_extended": ("expired", "grace_over"),
    "conceded": ("refunded", "conceded"),
    "refunded": ("refunded", "conceded"),
    "refunded_by_clock": ("refunded", "conceded"),
    "ruled_refund": ("refunded", "ruled_refund"),
    "ruled_release": ("completed", "ruled_release"),
    "ruled_split": ("completed", "ruled_split"),
    "upheld": ("expired", "grace_over"),
    "rejected": ("expired", "grace_over"),
    "withdrawn": ("cancelled", "cancel_agreed"),
}
"""By ending: the trade's last status and the row that led there."""
CLAIMS = frozenset({"upheld", "rejected", "withdrawn"})
"""Endings that are those of a claim about the ended trade."""
