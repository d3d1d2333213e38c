"""What is said about the recovery of lost second factors, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said, news, notice

RECOVERY_NOTICES: Mapping[str, Said] = {
    "recovery_asked": notice(
        (
            "Somebody says that your second factor is lost",
            (
                "Somebody who knows your password and reads this mailbox asked us to remove every "
                "second factor of your IQX account. Our staff decides not before {ready_at}.\n\n"
                "To stop it, sign in with your second factor, or press Stop where you are"
                " signed in."
            ),
        ),
        (
            "Có người báo mất yếu tố xác thực thứ hai",
            (
                "Có người biết mật khẩu và đọc được hộp thư này yêu cầu gỡ mọi yếu tố xác thực thứ "
                "hai của tài khoản IQX. Nhân viên chỉ quyết định sau {ready_at}.\n\nĐể dừng lại, "
                "hãy đăng nhập bằng yếu tố thứ hai hoặc nhấn Dừng ở nơi bạn đang đăng nhập."
            ),
        ),
    ),
    "recovery_waits": notice(
        (
            "Your second factor will be removed unless you stop it",
            (
                "The request to remove every second factor of your IQX account is still open. Our "
                "staff decides not before {ready_at}.\n\n"
                "To stop it, sign in with your second factor, or press Stop where you are"
                " signed in."
            ),
        ),
        (
            "Yếu tố thứ hai sẽ bị gỡ nếu bạn không dừng lại",
            (
                "Yêu cầu gỡ mọi yếu tố xác thực thứ hai của tài khoản IQX vẫn đang mở. Nhân viên "
                "chỉ quyết định sau {ready_at}.\n\nĐể dừng lại, hãy đăng nhập bằng yếu tố thứ hai "
                "hoặc nhấn Dừng ở nơi bạn đang đăng nhập."
            ),
        ),
    ),
    "recovery_stopped": news(
        (
            "The request about your second factor was stopped",
            (
                "Your second factors stay. Who asked for it knew your password: if that was not "
                "you, change it now."
            ),
        ),
        (
            "Yêu cầu về yếu tố thứ hai đã bị dừng",
            (
                "Các yếu tố xác thực của bạn được giữ nguyên. Người yêu cầu biết mật khẩu của bạn: "
                "nếu không phải bạn, hãy đổi mật khẩu ngay."
            ),
        ),
    ),
    "recovery_refused": news(
        ("Your second factors stay", "We do not remove your second factors: {reason}"),
        (
            "Yếu tố xác thực được giữ nguyên",
            "Chúng tôi không gỡ các yếu tố xác thực thứ hai của bạn: {reason}",
        ),
    ),
    "recovery_expired": news(
        (
            "The request about your second factor has ended",
            "Nothing was decided in time, and your second factors stay. You may ask again.",
        ),
        (
            "Yêu cầu về yếu tố thứ hai đã hết hạn",
            "Yêu cầu không được quyết định kịp và các yếu tố được giữ nguyên. Bạn có thể hỏi lại.",
        ),
    ),
    "factors_recovered": notice(
        (
            "Your second factors were removed",
            (
                "As you asked, every second factor of your IQX account was removed and all "
                "sessions were ended. Sign in with your password and add a new one."
            ),
        ),
        (
            "Các yếu tố xác thực đã được gỡ",
            (
                "Theo yêu cầu, mọi yếu tố xác thực thứ hai của tài khoản IQX đã được gỡ và mọi "
                "phiên đã kết thúc. Hãy đăng nhập bằng mật khẩu và thêm yếu tố mới."
            ),
        ),
    ),
}
RECOVERY_SMS: Mapping[str, Said] = {
    kind: {
        "en": (
            "",
            "IQX: somebody asks to remove your second factor. Not you? Sign in with it.",
        ),
        "vi": (
            "",
            "IQX: co nguoi yeu cau go yeu to thu hai. Khong phai ban? Hay dang nhap bang no.",
        ),
    }
    for kind in ("recovery_asked", "recovery_waits")
}
"""What goes to the verified telephone besides."""
