"""How often a secret may be guessed, and how often it is told that an address is taken.

An attempt counts before the password is checked, so that parallel ones cannot slip through; one
that was right is taken back. Unknown accounts are counted as known ones are: a limit tells nothing.
A device that the account knows has a limit of its own, which counts when the others are full: so
nobody locks an owner out of his own device by guessing elsewhere.
"""

from datetime import timedelta

from server.http.counts import Bound, Counts
from server.http.edge import counted_address
from server.identity.refusals import RegistrationsLimited, SignInsLimited
from server.identity.sealing import fingerprint

WINDOW = timedelta(minutes=15)
PAIR_FAILURES_MAX = 10
"""Wrong attempts for one account from one address in a window."""
ACCOUNT_FAILURES_MAX = 50
"""Wrong attempts for one account from everywhere: guessing from many addresses ends here."""
PERSON_FAILURES_MAX = 50
"""The same by all names that an account is known by: its mail address and its telephone number."""
ADDRESS_FAILURES_MAX = 100
"""Wrong attempts from one address for everybody."""
DEVICE_FAILURES_MAX = 10
"""Wrong attempts on a device that the account knows, once another limit is full."""
TAKEN_MAX = 5
"""How often a caller's address, and a mail address, hears that the mail address is taken."""
TAKEN_WINDOW = timedelta(hours=1)
Attempt = tuple[Bound, ...]
"""What an attempt was counted on."""


class SignInLimits:
    """Counts attempts under keyed digests, so that no address stands where they are counted."""

    def __init__(self, counts: Counts, secret: bytes) -> None:
        self._counts = counts
        self._secret = secret

    async def take(self, account: str, address: str) -> Attempt:
        """Count one attempt for `account` from `address`; refuses `SignInsLimited`."""
        address = counted_address(address)
        return await self._take(
            self._bound(PAIR_FAILURES_MAX, WINDOW, "pair", account, address),
            self._bound(ACCOUNT_FAILURES_MAX, WINDOW, "account", account),
            self._bound(ADDRESS_FAILURES_MAX, WINDOW, "address", address),
        )

    async def take_person(self, person: str) -> Attempt | None:
        """Count one attempt for whoever a name was found to be; None when there were too many.

        That is not told: a refusal would say that two names are of one account.
        """
        bound = self._bound(PERSON_FAILURES_MAX, WINDOW, "person", person)
        return None if await self._counts.take((bound,)) else (bound,)

    async def take_passkey(self, address: str) -> Attempt:
        """Count one attempt with a passkey alone; refuses `SignInsLimited`."""
        return await self._take(
            self._bound(ADDRESS_FAILURES_MAX, WINDOW, "passkey", counted_address(address))
        )

    async def take_on_device(self, account: str, token: str) -> Attempt:
        """Count one attempt on a device that the account knows; refuses `SignInsLimited`."""
        return await self._take(self._bound(DEVICE_FAILURES_MAX, WINDOW, "device", account, token))

    async def forgive(self, attempt: Attempt) -> None:
        """Take an attempt back: it was right."""
        await self._counts.give_back(attempt)

    async def take_taken(self, email_key: str, address: str) -> None:
        """Count that a caller hears that an address is taken; refuses `RegistrationsLimited`."""
        mail = self._bound(TAKEN_MAX, TAKEN_WINDOW, "taken-mail", email_key)
        await self._refuse_taken((self._bound_taken(address), mail), counts=True)

    async def check_taken(self, address: str) -> None:
        """Refuse `RegistrationsLimited` a caller who has heard it too often.

        He gets the same answer for a free address then: the refusal tells nothing more.
        """
        await self._refuse_taken((self._bound_taken(address),), counts=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._counts.close()

    async def _refuse_taken(self, bounds: Attempt, *, counts: bool) -> None:
        wait_s = await self._counts.take(bounds, counts=counts)
        if wait_s:
            raise RegistrationsLimited(retry_after_s=wait_s)

    async def _take(self, *bounds: Bound) -> Attempt:
        wait_s = await self._counts.take(bounds)
        if wait_s:
            raise SignInsLimited(retry_after_s=wait_s)
        return bounds

    def _bound_taken(self, address: str) -> Bound:
        return self._bound(TAKEN_MAX, TAKEN_WINDOW, "taken", counted_address(address))

    def _bound(self, most: int, window: timedelta, *parts: str) -> Bound:
        return Bound(fingerprint(self._secret, *parts).hex(), most, window)
