"""Matching has no idea of the present: time reaches it as standings and commands."""

import ast
from pathlib import Path

import server.matching

FORBIDDEN = frozenset({"time", "datetime", "asyncio", "calendar", "sched", "server.core.clock"})


def list_imports(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_matching_imports_no_clock():
    files = list(Path(server.matching.__file__).parent.glob("*.py"))
    assert len(files) > 10
    found = {
        (file.name, name)
        for file in files
        for name in list_imports(file.read_text())
        if name in FORBIDDEN
    }
    assert found == set()


def test_import_of_a_clock_is_seen():
    text = "import time\nfrom datetime import datetime\nfrom server.core import clock\n"
    assert len(FORBIDDEN & set(list_imports(text))) == 3
