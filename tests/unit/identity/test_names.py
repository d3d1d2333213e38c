"""Spellings of a name that are one name, and those that are not."""

import unicodedata

import pytest

from server.identity.names import NameCheck, check_name, find_holder, is_same_name, split_name

LEGAL = "Nguyễn Văn Đức"


@pytest.mark.parametrize(
    "given",
    [
        "Nguyễn Văn Đức",
        "NGUYEN VAN DUC",
        "nguyen  van   duc",
        "Duc Nguyen Van",
        unicodedata.normalize("NFD", LEGAL),
        "NGUYENVANDUC",
        "Nguyen-Van, Duc",
        "Mr. Nguyen Van Duc",
        "ÔNG NGUYỄN VĂN ĐỨC",
        "ＮＧＵＹＥＮ ＶＡＮ ＤＵＣ",
        "Nguyen Duc",
    ],
)
def test_spellings_of_one_name_agree(given):
    assert is_same_name(LEGAL, given)


@pytest.mark.parametrize(
    "given",
    [
        "Nguyen Van Dung",
        "Nguyen Van",
        "Van Duc",
        "Nguyen",
        "Tran Van Duc",
        "Nguyen Van Duc Anh",
        "Nguyen Nguyen Duc",
        "Nguyen Van Du c Tran",
        "",
        "12345",
        "---",
    ],
)
def test_other_names_differ(given):
    assert not is_same_name(LEGAL, given)


@pytest.mark.parametrize(
    ("legal", "given"),
    [
        ("John Michael O'Brien", "OBRIEN JOHN"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Jürgen Groß", "JURGEN GROSS"),
        ("Søren Æbelø", "Soren Aebelo"),
        ("Сергей Щукин", "SERGEY SHCHUKIN"),
        ("Мария Юрьева", "Mariya Yureva"),
        ("Jean-Luc Picard", "Picard Jean Luc"),
        ("محمد علي", "محمد علي"),
    ],
)
def test_other_alphabets_are_written_in_plain_letters(legal, given):
    assert is_same_name(legal, given)


def test_names_without_letters_never_agree():
    assert not is_same_name("", "")
    assert split_name("!?") == ()


def test_check_needs_both_names():
    assert check_name(None, "Nguyen Van Duc") is NameCheck.UNKNOWN
    assert check_name(LEGAL, None) is NameCheck.UNKNOWN
    assert check_name(LEGAL, "Nguyen Van Duc") is NameCheck.AGREES
    assert check_name(LEGAL, "Tran Van Duc") is NameCheck.DIFFERS


def test_holder_is_found_where_the_rail_has_one():
    fields = [{"name": "number", "kind": "digits"}, {"name": "holder", "kind": "name"}]
    assert find_holder(fields, {"number": "1", "holder": "An"}) == "An"
    assert find_holder(fields, {"number": "1"}) is None
    assert find_holder(fields[:1], {"number": "1"}) is None
