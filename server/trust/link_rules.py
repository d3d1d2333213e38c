"""How much two accounts have in common says that one person has both. Pure: scored rules.

Points are added over kinds of signals, each kind once by its best signal. What many share (an
internet café, a provider's address, a frequent name) is worth little or nothing. The points are
chosen so that no household is linked by living together: one device and one address stay below.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from models.links import SignalKind
from server.identity.names import NameCheck

LINKED_AT = 60
SUSPECTED_AT = 40
PAIRS_MAX = 20
"""What more accounts share than this links nobody by itself; with other signals it counts."""
POINTS: dict[SignalKind, tuple[tuple[int, int], ...]] = {
    SignalKind.PAYMENT_ACCOUNT: ((10, 45),),
    SignalKind.DEVICE: ((6, 40), (20, 25)),
    SignalKind.PAYER: ((8, 35), (20, 25)),
    SignalKind.ADDRESS: ((8, 15), (30, 5)),
    SignalKind.NETWORK: ((12, 5),),
}
"""For each kind: up to so many accounts that share it, so many points; beyond, none."""
BORN_TOGETHER = ((timedelta(hours=1), 15), (timedelta(hours=24), 10))
"""Points for accounts that were opened within a time, where they share a place or a device."""
PLACES = frozenset({SignalKind.DEVICE, SignalKind.ADDRESS, SignalKind.NETWORK})
OTHER_PERSON = -25
"""The identities of both were checked, and they are two."""
SAME_PERSON = 60
"""The identities of both were checked, and bear one name."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A signal that two accounts share."""

    kind: SignalKind
    crowd: int
    """How many accounts have it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What gave or took points."""

    signal: str
    points: int
    crowd: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The points of a pair of accounts, with their reasons."""

    points: int
    reasons: tuple[Reason, ...]

    @property
    def is_linked(self) -> bool:
        """Enough to keep the two apart."""
        return self.points >= LINKED_AT

    @property
    def is_suspected(self) -> bool:
        """Enough to be looked at."""
        return self.points >= SUSPECTED_AT


def points_of(shared: Shared) -> int:
    """What one shared signal is worth."""
    return next((points for most, points in POINTS[shared.kind] if shared.crowd <= most), 0)


def score_pair(
    shared: Iterable[Shared], *, born_apart: timedelta, names: NameCheck = NameCheck.UNKNOWN
) -> Score:
    """The score of two accounts: what they share, how far apart they were opened, and whether
    their owners' checked names agree."""
    best: dict[SignalKind, Shared] = {}
    for one in shared:
        known = best.get(one.kind)
        if known is None or points_of(one) > points_of(known):
            best[one.kind] = one
    if SignalKind.ADDRESS in best:
        # Who shares an address shares its network; that says nothing more.
        best.pop(SignalKind.NETWORK, None)
    reasons = [
        Reason(kind.value, points_of(best[kind]), best[kind].crowd)
        for kind in SignalKind
        if kind in best and points_of(best[kind])
    ]
    if PLACES & {SignalKind(reason.signal) for reason in reasons}:
        together = next((points for most, points in BORN_TOGETHER if born_apart <= most), 0)
        reasons += [Reason("opened_together", together)] if together else []
    if reasons and names is not NameCheck.UNKNOWN:
        points = SAME_PERSON if names is NameCheck.AGREES else OTHER_PERSON
        reasons.append(Reason("checked_names", points))
    return Score(max(0, sum(reason.points for reason in reasons)), tuple(reasons))
