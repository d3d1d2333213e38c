"""The payment methods of the three currencies: real rails, as their users know them."""

from typing import Any

Field = dict[str, Any]

HOLDER: Field = {
    "name": "holder",
    "label": "Account holder",
    "kind": "name",
    "length_min": 2,
    "length_max": 120,
    "identifies": False,
}
PHONE: Field = {"name": "phone", "label": "Phone number", "kind": "phone"}
EMAIL: Field = {"name": "email", "label": "E-mail of the account", "kind": "email"}


def _number(shortest: int, longest: int, label: str = "Account number") -> Field:
    return {
        "name": "number",
        "label": label,
        "kind": "digits",
        "length_min": shortest,
        "length_max": longest,
    }


def _rail(
    slug: str,
    name: str,
    currency: str,
    *fields: Field,
    reversibility: str,
    speed: str = "instant",
) -> dict[str, Any]:
    return {
        "id": slug,
        "name": name,
        "currency": currency,
        "region": {"VND": "VN", "USD": "US", "NGN": "NG"}[currency],
        "reversibility": reversibility,
        "speed": speed,
        "fields": list(fields),
    }


def _vietnamese_bank(slug: str, name: str, digits: tuple[int, int]) -> dict[str, Any]:
    """Banks settle by NAPAS in seconds; the sender's bank may ask for a wrong transfer back."""
    return _rail(slug, name, "VND", _number(*digits), HOLDER, reversibility="recallable")


def _wallet(slug: str, name: str, currency: str) -> dict[str, Any]:
    """A mobile wallet: what arrived stays."""
    return _rail(slug, name, currency, PHONE, HOLDER, reversibility="final")


def _nigerian_bank(slug: str, name: str, reversibility: str = "recallable") -> dict[str, Any]:
    """Nigerian account numbers (NUBAN) have ten digits; transfers by NIP arrive in seconds."""
    return _rail(slug, name, "NGN", _number(10, 10), HOLDER, reversibility=reversibility)


ROUTING: Field = {
    "name": "routing",
    "label": "Routing number",
    "kind": "digits",
    "length_min": 9,
    "length_max": 9,
}
BANK: Field = {"name": "bank", "label": "Bank", "kind": "text", "length_min": 2}
CASHTAG: Field = {
    "name": "cashtag",
    "label": "$Cashtag",
    "kind": "text",
    "length_min": 2,
    "length_max": 21,
    "pattern": r"\$[A-Za-z][A-Za-z0-9_]{0,19}",
}
VENMO: Field = {
    "name": "username",
    "label": "Venmo username",
    "kind": "text",
    "length_min": 6,
    "length_max": 31,
    "pattern": r"@[A-Za-z0-9_-]{5,30}",
}

RAILS: tuple[dict[str, Any], ...] = (
    _vietnamese_bank("vn-vietcombank", "Vietcombank", (10, 13)),
    _vietnamese_bank("vn-techcombank", "Techcombank", (8, 14)),
    _vietnamese_bank("vn-bidv", "BIDV", (9, 14)),
    _vietnamese_bank("vn-vietinbank", "VietinBank", (9, 12)),
    _vietnamese_bank("vn-mbbank", "MB Bank", (6, 13)),
    _vietnamese_bank("vn-acb", "ACB", (6, 12)),
    _wallet("vn-momo", "MoMo", "VND"),
    _wallet("vn-zalopay", "ZaloPay", "VND"),
    _wallet("vn-viettel-money", "Viettel Money", "VND"),
    _rail("us-zelle", "Zelle", "USD", EMAIL, HOLDER, reversibility="recallable"),
    _rail("us-cash-app", "Cash App", "USD", CASHTAG, HOLDER, reversibility="recallable"),
    _rail("us-venmo", "Venmo", "USD", VENMO, HOLDER, reversibility="reversible"),
    _rail("us-paypal", "PayPal", "USD", EMAIL, HOLDER, reversibility="reversible"),
    _rail("us-wise", "Wise", "USD", EMAIL, HOLDER, reversibility="final", speed="domestic"),
    _rail(
        "us-ach", "ACH transfer", "USD", ROUTING, _number(4, 17), BANK, HOLDER,
        reversibility="recallable", speed="other",
    ),
    _rail(
        "us-wire", "Domestic wire", "USD", ROUTING, _number(4, 17), BANK, HOLDER,
        reversibility="final", speed="other",
    ),
    _nigerian_bank("ng-opay", "OPay", "final"),
    _nigerian_bank("ng-palmpay", "PalmPay", "final"),
    _nigerian_bank("ng-moniepoint", "Moniepoint", "final"),
    _nigerian_bank("ng-kuda", "Kuda"),
    _nigerian_bank("ng-gtbank", "GTBank"),
    _nigerian_bank("ng-access", "Access Bank"),
    _nigerian_bank("ng-zenith", "Zenith Bank"),
    _rail(
        "ng-bank-transfer", "Other bank transfer", "NGN", BANK, _number(10, 10), HOLDER,
        reversibility="recallable", speed="domestic",
    ),
)  # fmt: skip
