"""What notices about the safety of an account say in a text message."""

import unicodedata
from collections.abc import Mapping

from server.messages.said import NOT_YOU, TAKEN_OVER, Said
from server.messages.texts import (
    NOTICES,
    OTHER_NOTICE,
    SMS_NOTICES,
    Text,
    fill_text,
    write_notice,
)

SMS_NOTICE: Said = {
    "en": ("", "IQX: {subject}. If this was not you, write to our support at once."),
    "vi": ("", "IQX: {subject}. Neu khong phai ban, hay lien he bo phan ho tro ngay."),
}
"""Without accents, as codes are."""
_ADVICE = (NOT_YOU[0], TAKEN_OVER[0])


def is_about_safety(kind: str) -> bool:
    """Whether a notice tells what a thief may have done."""
    return NOTICES.get(kind, OTHER_NOTICE)["en"][1].endswith(_ADVICE)


def write_short_notice(kind: str, language: str, params: Mapping[str, str]) -> Text:
    """The text message that tells what happened."""
    if kind in SMS_NOTICES:
        return fill_text(SMS_NOTICES[kind], language)
    subject = write_notice(kind, language, params).subject
    letters = unicodedata.normalize("NFD", subject.replace("đ", "d").replace("Đ", "D"))
    plain = letters.encode("ascii", "ignore").decode()
    return fill_text(SMS_NOTICE, language, subject=plain)
