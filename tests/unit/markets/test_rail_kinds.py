"""Values of payment accounts: each kind's spelling and check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.markets.catalog import list_rails
from server.markets.rail_kinds import READERS, SENTENCES, find_nuban_check, read_value
from server.markets.rail_schema import RailFieldSchema, RailSchema

FIELDS = {
    "nuban": {"bank": "058"},
    "choice": {"options": [{"value": "970436", "label": "Vietcombank"}]},
    "handle": {"prefix": "@"},
}


def field(kind, **parts):
    written = {"name": "value", "label": "Value", "kind": kind, "length_max": 200}
    return RailFieldSchema().load({**written, **FIELDS.get(kind, {}), **parts})


@pytest.mark.parametrize(
    ("kind", "parts", "given_values", "stored"),
    [
        ("digits", {}, ["0071 0012 3456", "0071.0012-3456", "007100123456"], "007100123456"),
        ("account", {}, ["12345-x", "12345 X"], "12345X"),
        ("phone", {"countries": ["VN"]}, ["0912 345 678", "+84 912345678", "+840912345678"],
         "+84912345678"),
        ("phone", {"countries": ["KE"], "mobile": True}, ["0712 345678", "+254712345678"],
         "+254712345678"),
        ("phone", {}, ["+1 (212) 555-2368"], "+12125552368"),
        ("email", {}, ["An@Example.COM", "an@example.com "], "an@example.com"),
        ("iban", {}, ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"],
         "DE89370400440532013000"),
        ("iban", {"countries": ["TR"]}, ["TR33 0006 1005 1978 6457 8413 26"],
         "TR330006100519786457841326"),
        ("card", {}, ["4111 1111 1111 1111", "4111-1111-1111-1111"], "4111111111111111"),
        ("routing", {}, ["021000021", "021 000 021"], "021000021"),
        ("nuban", {"bank": "011"}, ["0000014579", "00000 14579"], "0000014579"),
        ("cpf", {}, ["390.533.447-05", "39053344705"], "39053344705"),
        ("ifsc", {}, ["hdfc0000001", "HDFC 0000001"], "HDFC0000001"),
        ("upi", {}, ["An.Nguyen@OKSBI"], "an.nguyen@oksbi"),
        ("pix", {}, ["An@Example.com"], "an@example.com"),
        ("pix", {}, ["+55 11 91234-5678"], "+5511912345678"),
        ("pix", {}, ["390.533.447-05"], "39053344705"),
        ("pix", {}, ["16.727.230/0001-97"], "16727230000197"),
        ("pix", {}, ["123E4567-e89b-12d3-a456-426614174000"],
         "123e4567-e89b-12d3-a456-426614174000"),
        ("promptpay", {}, ["081-234-5678", "+66812345678"], "+66812345678"),
        ("promptpay", {}, ["1-2345-45678-78-1"], "1234545678781"),
        ("promptpay", {}, ["140000012345678"], "140000012345678"),
        ("handle", {}, ["@An_Nguyen", "an_nguyen"], "@an_nguyen"),
        ("choice", {}, ["970436"], "970436"),
        ("name", {}, ["  Nguyễn  Văn An "], "Nguyễn Văn An"),
    ],
)  # fmt: skip
def test_spellings_of_one_value_are_one(kind, parts, given_values, stored):
    readings = {read_value(field(kind, **parts), value) for value in given_values}

    assert readings == {(stored, None)}


@pytest.mark.parametrize(
    ("kind", "parts", "given_value", "code"),
    [
        ("digits", {}, "12x4", "not_digits"),
        ("digits", {}, "٣٣٣٣", "not_digits"),
        ("digits", {"length_min": 6}, "12345", "bad_length"),
        ("text", {"pattern": "[a-z]+"}, "abc1", "bad_form"),
        ("text", {}, "An\u202enA", "control_characters"),
        ("text", {}, "x" * 201, "not_text"),
        ("phone", {"countries": ["VN"]}, "12", "bad_phone"),
        ("phone", {}, "0912345678", "bad_phone"),
        ("phone", {"countries": ["VN"]}, "+254712345678", "wrong_country"),
        ("phone", {"countries": ["VN"], "mobile": True}, "+84 24 3825 2916", "not_mobile"),
        ("email", {}, "nobody", "bad_email"),
        ("iban", {}, "DE89370400440532013001", "bad_check_digit"),
        ("iban", {}, "XX82WEST12345698765432", "bad_check_digit"),
        ("iban", {}, "GB", "bad_form"),
        ("iban", {"countries": ["TR"]}, "DE89370400440532013000", "wrong_country"),
        ("card", {}, "4111111111111112", "bad_check_digit"),
        ("routing", {}, "021000022", "bad_check_digit"),
        ("nuban", {"bank": "011"}, "0000014578", "bad_check_digit"),
        ("nuban", {}, "12345", "bad_length"),
        ("cpf", {}, "39053344706", "bad_check_digit"),
        ("ifsc", {}, "HDFC1000001", "bad_form"),
        ("upi", {}, "an@", "bad_form"),
        ("pix", {}, "39053344706", "bad_check_digit"),
        ("pix", {}, "+84912345678", "wrong_country"),
        ("pix", {}, "anything", "bad_form"),
        ("promptpay", {}, "1234545678782", "bad_check_digit"),
        ("promptpay", {}, "12345", "bad_phone"),
        ("handle", {"pattern": "@[a-z]{3,}"}, "a", "bad_form"),
        ("choice", {}, "970999", "not_offered"),
    ],
)
def test_wrong_value_is_told_by_its_code(kind, parts, given_value, code):
    assert read_value(field(kind, **parts), given_value).error == code


def test_check_digit_of_a_nigerian_account_is_that_of_the_central_banks_example():
    assert find_nuban_check("011", "000001457") == "9"


ANY_FIELD = st.sampled_from(
    [each for rail in list_rails() for each in RailSchema().load(rail)["fields_"]]
    + [field(kind) for kind in READERS]
)
ANY_TEXT = st.one_of(
    st.text(max_size=210),
    st.text(alphabet="+@.-0123456789 DETRGB", max_size=40),
    st.integers(0, 10**40).map(str),
    st.sampled_from(["+", "+0", "@", "\x00", "\ud800", "DE", "+" + "9" * 199, "İ@İ.com"]),
)


@given(ANY_FIELD, ANY_TEXT)
def test_no_text_breaks_a_field_and_what_is_stored_is_its_own_spelling(rail_field, text):
    reading = read_value(rail_field, text)

    if reading.error is not None:
        assert reading.error in SENTENCES
        return
    assert rail_field["length_min"] <= len(reading.value) <= rail_field["length_max"]
    assert read_value(rail_field, reading.value) == reading
