"""What the log writes: events and identifiers, and of exceptions only kind and place."""

import asyncio
import io
import json
import logging
import sqlite3

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from server.log import HIDDEN, configure_logs, describe_exception


@pytest.fixture
def written(monkeypatch):
    """The lines that are logged, as JSON, with the service's own configuration."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    configure_logs("debug", "json")
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False
    )
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_line_has_an_event_a_level_and_a_time(written):
    structlog.get_logger().info("order_placed", order_id="0194")

    (line,) = written()
    assert (line["event"], line["level"], line["order_id"]) == ("order_placed", "info", "0194")
    assert line["timestamp"].endswith("Z")


def test_values_under_telling_names_are_hidden_however_deep(written):
    for name in HIDDEN:
        structlog.get_logger().info("asked", **{name: "hunter2"})
        structlog.get_logger().info("asked", call={"inner": [{name: "hunter2"}]})

    assert len(written()) == 2 * len(HIDDEN)
    assert "hunter2" not in json.dumps(written())


def test_line_break_in_a_value_makes_no_second_line(written):
    forged = 'x\n{"event": "released", "level": "info"}\r\n\u2028\x1b[2K'
    structlog.get_logger().warning("refused", code=forged, **{"a\nb": forged})

    (line,) = written()
    assert (line["event"], line["code"], line["a\nb"]) == ("refused", forged, forged)


def test_exception_tells_its_kind_and_place_and_not_its_text(written):
    def register(email):
        cause = sqlite3.IntegrityError(f"UNIQUE constraint failed for {email}")
        raise IntegrityError("INSERT", {"email": email}, cause) from cause

    try:
        register("anna@example.com")
    except IntegrityError:
        structlog.get_logger().exception("fault")
    structlog.get_logger().warning("stopped", error=ValueError("hunter2"))

    text = json.dumps(written())
    assert "anna" not in text
    assert "hunter2" not in text
    assert "IntegrityError" in text
    assert "test_log.py" in text
    assert "register" in text


def test_our_own_assertions_and_the_numbers_of_databases_are_told():
    assert "touched 0 rows" in describe_exception(AssertionError("a write touched 0 rows"))
    assert "1213" in describe_exception(OSError(1213, "Deadlock of anna"))
    assert "anna" not in describe_exception(OSError(1213, "Deadlock of anna"))


async def test_libraries_lose_their_values(written):
    logging.getLogger("aiosqlite").debug("executing %s", "INSERT hunter2")
    logging.getLogger("aiohttp.server").error("Error handling %s", "hunter2")

    async def fail():
        raise ValueError("hunter2")

    task = asyncio.get_running_loop().create_task(fail())
    await asyncio.wait((task,))
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": task.exception(),
         "future": task}
    )  # fmt: skip

    lines = written()
    assert [line["event"] for line in lines] == ["foreign", "foreign"]
    assert [line["logger"] for line in lines] == ["aiohttp.server", "asyncio"]
    assert "hunter2" not in json.dumps(lines)
    assert "ValueError" in lines[1]["exception"]
