"""Scripts of our pages build no markup from text, keep nothing, and hear no other window."""

import re

import pytest

from tests.services import ROOT
from tests.tidy.tracked import list_tracked

# Tests and tools run in Node; everything else that is a script runs in somebody's browser.
NOT_BROWSERS = (
    "tests/", "tools/", "contract/ts/tests/", "contract/ts/live/",
    "webapp/tools/", "webapp/src/test/",
)  # fmt: skip
TESTS = (".test.ts", ".test.tsx")
# The only files that may, each for one kind. Tastes, the mark of a known device and a hint that
# somebody is signed in are kept in one place; the service worker keeps files of the build; tabs of
# our own origin tell each other of sign-ins over a channel that no other origin hears.
MAY = {
    "storage": {"webapp/src/api/storage.ts", "webapp/src/sw/worker.ts"},
    "messages of other windows": {
        "webapp/src/api/tabs.ts", "webapp/src/app/updates.ts", "webapp/src/sw/worker.ts",
    },
}  # fmt: skip
SCRIPTS = (".js", ".mjs", ".ts", ".tsx", ".jsx")
BANNED = {
    "markup from text": re.compile(
        r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML"
        r"|createContextualFragment|\bsrcdoc\b|DOMParser"
    ),
    "code from text": re.compile(r"\beval\(|new Function\(|set(?:Timeout|Interval)\(\s*[\"'`]"),
    "messages of other windows": re.compile(
        r"postMessage|\bonmessage\b|addEventListener\(\s*[\"'`]message[\"'`]"
    ),
    "storage": re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\."),
    "prototypes": re.compile(r"__proto__|\.prototype\b|\bfor\s*\([^)]*\bin\b|Object\.assign\("),
    "plug-ins": re.compile(r"<(?:object|embed|applet)\b", re.IGNORECASE),
}


def read_scripts() -> dict[str, str]:
    return {
        name: (ROOT / name).read_text()
        for name in list_tracked()
        if name.endswith(SCRIPTS) and not name.endswith(TESTS) and not name.startswith(NOT_BROWSERS)
    }


@pytest.mark.parametrize("kind", BANNED)
def test_scripts_of_pages_keep_away_from(kind):
    scripts = read_scripts()
    assert "server/http/static/docs.js" in scripts
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in scripts.items()
        if name not in MAY.get(kind, ())
        for match in BANNED[kind].finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("markup from text", "box.innerHTML = name;"),
        ("markup from text", "<p dangerouslySetInnerHTML={{ __html: name }} />"),
        ("markup from text", "document.write(name);"),
        ("code from text", "eval(name);"),
        ("code from text", 'setTimeout("run()", 5);'),
        ("messages of other windows", 'window.addEventListener("message", hear);'),
        ("messages of other windows", "parent.postMessage(token, '*');"),
        ("storage", 'localStorage.setItem("token", token);'),
        ("storage", "document.cookie = name;"),
        ("prototypes", "for (const key in asked) known[key] = asked[key];"),
        ("prototypes", "Object.assign(known, asked);"),
        ("prototypes", 'known["__proto__"]'),
        ("plug-ins", "<object data='x.swf'>"),
    ],
)
def test_offending_line_is_caught(kind, line):
    assert BANNED[kind].search(line)
