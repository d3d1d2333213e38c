"""What the settings of notifications refuse."""

from server.core.refusals import Conflict


class NotificationFixed(Conflict):
    """A notice about the safety of an account cannot be switched off."""

    code = "notification_fixed"
    title = "This notice cannot be switched off."
