"""Who and what the demo world consists of. Plain values; `seeds.world` makes them real."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from models.kyc import KycStatus
from server.core.money import MICRO
from server.markets import catalog

PASSWORD = "usdt-for-everyone"
EMAIL_DOMAIN = "example.com"
HISTORY_DAYS = 20


INDEX = {market.currency: market.demo_ticks for market in catalog.list_markets()}
"""What one USDT costs in ticks of each currency when the world begins."""
TEST_CURRENCIES = ("VND", "USD", "NGN")
"""Where the people of the world live, and test USDT is traded."""
MARKETS = tuple(
    catalog.new_market(market, asset)
    for market in catalog.list_markets()
    for asset in ("USDT", "USDT_TEST")
    if asset == "USDT" or market.currency in TEST_CURRENCIES
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the demo world; everyone has the same password."""

    username: str
    holder: str
    """The name on the payment accounts."""
    level: int = 2
    usdt: int = 0
    """Whole USDT that he begins with."""
    test_usdt: int = 0
    rails: tuple[str, ...] = ()
    verified: bool = False

    @property
    def email(self) -> str:
        """Where nobody reads."""
        return f"{self.username}@{EMAIL_DOMAIN}"


PEOPLE = (
    Person("alice", "Alice Nguyen", test_usdt=1_000, rails=("vn-momo", "vn-vietcombank")),
    Person("bob", "Bob Tran", usdt=5_000, test_usdt=5_000, rails=("vn-momo", "vn-vietcombank")),
    Person(
        "saigon_otc", "Pham Quoc Bao", level=3, usdt=60_000, test_usdt=10_000, verified=True,
        rails=("vn-vietcombank", "vn-techcombank", "vn-momo"),
    ),
    Person(
        "hanoi_exchange", "Le Thu Ha", level=3, usdt=40_000,
        rails=("vn-bidv", "vn-mbbank", "vn-zalopay"),
    ),
    Person("linh_nguyen", "Nguyen Thuy Linh", rails=("vn-momo", "vn-techcombank")),
    Person("minh_tran", "Tran Duc Minh", usdt=900, rails=("vn-acb", "vn-viettel-money")),
    Person(
        "hudson_otc", "Hudson Trading LLC", level=3, usdt=80_000, test_usdt=10_000, verified=True,
        rails=("us-zelle", "us-wise", "us-wire"),
    ),
    Person("sarah_miller", "Sarah Miller", usdt=1_500, rails=("us-zelle", "us-cash-app")),
    Person("james_carter", "James Carter", rails=("us-paypal", "us-ach", "us-wise")),
    Person(
        "lagos_desk", "Adebayo Ventures", level=3, usdt=50_000, test_usdt=10_000, verified=True,
        rails=("ng-opay", "ng-gtbank", "ng-moniepoint"),
    ),
    Person("chidi_okafor", "Chidi Okafor", usdt=700, rails=("ng-opay", "ng-kuda")),
    Person("amara_eze", "Amara Eze", rails=("ng-palmpay", "ng-zenith", "ng-opay")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who shows who he is, and how far that has come."""

    username: str
    full_name: str
    birth_date: date
    country: str
    document_number: str
    status: KycStatus
    reason: str = ""
    """Why he was refused."""
    document_expires_on: date = date(2035, 12, 31)


APPLICANTS = (
    Applicant(
        "linh_nguyen", "Nguyễn Thùy Linh", date(1994, 3, 8), "VN", "DEMO-0001", KycStatus.PENDING
    ),
    Applicant("amara_eze", "Amara Eze", date(1991, 7, 19), "NG", "DEMO-0002", KycStatus.APPROVED),
    Applicant(
        "james_carter", "James Carter", date(1988, 11, 2), "US", "DEMO-0003", KycStatus.REJECTED,
        reason="The edges of the document are cut off.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deal:
    """One completed trade of the past."""

    market: str
    seller: str
    buyer: str
    rail: str
    amount: int
    """Whole USDT."""
    hours_ago: int


_AMOUNTS = (60, 120, 200, 350, 480, 150, 275)
"""The first one is below the cap of a first trade."""
_REGULARS = (
    ("USDT-VND", "saigon_otc", "alice", "vn-momo", 6),
    ("USDT-VND", "hanoi_exchange", "linh_nguyen", "vn-bidv", 6),
    ("USDT-VND", "saigon_otc", "minh_tran", "vn-vietcombank", 2),
    ("USDT-VND", "bob", "minh_tran", "vn-momo", 1),
    ("USDT-USD", "hudson_otc", "sarah_miller", "us-zelle", 6),
    ("USDT-USD", "hudson_otc", "james_carter", "us-wise", 3),
    ("USDT-NGN", "lagos_desk", "chidi_okafor", "ng-opay", 6),
    ("USDT-NGN", "lagos_desk", "amara_eze", "ng-gtbank", 2),
)
"""Market, seller, buyer, rail and how many times they traded."""


def list_deals() -> list[Deal]:
    """The history, oldest deal first; nobody is in two deals of the same hour."""
    deals = list(_spread())
    return sorted(deals, key=lambda deal: -deal.hours_ago)


def _spread() -> Iterator[Deal]:
    span = HISTORY_DAYS * 24
    for place, (market, seller, buyer, rail, times) in enumerate(_REGULARS):
        for turn in range(times):
            hours_ago = span - turn * (span // times) - place * 3 - 2
            amount = _AMOUNTS[(turn if turn == 0 else turn + place) % len(_AMOUNTS)]
            yield Deal(market, seller, buyer, rail, amount if turn else 60, max(hours_ago, 2))


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that is open when the history ends."""

    market: str
    username: str
    side: str
    amount: int
    """Whole USDT."""
    margin_bp: int | None = None
    """A floating order; without a margin the order is fixed."""
    offset_bp: int = 0
    """A fixed price's distance from the index of the plan."""
    rails: tuple[str, ...] = field(default=())
    """A buyer's; a seller offers all of his."""
    terms: str = ""

    @property
    def amount_micro(self) -> int:
        """The amount in micro-USDT."""
        return self.amount * MICRO


OFFERS = (
    Offer("USDT-VND", "saigon_otc", "sell", 12_000, margin_bp=90, terms="Own account only."),
    Offer("USDT-VND", "saigon_otc", "sell", 8_000, offset_bp=140),
    Offer("USDT-VND", "hanoi_exchange", "sell", 9_500, margin_bp=120),
    Offer("USDT-VND", "minh_tran", "sell", 400, offset_bp=170),
    Offer("USDT-VND", "alice", "buy", 500, offset_bp=-110, rails=("vn-momo", "vn-vietcombank")),
    Offer("USDT-VND", "linh_nguyen", "buy", 800, margin_bp=-90, rails=("vn-momo", "vn-bidv")),
    Offer(
        "USDT-VND", "saigon_otc", "buy", 15_000, margin_bp=-160,
        rails=("vn-vietcombank", "vn-techcombank", "vn-momo"),
    ),
    Offer("USDT-USD", "hudson_otc", "sell", 25_000, margin_bp=60, terms="Name must match."),
    Offer("USDT-USD", "sarah_miller", "sell", 600, offset_bp=110),
    Offer("USDT-USD", "sarah_miller", "buy", 900, offset_bp=-90, rails=("us-zelle", "us-venmo")),
    Offer("USDT-USD", "hudson_otc", "buy", 20_000, margin_bp=-70, rails=("us-wise", "us-wire")),
    Offer("USDT-NGN", "lagos_desk", "sell", 14_000, margin_bp=80),
    Offer("USDT-NGN", "lagos_desk", "sell", 6_000, offset_bp=150),
    Offer("USDT-NGN", "chidi_okafor", "buy", 450, margin_bp=-100, rails=("ng-opay", "ng-kuda")),
    Offer("USDT-NGN", "lagos_desk", "buy", 10_000, margin_bp=-140, rails=("ng-opay", "ng-gtbank")),
    Offer("USDT_TEST-VND", "saigon_otc", "sell", 5_000, margin_bp=50),
    Offer("USDT_TEST-VND", "alice", "buy", 500, margin_bp=-50, rails=("vn-momo",)),
    Offer("USDT_TEST-USD", "hudson_otc", "sell", 5_000, margin_bp=50),
    Offer("USDT_TEST-USD", "sarah_miller", "buy", 500, margin_bp=-50, rails=("us-zelle",)),
    Offer("USDT_TEST-NGN", "lagos_desk", "sell", 5_000, margin_bp=50),
    Offer("USDT_TEST-NGN", "chidi_okafor", "buy", 500, margin_bp=-50, rails=("ng-opay",)),
)  # fmt: skip
