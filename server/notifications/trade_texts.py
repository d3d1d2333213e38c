"""What people are told of their trades, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said

TRADE_TEXTS: Mapping[str, Said] = {
    "trade_to_pay": {
        "en": (
            "Pay {fiat} to {counterparty}",
            "You buy {amount} from {counterparty} for {fiat}. {time_left}.",
        ),
        "vi": (
            "Hãy trả {fiat} cho {counterparty}",
            "Bạn mua {amount} từ {counterparty} với giá {fiat}. {time_left}.",
        ),
    },
    "trade_opened": {
        "en": (
            "{counterparty} buys {amount}",
            "Your {amount} is in escrow. {counterparty} pays {fiat}. {time_left}.",
        ),
        "vi": (
            "{counterparty} mua {amount}",
            "{amount} của bạn đang được ký quỹ. {counterparty} sẽ trả {fiat}. {time_left}.",
        ),
    },
    "trade_paid": {
        "en": (
            "{counterparty} has paid {fiat}",
            "Look into your account, then release {amount}. {time_left}.",
        ),
        "vi": (
            "{counterparty} đã trả {fiat}",
            "Hãy kiểm tra tài khoản rồi giải phóng {amount}. {time_left}.",
        ),
    },
    "trade_paid_late": {
        "en": (
            "{counterparty} has paid {fiat}, late",
            "The payment window was over. Look into your account. {time_left}.",
        ),
        "vi": (
            "{counterparty} đã trả {fiat} muộn",
            "Thời hạn thanh toán đã hết. Hãy kiểm tra tài khoản của bạn. {time_left}.",
        ),
    },
    "trade_payment_undone": {
        "en": (
            "{counterparty} has not paid yet",
            "{counterparty} took back that {fiat} was paid. {time_left}.",
        ),
        "vi": (
            "{counterparty} chưa trả tiền",
            "{counterparty} đã rút lại thông báo trả {fiat}. {time_left}.",
        ),
    },
    "trade_in_grace": {
        "en": (
            "The payment window is over",
            "If you have paid {fiat} to {counterparty}, say so with the reference. {time_left}.",
        ),
        "vi": (
            "Thời hạn thanh toán đã hết",
            "Nếu đã trả {fiat} cho {counterparty}, hãy báo kèm mã giao dịch. {time_left}.",
        ),
    },
    "trade_extended": {
        "en": (
            "{counterparty} gave the trade more time",
            "The trade of {amount} for {fiat} goes on. {time_left}.",
        ),
        "vi": (
            "{counterparty} đã gia hạn giao dịch",
            "Giao dịch {amount} với giá {fiat} được tiếp tục. {time_left}.",
        ),
    },
    "trade_released": {
        "en": ("{amount} released", "{counterparty} released {amount}: the trade is completed."),
        "vi": (
            "Đã giải phóng {amount}",
            "{counterparty} đã giải phóng {amount}: giao dịch hoàn tất.",
        ),
    },
    "trade_split": {
        "en": (
            "The trade was split",
            "You and {counterparty} agreed: {buyer_amount} of {amount} went to the buyer.",
        ),
        "vi": (
            "Giao dịch đã được chia",
            "Bạn và {counterparty} đã đồng ý: người mua nhận {buyer_amount} trong {amount}.",
        ),
    },
    "trade_cancelled": {
        "en": (
            "The trade was cancelled",
            "The trade of {amount} with {counterparty} ended unpaid; the escrow went back.",
        ),
        "vi": (
            "Giao dịch đã bị hủy",
            "Giao dịch {amount} với {counterparty} chưa thanh toán; ký quỹ đã hoàn lại.",
        ),
    },
    "trade_expired": {
        "en": (
            "The trade expired",
            "Nobody said that {fiat} was paid for {amount} in time. Who paid can still claim.",
        ),
        "vi": (
            "Giao dịch đã hết hạn",
            "Không ai báo đã trả {fiat} cho {amount} đúng hạn. Ai đã trả vẫn có thể khiếu nại.",
        ),
    },
    "trade_disputed": {
        "en": (
            "A case was opened",
            "The trade of {amount} with {counterparty} waits for a decision; the escrow stays.",
        ),
        "vi": (
            "Đã mở tranh chấp",
            "Giao dịch {amount} với {counterparty} chờ quyết định; ký quỹ được giữ nguyên.",
        ),
    },
    "trade_refunded": {
        "en": ("{amount} went back", "The case with {counterparty} ended for the seller."),
        "vi": ("{amount} đã hoàn lại", "Tranh chấp với {counterparty} kết thúc cho người bán."),
    },
    "trade_divided": {
        "en": (
            "The escrow was divided",
            "The case with {counterparty} about {amount} ended with a part for each side.",
        ),
        "vi": (
            "Ký quỹ đã được chia",
            "Tranh chấp với {counterparty} về {amount} kết thúc, mỗi bên nhận một phần.",
        ),
    },
    "trade_outage_credited": {
        "en": (
            "Your trade got its time back",
            "An outage does not count to the trade with {counterparty}. {time_left}.",
        ),
        "vi": (
            "Giao dịch được bù thời gian",
            "Sự cố không tính vào giao dịch với {counterparty}. {time_left}.",
        ),
    },
    "cancel_requested": {
        "en": (
            "{counterparty} asks to cancel",
            "Agree only if you have not paid {fiat}. Silence is not a yes. {time_left}.",
        ),
        "vi": (
            "{counterparty} đề nghị hủy",
            "Chỉ đồng ý nếu bạn chưa trả {fiat}. Im lặng không phải là đồng ý. {time_left}.",
        ),
    },
    "split_proposed": {
        "en": (
            "{counterparty} proposes to split",
            "{buyer_amount} of {amount} to the buyer, the rest back to the seller. {time_left}.",
        ),
        "vi": (
            "{counterparty} đề nghị chia",
            "{buyer_amount} trong {amount} cho người mua, phần còn lại hoàn lại. {time_left}.",
        ),
    },
}
REMINDER_TEXTS: Mapping[str, Said] = {
    "pay_reminder": {
        "en": ("Pay {fiat} soon", "The time to pay {counterparty} ends. {time_left}."),
        "vi": ("Sắp hết hạn trả {fiat}", "Sắp hết thời gian trả cho {counterparty}. {time_left}."),
    },
    "grace_reminder": {
        "en": ("The trade expires soon", "Say now if you have paid {counterparty}. {time_left}."),
        "vi": ("Giao dịch sắp hết hạn", "Hãy báo ngay nếu đã trả {counterparty}. {time_left}."),
    },
    "release_reminder": {
        "en": (
            "{counterparty} waits for {amount}",
            "Release, or say what is wrong, before a case opens by itself. {time_left}.",
        ),
        "vi": (
            "{counterparty} đang chờ {amount}",
            "Hãy giải phóng hoặc báo vấn đề trước khi tranh chấp tự mở. {time_left}.",
        ),
    },
}
TALK_TEXTS: Mapping[str, Said] = {
    "message_received": {
        "en": ("{counterparty} wrote to you", "New messages in your trade: {count}."),
        "vi": ("{counterparty} đã nhắn cho bạn", "Tin nhắn mới trong giao dịch: {count}."),
    },
}
