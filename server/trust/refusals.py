"""What the part about trust refuses, each as one rule that would be broken."""

from server.core.refusals import Conflict, Forbidden, Invalid


class OwnSanction(Forbidden):
    """Nobody gives, lifts or decides what is about himself."""

    code = "own_sanction"
    title = "This is about you; somebody else must do it."


class OwnDecision(Forbidden):
    """Who gave a sanction does not decide the appeal against it."""

    code = "own_decision"
    title = "You gave this sanction; somebody else decides the appeal."


class ClosingTakesTwo(Forbidden):
    """One person closes nobody's account."""

    code = "closing_takes_two"
    title = "To close an account is proposed by one and approved by another."


class SanctionExists(Conflict):
    """A sanction of this kind runs already, or the account is closed."""

    code = "sanction_exists"
    title = "A sanction of this kind lasts already."


class SanctionOver(Conflict):
    """The sanction has ended or was lifted."""

    code = "sanction_over"
    title = "This sanction is over."


class AlreadyAppealed(Conflict):
    """One appeal against one sanction."""

    code = "already_appealed"
    title = "You have appealed against this sanction already."


class AppealDecided(Conflict):
    """There is no appeal that waits, or it was decided."""

    code = "appeal_decided"
    title = "No appeal waits for a decision here."


class NotRateable(Conflict):
    """Only a completed trade of real USDT is rated, within 30 days."""

    code = "not_rateable"
    title = "A completed trade is rated within 30 days; this one is not rated now."


class AlreadyRated(Conflict):
    """Each side rates once."""

    code = "already_rated"
    title = "You have rated this trade already."


class CommentRefused(Invalid):
    """The comment says what has no place in public."""

    code = "comment_refused"
    title = "A comment names no contact, link, account or number."


class TagsUnknown(Invalid):
    """A tag is none of those for the role."""

    code = "tags_unknown"
    title = "Choose tags of the list for the other side's role."


class OwnLink(Forbidden):
    """Nobody decides about his own accounts."""

    code = "own_link"
    title = "This link is about you; somebody else decides it."


class FlagOver(Conflict):
    """The flag is resolved, or this side has said its part."""

    code = "flag_over"
    title = "There is nothing left for you to say about this."
