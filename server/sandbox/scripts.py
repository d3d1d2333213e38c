"""What each script does, as tables of steps. Pure: a trade as its party reads it in, a step out.

A counterparty takes one step at a time, each at most once, when the server allows its action and
the trade is where the step belongs. Time is only ever seen as the status that a clock led to, so
a learner who warps his trade meets the same behaviour sooner.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from models.sandbox import Script

Body = Mapping[str, Any]
STRANGER = "SOMEBODY ELSE"
"""Whose account the money of a third party comes from."""
AWAITING, GRACE, PAID, DISPUTED = "awaiting_payment", "grace", "paid", "disputed"
UNPAID = (AWAITING, GRACE)
PAID_NOTHING = (Script.FALSE_PROOF, Script.CONCEDES, Script.OBJECTS)
PART_PERCENT = 60
"""How much of the money arrives of who underpays."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a counterparty knows when he decides."""

    trade: Body
    """As `GET /trades/{id}` shows it to him."""
    full_name: str
    seen_name: str
    """The payer's name that his bank shows, when he sells."""
    messages: int
    """How many messages the learner has written."""
    ruled_against: bool = False
    """A ruling against him stands, to which he may object."""
    case: Body | None = None
    """As `GET /disputes/{id}` shows it to him, while the trade is disputed."""


@dataclass(frozen=True, slots=True)
class Call:
    """What he asks the interface for; `{trade}` and `{dispute}` are filled in."""

    path: str
    body: Mapping[str, Any] | None = None
    proof: str | None = None
    """The action of the step-up that it needs."""
    amount: str | None = None
    """What the proof names, where that is not the trade's whole amount."""
    refusal: str | None = None
    """The refusal that is meant to come."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a script."""

    name: str
    action: str | None
    """What must be among the trade's allowed actions; none for messages and for his case."""
    statuses: tuple[str, ...]
    make: Callable[[Scene], Call]
    after: tuple[str, ...] = ()
    """Steps that he must have taken before."""
    when: Callable[[Scene], bool] = lambda _scene: True


def share_of(amount: str, percent: int) -> str:
    """A part of a decimal amount of USDT, rounded down to whole micro-units."""
    whole, _, part = amount.partition(".")
    micro = (int(whole) * 1_000_000 + int(part.ljust(6, "0"))) * percent // 100
    return f"{micro // 1_000_000}.{micro % 1_000_000:06}"


def _split(percent: int) -> Callable[[Scene], Call]:
    def make(scene: Scene) -> Call:
        amount = share_of(scene.trade["amount"], percent)
        proof = "split" if scene.trade["role"] == "seller" else None
        return Call("/trades/{trade}/split", {"buyer_amount": amount}, proof, amount)

    return make


def _take_split(scene: Scene) -> Call:
    offer = scene.trade["split_offer"]
    proof = "split" if scene.trade["role"] == "seller" else None
    body = {"offer_id": offer["id"]}
    return Call("/trades/{trade}/split/accept", body, proof, offer["buyer_amount"])


def _offer_split(scene: Scene) -> Call:
    amount = share_of(scene.trade["amount"], PART_PERCENT)
    body = {"kind": "split", "buyer_amount": amount}
    return Call("/disputes/{dispute}/offers", body, "split", amount)


def _may(scene: Scene, action: str) -> bool:
    return scene.case is not None and action in scene.case["allowed_actions"]


def _find_offer(scene: Scene) -> Body | None:
    """What the learner offers in the case."""
    offers = scene.case["offers"] if scene.case is not None else ()
    return next((one for one in offers if one["offered_by"] != scene.trade["role"]), None)


def _take_offer(scene: Scene) -> Call:
    offer = _find_offer(scene)
    assert offer is not None, "the step is taken when there is an offer"
    path = f"/disputes/{{dispute}}/offers/{offer['id']}/accept"
    if offer["kind"] == "split":
        return Call(path, None, "split", offer["buyer_amount"])
    gives = "seller" if offer["kind"] == "release" else "buyer"
    return Call(path, None, "concede" if scene.trade["role"] == gives else None)


