"""What the desk refuses."""

from server.core.refusals import Conflict, Forbidden, Invalid, RateLimited


class CaseNotYours(Forbidden):
    """Only who was given a case reads and decides it."""

    code = "case_not_yours"
    title = "This case is somebody else's. The attempt was noted."


class PartyToCase(Forbidden):
    """Nobody decides what is about himself or somebody linked to him."""

    code = "party_to_case"
    title = "You, or somebody linked to you, are a party to this case."


class RuledBefore(Forbidden):
    """After an objection somebody else decides."""

    code = "ruled_before"
    title = "You decided this case before. Somebody else must decide the objection."


class CaseNotOpen(Conflict):
    """There is nothing to decide now."""

    code = "case_not_open"
    title = "This case does not wait for a decision."


class CaseTaken(Conflict):
    """Somebody has the case."""

    code = "case_taken"
    title = "Somebody works on this case already."


class NobodyFree(Conflict):
    """Nobody who may have the case is free."""

    code = "nobody_free"
    title = "Nobody who may work on this case is free."


class MayNotWork(Invalid):
    """The named person does not work on disputes, or has as many as he may."""

    code = "may_not_work"
    title = "This person cannot be given the case."


class CaseChanged(Conflict):
    """The case moved on."""

    code = "case_changed"
    title = "The case has changed since you read it. Load it again."


class CaseReadsExhausted(RateLimited):
    """Somebody has read as many cases as one may in a day."""

    code = "case_reads_exhausted"
    title = "You have read as many cases as one may in a day."


class TooManyNotes(RateLimited):
    """A case has as many notes as it may."""

    code = "too_many_notes"
    title = "This case has as many notes as it may."


class TextChanged(Conflict):
    """Somebody wrote a newer version of the text."""

    code = "text_changed"
    title = "There is a newer version of this text. Load it again."


class NothingNew(Invalid):
    """An objection brings evidence that came after the ruling."""

    code = "nothing_new"
    title = "Object with evidence that you have added since the ruling."


class AuditClosed(Conflict):
    """The second look is done, or somebody else's."""

    code = "audit_closed"
    title = "This second look is not open to you."


class NotRuledYet(Conflict):
    """Penalties come after the ruling and apart from it."""

    code = "not_ruled_yet"
    title = "Nobody is sanctioned for a case before it was ruled."
