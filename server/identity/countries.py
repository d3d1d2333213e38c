"""Countries whose people are not served: refused when they register and when they sign in.

Where somebody is from is told by his telephone number, and by a header of the proxy where the
settings name one; a header that anybody else sends counts for nothing.
"""

from server.http.endpoint import Call
from server.identity.context import IDENTITY, Identity
from server.identity.refusals import CountryBlocked
from server.identity.rules import is_number_of


def check_country(call: Call) -> None:
    """Refuse `CountryBlocked` a call that the proxy says is from a blocked country."""
    if call.country in call.app[IDENTITY].policy.blocked_countries:
        raise CountryBlocked


def check_country_of(identity: Identity, phone: str | None) -> None:
    """Refuse `CountryBlocked` a number (E.164) of a blocked country; no number passes."""
    if is_number_of(phone, identity.policy.blocked_countries):
        raise CountryBlocked
