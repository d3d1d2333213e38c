"""What people are told of their orders, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said

ORDER_TEXTS: Mapping[str, Said] = {
    "order_filled": {
        "en": ("Your order is filled", "All of your {amount} on {market} is matched."),
        "vi": ("Lệnh đã khớp hết", "Toàn bộ {amount} của bạn trên {market} đã khớp."),
    },
    "order_expired": {
        "en": ("Your order has expired", "Your order of {amount} on {market} is over."),
        "vi": ("Lệnh đã hết hạn", "Lệnh {amount} của bạn trên {market} đã kết thúc."),
    },
    "order_paused": {
        "en": ("Your order pauses", "{remaining} on {market} wait: {reason_words}."),
        "vi": ("Lệnh tạm dừng", "{remaining} trên {market} đang chờ: {reason_words}."),
    },
    "order_suspended": {
        "en": ("Your order was suspended", "{remaining} on {market} wait: {reason_words}."),
        "vi": ("Lệnh bị đình chỉ", "{remaining} trên {market} đang chờ: {reason_words}."),
    },
}
ORDER_REASONS: Mapping[str, Mapping[str, str]] = {
    "guard": {"en": "the price left its bounds", "vi": "giá đã vượt giới hạn"},
    "unpaid": {"en": "a trade of it ended unpaid", "vi": "một giao dịch không được thanh toán"},
}
"""What the codes of orders mean."""
