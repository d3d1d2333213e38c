"""What the recovery of lost factors refuses."""

from server.core.refusals import Conflict, Forbidden, RateLimited, Unauthenticated


class RecoveriesLimited(RateLimited):
    """The user has asked as often as one may."""

    code = "recoveries_limited"
    title = "You have asked for this as often as one may in a month."


class RecoveryUnknown(Unauthenticated):
    """The secret belongs to no open recovery."""

    code = "recovery_unknown"
    title = "This recovery is over, or was never asked for. Ask again."


class RecoveryClosed(Conflict):
    """The recovery was completed, stopped, refused or has expired."""

    code = "recovery_closed"
    title = "This recovery is no longer open."


class RecoveryWaits(Conflict):
    """The owner still has time to stop it."""

    code = "recovery_waits"
    title = "The owner still has time to stop this. Wait until it is ready."


class RecoveryUnproven(Conflict):
    """The person has not shown yet who he is."""

    code = "recovery_unproven"
    title = "The pictures that show who asks are missing."


class NoPicturesAsked(Conflict):
    """Nothing is known of the person that pictures could be compared with."""

    code = "no_pictures_asked"
    title = "No pictures are needed for this account."


class RecoveryChanged(Conflict):
    """Somebody or something has changed the recovery."""

    code = "recovery_changed"
    title = "The recovery was changed meanwhile. Load it again."


class OwnRecovery(Forbidden):
    """Nobody decides about himself."""

    code = "own_recovery"
    title = "Somebody else must look at your own recovery."


class RecoveryNotClaimed(Conflict):
    """Who looks and decides must have taken the recovery first."""

    code = "recovery_not_claimed"
    title = "Claim the recovery first."


class RecoveryClaimed(Conflict):
    """A colleague is at it."""

    code = "recovery_claimed"
    title = "Somebody else works on this recovery."
