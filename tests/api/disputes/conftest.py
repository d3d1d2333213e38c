"""The endpoints of cases behind the real wrapper, with the people of a world of trades."""

from tests.api.trades.conftest import api

__all__ = ["api"]
