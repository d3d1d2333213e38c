"""Text as rules read it: without disguise, with the way back to what was written. Pure.

Letters that look alike, spaced-out words, zero-width characters and digits for letters are undone,
each character keeping the place in the text that it came from.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0442\u043c\u043a\u043d\u0432"
    "\u0501\u051b\u051d\u03b1\u03bf\u03c1\u03b9\u03bd\u03c4\u03ba\u03c5\u03c7\u0131\u0261",
    "aeopcyxijstmknbdqwaopivtkuxig",
)
"""Letters of Cyrillic, Greek and Latin extensions that are drawn like Latin ones."""
_DIGITS_AS_LETTERS = str.maketrans("013457$@!", "oieastsai")
_LETTERS = {"\u0111": "d", "\u00f8": "o", "\u0142": "l", "\u00df": "ss", "\u00e6": "ae"}
"""What is not taken apart by Unicode."""
_WORD = re.compile(r"[^\s.,:;()\[\]{}<>\"'/\\?|*_-]+")
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_*|/,\u00b7~+]{1,2}){2,}\w(?!\w)")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with the place of each character in what was written."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of what was written that a part of the folded text came from."""
        return self.places[start], self.places[end - 1] + 1


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """One character in small letters without marks; nothing for what is not seen."""
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    parts = unicodedata.normalize("NFKD", character).casefold()
    return "".join(
        _LETTERS.get(part, part)
        for part in parts
        if unicodedata.category(part) not in ("Cf", "Mn", "Me")
    )


def fold(text: str) -> Folded:
    """The text in small letters without marks and without what is not seen."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for part in fold_character(character):
            letters.append(part)
            places.append(place)
    return Folded("".join(letters), tuple(places))


def undisguise(folded: Folded) -> Folded:
    """The text with lookalikes and digits in words read as the Latin letters they stand for."""
    letters = list(folded.text)
    for word in _WORD.finditer(folded.text):
        written = word.group()
        if not any("a" <= letter <= "z" for letter in written):
            continue
        plain = written.translate(_LOOKALIKES)
        if sum(letter.isalpha() for letter in plain) * 2 >= len(plain):
            plain = plain.translate(_DIGITS_AS_LETTERS)
        letters[word.start() : word.end()] = plain
    return Folded("".join(letters), folded.places)


def squeeze(folded: Folded) -> Folded:
    """The text with words put together that were written letter by letter."""
    dropped: set[int] = set()
    for run in _SPACED.finditer(folded.text):
        dropped |= {
            place for place in range(run.start(), run.end()) if not folded.text[place].isalnum()
        }
    kept = [place for place in range(len(folded.text)) if place not in dropped]
    return Folded(
        "".join(folded.text[place] for place in kept),
        tuple(folded.places[place] for place in kept),
    )
