"""What a public comment may say: no links, no contacts, no numbers of accounts. Pure.

Spellings are undone first, so that a dot written as a word or a digit of another script hides
nothing.
"""

import re
import unicodedata

DIGITS_MAX = 6
"""More digits than this, whatever stands between them, are a number of somebody."""
_DOT = re.compile(r"(?i)\s*[(\[{]?\s*\b(?:dot|punto|chấm|cham)\b\s*[)\]}]?\s*")
_AT = re.compile(r"(?i)\s*[(\[{]\s*(?:at|a còng)\s*[)\]}]\s*")
_LINK = re.compile(
    r"(?i)(?:https?|ftp|tg)\s*:|www\s*\.|@\w|\b[\w-]{1,60}\.(?:com|net|org|info|biz|io|me|app|"
    r"xyz|site|shop|top|link|online|vn|ru|cn|co|in|id|ng|ke|br|tr|th|ph|uk|us|eu|de|fr)\b"
)
_CONTACT = re.compile(
    r"(?i)\b(?:telegram|whats\s*app|zalo|viber|wechat|signal|messenger|facebook|fb|instagram|"
    r"discord|skype|line\s*id)\b"
)
_INVISIBLE = ("Cc", "Cf", "Co", "Cs")


def clean_comment(comment: str) -> str:
    """The comment on one line, without what is not seen."""
    plain = unicodedata.normalize("NFKC", comment)
    seen = (" " if letter in "\r\n\t" else letter for letter in plain)
    kept = (letter for letter in seen if unicodedata.category(letter) not in _INVISIBLE)
    return " ".join("".join(kept).split())


def is_decent(comment: str) -> bool:
    """Whether a cleaned comment names no link, contact or number."""
    spelled = _AT.sub("@", _DOT.sub(".", comment))
    digits = "".join(letter for letter in spelled if letter.isdigit())
    return not (_LINK.search(spelled) or _CONTACT.search(spelled) or len(digits) > DIGITS_MAX)
