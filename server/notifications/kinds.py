"""Every kind of notification: its topic, the types of its parameters, and its words."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.messages.said import Said
from server.messages.short_texts import is_about_safety
from server.messages.texts import NOTICES, PLACE
from server.notifications.case_texts import CASE_TEXTS
from server.notifications.order_texts import ORDER_TEXTS
from server.notifications.trade_texts import REMINDER_TEXTS, TALK_TEXTS, TRADE_TEXTS


class Topic(enum.StrEnum):
    """What a kind is about, as a screen of settings groups them."""

    TRADES = "trades"
    REMINDERS = "reminders"
    ORDERS = "orders"
    MESSAGES = "messages"
    SERVICE = "service"
    SECURITY = "security"
    ACCOUNT = "account"


class Param(enum.StrEnum):
    """How a parameter is written for people."""

    USDT = "usdt"
    """A decimal of USDT, or of USDT_TEST where the market says so."""
    FIAT = "fiat"
    """A decimal of the parameter `currency`."""
    DEADLINE = "deadline"
    """An instant; written as the time that is left when it is read."""
    COUNT = "count"
    REASON = "reason"
    """A code, written in words where there are some."""
    TEXT = "text"


TYPES: Mapping[str, Param] = {
    "amount": Param.USDT,
    "remaining": Param.USDT,
    "buyer_amount": Param.USDT,
    "fiat": Param.FIAT,
    "time_left": Param.DEADLINE,
    "count": Param.COUNT,
    "reason_words": Param.REASON,
    "counterparty": Param.TEXT,
    "market": Param.TEXT,
}
"""The parameters that texts about trades and orders name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notification."""

    name: str
    topic: Topic
    said: Said
    """Title and text by language; words in braces are parameters."""
    fixed: bool = False
    """It cannot be switched off on the screen: a thief would do so first."""
    params: Mapping[str, Param] = field(default_factory=dict)


def _kind(name: str, topic: Topic, said: Said) -> Kind:
    title, text = said["en"]
    params = {place: TYPES[place] for place in PLACE.findall(title + text)}
    return Kind(name, topic, said, params=params)


def _notice(name: str, said: Said) -> Kind:
    topic = Topic.SECURITY if is_about_safety(name) else Topic.ACCOUNT
    params = dict.fromkeys(PLACE.findall(said["en"][0] + said["en"][1]), Param.TEXT)
    return Kind(name, topic, said, fixed=True, params=params)


SERVICE_TEXTS: Mapping[str, Said] = {
    "outage_announced": {
        "en": (
            "All clocks stand still",
            "The service announced an outage. The deadlines of your trades wait until it is over.",
        ),
        "vi": (
            "Mọi đồng hồ tạm dừng",
            "Hệ thống đang được bảo trì. Thời hạn giao dịch của bạn được lùi tới khi xong.",
        ),
    },
}
_GROUPS: tuple[tuple[Topic, Mapping[str, Said]], ...] = (
    (Topic.TRADES, TRADE_TEXTS),
    (Topic.TRADES, CASE_TEXTS),
    (Topic.REMINDERS, REMINDER_TEXTS),
    (Topic.MESSAGES, TALK_TEXTS),
    (Topic.ORDERS, ORDER_TEXTS),
    (Topic.SERVICE, SERVICE_TEXTS),
)
KINDS: Mapping[str, Kind] = {
    **{name: _kind(name, topic, said) for topic, texts in _GROUPS for name, said in texts.items()},
    **{name: _notice(name, said) for name, said in NOTICES.items()},
}
"""By name; what owners of accounts are told by mail is told here in the same words."""
