"""Addresses in a text, and what is wrong with them. Pure."""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass

from server.chat import phrase_rules as rules
from server.chat.folding import Folded

_SCHEMES = re.compile(r"\b(?:javascript|vbscript|data|file|intent|market|hxxps?|ftp) ?:(?=\S)")
_TAG = re.compile(r"<\s*(?:a|script|img|iframe|svg|form|object|embed|link|meta)\b")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']+|(?<![\w@.-])(?:[^\W_][\w-]*\.)+[a-z]{2,}\b[^\s<>\"']*"
)
_HIDDEN_DOT = re.compile(
    r"\b[\w-]{2,} ?(?:\[ ?(?:\.|dot) ?\]|\( ?(?:\.|dot) ?\)| dot ) ?"
    r"(?:com|net|org|io|top|xyz|vn|help)\b"
)
_ON_HANDLE = re.compile(r"(?:@|[(\[] ?at ?[)\]]) ?[\w.-]*$")


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text."""

    span: tuple[int, int]
    """Where in what was written."""
    unsafe: bool
    talks: bool
    """It leads to a place to talk elsewhere."""


def find_links(folded: Folded, plain: Folded) -> list[Link]:
    """The addresses of a text; `plain` is the same without disguise, letter by letter."""
    text = folded.text
    links = [
        Link(folded.span(*found.span()), unsafe=True, talks=False)
        for pattern in (_SCHEMES, _TAG, _HIDDEN_DOT)
        for found in pattern.finditer(text)
        if not _is_mail(text, found)
    ]
    for found in _ADDRESS.finditer(text):
        written = found.group().rstrip(".,;:!?)]}")
        host, path = _split(written)
        if not _is_address(written, host, path) or _is_mail(text, found):
            continue
        span = folded.span(found.start(), found.start() + len(written))
        undisguised = plain.text[found.start() : found.start() + len(written)]
        talks = host.removeprefix("www.") in rules.TALKING_SITES
        links.append(Link(span, unsafe=_is_unsafe(written, host, path, undisguised), talks=talks))
    return links


def _is_mail(text: str, found: re.Match[str]) -> bool:
    """Whether an address is the end of a mail address, written out or not."""
    before = text[max(0, found.start() - 60) : found.start()]
    if _ON_HANDLE.search(before) and "//" not in found.group():
        return True
    return " dot " in found.group() and " at " in text[max(0, found.start() - 20) : found.end()]


def _split(written: str) -> tuple[str, str]:
    """Host, with whoever stands before it, and what follows."""
    rest = written.partition("://")[2] if "://" in written else written
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return host, rest[len(host) :]


def _is_address(written: str, host: str, path: str) -> bool:
    if written.startswith(("http://", "https://", "www.")):
        return True
    if "@" in host and len(path) < 2:
        return False  # a mail address
    labels = host.partition(":")[0].split(".")
    if len(labels) < 2 or not any(character.isalpha() for character in labels[-2]):
        return False
    known = rules.TOP_LEVELS_WITH_PATH if len(path) > 1 else rules.TOP_LEVELS
    return labels[-1] in known


def _is_unsafe(written: str, host: str, path: str, undisguised: str) -> bool:
    """Whether an address hides where it leads, pretends to be another, or is a program."""
    name = host.rpartition("@")[2].partition(":")[0]
    plain_host = _split(undisguised)[0]
    return (
        "@" in host
        or _is_number(name)
        or "xn--" in name
        or any(_mixes_scripts(label) for label in name.split("."))
        or name.removeprefix("www.") in rules.SHORTENERS
        or any(brand in part for brand in rules.BRAND for part in (name, plain_host))
        or path.partition("?")[0].endswith(rules.PROGRAMS)
        or name.endswith((".zip", ".mov"))
        or "javascript:" in written
    )


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _mixes_scripts(label: str) -> bool:
    """Whether a name has letters of two alphabets that look alike."""
    scripts = {
        unicodedata.name(character, "").partition(" ")[0]
        for character in label
        if character.isalpha()
    }
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1
