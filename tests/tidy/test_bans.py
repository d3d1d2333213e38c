"""The bans hold for the code, and each ban catches an offender."""

import re

import pytest

from tests.services import ROOT
from tests.tidy.bans import BANS, Ban
from tests.tidy.source import Source

PACKAGES = ("server", "models", "sockets", "seeds")
EVERYWHERE = frozenset({"long-file", "long-function"})
BY_NAME = {ban.name: ban for ban in BANS}


def read_sources(*folders: str) -> list[Source]:
    return [
        Source.read(path.relative_to(ROOT).as_posix(), path.read_text())
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


@pytest.fixture(scope="module")
def complaints() -> dict[str, list[str]]:
    """What each ban complains of. Every file is read once, and forgotten before the next one."""
    found: dict[str, list[str]] = {ban.name: [] for ban in BANS}
    for folder in (*PACKAGES, "tests", "bench"):
        paths = sorted((ROOT / folder).rglob("*.py"))
        assert len(paths) > 5, f"{folder} was not read"
        for path in paths:
            source = Source.read(path.relative_to(ROOT).as_posix(), path.read_text())
            for ban in BANS:
                if folder in PACKAGES or ban.name in EVERYWHERE:
                    found[ban.name] += ban.complain(source)
    return found


@pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.name)
def test_code_keeps_the_ban(ban: Ban, complaints: dict[str, list[str]]):
    assert not complaints[ban.name], "\n" + "\n".join(complaints[ban.name])


OFFENDERS = [
    ("wall-clock", "import datetime\nx = datetime.datetime.now()"),
    ("wall-clock", "from datetime import datetime, UTC\nx = datetime.now(UTC)"),
    ("wall-clock", "from datetime import datetime as d\nx = d.utcnow()"),
    ("wall-clock", "import time\nx = time.time()"),
    ("wall-clock", "from time import monotonic"),
    ("wall-clock", "import time as t\nread = t.perf_counter"),
    ("randomness", "import random\nx = random.random()"),
    ("randomness", "from secrets import token_bytes"),
    ("randomness", "import uuid\nx = uuid.uuid4()"),
    ("randomness", "import os\nx = os.urandom(8)"),
    ("environment", "import os\nx = os.environ['HOME']"),
    ("environment", "from os import getenv"),
    ("environment", "import os\nx = os.environ.get('HOME')"),
    ("threads", "import asyncio\nasync def f():\n    await asyncio.to_thread(print)"),
    ("threads", "from concurrent.futures import ThreadPoolExecutor"),
    ("wait-for", "import asyncio\nasync def f(x):\n    await asyncio.wait_for(x, 1)"),
    ("adapter", "from server.core.ids import SystemRandom"),
    ("adapter", "import aiomysql\nx = aiomysql.connect"),
    ("network", "import aiohttp\nx = aiohttp.ClientSession()"),
    ("network", "from aiohttp import ClientSession"),
    ("network", "from urllib.request import urlopen"),
    ("network", "import botocore.session\nx = botocore.session.Session()"),
    ("network", "import socket\nx = socket.create_connection(('h', 1))"),
    ("network", "import asyncio\nx = asyncio.open_connection('h', 1)"),
    ("commit", "async def f(connection):\n    await connection.commit()"),
    ("commit", "async def f(cursor):\n    await cursor.execute('commit')"),
    ("emit", "async def f(server):\n    await server.emit('x', {})"),
    ("emit", "async def f(self):\n    await self.sockets.emit('x', {})"),
    ("unchecked-write", "async def f(unit):\n    await unit.execute(queries.update_trade(1))"),
    ("unchecked-write", "async def f(unit):\n    await unit.execute(end_session(1, 2))"),
    ("offset", "x = query.limit(10).offset(20)"),
    ("offset", "x = 'SELECT id FROM t ORDER BY id LIMIT 10 OFFSET 20'"),
    ("offset", "x = 'SELECT id FROM t ORDER BY id LIMIT 20, 10'"),
    ("sql", "from sqlalchemy import select"),
    ("sql", "import sqlalchemy as sa"),
    ("sql", "from sqlalchemy.dialects.mysql import insert"),
    ("sql", "x = 'SELECT id FROM trades'"),
    ("sql", "x = f'INSERT INTO trades VALUES ({1})'"),
    ("float", "fee = 0.5"),
    ("float", "def fee(amount: float): ..."),
    ("float", "def fee(amount):\n    return amount / 2"),
    ("float", "x = float('1.5')"),
    ("broad-except", "try:\n    f()\nexcept Exception:\n    pass"),
    ("broad-except", "try:\n    f()\nexcept (ValueError, BaseException):\n    pass"),
    ("broad-except", "try:\n    f()\nexcept:\n    pass"),
    ("empty-name", "def f(data): ..."),
    ("empty-name", "info = 1"),
    ("empty-name", "class OrderManager: ..."),
    ("empty-name", "def order_helper(): ..."),
    ("long-file", "x = 1\n" * 401),
    ("long-function", "def f():\n" + "    x = 1\n" * 60),
    ("docstring", "'''A module.'''\ndef place_order(): ..."),
    ("docstring", "'''A module.'''\nclass Lane:\n    '''A lane.'''\n    def stop(self): ..."),
    ("docstring", "x = 1"),
    ("matcher", "from server.matching import book"),
    ("matcher", "from server.matching.book import Book"),
    ("matcher", "from server import matching"),
    ("matcher", "import server.matching.book"),
]


