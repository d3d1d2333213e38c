"""What is said about sanctions and held trades, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said, news

_READ = (
    "Read why under Sanctions in your IQX account; there you can appeal once.",
    "Xem lý do trong mục Xử phạt của tài khoản IQX; bạn có thể khiếu nại một lần tại đó.",
)


def _sanction(en: str, vi: str) -> Said:
    return news(
        ("A sanction was placed on your account", f"{en}\n\n{_READ[0]}"),
        ("Tài khoản của bạn bị xử phạt", f"{vi}\n\n{_READ[1]}"),
    )


TRUST_NOTICES: Mapping[str, Said] = {
    "warned": news(
        ("You were warned", f"Our staff has warned you. Nothing is blocked.\n\n{_READ[0]}"),
        ("Bạn bị cảnh cáo", f"Nhân viên đã cảnh cáo bạn. Không có gì bị chặn.\n\n{_READ[1]}"),
    ),
    "sanctioned_no_taking": _sanction(
        "You cannot take orders until {until}.", "Bạn không thể nhận lệnh {until}."
    ),
    "sanctioned_no_resting": _sanction(
        "Your orders do not rest on the market until {until}.",
        "Lệnh của bạn không được chờ trên thị trường đến {until}.",
    ),
    "sanctioned_limits_lowered": _sanction(
        "Your limit of 24 hours is lowered until {until}.",
        "Hạn mức 24 giờ của bạn bị giảm {until}.",
    ),
    "sanctioned_closed": _sanction(
        "Your account is closed for trading until {until}. What you own stays yours.",
        "Tài khoản của bạn bị khóa giao dịch đến {until}. Tài sản của bạn vẫn là của bạn.",
    ),
    "sanctioned_closed_for_good": _sanction(
        "Your account is closed for trading. What you own stays yours.",
        "Tài khoản của bạn bị khóa giao dịch. Tài sản của bạn vẫn là của bạn.",
    ),
    "trade_held": news(
        (
            "A trade is held",
            (
                "A trade of yours looks like another one and is held: nothing is released until "
                "both sides say that it is in order, or our staff has looked at it."
            ),
        ),
        (
            "Một giao dịch bị tạm giữ",
            (
                "Một giao dịch của bạn giống với giao dịch khác nên bị tạm giữ: chưa giải phóng "
                "cho đến khi cả hai bên xác nhận hoặc nhân viên đã kiểm tra."
            ),
        ),
    ),
    "sanction_ended": news(
        ("A sanction has ended", "The time of a sanction of your IQX account is over."),
        ("Một hình phạt đã hết hạn", "Thời hạn xử phạt tài khoản IQX của bạn đã kết thúc."),
    ),
    "sanction_lifted": news(
        ("A sanction was lifted", "A sanction of your IQX account was lifted before its time."),
        ("Một hình phạt đã được gỡ", "Một hình phạt của tài khoản IQX đã được gỡ trước hạn."),
    ),
    "appeal_granted": news(
        ("Your appeal was granted", "The sanction is lifted. Sign in to read the answer."),
        ("Khiếu nại được chấp nhận", "Hình phạt đã được gỡ. Hãy đăng nhập để xem trả lời."),
    ),
    "appeal_dismissed": news(
        ("Your appeal was dismissed", "The sanction stays. Sign in to read the answer."),
        ("Khiếu nại bị bác", "Hình phạt vẫn còn hiệu lực. Hãy đăng nhập để xem trả lời."),
    ),
}
