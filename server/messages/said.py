"""How a message is written down: in each language its subject and its body."""

from collections.abc import Mapping

Said = Mapping[str, tuple[str, str]]
"""Subject and body by language; words in braces are parameters."""
_NOT_YOU_EN = "If this was not you, reset your password at once and write to our support."
_NOT_YOU_VI = "Nếu không phải bạn, hãy đặt lại mật khẩu ngay và liên hệ bộ phận hỗ trợ."


def notice(en: tuple[str, str], vi: tuple[str, str]) -> Said:
    """What was done in the owner's name, so that he must fear for his password if it was not he."""
    return {
        "en": (en[0], f"{en[1]}\n\n{_NOT_YOU_EN}"),
        "vi": (vi[0], f"{vi[1]}\n\n{_NOT_YOU_VI}"),
    }


def news(en: tuple[str, str], vi: tuple[str, str]) -> Said:
    """What somebody else did, so that nobody need fear for his password."""
    return {"en": en, "vi": vi}
