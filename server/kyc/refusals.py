"""What the check of identities refuses."""

from server.core.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Unauthenticated,
    UnsupportedMedia,
)


class PictureRefused(UnsupportedMedia):
    """The content is not a picture that can be kept."""

    code = "picture_refused"
    title = "Send a JPEG, PNG or WebP picture."


class ApplicationOpen(Conflict):
    """The user has an open application."""

    code = "kyc_application_open"
    title = "You have an open application. Finish it or withdraw it first."


class NoOpenApplication(NotFound):
    """There is nothing to add to."""

    code = "no_kyc_application"
    title = "You have no open application."


class ApplicationClosed(Conflict):
    """The application does not wait for this any more."""

    code = "kyc_not_open"
    title = "The application is not in a state that allows this."


class ApplicationChanged(Conflict):
    """Somebody or something has changed the application."""

    code = "kyc_changed"
    title = "The application was changed meanwhile. Load it again."


class DocumentsMissing(Conflict):
    """Some pictures are still missing."""

    code = "kyc_documents_missing"
    title = "Some documents are missing."


class TooManyDocuments(RateLimited):
    """As many pictures as one may send."""

    code = "too_many_documents"
    title = "You have sent as many pictures as one may send in a day."


class LevelTooLow(Conflict):
    """Levels are reached one after the other."""

    code = "kyc_level_too_low"
    title = "Reach the level before this one first."


class IdentityInUse(Conflict):
    """The identity document is another user's."""

    code = "identity_in_use"
    title = "This document belongs to another account."


class NotClaimed(Conflict):
    """Who decides must have taken the application first."""

    code = "kyc_not_claimed"
    title = "Claim the application first."


class ClaimedByOther(Conflict):
    """A colleague is at it."""

    code = "kyc_claimed"
    title = "Somebody else works on this application."


class OwnApplication(Forbidden):
    """Nobody decides about himself."""

    code = "kyc_own_application"
    title = "You cannot decide about yourself."


class SecondPersonNeeded(Forbidden):
    """Level 3 takes two people."""

    code = "second_person_needed"
    title = "You have approved it; a second person must."


class ReadsExhausted(RateLimited):
    """One person looks at a bounded number of pictures a day."""

    code = "kyc_reads_exhausted"
    title = "You have looked at as many documents as one may in a day."


class ScreeningWaits(Conflict):
    """The name was not looked for yet, or could not be."""

    code = "screening_waits"
    title = "The name is still being looked for in the list. Try again in a moment."


class ScreeningUndecided(Conflict):
    """The name is on a list, and nobody has decided yet whether it is the person."""

    code = "screening_undecided"
    title = "The name is on a list. Decide first whether it is this person."


class ScreeningMatched(Conflict):
    """The person is on a list."""

    code = "screening_matched"
    title = "This person is on a list and cannot be approved."


class NoProvider(NotFound):
    """No provider is set up, or not for this."""

    code = "no_kyc_provider"
    title = "Identities are checked by our staff alone."


class MessageRefused(Unauthenticated):
    """The message is not signed by the provider."""

    code = "message_refused"
    title = "The message is not from the provider."


class MessageStale(Invalid):
    """The message is too old, or from the future, or cannot be understood."""

    code = "message_stale"
    title = "The message is not of now, or cannot be understood."
