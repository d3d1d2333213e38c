"""The bans of the house style: what each refuses, where it does not apply, what to use instead.

An exception is written where it is made and carries its reason: `# allowed: NAME, because ...` on
the line (or, for lengths, anywhere in the first lines of the file or function).
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.tidy.source import FUNCTIONS, Function, Source, dotted_name
from tests.tidy.sql_bans import (
    find_commits,
    find_emits,
    find_offsets,
    find_sql,
    find_unchecked_writes,
)

ALLOWED = re.compile(r"#\s*allowed: (?P<name>[a-z-]+), \S+ \S+")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


@dataclass(frozen=True)
class Ban:
    """One ban: its name, what to use instead, and how offenders are found: `(line, what)`."""

    name: str
    instead: str
    find: Callable[[Source], Iterator[tuple[int, str]]]

    def complain(self, source: Source) -> list[str]:
        """A sentence for each offender that carries no reason."""
        lines = source.text.splitlines()
        return [
            f"{source.path}:{number}: {what}: {self.instead}"
            for number, what in sorted(set(self.find(source)))
            if not self.is_excused(lines[number - 1 : number])
        ]

    def is_excused(self, lines: list[str]) -> bool:
        return any(found["name"] == self.name for line in lines for found in ALLOWED.finditer(line))


def uses_of(*banned: str, spared: tuple[str, ...] = ()) -> Callable[[Source], Iterator]:
    """Finds uses of names; `x.` stands for everything in x."""

    def find(source: Source) -> Iterator[tuple[int, str]]:
        if source.lies_in(*spared):
            return
        for line, name in source.names():
            if any(name == ban or (ban.endswith(".") and name.startswith(ban)) for ban in banned):
                yield line, name

    return find


# The lane's batch is its unit of work: it writes and commits on a connection of its own.
MONEY_FOLDERS = (
    *("server/core/money.py", "server/ledger/", "server/matching/", "server/orders/"),
    *("server/trades/", "server/wallets/", "server/markets/", "models/"),
)
SECONDS = re.compile(r"(_s|_S|_at|_time|deadline)$|^monotonic$")


def list_durations(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that hold a duration by their name, and so may be floats."""
    if isinstance(node, ast.Assign):
        if all(SECONDS.search(dotted_name(target)) for target in node.targets):
            return [node]
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        return [node] if SECONDS.search(dotted_name(node.target)) else []
    elif isinstance(node, ast.keyword | ast.arg):
        return [node] if SECONDS.search(node.arg or "") else []
    elif isinstance(node, ast.Call) and dotted_name(node.func) == "asyncio.sleep":
        return [node]
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        defaults = [
            *zip(reversed(positional), reversed(node.defaults), strict=False),
            *zip(node.kwonlyargs, node.kw_defaults, strict=True),
        ]
        return [value for arg, value in defaults if value and SECONDS.search(arg.arg)]
    elif isinstance(node, ast.Compare | ast.BinOp) and SECONDS.search(dotted_name(node.left)):
        return [node]
    elif isinstance(node, FUNCTIONS) and SECONDS.search(node.name):
        return [node.returns] if node.returns else []
    return []


def find_floats(source: Source) -> Iterator[tuple[int, str]]:
    """Floats and true division where money is handled; only durations may be."""
    if not source.lies_in(*MONEY_FOLDERS):
        return
    spared = {
        inner
        for node in ast.walk(source.tree)
        for duration in list_durations(node)
        for inner in ast.walk(duration)
    }
    for node in ast.walk(source.tree):
        if node in spared:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, repr(node.value)
        elif isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield node.lineno, ast.unparse(node)


EDGES = ("server/http/", "server/jobs/", "sockets/", "server/wiring/", "server/cli.py")


def find_broad_excepts(source: Source) -> Iterator[tuple[int, str]]:
    if source.lies_in(*EDGES):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            for kind in kinds:
                name = "" if kind is None else dotted_name(kind)
                if kind is None or name in ("Exception", "BaseException"):
                    yield node.lineno, f"except {name}".strip()


SAY_NOTHING = frozenset({"utils", "util", "helpers", "helper", "manager"})
SAY_NOTHING_ALONE = SAY_NOTHING | {"data", "info", "misc", "common"}


def find_empty_names(source: Source) -> Iterator[tuple[int, str]]:
    """Names that say nothing: modules, classes, functions, arguments and variables."""
    if source.lies_in("sockets/fanout/manager.py"):
        return  # python-socketio calls it so, in its own signatures too
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if part in SAY_NOTHING_ALONE or SAY_NOTHING & set(part.split("_")):
            yield 1, f"module {part}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            words = re.findall(r"[A-Z][a-z0-9]*", node.name)
            bases = [dotted_name(base) for base in node.bases]
            inherited = any(base.endswith(words[-1]) for base in bases if words)
            if not inherited and {word.lower() for word in words} & (SAY_NOTHING | {"info"}):
                yield node.lineno, f"class {node.name}"
        elif isinstance(node, FUNCTIONS):
            if SAY_NOTHING & set(node.name.split("_")) or node.name in SAY_NOTHING_ALONE:
                yield node.lineno, f"function {node.name}"
            for argument in list_own_arguments(node):
                if argument.arg in SAY_NOTHING_ALONE:
                    yield argument.lineno, f"argument {argument.arg}"
        elif (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and node.id in SAY_NOTHING_ALONE
        ):
            yield node.lineno, f"variable {node.id}"


