"""What compliance refuses."""

from server.core.refusals import Conflict, Forbidden


class HoldExists(Conflict):
    """The account is held so already."""

    code = "hold_exists"
    title = "This account is held for that already."


class OwnHold(Forbidden):
    """Nobody on the staff decides about his own account."""

    code = "own_hold"
    title = "Somebody else must decide about your own account."


class AccountInUse(Conflict):
    """Orders, trades, money or a staff role are still there."""

    code = "account_in_use"
    title = "End your orders and trades and take out your balance first."


class AccountHeld(Conflict):
    """A held account is not closed."""

    code = "account_held"
    title = "This account cannot be closed now. Ask support."


class SuspicionDecided(Conflict):
    """The report was filed or dismissed before."""

    code = "suspicion_decided"
    title = "This report was decided already."


class HitDecided(Conflict):
    """Somebody has decided about the hit."""

    code = "hit_decided"
    title = "This was decided already."


class HitClaimed(Conflict):
    """A colleague is at it."""

    code = "hit_claimed"
    title = "Somebody else works on this."


class HitNotClaimed(Conflict):
    """Who looks and decides must have taken the hit first."""

    code = "hit_not_claimed"
    title = "Claim it first."


class HitChanged(Conflict):
    """The hit was changed."""

    code = "hit_changed"
    title = "This was changed meanwhile. Load it again."


class StaffAboveOneself(Forbidden):
    """Somebody on the staff who may do what the caller may not: he signs him out of nothing."""

    code = "staff_above_oneself"
    title = "This person has rights that you have not. Ask an administrator."
