"""What the sandbox refuses."""

from server.core.refusals import Conflict


class NotSandbox(Conflict):
    """Only trades and markets of USDT_TEST belong to the sandbox; real time is nobody's to move."""

    code = "not_sandbox"
    title = "This belongs to real USDT, not to the sandbox."


class NothingRuns(Conflict):
    """The trade is over, and so are its clocks."""

    code = "nothing_runs"
    title = "No clock of this trade runs any more."


class TooManyCounterparties(Conflict):
    """A learner has only so many counterparties at a time."""

    code = "too_many_counterparties"
    title = "You have as many counterparties as you may have at a time."
