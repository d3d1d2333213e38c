"""How often a secret may be guessed: by account and address, by account, by address."""

from collections import OrderedDict
from datetime import datetime, timedelta

from server.core.clock import Clock
from server.http.edge import counted_address
from server.identity.refusals import SignInsLimited

WINDOW = timedelta(minutes=15)
PAIR_FAILURES_MAX = 10
"""Wrong attempts for one account from one address in a window."""
ACCOUNT_FAILURES_MAX = 50
"""Wrong attempts for one account from everywhere: guessing from many addresses ends here."""
ADDRESS_FAILURES_MAX = 100
"""Wrong attempts from one address for everybody."""
COUNTERS_MAX = 100_000


class SignInLimits:
    """Counts attempts in memory; one that succeeds is taken back.

    An attempt counts before the password is checked, so that parallel ones cannot slip through.
    Unknown accounts are counted as known ones are: a limit tells nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counters: OrderedDict[tuple[str, ...], tuple[int, datetime]] = OrderedDict()

    def take(self, account: str, address: str) -> None:
        """Count one attempt; refuses `SignInsLimited` when there were too many."""
        now = self._clock.now()
        counters = _counters(account, address)
        for counter, most in counters:
            count, ends_at = self._read(counter, now)
            if count >= most:
                raise SignInsLimited(retry_after_s=max(1, int((ends_at - now).total_seconds())))
        for counter, _ in counters:
            count, ends_at = self._read(counter, now)
            self._counters[counter] = (count + 1, ends_at)
            self._counters.move_to_end(counter)
        while len(self._counters) > COUNTERS_MAX:
            self._counters.popitem(last=False)

    def forgive(self, account: str, address: str) -> None:
        """Take an attempt back: it was right."""
        for counter, _ in _counters(account, address):
            count, ends_at = self._counters.get(counter, (0, self._clock.now()))
            if count > 1:
                self._counters[counter] = (count - 1, ends_at)
            else:
                self._counters.pop(counter, None)

    def _read(self, counter: tuple[str, ...], now: datetime) -> tuple[int, datetime]:
        count, ends_at = self._counters.get(counter, (0, now))
        return (count, ends_at) if ends_at > now else (0, now + WINDOW)


def _counters(account: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    address = counted_address(address)
    return (
        (("pair", account, address), PAIR_FAILURES_MAX),
        (("account", account), ACCOUNT_FAILURES_MAX),
        (("address", address), ADDRESS_FAILURES_MAX),
    )