@pytest.mark.parametrize(("name", "offender"), OFFENDERS)
def test_ban_catches_an_offender_and_names_the_replacement(name: str, offender: str):
    ban = BY_NAME[name]
    complaints = ban.complain(Source.read("server/trades/service.py", offender))
    assert complaints
    assert all(ban.instead in sentence for sentence in complaints)


def test_every_ban_has_an_offender():
    assert {name for name, _ in OFFENDERS} == set(BY_NAME)


INNOCENT = [
    ("network", "server/orders/lane/lease.py", "import socket\nx = socket.gethostname()"),
    ("network", "server/http/server.py", "from aiohttp import web\nx = web.Application()"),
    ("wall-clock", "server/trades/service.py", "def f(clock):\n    return clock.now()"),
    ("wall-clock", "server/core/clock.py", "import time\nx = time.monotonic()"),
    ("randomness", "server/core/ids.py", "import secrets\nx = secrets.token_bytes"),
    ("environment", "server/settings/loading.py", "import os\nx = os.environ"),
    ("commit", "server/db/database.py", "async def f(connection):\n    await connection.commit()"),
    ("emit", "server/trades/service.py", "def f(unit):\n    unit.emit(1)"),
    ("emit", "sockets/publisher.py", "async def f(server):\n    await server.emit('x')"),
    ("sql", "server/trades/queries.py", "from sqlalchemy import select"),
    ("sql", "server/orders/lane/sqlite_store.py", "x = 'INSERT INTO trades '"),
    ("float", "server/trades/rules.py", "WAIT_S = 0.5\ndef f(timeout_s: float = 0.1): ..."),
    ("float", "server/orders/lane/lane.py", "x = lease_s / 3 if give_up_at == 0.0 else 1"),
    ("float", "server/http/rate.py", "x = 0.5"),
    ("broad-except", "server/http/server.py", "try:\n    f()\nexcept Exception:\n    pass"),
    ("empty-name", "sockets/fanout/engine.py", "class FastManager(AsyncManager): ..."),
    ("empty-name", "server/a.py", "class F(G):\n    def f(self, data):\n        super().f(data)"),
    ("long-file", "server/a.py", "# allowed: long-file, one table of codes\n" + "x = 1\n" * 401),
    ("docstring", "server/a.py", "'''A module.'''\ndef _private(): ..."),
    ("matcher", "server/orders/service.py", "from server.matching import book"),
]


@pytest.mark.parametrize(("name", "path", "text"), INNOCENT)
def test_ban_spares_what_is_right(name: str, path: str, text: str):
    assert BY_NAME[name].complain(Source.read(path, text)) == []


def test_written_reason_excuses_one_ban_on_one_line():
    ban = BY_NAME["broad-except"]
    excused = "try:\n    f()\nexcept Exception:  # allowed: broad-except, the lane stops\n    pass"
    other = excused.replace("broad-except,", "float,")
    without_reason = excused.replace(", the lane stops", "")
    assert not ban.complain(Source.read("server/a.py", excused))
    assert ban.complain(Source.read("server/a.py", other))
    assert ban.complain(Source.read("server/a.py", without_reason))


TYPE_EXCUSE = re.compile(r"#\s*type:\s*ignore(?!\[[\w, -]+\]\s+# \S+ \S+)")
STYLE_EXCUSE = re.compile(
    r"#\s*noqa(?!: (?:ARG00\d, )*(?:ARG00\d|[A-Z]+\d+(?:, [A-Z]+\d+)* - \S+ \S))"
)


def find_bare_excuses(source: Source) -> list[str]:
    return [
        f"{source.path}:{number}: {line.strip()}"
        for number, line in enumerate(source.text.splitlines(), start=1)
        if TYPE_EXCUSE.search(line) or STYLE_EXCUSE.search(line)
    ]


def test_every_excuse_from_a_check_carries_its_reason():
    bare = [excuse for source in read_sources(*PACKAGES) for excuse in find_bare_excuses(source)]
    assert not bare, "write: # noqa: CODE - why, or # type: ignore[code]  # why\n" + "\n".join(bare)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("x = 1  # type: ignore", 1),
        ("x = 1  # type: ignore[misc]", 1),
        ("x = 1  # type: ignore[misc]  # the library has no types", 0),
        ("x = 1  # noqa", 1),
        ("x = 1  # noqa: SLF001", 1),
        ("x = 1  # noqa: SLF001 - the other half of this class", 0),
        ("x = 1  # noqa: ARG002", 0),
    ],
)
def test_excuse_without_a_reason_is_caught(line: str, count: int):
    assert len(find_bare_excuses(Source.read("server/a.py", line))) == count
