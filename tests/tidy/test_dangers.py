"""The code keeps away from what turns input into code, commands or broken cryptography."""

import ast
from collections.abc import Iterator

import pytest

from tests.tidy.source import Source, dotted_name
from tests.tidy.test_bans import read_sources

# The seeds are not among them: the demo starts a server of its own.
SERVING = ("server", "models", "sockets")
DANGERS = {
    "other programs": (
        "subprocess",
        "os.system",
        "os.popen",
        "os.exec",
        "os.spawn",
        "os.posix_spawn",
        "os.fork",
        "pty",
        "asyncio.create_subprocess_exec",
        "asyncio.create_subprocess_shell",
        "multiprocessing",
    ),
    "code from text": ("importlib.import_module", "runpy", "code.interact", "codeop", "imp"),
    "formats that make objects": (
        "pickle",
        "cPickle",
        "dill",
        "marshal",
        "shelve",
        "jsonpickle",
        "yaml",
        "xml",
        "lxml",
        "defusedxml",
        "xmlrpc",
        "plistlib",
    ),
    "templates": ("jinja2", "mako", "string.Template", "django"),
    "broken cryptography": (
        "hashlib.md5",
        "hashlib.sha1",
        "hashlib.new",
        "cryptography.hazmat.primitives.ciphers.modes",
        "cryptography.hazmat.primitives.ciphers.algorithms",
        "cryptography.hazmat.primitives.asymmetric.padding",
        "cryptography.hazmat.primitives.hashes.MD5",
        "cryptography.hazmat.primitives.hashes.SHA1",
        "cryptography.hazmat.decrepit",
        "cryptography.fernet",
        "Crypto",
        "Cryptodome",
        "crypt",
    ),
}
REDIRECTS = (
    "Found",
    "SeeOther",
    "MovedPermanently",
    "TemporaryRedirect",
    "PermanentRedirect",
)
BUILTINS = {"eval", "exec", "compile", "__import__"}
PATTERN_CALLS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall"}
# Where a pattern or a form of text is not written on the spot, and whose it is.
OWN_TEXTS = {
    "server/markets/rail_kinds.py": "patterns of payment rails, which the operator configures",
    "server/markets/rail_schema.py": "the same patterns, when their files are read",
    "server/notifications/rendering.py": "forms of a duration, written in the code by language",
    "server/web/texts.py": "sentences for crawlers, written in the code by language",
}


def list_dangers(source: Source, kind: str) -> list[str]:
    """Uses of what `kind` names, each as `path:line: name`."""
    names = [*source.names(), *imported_modules(source)]
    found = [
        f"{source.path}:{line}: {name}"
        for line, name in names
        if any(name == ban or name.startswith(f"{ban}.") for ban in DANGERS[kind])
        or (kind == "other programs" and name.startswith(("os.exec", "os.spawn")))
    ]
    if kind == "code from text":
        found += [
            f"{source.path}:{node.lineno}: {node.func.id}"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in BUILTINS
        ]
    return found


def imported_modules(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def list_made_texts(source: Source) -> list[str]:
    """Patterns and format strings that are not literals or names of constants."""
    found = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        text: ast.AST | None = None
        if node.func.attr in PATTERN_CALLS and dotted_name(node.func).startswith("re."):
            text = node.args[0]
        elif node.func.attr in {"format", "format_map"}:
            text = node.func.value
        if text is not None and not is_written_here(text):
            found.append(f"{source.path}:{node.lineno}: {ast.unparse(node)[:60]}")
    return found


def is_written_here(text: ast.AST) -> bool:
    """Whether a text is a literal, or made of literals, constants and what was escaped."""
    if isinstance(text, ast.BinOp):
        return is_written_here(text.left) and is_written_here(text.right)
    if isinstance(text, ast.Name):
        return text.id.isupper()
    if isinstance(text, ast.Call):
        return dotted_name(text.func) == "re.escape"
    if isinstance(text, ast.JoinedStr):
        return all(
            isinstance(part, ast.Constant)
            or (isinstance(part, ast.FormattedValue) and is_written_here(part.value))
            for part in text.values
        )
    return isinstance(text, ast.Constant)


@pytest.mark.parametrize("kind", [*DANGERS, "patterns and forms made of input"])
def test_code_keeps_away_from(kind):
    sources = read_sources(*SERVING)
    assert len(sources) > 100
    look = list_made_texts if kind not in DANGERS else (lambda source: list_dangers(source, kind))
    found = [each for source in sources if source.path not in OWN_TEXTS for each in look(source)]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("other programs", "import subprocess\nsubprocess.run(['ls'])"),
        ("other programs", "from subprocess import run"),
        ("other programs", "import os\nos.system('ls')"),
        ("other programs", "import os\nos.execvp('ls', [])"),
        ("other programs", "import asyncio\nx = asyncio.create_subprocess_shell('ls')"),
        ("code from text", "eval('1')"),
        ("code from text", "exec(text)"),
        ("code from text", "import importlib\nimportlib.import_module(name)"),
        ("formats that make objects", "import pickle"),
        ("formats that make objects", "from xml.etree import ElementTree"),
        ("formats that make objects", "import yaml\nyaml.load(x)"),
        ("templates", "from string import Template"),
        ("templates", "import jinja2"),
        ("broken cryptography", "import hashlib\nhashlib.md5(b'')"),
        ("broken cryptography", "from hashlib import sha1"),
        ("broken cryptography", "from cryptography.hazmat.primitives.ciphers import modes"),
        ("broken cryptography", "from Crypto.Cipher import AES"),
    ],
)
def test_danger_is_caught(kind, code):
    assert list_dangers(Source.read("server/x.py", code), kind)


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("import re\nre.compile(asked)", True),
        ("import re\nre.search(f'^{asked}$', text)", True),
        ("import re\nre.search('a' + asked, text)", True),
        ("asked.format(x=1)", True),
        ("import re\nre.compile('^a+$')", False),
        ("import re\nre.compile(f'^{LETTERS}+$')", False),
        ("'{}'.format(asked)", False),
    ],
)
def test_pattern_or_form_made_of_input_is_caught(code, caught):
    assert bool(list_made_texts(Source.read("server/x.py", code))) is caught


def test_each_text_of_our_own_still_needs_its_reason():
    sources = {source.path: source for source in read_sources(*SERVING)}
    assert [path for path in OWN_TEXTS if not list_made_texts(sources[path])] == []


def test_only_redirect_leads_to_our_own_page():
    found = [
        f"{source.path}: {ast.unparse(value)}"
        for source in read_sources(*SERVING)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "Location"
    ]
    assert found == ["server/http/docs.py: '/api/docs'"]
    thrown = {name for source in read_sources(*SERVING) for _, name in source.names()}
    assert not thrown & {f"aiohttp.web.HTTP{kind}" for kind in REDIRECTS}
