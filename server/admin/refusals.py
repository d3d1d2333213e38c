"""The refusals of the staff's own affairs."""

from server.core.refusals import Forbidden, Refusal


class NotYoursToGive(Forbidden):
    """Nobody gives what he does not have."""

    code = "not_yours_to_give"
    title = "You can only give or take permissions that you have yourself."


class LastAdministrator(Refusal):
    """There must always be an administrator."""

    code = "last_administrator"
    title = "This is the last administrator."


class RoleGiven(Refusal):
    """The person has the role already."""

    code = "role_given"
    title = "This person has the role already."


class RoleExists(Refusal):
    """A role with this identifier exists."""

    code = "role_exists"
    title = "There is a role with this identifier."


class RoleFixed(Refusal):
    """The administrator role holds everything, and built-in roles stay."""

    code = "role_fixed"
    title = "This role cannot be changed in this way."


class RoleInUse(Refusal):
    """Somebody has the role."""

    code = "role_in_use"
    title = "Take the role from everybody first."


class RoleChanged(Refusal):
    """Somebody else has edited the role."""

    code = "role_changed"
    title = "The role was changed meanwhile. Load it again."


class TooManyRoles(Refusal):
    """There are as many roles as there may be."""

    code = "too_many_roles"
    title = "There are too many roles."


class NeedsApproval(Refusal):
    """This takes two people."""

    code = "needs_approval"
    title = "Propose this; somebody else must approve it."


class AlreadyStopped(Refusal):
    """Somebody has stopped it."""

    code = "already_stopped"
    title = "This is stopped already."


class NotStopped(Refusal):
    """What runs cannot be restarted."""

    code = "not_stopped"
    title = "This is not stopped."


class BreachesOpen(Refusal):
    """An invariant of money is broken, so money stays where it is."""

    code = "breaches_open"
    title = "A check of the money has failed and is not settled; this stays stopped until then."


class NotOneself(Forbidden):
    """Nobody changes his own roles."""

    code = "not_oneself"
    title = "Somebody else must change your roles."


class NothingToTake(Refusal):
    """The role would give nothing in an emergency."""

    code = "nothing_to_take"
    title = "This role gives nothing more in an emergency."
