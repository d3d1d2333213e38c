"""What a chat refuses, each as one rule that would be broken."""

from server.core.refusals import Conflict, Invalid


class ClientIdReused(Invalid):
    """The client id names another message of the same author."""

    code = "client_id_reused"
    title = "This client_id belongs to another message of yours."


class ChatClosed(Conflict):
    """The trade has ended long enough ago."""

    code = "chat_closed"
    title = "The chat of this trade is closed. You can still read it."


class WriterFrozen(Conflict):
    """A frozen account writes only where a case is open, and the staff reads along."""

    code = "writer_frozen"
    title = "Your account is frozen. You can write in a chat once a case is open about the trade."


class WriterBlocked(Conflict):
    """One of the two has blocked the other, and the trade is over."""

    code = "writer_blocked"
    title = "The trade is over and one of you has blocked the other."


class NoOpenCase(Conflict):
    """Staff write where a case is open."""

    code = "no_open_case"
    title = "There is no open case about this trade."


class ReadTooFar(Invalid):
    """A mark beyond the last message."""

    code = "read_too_far"
    title = "There is no message with this number yet."
