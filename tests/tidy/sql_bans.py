"""The bans on SQL outside its place: who builds it, commits, checks what was written, and pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.tidy.source import Source, dotted_name

LANE_STORES = ("server/orders/lane/mariadb_store.py", "server/orders/lane/sqlite_store.py")
LANE_QUERIES = (
    *LANE_STORES,
    "server/orders/lane/lease.py",
    "server/orders/lane/living.py",
    "server/orders/lane/loading.py",
)


def find_commits(source: Source) -> Iterator[tuple[int, str]]:
    if source.lies_in("server/db/", *LANE_STORES):
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ):
            yield node.lineno, "commit()"
        elif isinstance(node, ast.Constant) and str(node.value).strip().upper() == "COMMIT":
            yield node.lineno, "COMMIT"


def find_emits(source: Source) -> Iterator[tuple[int, str]]:
    if source.lies_in("sockets/", "server/db/"):
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "emit"
            and dotted_name(node.func.value).rpartition(".")[2] != "unit"
        ):
            yield node.lineno, f"{ast.unparse(node.func)}()"


BUILDERS = frozenset(
    {
        *("select", "insert", "update", "delete", "text", "union", "union_all", "exists"),
        *("literal", "func", "case", "and_", "or_", "table", "column"),
    }
)
SQL_TEXT = re.compile(
    r"\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s)", re.IGNORECASE
)


def find_sql(source: Source) -> Iterator[tuple[int, str]]:
    path = PurePosixPath(source.path)
    if source.lies_in("server/db/", "models/") or "queries" in path.parts:
        return
    if path.name.endswith("queries.py") or source.lies_in(*LANE_QUERIES):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            for alias in node.names:
                if alias.name in BUILDERS:
                    yield node.lineno, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in ("sqlalchemy", "aiomysql", "sqlite3"):
                    yield node.lineno, alias.name
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and SQL_TEXT.match(node.value)
        ):
            yield node.lineno, "SQL in a string"


WRITES = re.compile(r"^(update|use|end|close|answer|set|resolve|release|contest|take|extend)_")


def find_unchecked_writes(source: Source) -> Iterator[tuple[int, str]]:
    """Writes of known rows of which nobody asks how many rows they touched."""
    if source.lies_in("server/db/", *LANE_STORES):
        return
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Await)):
            continue
        call = node.value.value
        if not (isinstance(call, ast.Call) and dotted_name(call.func).endswith(".execute")):
            continue
        for query in call.args[:1]:
            if isinstance(query, ast.Call):
                name = dotted_name(query.func).rpartition(".")[2]
                if WRITES.match(name):
                    yield node.lineno, f"{name}() with its count thrown away"


def find_offsets(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "offset"
        ):
            yield node.lineno, "offset()"
        elif isinstance(node, ast.Constant) and OFFSET.search(str(node.value)):
            yield node.lineno, "OFFSET"


OFFSET = re.compile(r"\bOFFSET\b|\bLIMIT\s+\S+\s*,")
