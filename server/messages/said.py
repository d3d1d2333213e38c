"""How a message is written down: in each language its subject and its body."""

from collections.abc import Mapping

Said = Mapping[str, tuple[str, str]]
"""Subject and body by language; words in braces are parameters."""
NOT_YOU = (
    "If this was not you, reset your password at once and write to our support.",
    "Nếu không phải bạn, hãy đặt lại mật khẩu ngay và liên hệ bộ phận hỗ trợ.",
)
"""What to do, in English and Vietnamese."""
TAKEN_OVER = (
    (
        "If this was not you, write to our support at once. Other sessions were ended, and no "
        "money leaves the account for 24 hours. Until then we go on writing to you here."
    ),
    (
        "Nếu không phải bạn, hãy liên hệ bộ phận hỗ trợ ngay. Các phiên khác đã kết thúc và không "
        "có tiền nào rời tài khoản trong 24 giờ. Chúng tôi vẫn tiếp tục báo cho bạn tại đây."
    ),
)
"""What to do when a link to the old address would come too late."""


def notice(en: tuple[str, str], vi: tuple[str, str], advice: tuple[str, str] = NOT_YOU) -> Said:
    """What was done in the owner's name, so that he must fear for his password if it was not he."""
    return {
        "en": (en[0], f"{en[1]}\n\n{advice[0]}"),
        "vi": (vi[0], f"{vi[1]}\n\n{advice[1]}"),
    }


def news(en: tuple[str, str], vi: tuple[str, str]) -> Said:
    """What somebody else did, so that nobody need fear for his password."""
    return {"en": en, "vi": vi}
