"""What the databases' errors mean to a unit of work."""

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from server.core.refusals import Unavailable

_MARIADB_RETRY = frozenset({1213, 1205, 1020})
"""Deadlock, lock wait timeout, changed since the snapshot."""
_MARIADB_GONE = frozenset(
    {0, 1040, 1053, 1077, 1152, 1203, 1226, 1927, 2002, 2003, 2006, 2013, 2014, 2055, 4031}
)
"""Shutting down, not reachable, or with too many connections."""
_MARIADB_UNIQUE = frozenset({1062, 1586})
_MARIADB_FULL = frozenset({1021, 1114, 28})
_SQLITE_RETRY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_UNIQUE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})


class DatabaseBusy(Unavailable):
    """The same unit of work met busy rows on every try."""

    code = "database_busy"
    title = "Others are changing the same things, try again in a moment."


class DatabaseDown(Unavailable):
    """The database cannot be reached or cannot write."""

    code = "database_unavailable"
    title = "The database cannot be reached for the moment. Nothing was changed."


class OutcomeUnknown(Unavailable):
    """The connection broke while committing and the outcome cannot be read yet."""

    code = "outcome_unknown"
    title = "The outcome is not known yet. Repeat the call with the same Idempotency-Key."


def error_number(error: DBAPIError) -> int:
    """The driver's number of an error; zero when it has none."""
    original = error.orig
    for candidate in (original, getattr(original, "__cause__", None)):
        number = getattr(candidate, "sqlite_errorcode", None)
        if isinstance(number, int):
            return number
    args = getattr(original, "args", ())
    return args[0] if args and isinstance(args[0], int) else 0


def is_retryable(error: DBAPIError) -> bool:
    """Whether the whole unit may be run again: another one was in the way."""
    number = error_number(error)
    if isinstance(_driver_error(error), sqlite3.Error):
        return number & 0xFF in _SQLITE_RETRY
    return number in _MARIADB_RETRY


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a row with the same key exists already."""
    number = error_number(error)
    return number in _SQLITE_UNIQUE or number in _MARIADB_UNIQUE


def is_down(error: DBAPIError) -> bool:
    """Whether the database is gone or cannot write, as opposed to refusing a statement."""
    if error.connection_invalidated:
        return True
    number = error_number(error)
    if isinstance(_driver_error(error), sqlite3.Error):
        return number & 0xFF in _SQLITE_FULL
    if number in _MARIADB_FULL:
        return True
    return number in _MARIADB_GONE and isinstance(error, OperationalError | InterfaceError)


def _driver_error(error: DBAPIError) -> BaseException | None:
    original = error.orig
    cause = getattr(original, "__cause__", None)
    return cause if isinstance(cause, sqlite3.Error) else original
