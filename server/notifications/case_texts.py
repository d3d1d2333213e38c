"""What people are told of cases and claims about their trades, in English and Vietnamese."""

from collections.abc import Mapping

from server.messages.said import Said

CASE_TEXTS: Mapping[str, Said] = {
    "dispute_updated": {
        "en": ("The case has moved on", "The case with {counterparty}: {reason_words}."),
        "vi": ("Tranh chấp có cập nhật", "Tranh chấp với {counterparty}: {reason_words}."),
    },
    "offer_received": {
        "en": (
            "{counterparty} offers to end the case",
            "If you accept, {reason_words}, and the case ends at once.",
        ),
        "vi": (
            "{counterparty} đề nghị kết thúc tranh chấp",
            "Nếu bạn chấp nhận, {reason_words} và tranh chấp kết thúc ngay.",
        ),
    },
    "claim_updated": {
        "en": (
            "A claim about an ended trade",
            "The claim about your trade with {counterparty}: {reason_words}.",
        ),
        "vi": (
            "Khiếu nại về giao dịch đã kết thúc",
            "Khiếu nại về giao dịch của bạn với {counterparty}: {reason_words}.",
        ),
    },
}
CASE_REASONS: Mapping[str, Mapping[str, str]] = {
    "evidence": {
        "en": "the time for evidence is over and the staff decide",
        "vi": "đã hết thời gian nộp bằng chứng, nhân viên đang xem xét",
    },
    "ruled": {"en": "it was decided", "vi": "đã có quyết định"},
    "objected": {"en": "somebody objected to the decision", "vi": "có người phản đối quyết định"},
    "offer_declined": {
        "en": "an offer was declined or taken back",
        "vi": "một đề nghị đã bị từ chối hoặc rút lại",
    },
    "offer_release": {"en": "the buyer gets the escrow", "vi": "người mua nhận tiền ký quỹ"},
    "offer_refund": {
        "en": "the escrow goes back to the seller",
        "vi": "tiền ký quỹ hoàn lại cho người bán",
    },
    "offer_split": {"en": "the escrow is divided", "vi": "tiền ký quỹ được chia"},
    "claim_made": {"en": "it was made", "vi": "đã được gửi"},
    "claim_answered": {"en": "the other side has answered", "vi": "bên kia đã trả lời"},
    "claim_in_review": {"en": "the staff decide now", "vi": "nhân viên đang xem xét"},
    "claim_funds_held": {
        "en": "USDT are held until it is decided",
        "vi": "USDT được giữ cho tới khi có quyết định",
    },
    "claim_withdrawn": {"en": "it was taken back", "vi": "đã được rút lại"},
    "claim_upheld": {"en": "it was upheld", "vi": "đã được chấp nhận"},
    "claim_rejected": {"en": "it was rejected", "vi": "đã bị bác"},
}
"""What the codes of cases and claims mean."""