def _say(text: str) -> Callable[[Scene], Call]:
    return lambda _scene: Call(
        "/trades/{trade}/messages", {"client_id": "sandbox-haggle", "text": text}
    )


def _open_case(reason: str, statement: str) -> Callable[[Scene], Call]:
    return lambda _scene: Call(
        "/trades/{trade}/dispute", {"reason": reason, "statement": statement}
    )


def _answered(scene: Scene) -> bool:
    return scene.messages > 0 or bool(scene.trade["extended_by_seller"])


def _offered_by_other(scene: Scene) -> bool:
    offer = scene.trade["split_offer"]
    return offer is not None and offer["proposed_by"] != scene.trade["role"]


def _reference(_scene: Scene) -> Call:
    return Call("/trades/{trade}/paid", {"reference": "FT26091234"})


DECLARE = Step(
    "declare",
    "declare_payer",
    (AWAITING,),
    lambda scene: Call("/trades/{trade}/payer", {"payer_name": scene.full_name}),
)
PAY = Step("pay", "mark_paid", (AWAITING,), _reference, after=("declare",))
PAY_LATE = Step("pay", "mark_paid", (GRACE,), _reference, after=("declare",))
PAY_ANSWERED = Step("pay", "mark_paid", UNPAID, _reference, after=("declare",), when=_answered)
CANCEL = Step(
    "cancel",
    "cancel",
    UNPAID,
    lambda _scene: Call("/trades/{trade}/cancel", {"reason": "changed_mind"}),
    after=("declare",),
)
SPLIT = Step("split", "propose_split", (PAID,), _split(PART_PERCENT))
TAKE_SPLIT = Step("take_split", "accept_split", (PAID,), _take_split, when=_offered_by_other)
OFFER = Step("offer", None, (DISPUTED,), _offer_split, when=lambda scene: _may(scene, "make_offer"))
TAKE_OFFER = Step(
    "take_offer",
    None,
    (DISPUTED,),
    _take_offer,
    when=lambda scene: _may(scene, "accept_offer") and _find_offer(scene) is not None,
)
AGREE = Step(
    "agree_cancel",
    "accept_cancel",
    UNPAID,
    lambda _scene: Call("/trades/{trade}/cancel-request/accept", {}),
)
CONCEDE = Step(
    "concede",
    None,
    (DISPUTED,),
    lambda _scene: Call("/disputes/{dispute}/concede", None, "concede"),
)


def _release(scene: Scene) -> Call:
    return Call("/trades/{trade}/release", {"payer_name_seen": scene.seen_name}, "release")


RELEASE = Step("release", "release", (PAID,), _release)
RELEASE_LATE = Step("release", "release", (DISPUTED,), _release)
MISMATCH = Step(
    "mismatch",
    "release",
    (PAID,),
    lambda _scene: Call(
        "/trades/{trade}/release",
        {"payer_name_seen": STRANGER},
        "release",
        refusal="payer_mismatch",
    ),
)
WRONG_PAYER = Step(
    "dispute",
    "open_dispute",
    (PAID,),
    _open_case("name_mismatch", "The money came from somebody else's account."),
    after=("mismatch",),
)
NOT_RECEIVED = Step(
    "dispute",
    "open_dispute",
    (PAID,),
    _open_case("not_received", "Nothing has arrived at my bank."),
)
ASK_CANCEL = Step(
    "ask_cancel",
    "request_cancel",
    UNPAID,
    lambda _scene: Call("/trades/{trade}/cancel-request", {"reason": "I have changed my mind."}),
)


def _own_evidence(scene: Scene) -> list[str]:
    """The last evidence that he gave in the case."""
    shown = scene.case["evidence"] if scene.case else []
    return [each["id"] for each in shown if each["by"] == scene.trade["role"]][-1:]


