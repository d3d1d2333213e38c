"""What a party reads before a case, in each language that we speak. Pure tables."""

from collections.abc import Mapping

from server.disputes.checklists import Proof
from server.disputes.reasons import Reason, Rule

LANGUAGES = ("en", "vi")
Sentence = Mapping[str, str]


def _say(en: str, vi: str) -> Sentence:
    return {"en": en, "vi": vi}


RULES: Mapping[Rule, Sentence] = {
    Rule.MONEY_ARRIVED: _say(
        "Whoever's bank shows that the money came, or did not come, is right.",
        "Ngân hàng của bên nào cho thấy tiền đã đến, hoặc chưa đến, thì bên đó đúng.",
    ),
    Rule.WHOLE_AMOUNT: _say(
        "What arrived counts: a part of the money is a part of the USDT, or is sent back and the "
        "trade ends.",
        "Số tiền đã đến được tính: một phần tiền là một phần USDT, hoặc được gửi trả và giao dịch "
        "kết thúc.",
    ),
    Rule.DECLARED_PAYER: _say(
        "Only money from the declared payer counts; other money is sent back before the escrow "
        "goes back.",
        "Chỉ tính tiền từ người trả đã khai báo; tiền khác được gửi trả trước khi khoản ký quỹ "
        "được hoàn lại.",
    ),
    Rule.SHOWN_ACCOUNT: _say(
        "Money sent to the account that the trade showed has reached the seller; money sent "
        "elsewhere has not.",
        "Tiền gửi vào tài khoản mà giao dịch hiển thị được coi là đã đến người bán; tiền gửi nơi "
        "khác thì không.",
    ),
    Rule.STAYS_FINAL: _say(
        "The ended trade stays as it is; the USDT in dispute is held until staff have decided.",
        "Giao dịch đã kết thúc được giữ nguyên; số USDT tranh chấp bị giữ cho đến khi nhân viên "
        "quyết định.",
    ),
    Rule.NO_PRESSURE: _say(
        "Nobody owes more than the trade says; threats are looked at apart from where the escrow "
        "goes.",
        "Không ai nợ nhiều hơn số ghi trong giao dịch; lời đe dọa được xem xét riêng với việc "
        "khoản ký quỹ về đâu.",
    ),
}
"""Each rule of the desk."""

REASONS: Mapping[Reason, Sentence] = {
    Reason.NOT_RELEASED: _say(
        "I paid and the seller does not release.",
        "Tôi đã trả tiền mà người bán không giải phóng.",
    ),
    Reason.WRONG_ACCOUNT: _say(
        "The account that I was shown is wrong, closed, or not the seller's.",
        "Tài khoản hiển thị cho tôi bị sai, đã đóng hoặc không phải của người bán.",
    ),
    Reason.PAID_OTHER_AMOUNT: _say(
        "I paid another amount than the trade's.",
        "Tôi đã trả số tiền khác với số tiền của giao dịch.",
    ),
    Reason.SELLER_THREATENS: _say(
        "The seller asks for more than the trade's amount, or threatens me.",
        "Người bán đòi nhiều hơn số tiền của giao dịch hoặc đe dọa tôi.",
    ),
    Reason.NOT_RECEIVED: _say("The money did not arrive.", "Tiền không đến."),
    Reason.WRONG_AMOUNT: _say(
        "Another amount than the trade's arrived.",
        "Số tiền đến khác với số tiền của giao dịch.",
    ),
    Reason.NAME_MISMATCH: _say(
        "The payer that my bank shows is not the declared one.",
        "Người trả mà ngân hàng của tôi hiển thị không phải người đã khai báo.",
    ),
    Reason.WRONG_PAYER: _say("The money came from somebody else.", "Tiền đến từ một người khác."),
    Reason.PAYMENT_REVERSED: _say(
        "The payment was reversed or recalled after it had arrived.",
        "Khoản thanh toán bị đảo hoặc bị thu hồi sau khi đã đến.",
    ),
    Reason.BUYER_THREATENS: _say(
        "The buyer presses me to release, or threatens me.",
        "Người mua ép tôi giải phóng hoặc đe dọa tôi.",
    ),
    Reason.PAID_LATE: _say(
        "I paid, and the trade ended before I said so.",
        "Tôi đã trả tiền, và giao dịch kết thúc trước khi tôi báo.",
    ),
    Reason.CANCELLED_IN_ERROR: _say(
        "I had paid and the trade was cancelled by mistake or under pressure.",
        "Tôi đã trả tiền mà giao dịch bị hủy do nhầm lẫn hoặc do bị ép.",
    ),
    Reason.OTHER: _say("Something else.", "Lý do khác."),
}
"""Each reason, in the words of who gives it."""

PROOFS: Mapping[Proof, Sentence] = {
    Proof.RECEIPT: _say(
        "The confirmation of the payment from the bank or wallet, with its reference.",
        "Xác nhận thanh toán của ngân hàng hoặc ví, có mã tham chiếu.",
    ),
    Proof.STATEMENT: _say(
        "The account's movements from the match until now, with the holder's name.",
        "Sao kê tài khoản từ lúc khớp lệnh đến nay, có tên chủ tài khoản.",
    ),
    Proof.RECORDING: _say(
        "A recording of the screen: open the app, then look the payment up.",
        "Bản ghi màn hình: mở ứng dụng rồi tra cứu khoản thanh toán.",
    ),
    Proof.PAYER_ACCOUNT: _say(
        "The page of the payment that shows whose account paid.",
        "Trang thanh toán cho thấy tài khoản của ai đã trả.",
    ),
    Proof.REVERSAL: _say(
        "The notice of the bank or provider that the payment was taken back.",
        "Thông báo của ngân hàng hoặc nhà cung cấp rằng khoản thanh toán bị thu hồi.",
    ),
    Proof.RETURN_RECEIPT: _say(
        "The confirmation that the money was sent back to where it came from.",
        "Xác nhận rằng tiền đã được gửi trả về nơi gửi.",
    ),
    Proof.CONVERSATION: _say(
        "Messages outside the trade's chat, whole and with their times.",
        "Tin nhắn ngoài khung trò chuyện của giao dịch, đầy đủ và có thời gian.",
    ),
    Proof.STORY: _say(
        "What happened, in your own words.",
        "Chuyện đã xảy ra, theo lời của bạn.",
    ),
}
"""What each kind of proof is, for who has to supply it."""


def choose_language(asked: str | None, own: str) -> str:
    """The language to answer in: the asked one, else the reader's own, else English."""
    spoken = asked or own.partition("-")[0]
    return spoken if spoken in LANGUAGES else LANGUAGES[0]
