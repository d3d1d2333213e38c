"""What messages say, in English and Vietnamese."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.messages.export_texts import EXPORT_NOTICES
from server.messages.key_texts import KEY_NOTICES
from server.messages.recovery_texts import RECOVERY_NOTICES, RECOVERY_SMS
from server.messages.said import TAKEN_OVER, Said
from server.messages.said import news as _news
from server.messages.said import notice as _notice
from server.messages.trade_texts import TRADE_NOTICES
from server.messages.trust_texts import TRUST_NOTICES

LANGUAGE_DEFAULT = "en"
PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Text:
    """A message as it is read."""

    subject: str
    body: str


_CODE_EN = (
    "{code} is your IQX code. It is good for 10 minutes and for one thing: {purpose}.\n\n"
    "Nobody at IQX will ever ask you for it. If you did not ask for it, do nothing."
)
_CODE_VI = (
    "{code} là mã IQX của bạn. Mã có hiệu lực 10 phút và chỉ dùng để: {purpose}.\n\n"
    "Nhân viên IQX không bao giờ hỏi mã này. Nếu bạn không yêu cầu mã, hãy bỏ qua tin này."
)

PURPOSES: Mapping[str, Mapping[str, str]] = {
    "verify_email": {
        "en": "to confirm this e-mail address",
        "vi": "xác nhận địa chỉ e-mail này",
    },
    "change_email": {
        "en": "to make this the e-mail address of an account",
        "vi": "đổi e-mail của tài khoản sang địa chỉ này",
    },
    "change_phone": {
        "en": "to make this the telephone number of an account",
        "vi": "đổi số điện thoại của tài khoản sang số này",
    },
    "verify_phone": {
        "en": "to confirm this telephone number",
        "vi": "xác nhận số điện thoại này",
    },
    "recover_email": {
        "en": "to say that you have lost your second factor",
        "vi": "báo mất yếu tố xác thực thứ hai",
    },
    "recover_phone": {
        "en": "to say that you have lost your second factor",
        "vi": "báo mất yếu tố xác thực thứ hai",
    },
}

MAIL_CODE: Said = {
    "en": ("Your IQX code", _CODE_EN),
    "vi": ("Mã IQX của bạn", _CODE_VI),
}
RESET: Said = {
    "en": (
        "Set a new password",
        (
            "Open this link within 30 minutes to set a new password for your IQX account:\n\n"
            "{link}\n\nIf you did not ask for it, do nothing: your password stays as it is."
        ),
    ),
    "vi": (
        "Đặt mật khẩu mới",
        (
            "Mở liên kết này trong vòng 30 phút để đặt mật khẩu mới cho tài khoản IQX:\n\n"
            "{link}\n\nNếu bạn không yêu cầu, hãy bỏ qua: mật khẩu của bạn không thay đổi."
        ),
    ),
}
SMS_CODE: Said = {
    "en": ("", "{code} is your IQX code, good for 10 minutes. Never give it to anybody."),
    "vi": ("", "{code} la ma IQX cua ban, co hieu luc 10 phut. Khong dua ma cho bat ky ai."),
}
"""Without accents: one text message instead of two or three."""


NOTICES: Mapping[str, Said] = {
    "password_changed": _notice(
        ("Your password was changed", "The password of your IQX account was changed."),
        ("Mật khẩu đã được đổi", "Mật khẩu tài khoản IQX của bạn đã được đổi."),
    ),
    "password_reset": _notice(
        (
            "Your password was reset",
            (
                "The password of your IQX account was set anew by a link that was mailed to you. "
                "All sessions were ended."
            ),
        ),
        (
            "Mật khẩu đã được đặt lại",
            "Mật khẩu tài khoản IQX đã được đặt lại qua e-mail và mọi phiên đã kết thúc.",
        ),
    ),
    "email_changed": _notice(
        (
            "Your e-mail address was changed",
            "Another e-mail address was put into your IQX account. This one signs in no more.",
        ),
        (
            "Địa chỉ e-mail đã được đổi",
            "Tài khoản IQX của bạn đã đổi sang e-mail khác. Địa chỉ này không đăng nhập được nữa.",
        ),
        TAKEN_OVER,
    ),
    "phone_changed": _notice(
        (
            "Your telephone number was changed",
            "Another telephone number was put into your IQX account.",
        ),
        ("Số điện thoại đã được đổi", "Tài khoản IQX của bạn đã đổi sang số điện thoại khác."),
        TAKEN_OVER,
    ),
    "phone_confirmed": _notice(
        (
            "A telephone number was confirmed",
            "A telephone number was confirmed for your IQX account. It signs in as your address.",
        ),
        (
            "Số điện thoại đã được xác nhận",
            "Một số điện thoại đã được xác nhận cho tài khoản IQX và có thể dùng để đăng nhập.",
        ),
    ),
    "address_tried": _news(
        (
            "Somebody tried to use your address",
            (
                "Somebody tried to open an account with your e-mail address, or to put your "
                "address or number into another account. Nothing changed. If it was you, sign in "
                "to the account that you have, or reset its password."
            ),
        ),
        (
            "Có người thử dùng địa chỉ của bạn",
            (
                "Có người thử mở tài khoản bằng e-mail của bạn, hoặc dùng e-mail hay số điện thoại "
                "của bạn cho tài khoản khác. Không có gì thay đổi. Nếu là bạn, hãy đăng nhập vào "
                "tài khoản đang có hoặc đặt lại mật khẩu."
            ),
        ),
    ),
    "new_device": _notice(
        (
            "A sign-in on a new device",
            "Somebody signed in to your IQX account on a new device: {device}.",
        ),
        (
            "Đăng nhập trên thiết bị mới",
            "Tài khoản IQX của bạn vừa được đăng nhập trên thiết bị mới: {device}.",
        ),
    ),
    "totp_added": _notice(
        ("An authenticator app was added", "An authenticator app was added to your IQX account."),
        ("Đã thêm ứng dụng xác thực", "Tài khoản IQX của bạn có thêm một ứng dụng xác thực."),
    ),
    "totp_removed": _notice(
        (
            "Your authenticator app was removed",
            "The authenticator app was removed from your IQX account.",
        ),
        ("Đã gỡ ứng dụng xác thực", "Ứng dụng xác thực đã được gỡ khỏi tài khoản IQX của bạn."),
    ),
    "passkey_added": _notice(
        ("A passkey was added", "A passkey was added to your IQX account."),
        ("Đã thêm khóa truy cập", "Tài khoản IQX của bạn có thêm một khóa truy cập."),
    ),
    "passkey_removed": _notice(
        ("A passkey was removed", "A passkey was removed from your IQX account."),
        ("Đã gỡ khóa truy cập", "Một khóa truy cập đã được gỡ khỏi tài khoản IQX của bạn."),
    ),
    "passkey_copied": _notice(
        (
            "A passkey may have been copied",
            "A passkey of your IQX account was used as only a copy could be. It was refused.",
        ),
        (
            "Khóa truy cập có thể đã bị sao chép",
            "Một khóa truy cập của tài khoản IQX có dấu hiệu bị sao chép và đã bị từ chối.",
        ),
    ),
    "recovery_codes_made": _notice(
        ("New recovery codes", "New recovery codes were made for your IQX account."),
        ("Mã khôi phục mới", "Tài khoản IQX của bạn có bộ mã khôi phục mới."),
    ),
    "recovery_code_used": _notice(
        ("A recovery code was used", "A recovery code of your IQX account was used."),
        ("Một mã khôi phục đã được dùng", "Một mã khôi phục của tài khoản IQX đã được dùng."),
    ),
    "second_factor_locked": _notice(
        (
            "Too many wrong codes",
            "Wrong codes were given for your IQX account so often that none is accepted for now.",
        ),
        ("Quá nhiều mã sai", "Mã sai được nhập quá nhiều lần nên tạm thời không nhận mã nào."),
    ),
    "session_ended_for_safety": _notice(
        (
            "A session was ended for your safety",
            "A session of your IQX account was ended, because its secret was used twice.",
        ),
        (
            "Một phiên đã bị kết thúc",
            "Một phiên của tài khoản IQX đã bị kết thúc vì khóa phiên bị dùng hai lần.",
        ),
    ),
    "account_closed": _notice(
        ("Your account is closed", "Your IQX account was closed as you asked."),
        ("Tài khoản đã đóng", "Tài khoản IQX của bạn đã được đóng theo yêu cầu."),
    ),
    "sessions_ended_by_staff": _notice(
        (
            "You were signed out everywhere",
            "Our staff ended every session of your IQX account. Sign in again to go on.",
        ),
        (
            "Bạn đã bị đăng xuất khỏi mọi thiết bị",
            "Nhân viên IQX đã kết thúc mọi phiên của tài khoản bạn. Hãy đăng nhập lại để tiếp tục.",
        ),
    ),
    "account_frozen": _news(
        (
            "Your account is frozen",
            (
                "Your IQX account is being looked at and is frozen for now: nothing is ordered or "
                "released. Your balance stays yours and can be read. Our support tells you more."
            ),
        ),
        (
            "Tài khoản bị tạm khóa",
            (
                "Tài khoản IQX của bạn đang được xem xét và tạm khóa: không thể đặt lệnh hay giải "
                "phóng. Số dư vẫn là của bạn và vẫn xem được. Bộ phận hỗ trợ sẽ cho biết thêm."
            ),
        ),
    ),
    "account_unfrozen": _news(
        ("Your account is open again", "Your IQX account is frozen no more."),
        ("Tài khoản đã được mở lại", "Tài khoản IQX của bạn không còn bị tạm khóa."),
    ),
    "kyc_approved": _news(
        ("You are verified", "Your IQX account has verification level {level} now."),
        ("Xác minh thành công", "Tài khoản IQX của bạn đã đạt cấp xác minh {level}."),
    ),
    "kyc_rejected": _news(
        (
            "Your verification was refused",
            "We could not verify you for level {level}: {reason}\n\nYou may apply again.",
        ),
        (
            "Xác minh chưa được chấp nhận",
            "Chúng tôi chưa thể xác minh bạn ở cấp {level}: {reason}\n\nBạn có thể nộp lại.",
        ),
    ),
    "kyc_more_asked": _news(
        (
            "Your verification needs something more",
            "For level {level} we need something more from you: {reason}",
        ),
        (
            "Cần bổ sung hồ sơ xác minh",
            "Để xác minh cấp {level}, chúng tôi cần bạn bổ sung: {reason}",
        ),
    ),
    "kyc_expires_soon": _news(
        (
            "Your document expires soon",
            (
                "The document that you were verified with for level {level} expires soon. "
                "Send a new one in time."
            ),
        ),
        (
            "Giấy tờ sắp hết hạn",
            (
                "Giấy tờ dùng để xác minh cấp {level} của bạn sắp hết hạn. "
                "Hãy gửi giấy tờ mới đúng hạn."
            ),
        ),
    ),
    "kyc_expired": _news(
        (
            "Your document has expired",
            (
                "The document that you were verified with for level {level} has expired. "
                "Send a new one."
            ),
        ),
        (
            "Giấy tờ đã hết hạn",
            "Giấy tờ dùng để xác minh cấp {level} của bạn đã hết hạn. Hãy gửi giấy tờ mới.",
        ),
    ),
    **EXPORT_NOTICES,
    **RECOVERY_NOTICES,
    **TRUST_NOTICES,
    **KEY_NOTICES,
    **TRADE_NOTICES,
    "role_taken_in_emergency": _news(
        (
            "A role was taken in an emergency",
            (
                "Somebody on the staff took the role {role} for a short time, with a reason. "
                "Look at it in the administration."
            ),
        ),
        (
            "Một vai trò vừa được nhận khẩn cấp",
            (
                "Một nhân viên vừa nhận vai trò {role} trong thời gian ngắn và đã nêu lý do. "
                "Hãy xem trong trang quản trị."
            ),
        ),
    ),
}
"""What owners are told, by the kind of the notice."""
SMS_NOTICES: Mapping[str, Said] = RECOVERY_SMS
"""Notices that go to the verified telephone, too; without accents, in one text message each."""
OTHER_NOTICE: Said = _notice(
    ("A change of your account", "Something about your IQX account changed. Sign in to see what."),
    ("Tài khoản có thay đổi", "Tài khoản IQX của bạn vừa có thay đổi. Hãy đăng nhập để xem."),
)
"""For kinds that have no text of their own."""


def fill_text(said: Said, language: str, **params: str) -> Text:
    """A message in a language, or in English where we do not speak it."""
    subject, body = said.get(language.partition("-")[0]) or said[LANGUAGE_DEFAULT]
    return Text(_fill(subject, params), _fill(body, params))


def _fill(text: str, params: Mapping[str, str]) -> str:
    # In one pass: what a parameter says is never read as a place to fill.
    return PLACE.sub(lambda place: params[place[1]], text)


def write_code(said: Said, language: str, code: str, purpose: str) -> Text:
    """The message that carries a code."""
    named = PURPOSES[purpose]
    told = named.get(language.partition("-")[0]) or named[LANGUAGE_DEFAULT]
    return fill_text(said, language, code=code, purpose=told)


def write_notice(kind: str, language: str, params: Mapping[str, str]) -> Text:
    """The mail that tells what happened."""
    return fill_text(NOTICES.get(kind, OTHER_NOTICE), language, **params)