SHOW = Step(
    "show",
    None,
    (DISPUTED,),
    lambda _scene: Call(
        "/disputes/{dispute}/evidence",
        {"kind": "statement", "statement": "My bank says otherwise. Look at it again."},
    ),
    when=lambda scene: scene.ruled_against,
)
OBJECT = Step(
    "object",
    None,
    (DISPUTED,),
    lambda scene: Call(
        "/disputes/{dispute}/objection",
        {"statement": "The ruling is wrong.", "evidence_ids": _own_evidence(scene)},
    ),
    after=("show",),
    when=lambda scene: scene.ruled_against,
)
HAGGLE_BUYER = Step("haggle", None, (AWAITING,), _say("I pay at once if you make it cheaper."))
HAGGLE_SELLER = Step("haggle", None, UNPAID, _say("The price has moved. Pay me a little more?"))
RELEASE_HAGGLED = Step("release", "release", (PAID,), _release, after=("haggle",))

BUYERS: Mapping[Script, tuple[Step, ...]] = {
    Script.ON_TIME: (DECLARE, PAY, TAKE_SPLIT, TAKE_OFFER),
    Script.LATE: (DECLARE, PAY_LATE, TAKE_SPLIT, TAKE_OFFER),
    Script.UNDERPAYS: (DECLARE, PAY, SPLIT, TAKE_SPLIT, OFFER),
    Script.THIRD_PARTY: (DECLARE, PAY),
    Script.SILENT: (),
    Script.FALSE_PROOF: (DECLARE, PAY),
    Script.HAGGLES: (HAGGLE_BUYER, DECLARE, PAY_ANSWERED, AGREE),
    Script.CANCELS: (DECLARE, CANCEL),
    Script.CONCEDES: (DECLARE, PAY, CONCEDE),
    Script.OBJECTS: (DECLARE, PAY, SHOW, OBJECT),
}
SELLERS: Mapping[Script, tuple[Step, ...]] = {
    Script.ON_TIME: (RELEASE, TAKE_SPLIT),
    Script.LATE: (RELEASE_LATE,),
    Script.UNDERPAYS: (SPLIT, TAKE_SPLIT, OFFER),
    Script.THIRD_PARTY: (MISMATCH, WRONG_PAYER),
    Script.SILENT: (),
    Script.FALSE_PROOF: (NOT_RECEIVED, TAKE_OFFER),
    Script.HAGGLES: (HAGGLE_SELLER, RELEASE_HAGGLED),
    Script.CANCELS: (ASK_CANCEL, RELEASE),
    Script.CONCEDES: (NOT_RECEIVED, CONCEDE),
    Script.OBJECTS: (NOT_RECEIVED, SHOW, OBJECT),
}
"""By script, what a counterparty on each side does; his first possible step comes first."""
SCRIPTS = tuple(BUYERS)


def steps_of(script: Script, side: str) -> tuple[Step, ...]:
    """The steps of a script on a side."""
    return (BUYERS if side == "buy" else SELLERS)[script]


def next_step(script: Script, side: str, scene: Scene, done: Collection[str]) -> Step | None:
    """What he does now, if anything."""
    trade = scene.trade
    for step in steps_of(script, side):
        ready = step.name not in done and all(name in done for name in step.after)
        allowed = step.action is None or step.action in trade["allowed_actions"]
        if ready and allowed and trade["status"] in step.statuses and step.when(scene):
            return step
    return None


def show_bank(script: Script, trade: Body, full_name: str) -> dict[str, str] | None:
    """What the learner's own bank shows of a buying counterparty's payment; None for nothing."""
    if trade["paid_at"] is None or script in PAID_NOTHING:
        return None
    percent = PART_PERCENT if script is Script.UNDERPAYS else 100
    name = STRANGER if script is Script.THIRD_PARTY else full_name.upper()
    return {"payer_name": name, "percent": str(percent)}
