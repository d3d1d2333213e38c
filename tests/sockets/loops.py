"""The loop that the service runs on, for tests that may leave things open."""

import warnings

import uvloop


class ClosingLoop(uvloop.Loop):
    """Closes what a failed test left open, and then says so.

    Uvloop warns of each open connection before it closes it. Where warnings are errors that ends
    its closing half-way, and it waits for ever for the connections that it did not close.
    """

    def close(self) -> None:
        with warnings.catch_warnings(record=True) as left_open:
            warnings.simplefilter("always")
            super().close()
        for warning in left_open:
            warnings.warn(warning.message, stacklevel=2)
