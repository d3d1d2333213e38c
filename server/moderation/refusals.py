"""What moderation refuses."""

from server.core.refusals import Conflict, Forbidden, Invalid, RateLimited


class AlreadyReported(Conflict):
    """The caller has reported this before."""

    code = "already_reported"
    title = "You have reported this. Our staff look at it."


class ReportOfOneself(Invalid):
    """What is reported is the caller's own."""

    code = "report_of_oneself"
    title = "You cannot report what is yours."


class ReportsLimited(RateLimited):
    """The caller has reported as much as a person does in a day."""

    code = "reports_limited"
    title = "You have reported a lot today. Go on tomorrow."


class ReportDecided(Conflict):
    """Somebody has decided this report."""

    code = "report_decided"
    title = "This report was decided before."


class OwnReport(Forbidden):
    """The report is by or about the one who would decide it."""

    code = "own_report"
    title = "Somebody else decides what you reported, or what is said of you."


class TooManyNotes(Conflict):
    """A user has as many notes as he may."""

    code = "too_many_private_notes"
    title = "You have as many notes as you may. Delete one first."
