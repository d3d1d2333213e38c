"""Engines for the embedded SQLite database and for MariaDB or MySQL."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.core.tls import trust_certificates
from server.db.encrypted import connect_by

WRITE = "iqx_write"
"""Execution option of a connection whose transaction will write."""
POOL_SIZE = 12
POOL_OVERFLOW = 8
POOL_WAIT_S = 5
LOCK_WAIT_S = 3
FOUND_ROWS = 1 << 1
"""The flag of MariaDB's protocol by which an update counts the rows that it found."""
GROUP_BYTES_MAX = 1 << 30
"""Lists that are read as one text are not cut by the server; who reads them counts their rows."""
IDLE_IN_TRANSACTION_S = 5
"""After this long without a statement MariaDB ends a writing transaction: a client that was cut
off without a word, or is stopped, must not keep its locks. MySQL reads it as a comment."""
SQLITE_BUSY_MS = 5_000
"""How long SQLite waits for a writer in another process; writers of this one queue at the gate."""


ConnectSqlite = Callable[[], Awaitable[Any]]
"""Opens a connection to the file, with the methods of aiosqlite's; its calls block elsewhere."""


def open_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    client_flag: int = 0,
    connect_sqlite: ConnectSqlite | None = None,
    ca_file: str = "",
) -> AsyncEngine:
    """An engine with the isolation, waits and pragmas that the money rules need.

    `url` starts with `sqlite+aiosqlite:` or `mysql+aiomysql:`. `client_flag` is MariaDB's; SQLite
    has none. `connect_sqlite` replaces the driver's threads, for a simulator. With `ca_file`
    MariaDB is spoken to over TLS only, and trusted by the certificates in it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url, pool_size, connect_sqlite)
    encrypted: dict[str, Any] = {}
    if ca_file:
        encrypted["async_creator_fn"] = connect_by(trust_certificates(ca_file))
    return create_async_engine(
        url,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_S,
        pool_pre_ping=True,
        pool_recycle=3600,
        connect_args={
            **encrypted,
            "charset": "utf8mb4",
            "connect_timeout": 5,
            # As SQLite counts, also where nothing changed.
            "client_flag": client_flag | FOUND_ROWS,
            "init_command": (
                f"SET SESSION innodb_lock_wait_timeout={LOCK_WAIT_S}, time_zone='+00:00',"
                f" group_concat_max_len={GROUP_BYTES_MAX},"
                " sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'"
                f" /*M!100306 , idle_write_transaction_timeout={IDLE_IN_TRANSACTION_S} */"
            ),
        },
    )


def _open_sqlite(url: str, pool_size: int, connect: ConnectSqlite | None) -> AsyncEngine:
    given = {} if connect is None else {"async_creator": connect}
    engine = create_async_engine(
        url,
        **given,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_S,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: it would begin deferred ones, and a
        # deferred reader that turns writer is refused at once instead of waiting.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={SQLITE_BUSY_MS}",
            "journal_size_limit=67108864",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
