"""What API keys open: a closed list of scopes, and calls that no key opens."""

import enum

from server.core.refusals import Forbidden


class Scope(enum.StrEnum):
    """What an API key may be good for; `SCOPE_SENTENCES` says it in words."""

    READ = "read"
    TRADE = "trade"


SCOPE_SENTENCES: dict[Scope, str] = {
    Scope.READ: "Read one's orders, trades, balances and limits, and hear one's rooms.",
    Scope.TRADE: "Place, change and end orders, take part in trades; never release escrow.",
}
assert SCOPE_SENTENCES.keys() == set(Scope), "every scope has its sentence"


class KeyNotEnough(Forbidden):
    """The API key has not the scope of this call, or no key opens it."""

    code = "api_key_not_enough"
    title = "This API key does not open this call. Some calls need a person who signs in."
