"""Names of people: whether two spellings are one name, and the name that was found true."""

import enum
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.db import Unit
from server.identity import account_queries as queries
from server.identity.sealing import Sealer

NAME_CHARS_MAX = 120
WORDS_MIN = 2
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "ong", "ba"})
"""Words before a name that are none of it; kept where nothing else would be left of two words."""
_LETTERS = {
    "đ": "d", "ð": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ı": "i",
    "ə": "e", "ŋ": "ng", "ħ": "h",
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ye", "ё": "e",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "yu", "я": "ya",
}  # fmt: skip
"""Letters that do not come apart into a plain letter and a mark, and those of Cyrillic."""
_WORD = re.compile(r"[^\W\d_]+")


class NameCheck(enum.StrEnum):
    """How a name agrees with the one that was found true."""

    UNKNOWN = "unknown"
    """One of the two is not known."""
    AGREES = "agrees"
    DIFFERS = "differs"


def split_name(name: str) -> tuple[str, ...]:
    """The words of a name in plain letters: without case, marks, punctuation and titles.

    `Nguyễn Văn Đức` and `NGUYEN VAN DUC` have the same words.
    """
    # Marks are taken off before letters are looked up, and again from what has none of its own.
    composed = unicodedata.normalize("NFKC", name).casefold()
    plain = []
    for letter in composed:
        known = _LETTERS.get(letter)
        if known is None:
            bare = (
                one
                for one in unicodedata.normalize("NFKD", letter)
                if not unicodedata.combining(one)
            )
            known = "".join(_LETTERS.get(one, one) for one in bare)
        plain.append(known)
    # O'Brien is one word with and without its mark.
    text = re.sub(r"['’ʼ`]", "", "".join(plain))
    words = _WORD.findall(text)
    while len(words) > WORDS_MIN and words[0] in TITLES:
        words = words[1:]
    return tuple(words)


def is_same_name(legal: str, given: str) -> bool:
    """Whether `given` is the person of `legal`, whatever the order, marks, case and spaces.

    Middle words may be left out, as banks do, the first and the last may not. A letter more or
    less is another name.
    """
    known, said = split_name(legal), split_name(given)
    if not known or not said:
        return False
    if sorted(known) == sorted(said) or "".join(known) == "".join(said):
        return True
    if len(said) < WORDS_MIN or len(said) >= len(known):
        return False
    left = list(known)
    for word in said:
        if word not in left:
            return False
        left.remove(word)
    return {known[0], known[-1]} <= set(said)


def check_name(legal: str | None, given: str | None) -> NameCheck:
    """How a given name agrees with the true one, where both are known."""
    if legal is None or given is None:
        return NameCheck.UNKNOWN
    return NameCheck.AGREES if is_same_name(legal, given) else NameCheck.DIFFERS


def find_holder(rail_fields: Any, details: Mapping[str, str]) -> str | None:
    """The holder's name in an account's details; not every rail has one."""
    names = (each["name"] for each in rail_fields if each["kind"] == "name")
    return next((details[name] for name in names if name in details), None)


def legal_name_context(user_id: UUID) -> str:
    """What a sealed legal name is bound to."""
    return f"legal_name:{user_id}"


async def find_legal_name(
    reader: AsyncConnection | Unit, sealer: Sealer, user_id: UUID
) -> str | None:
    """The name of a user that was found true."""
    sealed = (await reader.execute(queries.legal_name_of(user_id))).scalar()
    if sealed is None:
        return None
    return sealer.open_sealed(bytes(sealed), legal_name_context(user_id)).decode()
