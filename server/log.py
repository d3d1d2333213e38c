"""Structured logs: an event name and identifiers, never secrets or personal data."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

HIDDEN = frozenset(
    {
        "password",
        "token",
        "access_token",
        "refresh_token",
        "email",
        "phone",
        "details",
        "payer_name",
    }
)


def _hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last guard: a value under a telling name never reaches the log."""
    for name in HIDDEN & event.keys():
        event[name] = "hidden"
    return event


def configure_logs(level: str, style: str) -> None:
    """Write lines of at least `level` as `json` or for a `console`."""
    number = getattr(logging, level.upper())
    # Libraries write what they are handed, parameters of statements included: they may only warn.
    logging.basicConfig(level=max(number, logging.WARNING), format="%(message)s")
    renderer: Any = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _hide,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )
