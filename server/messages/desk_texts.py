"""What the parties of trades are told of them."""

from collections.abc import Mapping

from server.messages.said import Said, news

DESK_NOTICES: Mapping[str, Said] = {
    "file_refused": news(
        (
            "A file of your trade was refused",
            (
                "The scanner found something harmful in a file that you sent in a trade. The file "
                "is gone and the other side has not seen it. Send another one."
            ),
        ),
        (
            "Một tệp trong giao dịch bị từ chối",
            (
                "Trình quét phát hiện nội dung nguy hiểm trong tệp bạn gửi trong giao dịch. Tệp đã "
                "bị xóa và phía bên kia chưa thấy. Hãy gửi tệp khác."
            ),
        ),
    ),
    "release_waits_for_device": {
        "en": (
            "The release of your trade waits",
            (
                "The seller of your trade signed in on a new device, which may release a day "
                "after its first sign-in. Your USDT stays in escrow."
            ),
        ),
        "vi": (
            "Giao dịch của bạn đang chờ giải phóng",
            (
                "Người bán vừa đăng nhập trên thiết bị mới và chỉ có thể giải phóng sau một ngày. "
                "USDT của bạn vẫn được ký quỹ."
            ),
        ),
    },
}
