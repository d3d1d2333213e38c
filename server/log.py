"""Structured logs: an event name and identifiers, never secrets or personal data."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

HIDDEN = frozenset(
    {
        *("access_token", "authorization", "cookie", "password", "password_hash", "proof"),
        *("refresh_token", "secret", "step_up", "token", "body", "parameters"),
        *("address", "details", "email", "holder", "payer_name", "payer_name_seen", "phone"),
        *("reference", "username"),
    }
)
FRAMES_MAX = 20
FOREIGN_LEVEL_MIN = logging.WARNING
"""What libraries say below this may quote statements with their values."""
DEPTH_MAX = 6


def _hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last guard: a value under a telling name never reaches the log."""
    for name, value in event.items():
        event[name] = "hidden" if name in HIDDEN else _clean(value, DEPTH_MAX)
    return event


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, BaseException):
        return describe_exception(value)
    if not isinstance(value, dict | list | tuple):
        return value
    if depth == 0:
        return "hidden"
    if isinstance(value, dict):
        return {
            name: "hidden" if str(name) in HIDDEN else _clean(item, depth - 1)
            for name, item in value.items()
        }
    return [_clean(item, depth - 1) for item in value]


def describe_exception(error: BaseException) -> str:
    """Kind and place of an exception and of those that caused it, innermost last.

    The text of an exception may quote what a user sent or what a row holds, so only that of an
    assertion is told, which is our own. Errors of databases keep their number.
    """
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        said = type(current).__qualname__
        if isinstance(current, AssertionError):
            said += f": {current}"
        elif current.args and isinstance(current.args[0], int):
            said += f" {current.args[0]}"
        frames = traceback.extract_tb(current.__traceback__)[-FRAMES_MAX:]
        parts.append(said + "".join(f"\n  {f.filename}:{f.lineno} {f.name}" for f in frames))
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return "\ncaused by ".join(parts)


def _tell_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    if given:
        error = given if isinstance(given, BaseException) else sys.exc_info()[1]
        if isinstance(given, tuple):
            error = given[1]
        if error is not None:
            event["exception"] = describe_exception(error)
    return event


class ForeignLogs(logging.Handler):
    """Tells what libraries log in our own form, without the values that they put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record: its first line as it stands in the code that wrote it."""
        text = str(record.msg).partition("\n")[0]
        structlog.get_logger().log(
            record.levelno, "foreign", logger=record.name, text=text, exc_info=record.exc_info
        )


def configure_logs(level: str, style: str) -> None:
    """Write lines of at least `level` as `json` or for a `console`."""
    number = getattr(logging, level.upper())
    logging.basicConfig(level=max(number, FOREIGN_LEVEL_MIN), handlers=[ForeignLogs()], force=True)
    renderer: Any = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_exception,
            _hide,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )
