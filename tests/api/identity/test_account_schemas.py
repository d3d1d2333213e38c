"""Payment accounts by the schema of their rail: codes of errors, spellings, versions."""

import pytest

from server.identity.rails import upsert_payment_methods
from tests.api.identity.conftest import VIETCOMBANK
from tests.api.identity.test_payment_accounts import DETAILS, add, list_accounts


@pytest.fixture
async def alice(api, rails):
    return (await api.register("alice"))["access_token"]


async def test_wrong_fields_have_stable_codes(api, alice):
    reply = await add(api, alice, {"number": "12", "bank": "x"})

    assert (await reply.json())["params"] == {
        "codes": {
            "details": {
                "bank": "unknown_field", "holder": "required", "number": "bad_length",
            }
        }
    }  # fmt: skip


async def write_rails(api, *rows):
    async def work(unit):
        await upsert_payment_methods(unit, rows)

    await api.database.transact(work, name="test")


SEPA = {
    "id": "eu-sepa", "name": "SEPA", "currency": "EUR", "region": "EU",
    "reversibility": "recallable", "speed": "other",
    "fields": [{"name": "iban", "label": "IBAN", "kind": "iban", "space": "iban"}],
}  # fmt: skip
IBAN = "DE89 3704 0044 0532 0130 00"


async def test_same_account_is_found_in_every_spelling_and_on_every_rail(api, alice):
    await write_rails(api, SEPA, {**SEPA, "id": "eu-sepa-instant"})
    bob = (await api.register("bob"))["access_token"]

    first = await add(api, alice, {"iban": IBAN}, "eu-sepa")
    own = await add(api, alice, {"iban": IBAN.lower()}, "eu-sepa-instant")
    twice = await add(api, alice, {"iban": IBAN.replace(" ", "")}, "eu-sepa")
    foreign = await add(api, bob, {"iban": IBAN.replace(" ", "")}, "eu-sepa-instant")

    # One may use his account on both rails, nobody else on any.
    codes = [(await reply.json()).get("code") for reply in (first, own, twice, foreign)]
    assert codes == [None, None, "payment_account_exists", "payment_account_taken"]


async def test_telephone_with_its_prefix_or_a_zero_is_one_account(api, alice):
    phone = {"name": "phone", "label": "Phone", "kind": "phone", "countries": ["VN"]}
    wallet = {**SEPA, "id": "vn-wallet", "currency": "VND", "fields": [phone]}
    await write_rails(api, wallet)

    first = await add(api, alice, {"phone": "0912 345 678"}, "vn-wallet")
    again = await add(api, alice, {"phone": "+84912345678"}, "vn-wallet")

    assert [first.status, again.status] == [201, 409]


async def test_changed_schema_keeps_old_accounts_valid(api, alice):
    """And finds an account that was added by the older fields."""
    bob = (await api.register("bob"))["access_token"]
    old = await (await add(api, alice)).json()
    bank = {
        "name": "bank", "label": "Bank", "kind": "choice",
        "options": [{"value": "970436", "label": "Vietcombank"}],
    }  # fmt: skip
    await write_rails(api, {**VIETCOMBANK, "fields": [bank, *VIETCOMBANK["fields"]]})

    (kept,) = await list_accounts(api, alice)
    refused = await add(api, alice, {**DETAILS, "number": "9999999"})
    foreign = await add(api, bob, {**DETAILS, "bank": "970436"})
    added = await add(api, alice, {**DETAILS, "number": "9999999", "bank": "970436"})

    assert kept == old
    assert kept["schema_version"] == 1
    assert "bank" in (await refused.json())["errors"]["details"]
    assert (await foreign.json())["code"] == "payment_account_taken"
    shown = await added.json()
    assert (shown["schema_version"], shown["details"]["bank"]) == (2, "970436")