def list_own_arguments(function: Function) -> list[ast.arg]:
    """The arguments that we named: not those of a method that hands them on to its base."""
    if f"super().{function.name}(" in ast.unparse(function):
        return []
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def count_lines(function: Function) -> int:
    """The lines of a function without its docstring."""
    body = function.body
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None and isinstance(body[0], ast.Expr):
        lines -= (body[0].end_lineno or 0) - body[0].lineno + 1
    return lines


def find_long_files(source: Source) -> Iterator[tuple[int, str]]:
    lines = source.text.splitlines()
    excused = any("# allowed: long-file, " in line for line in lines[:40])
    if len(lines) > FILE_LINES_MAX and not excused:
        yield 1, f"a file of {len(lines)} lines"


def find_long_functions(source: Source) -> Iterator[tuple[int, str]]:
    for function in source.functions():
        length = count_lines(function)
        if length > FUNCTION_LINES_MAX:
            yield function.lineno, f"{function.name} of {length} lines"


def find_undocumented(source: Source) -> Iterator[tuple[int, str]]:
    """Public modules, classes, functions and methods without a docstring."""
    if source.tree.body and ast.get_docstring(source.tree) is None:
        yield 1, "module"

    def walk(parent: ast.Module | ast.ClassDef) -> Iterator[tuple[int, str]]:
        for node in parent.body:
            if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None and not is_overload(node):
                yield node.lineno, node.name
            if isinstance(node, ast.ClassDef):
                yield from walk(node)

    yield from walk(source.tree)


def is_overload(node: ast.ClassDef | Function) -> bool:
    return any(
        dotted_name(decorator).rpartition(".")[2] in ("overload", "override")
        for decorator in node.decorator_list
    )


def find_matcher_imports(source: Source) -> Iterator[tuple[int, str]]:
    if source.lies_in("server/matching/", "server/orders/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        for module in modules:
            if module.startswith("server.matching"):
                yield node.lineno, f"import {module}"


WIRING = ("server/wiring/", "server/cli.py")

BANS = (
    Ban(
        "wall-clock",
        "use the injected Clock (unit.now, clock.now())",
        uses_of(
            *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
            *("datetime.date.today", "time.time", "time.time_ns", "time.monotonic"),
            *("time.monotonic_ns", "time.perf_counter", "time.sleep", "time.localtime"),
            spared=("server/core/clock.py", "server/db/time.py", *WIRING),
        ),
    ),
    Ban(
        "randomness",
        "use the injected Random and Ids of server.core.ids",
        uses_of(
            *("random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "os.urandom"),
            spared=("server/core/ids.py", *WIRING),
        ),
    ),
    Ban(
        "environment",
        "read it in server/settings/ and pass the value",
        uses_of(
            *("os.environ", "os.environ.", "os.getenv", "os.putenv"),
            spared=("server/settings/",),
        ),
    ),
    Ban(
        "threads",
        "hand the work to a port that the wiring fills",
        uses_of(
            *("threading.", "concurrent.futures.", "asyncio.to_thread", "multiprocessing."),
            spared=WIRING,
        ),
    ),
    Ban(
        "wait-for",
        "use asyncio.timeout: before Python 3.12 wait_for may lose a cancellation",
        uses_of("asyncio.wait_for"),
    ),
    Ban(
        "adapter",
        "depend on the port; only the wiring names the adapter",
        uses_of(
            *("server.core.ids.SystemRandom", "server.db.time.DatabaseClock"),
            *("server.db.time.PacedClock", "aiosqlite.", "aiomysql.", "pymysql."),
            # The driver's own connection, made to refuse a database without TLS.
            spared=(*WIRING, "server/db/encrypted.py"),
        ),
    ),
    Ban(
        "network",
        "use a port that the wiring fills and that asserts to be outside a transaction",
        uses_of(
            *("aiohttp.ClientSession", "aiohttp.client.", "aiohttp.request", "redis."),
            *("asyncio.open_connection", "asyncio.open_unix_connection", "socket.socket"),
            *("socket.create_connection", "socket.getaddrinfo", "urllib.request.", "httpx."),
            *("http.client.", "smtplib.", "requests.", "botocore."),
            # The fan-out sends from a task of its own, which a queue feeds after the commit.
            spared=(
                *WIRING,
                "server/chains/",
                "server/files/s3.py",
                "server/http/counts.py",
                "server/http/outside.py",
                "server/http/shared_rate.py",
                "sockets/fanout/",
                "seeds/demo/",
            ),
        ),
    ),
    Ban("commit", "only the unit of work commits: Database.transact", find_commits),
    Ban("emit", "write the event with unit.emit; only the publisher sends", find_emits),
    Ban("sql", "build it in the part's queries.py", find_sql),
    Ban("unchecked-write", "use execute_guarded, or look at the rowcount", find_unchecked_writes),
    Ban("offset", "page by keyset: where the last one ended", find_offsets),
    Ban("float", "money is an integer; divide with // and name the rounding", find_floats),
    Ban("broad-except", "name the exceptions, or let the edge answer", find_broad_excepts),
    Ban("empty-name", "use the domain's own word", find_empty_names),
    Ban("long-file", f"split it, {FILE_LINES_MAX} lines at most", find_long_files),
    Ban("long-function", f"split it, {FUNCTION_LINES_MAX} lines at most", find_long_functions),
    Ban("docstring", "say what it does, its units and its refusals", find_undocumented),
    Ban("matcher", "only server.orders uses the matcher", find_matcher_imports),
)
