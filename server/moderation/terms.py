"""The terms of orders: no way around escrow, no address, nobody who pretends to be staff. Pure.

The rules are those of the chat, which there warn and mask; terms are read by everybody before any
trade, so what would be masked is refused.
"""

from server.chat.phrases import Banner, inspect_text
from server.orders.refusals import TermsRefused

SENTENCES = {
    Banner.CONTACT: "Talk and deal here: name no telephone, address or app.",
    Banner.LINK: "Write no links.",
    Banner.UNSAFE_LINK: "Write no links.",
    Banner.PRETENDS_STAFF: "Do not speak as our staff or support.",
}
"""What refuses terms, and what to tell their writer."""


def check_terms(text: str) -> None:
    """Refuse `TermsRefused` terms that lead away from here or pretend."""
    if not text.strip():
        return
    found = {Banner(banner) for banner in inspect_text(text).banners}
    told = [sentence for banner, sentence in SENTENCES.items() if banner in found]
    if told:
        raise TermsRefused(errors={"terms": list(dict.fromkeys(told))})
