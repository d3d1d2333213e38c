"""What the parties of trades and cases are told by mail, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said, news

TRADE_NOTICES: Mapping[str, Said] = {
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
    "dispute_ruled": news(
        (
            "Your dispute was ruled",
            (
                "The dispute about your trade {trade_id} was ruled. Sign in to read the ruling and "
                "its reasons. After a first ruling you have 24 hours to object with new evidence; "
                "nothing moves before."
            ),
        ),
        (
            "Tranh chấp của bạn đã có phán quyết",
            (
                "Tranh chấp về giao dịch {trade_id} đã có phán quyết. Hãy đăng nhập để đọc phán "
                "quyết và lý do. Sau phán quyết đầu tiên, bạn có 24 giờ để phản đối với bằng "
                "chứng mới; trước đó không có tiền nào được chuyển."
            ),
        ),
    ),
    "ruling_objected": news(
        (
            "There is an objection in your dispute",
            (
                "The other side of your trade {trade_id} objected to the ruling with new evidence. "
                "Somebody else will rule anew."
            ),
        ),
        (
            "Phán quyết trong tranh chấp của bạn bị phản đối",
            (
                "Bên kia của giao dịch {trade_id} đã phản đối phán quyết với bằng chứng mới. "
                "Một người khác sẽ phán quyết lại."
            ),
        ),
    ),
}
