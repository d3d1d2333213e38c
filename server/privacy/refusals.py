"""Why a copy is not made."""

from server.core.refusals import Conflict, RateLimited


class ExportUnderWay(Conflict):
    """One copy is made at a time."""

    code = "export_under_way"
    title = "Your copy is being made already."


class ExportsLimited(RateLimited):
    """A copy a day is enough."""

    code = "exports_limited"
    title = "You may ask for a copy once in 24 hours."


class ExportNotReady(Conflict):
    """It is being made, could not be made, or its time is over."""

    code = "export_not_ready"
    title = "This copy cannot be fetched."
