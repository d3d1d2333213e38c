"""The passport of a trade for people: a PDF in English or Vietnamese."""

import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

FONT = "DejaVuSans"
pdfmetrics.registerFont(TTFont(FONT, Path(__file__).parent / "fonts" / f"{FONT}.ttf"))
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13)
HEAD = ParagraphStyle("head", fontName=FONT, fontSize=12, leading=18, spaceBefore=10)
PART = ParagraphStyle("part", fontName=FONT, fontSize=10, leading=15, spaceBefore=5)
TITLE = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=26)
LANGUAGES = ("en", "vi")
TEXT_CHARS_MAX = 4000
"""Longer words are cut on paper; the JSON beside it has them whole."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"en": "Passport of a trade", "vi": "Hồ sơ giao dịch"},
    "issued": {"en": "Issued", "vi": "Ngày cấp"},
    "trade": {"en": "Trade", "vi": "Giao dịch"},
    "buyer": {"en": "Buyer", "vi": "Bên mua"},
    "seller": {"en": "Seller", "vi": "Bên bán"},
    "amount": {"en": "Amount", "vi": "Số lượng"},
    "price": {"en": "Price", "vi": "Giá"},
    "fiat": {"en": "Paid in", "vi": "Thanh toán"},
    "method": {"en": "Payment method", "vi": "Phương thức thanh toán"},
    "terms": {"en": "Terms", "vi": "Điều khoản"},
    "status": {"en": "Status", "vi": "Trạng thái"},
    "escrow": {"en": "Escrow", "vi": "Ký quỹ"},
    "timeline": {"en": "What happened", "vi": "Diễn biến"},
    "case": {"en": "Dispute", "vi": "Tranh chấp"},
    "ruling": {"en": "Ruling", "vi": "Phán quyết"},
    "objection": {"en": "Objection", "vi": "Khiếu nại phán quyết"},
    "offers": {"en": "Offers", "vi": "Đề nghị"},
    "shown": {"en": "What the sides showed", "vi": "Chứng cứ của hai bên"},
    "claim": {"en": "Claim after the trade", "vi": "Yêu cầu sau giao dịch"},
    "to_buyer": {"en": "to the buyer", "vi": "cho bên mua"},
    "to_seller": {"en": "to the seller", "vi": "cho bên bán"},
    "clock": {"en": "Clock", "vi": "Hệ thống"},
    "staff": {"en": "Staff", "vi": "Nhân viên"},
    "chat": {"en": "Chat", "vi": "Trò chuyện"},
    "evidence": {"en": "Files and their SHA-256", "vi": "Tệp và mã SHA-256"},
    "none": {"en": "None.", "vi": "Không có."},
    "check": {
        "en": "passport.json in this archive says all of this for machines; docs/verify_passport.py"
        " checks both without us. Times are UTC.",
        "vi": "Tệp passport.json trong gói này chứa toàn bộ nội dung cho máy đọc;"
        " docs/verify_passport.py kiểm tra cả hai mà không cần chúng tôi. Giờ UTC.",
    },
}


def draw_passport(passport: Mapping[str, Any], language: str) -> bytes:
    """The PDF of a passport; the same passport makes the same bytes."""

    def say(name: str) -> str:
        return WORDS[name][language]

    story = [_write(say("title"), TITLE), _write(say("check"))]
    story += _list_terms(passport, say)
    story.append(_write(say("timeline"), HEAD))
    story += _list_steps(passport["timeline"])
    if passport["offers"]:
        story.append(_write(say("offers"), HEAD))
        story += _list_offers(passport["offers"], say)
    story.append(_write(say("case"), HEAD))
    story += _list_case(passport["case"], language, say)
    story.append(_write(say("claim"), HEAD))
    story += _list_claim(passport["claim"], say)
    story.append(_write(say("chat"), HEAD))
    story += [_write(_tell(message)) for message in passport["chat"]["messages"]]
    story.append(_write(f"SHA-256 {passport['chat']['hash']}"))
    story.append(_write(say("evidence"), HEAD))
    story += [
        _write(f"{file['at']}  {say(file['sender'])}  {file['media_type']}  {file['sha256']}")
        for file in passport["evidence"]
    ] or [_write(say("none"))]
    out = io.BytesIO()
    margin = 18 * mm
    paper = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=margin, rightMargin=margin, topMargin=margin,
        bottomMargin=margin, title=f"{say('title')} {passport['trade']['trade_id']}",
        lang=language, invariant=1,
    )  # fmt: skip
    paper.build(story)
    return out.getvalue()


def _write(text: str, style: ParagraphStyle = BODY) -> Any:
    """A paragraph of text, which is never read as markup."""
    lines = html.escape(text[:TEXT_CHARS_MAX]).splitlines() or [""]
    return Paragraph("<br/>".join(lines), style)


def _list_terms(passport: Mapping[str, Any], say: Any) -> Sequence[Any]:
    trade, escrow = passport["trade"], passport["escrow"]
    rows = (
        ("issued", passport["issued_at"]),
        ("trade", trade["trade_id"]),
        ("buyer", trade["buyer"]),
        ("seller", trade["seller"]),
        ("amount", f"{trade['amount']} {trade['asset']}"),
        ("price", f"{trade['price']} {trade['currency']}"),
        ("fiat", f"{trade['fiat']} {trade['currency']}"),
        ("method", trade["payment_method_name"]),
        ("terms", trade["terms"] or say("none")),
        ("status", passport["status"]),
        ("escrow", f"{escrow['locked']} {escrow['asset']}, {escrow['state']}"),
    )
    return [Spacer(1, 4 * mm), *(_write(f"{say(name)}: {value}") for name, value in rows)]


def _list_case(case: Mapping[str, Any] | None, language: str, say: Any) -> Sequence[Any]:
    if case is None:
        return [_write(say("none"))]
    told = [*_list_opening(case, case["opened_by"], say)]
    if case["offers"]:
        told.append(_write(say("offers"), PART))
        told += _list_offers(case["offers"], say)
    told += _list_shown(case["evidence"], say)
    for ruling in case["rulings"]:
        parts = (
            f"{ruling['buyer_amount']} {say('to_buyer')}",
            f"{ruling['seller_amount']} {say('to_seller')}",
        )
        head = f"{ruling['ruled_at']}  {ruling['outcome']} ({ruling['status']}): {', '.join(parts)}"
        told += [_write(say("ruling"), PART), _write(head)]
        told += [_write(f"{ruling['reason_code']}. {ruling[f'text_{language}']}")]
    objection = case["objection"]
    if objection is not None:
        told.append(_write(say("objection"), PART))
        told.append(_write(f"{objection['created_at']}  {say(objection['by'])}"))
        told.append(_write(objection["statement"]))
    return told


def _list_claim(claim: Mapping[str, Any] | None, say: Any) -> Sequence[Any]:
    if claim is None:
        return [_write(say("none"))]
    return [*_list_opening(claim, claim["claimed_by"], say), *_list_shown(claim["evidence"], say)]


def _list_opening(case: Mapping[str, Any], by: str, say: Any) -> Sequence[Any]:
    """Who opened a case or claim, with which words, and its history."""
    status = " ".join(filter(None, (case["status"], case["outcome"])))
    opened = f"{case['opened_at']}  {say(by)}: {case['reason']}  ({status})"
    return [_write(opened), _write(case["statement"]), *_list_steps(case["timeline"])]


def _list_steps(steps: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    return [
        _write(f"{step['at']}  {step['event']}  ({step['actor']}) → {step['status']}")
        for step in steps
    ]


def _list_offers(offers: Sequence[Mapping[str, Any]], say: Any) -> Sequence[Any]:
    return [
        _write(
            f"{offer['created_at']}  {say(offer['offered_by'])}: {offer['kind']}"
            + (f" {offer['buyer_amount']} {say('to_buyer')}" if offer["buyer_amount"] else "")
            + f"  ({offer['status']})"
        )
        for offer in offers
    ]


def _list_shown(evidence: Sequence[Mapping[str, Any]], say: Any) -> Sequence[Any]:
    """What each side showed, and the digests of its files."""
    told = [_write(say("shown"), PART)] if evidence else []
    for shown in evidence:
        told.append(_write(f"{shown['at']}  {say(shown['by'])}: {shown['kind']}"))
        if shown["statement"]:
            told.append(_write(shown["statement"]))
        told += [_write(f"SHA-256 {file['sha256'] or say('none')}") for file in shown["files"]]
    return told


def _tell(message: Mapping[str, Any]) -> str:
    """A message of the chat in one line: number, author, and words, event or file."""
    chained = message["chained"]
    number, kind, author, event, file_id = (chained[place] for place in (1, 3, 4, 7, 9))
    text = event or file_id or ""
    if message["shown"] is not None:
        text = orjson.loads(message["shown"])["text"]
    return f"{number}. {author} ({kind}): {text}"
