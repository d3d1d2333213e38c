"""The sentences that crawlers and preview cards read, in the languages of `head.LANGUAGES`.

Each is a format; what is filled in is text and gets escaped where it is written.
"""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "home.title": "IQX – buy and sell USDT person to person, with escrow",
    "home.description": (
        "Standing orders that match by themselves. IQX locks the seller's USDT and pays it out "
        "when the seller confirms that the money arrived."
    ),
    "markets.title": "USDT markets: live P2P prices – IQX",
    "markets.description": "{count} markets for USDT against local money, with live prices.",
    "market.title": "Buy and sell USDT for {code} ({currency}) – IQX",
    "market.title.priced": "USDT/{code} {price}: buy and sell USDT for {currency} – IQX",
    "market.description": (
        "Person-to-person offers for USDT in {currency} ({code}). The seller's USDT is in escrow "
        "until the money arrived."
    ),
    "market.description.traded": (
        "{trades} trades and {volume} USDT in 24 hours. Person-to-person offers for USDT in "
        "{currency} ({code}), with escrow."
    ),
    "user.title": "{username} trades USDT on IQX",
    "user.description": "{trades} completed trades, {rate} completed. Member since {year}.",
    "user.description.new": "{trades} completed trades. Member since {year}.",
    "fees.title": "Fees – IQX",
    "fees.description": "What a trade costs each side, market by market: {low} to {high}.",
    "help.title": "Help – IQX",
    "help.description": (
        "How a trade works, what escrow protects, what to do when money does not arrive."
    ),
    "status.title": "Status and outages – IQX",
    "status.description": "Everything works. Past outages, and the time that open trades got back.",
    "status.description.out": "An outage is under way. Deadlines of open trades get the time back.",
    "missing.title": "There is nothing here – IQX",
    "missing.description": "This page does not exist, or not any more.",
    "app.title": "IQX",
    "app.description": "A peer-to-peer marketplace for USDT with escrow.",
    "crumb.home": "IQX",
    "crumb.markets": "Markets",
}
VIETNAMESE: Mapping[str, str] = {
    "home.title": "IQX – mua bán USDT trực tiếp giữa hai người, có ký quỹ",
    "home.description": (
        "Lệnh chờ tự khớp với nhau. IQX khóa USDT của người bán và chỉ chuyển đi khi người bán "
        "xác nhận đã nhận được tiền."
    ),
    "markets.title": "Thị trường USDT: giá P2P trực tiếp – IQX",
    "markets.description": "{count} thị trường USDT với tiền địa phương, giá cập nhật trực tiếp.",
    "market.title": "Mua bán USDT bằng {currency} ({code}) – IQX",
    "market.title.priced": "USDT/{code} {price}: mua bán USDT bằng {currency} – IQX",
    "market.description": (
        "Lệnh mua bán USDT bằng {currency} ({code}) giữa người với người. USDT của người bán được "
        "ký quỹ cho đến khi tiền tới nơi."
    ),
    "market.description.traded": (
        "{trades} giao dịch và {volume} USDT trong 24 giờ. Mua bán USDT bằng {currency} ({code}) "
        "giữa người với người, có ký quỹ."
    ),
    "user.title": "{username} giao dịch USDT trên IQX",
    "user.description": "{trades} giao dịch hoàn tất, tỷ lệ {rate}. Tham gia từ năm {year}.",
    "user.description.new": "{trades} giao dịch hoàn tất. Tham gia từ năm {year}.",
    "fees.title": "Biểu phí – IQX",
    "fees.description": "Mỗi bên trả bao nhiêu cho một giao dịch ở từng thị trường: {low}–{high}.",
    "help.title": "Trợ giúp – IQX",
    "help.description": (
        "Một giao dịch diễn ra thế nào, ký quỹ bảo vệ điều gì, làm gì khi tiền chưa tới."
    ),
    "status.title": "Tình trạng và sự cố – IQX",
    "status.description": (
        "Mọi thứ đang hoạt động. Các sự cố đã qua và thời gian được trả lại cho giao dịch đang mở."
    ),
    "status.description.out": (
        "Đang có sự cố. Hạn của các giao dịch đang mở sẽ được cộng lại thời gian."
    ),
    "missing.title": "Không có gì ở đây – IQX",
    "missing.description": "Trang này không tồn tại hoặc không còn nữa.",
    "app.title": "IQX",
    "app.description": "Chợ USDT giữa người với người, có ký quỹ.",
    "crumb.home": "IQX",
    "crumb.markets": "Thị trường",
}
TEXTS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "vi": VIETNAMESE}


def say(language: str, key: str, **filled: object) -> str:
    """A sentence in a language with its gaps filled."""
    return TEXTS[language][key].format(**filled)
