"""What is said about API keys and the word of mails, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said, notice

KEY_NOTICES: Mapping[str, Said] = {
    "anti_phishing_changed": notice(
        (
            "Your anti-phishing code was changed",
            "Another anti-phishing code was chosen for your IQX account, or none.",
        ),
        (
            "Mã chống lừa đảo đã được đổi",
            "Mã chống lừa đảo của tài khoản IQX đã được đổi hoặc gỡ bỏ.",
        ),
    ),
    "api_key_made": notice(
        (
            "An API key was made",
            "An API key was made for your IQX account. It is called: {name}.",
        ),
        (
            "Một khóa API vừa được tạo",
            "Tài khoản IQX của bạn vừa có thêm một khóa API. Tên khóa: {name}.",
        ),
    ),
    "api_keys_ended": notice(
        (
            "Your API keys have ended",
            (
                "Something about the safety of your IQX account changed, so {count} of your API "
                "keys were ended. Make new ones for your programs."
            ),
        ),
        (
            "Các khóa API đã kết thúc",
            (
                "Tài khoản IQX của bạn có thay đổi về bảo mật nên {count} khóa API đã kết thúc. "
                "Hãy tạo khóa mới cho chương trình của bạn."
            ),
        ),
    ),
}
