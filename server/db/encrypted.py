"""Connections to MariaDB over TLS, or none at all.

The driver goes on unencrypted when the server does not offer TLS; whoever sits on the line could
make it look so. Here such a server gets no name and no password.
"""

import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import aiomysql
from pymysql.constants import CLIENT
from pymysql.err import OperationalError

NOT_OFFERED = 2026
"""The number of MariaDB's client for failures of TLS."""


class EncryptedConnection(aiomysql.Connection):  # type: ignore[misc]  # the library has no types
    """A connection that signs in over TLS only."""

    async def _request_authentication(self) -> None:
        if not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(NOT_OFFERED, "The database offers no TLS.")
        await super()._request_authentication()


def connect_by(context: ssl.SSLContext) -> Callable[..., Awaitable[Any]]:
    """What opens connections over TLS, for the engine."""

    async def connect(**arguments: Any) -> Any:
        connection = EncryptedConnection(**arguments, ssl=context)
        await connection._connect()  # noqa: SLF001 - as the driver's own `connect` does
        return connection

    return connect
