"""Finds secrets in the tracked files: `make lint` runs it, and `make test` through its test.

Two kinds of finds: shapes that only a secret has (a private key, a signed token, the keys of known
providers), and long values that look random or are given to a name like `password` or `seal_key`.
A value that is meant to be here stands in ALLOWED with the reason why it protects nothing.
"""

import math
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.tidy.tracked import read_texts

SHAPES = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "signed token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "Twilio key": re.compile(r"\b(?:AC|SK)[0-9a-f]{32}\b"),
    "Google key": re.compile(r"\bAIza[\w-]{35}(?![\w-])|\bGOCSPX-[\w-]{20,}"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{40,}"),
    "Slack token": re.compile(r"\bxox[abeprs]-[\w-]{20,}"),
    "Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    "password in an address": re.compile(
        r"\b[a-z][a-z0-9+]*://[^\s/:@'\"{}<>]+:[^\s/@'\"]+@[\w.-]+"
    ),
}
VALUES = {
    "named value": re.compile(
        r"""(?P<name>[\w.-]*(?:secret|password|passwd|passphrase|token|api_?key|seal_?key|sign_?key"""
        r"""|private_?key|credential|mnemonic)[\w.-]*)["']?\]?\s*(?::\s*[\w\[\]| ]+)?\s*[:=]\s*"""
        r"""[fbr]{0,2}["'](?P<value>[^"'\s]{16,})["']""",
        re.IGNORECASE,
    ),
    # The same in settings files, where nothing is quoted.
    "setting": re.compile(
        r"^#?[A-Z][A-Z0-9_]*(?:SECRET|PASSWORD|TOKEN|KEY)[A-Z0-9_]*=(?P<value>\S{16,})$",
        re.MULTILINE,
    ),
    "random value": re.compile(r"""["'](?P<value>[0-9a-f]{40,}|[A-Za-z0-9+/_-]{40,}={0,2})["']"""),
}
# Random base64 of 40 characters has about 4.7 bits a character, random hex 3.8; words have less
# because letters repeat, but long identifiers come near: those must mix letters and digits.
ENTROPY_MIN_BITS = 3.2
CHARS_MIN = 16
FILLED_IN = re.compile(r"\{[^{}]*(?:\}|$)")
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "package-lock.json")


@dataclass(frozen=True)
class Find:
    """What looks like a secret: where it stands, its kind, and the value."""

    path: str
    line: int
    kind: str
    value: str

    def __str__(self) -> str:
        # Only the beginning is shown: the report must not spread what it finds.
        return f"{self.path}:{self.line}: {self.kind} {self.value[:12]}..."


# (part of the value) -> why it may stand in the tree.
ALLOWED: Mapping[str, str] = {
    "development-only-": "keys of a development server; production refuses to start with them",
    "usdt-for-everyone": "password of the seeded people, who exist in development only",
    "a8J2kq0sVbXz5LwN7rTgHyUe3cPdMf41": "a good key of the tests of settings; opens nothing",
    "Qw9eRt7yUi5o": "a second one",
    "m4N6b8V0c2X1z3A5s7D9f-GhJkLqWeRt": "a third one",
    "Zx7cVb3nMq1wEr5tYu9iOp2aSd6fGh4k": "a fourth one",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "the key of Amazon's published example",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41": "its signature",
    "USER:PASSWORD@HOST": "the form of a database address, in words",
    "nobody:nothing@127.0.0.1": "address of a database that is not there, for its test",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz": "the alphabet",
}


def measure_entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    return -sum(
        count / len(value) * math.log2(count / len(value)) for count in Counter(value).values()
    )


def looks_random(value: str) -> bool:
    """Whether letters and digits are mixed as chance does it."""
    digits = sum(letter.isdigit() for letter in value)
    return (
        measure_entropy(value) >= ENTROPY_MIN_BITS
        and digits >= max(2, len(value) // 16)
        and any(letter.isalpha() for letter in value)
    )


def list_finds(path: str, text: str) -> Iterator[Find]:
    """Everything in one file that looks like a secret, allowed or not."""

    def find(kind: str, value: str, at: int) -> Find:
        return Find(path, text.count("\n", 0, at) + 1, kind, value)

    for kind, shape in SHAPES.items():
        for match in shape.finditer(text):
            yield find(kind, match.group(), match.start())
    if path in LOCKS:
        return  # hashes of packages: random, and public
    for kind, pattern in VALUES.items():
        for match in pattern.finditer(text):
            # What is filled in later is no value that stands here.
            stands = FILLED_IN.sub("", match["value"])
            if len(stands) >= CHARS_MIN and (kind != "random value" or looks_random(stands)):
                yield find(kind, match["value"], match.start("value"))


def list_secrets(texts: Mapping[str, str]) -> list[Find]:
    """The finds that nobody has given a reason for, each place once."""
    seen: dict[tuple[str, int], Find] = {}
    for path, text in texts.items():
        for found in list_finds(path, text):
            if not any(part in found.value for part in ALLOWED):
                seen.setdefault((path, found.line), found)
    return list(seen.values())


def main() -> int:
    """Report what was found; exit code 1 when there is anything."""
    texts = read_texts()
    secrets = list_secrets(texts)
    for found in secrets:
        print(found)
    print(f"{len(texts)} files scanned for secrets, {len(secrets)} found")
    return 1 if secrets else 0


if __name__ == "__main__":
    sys.exit(main())
