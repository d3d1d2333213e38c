"""The refusals about proposals and rights."""

from server.core.refusals import Forbidden, Refusal, Unavailable


class RightsUnknown(Unavailable):
    """Rights could not be read for a while, so nobody on the staff may do anything."""

    code = "rights_unknown"
    title = "What you may do cannot be read for the moment, try again."


class OwnProposal(Forbidden):
    """Who proposed something does not approve it."""

    code = "own_proposal"
    title = "Somebody else must decide what you proposed."


class AlreadyVoted(Refusal):
    """One person decides once."""

    code = "already_voted"
    title = "You have decided this proposal already."


class ProposalClosed(Refusal):
    """The proposal was decided, withdrawn or has expired."""

    code = "proposal_closed"
    title = "This proposal is no longer open."


class ProposalChanged(Refusal):
    """What would be approved is not what was shown."""

    code = "proposal_changed"
    title = "The proposal is not the one that you were shown. Load it again."


class ObjectChanged(Refusal):
    """The object of the proposal has changed since it was made."""

    code = "object_changed"
    title = "What this proposal is about has changed since. Propose it anew."


class PartyToProposal(Forbidden):
    """Nobody proposes or decides what is about himself."""

    code = "party_to_proposal"
    title = "This is about you; others must propose and decide it."


class ProposalOpen(Refusal):
    """The same act is proposed already."""

    code = "proposal_open"
    title = "The same is proposed already and waits for its decision."


class TooManyProposals(Refusal):
    """Somebody has as many open proposals as he may."""

    code = "too_many_proposals"
    title = "You have too many open proposals. Withdraw some of them."
