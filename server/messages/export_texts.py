"""What is said about copies of a person's data, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said, news, notice

EXPORT_NOTICES: Mapping[str, Said] = {
    "export_asked": notice(
        (
            "A copy of your data was asked for",
            "A copy of everything that IQX knows about you was asked for in your account.",
        ),
        (
            "Yêu cầu bản sao dữ liệu",
            "Tài khoản của bạn vừa yêu cầu bản sao toàn bộ dữ liệu mà IQX lưu về bạn.",
        ),
    ),
    "export_ready": notice(
        (
            "The copy of your data is ready",
            "The copy of everything that IQX knows about you can be fetched for seven days.",
        ),
        (
            "Bản sao dữ liệu đã sẵn sàng",
            "Bản sao dữ liệu của bạn có thể được tải về trong bảy ngày.",
        ),
    ),
    "export_failed": news(
        (
            "The copy of your data could not be made",
            "We could not make the copy of your data. Ask again, or write to our support.",
        ),
        (
            "Không thể tạo bản sao dữ liệu",
            "Chúng tôi chưa thể tạo bản sao dữ liệu của bạn. Hãy thử lại hoặc liên hệ hỗ trợ.",
        ),
    ),
}
