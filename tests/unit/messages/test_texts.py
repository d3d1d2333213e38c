"""Messages speak the user's language, and every notice that we send has a text."""

import ast
from pathlib import Path

import pytest

from models.codes import CodePurpose
from server.messages.short_texts import is_about_safety, write_short_notice
from server.messages.texts import (
    MAIL_CODE,
    NOTICES,
    PURPOSES,
    RESET,
    SMS_CODE,
    SMS_NOTICES,
    fill_text,
    write_code,
    write_notice,
)


def list_kinds():
    """Every kind that is written out in a call of `tell_owner` or `keep_factors`."""
    found = set()
    for path in Path("server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("tell_owner", "keep_factors"):
                found |= {
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                }
    return found


def test_every_notice_that_we_send_has_a_text():
    kinds = list_kinds()
    assert len(kinds) > 5
    assert kinds <= NOTICES.keys()


@pytest.mark.parametrize(
    "said", [MAIL_CODE, SMS_CODE, RESET, *NOTICES.values(), *SMS_NOTICES.values()]
)
def test_every_text_is_there_in_both_languages(said):
    assert said.keys() == {"en", "vi"}
    assert said["en"] != said["vi"]


def test_every_purpose_of_a_code_is_named():
    assert PURPOSES.keys() == {purpose.value for purpose in CodePurpose}


def test_code_is_told_in_vietnamese_to_who_reads_it():
    text = write_code(MAIL_CODE, "vi-VN", "042137", "verify_email")

    assert "042137" in text.body
    assert "là mã IQX của bạn" in text.body
    assert "042137" not in text.subject


def test_other_languages_are_answered_in_english():
    assert write_code(MAIL_CODE, "fr", "042137", "verify_email").subject == "Your IQX code"


def test_code_by_text_message_fits_into_one():
    for language in ("en", "vi"):
        text = write_code(SMS_CODE, language, "042137", "verify_phone")
        assert len(text.body) <= 160
        assert text.body.isascii()


def test_notice_by_text_message_fits_into_one():
    assert SMS_NOTICES.keys() <= NOTICES.keys()
    for said in SMS_NOTICES.values():
        for language in ("en", "vi"):
            text = fill_text(said, language)
            assert len(text.body) <= 160
            assert text.body.isascii()


def test_words_of_people_are_not_read_as_places_to_fill():
    text = fill_text({"en": ("{name}", "{name}")}, "en", name="{secret}")

    assert text.body == "{secret}"


def test_unknown_notice_still_says_that_something_changed():
    assert "changed" in write_notice("unheard_of", "en", {}).body


@pytest.mark.parametrize("kind", sorted(filter(is_about_safety, NOTICES)))
def test_subject_by_text_message_fits_into_one(kind):
    for language in ("en", "vi"):
        told = {"device": "Firefox", "left": "3", "name": "x", "ready_at": "2026", "count": "2"}
        text = write_short_notice(kind, language, told)
        assert len(text.body) <= 160
        assert text.body.isascii()
        assert "{" not in text.body


def test_what_a_thief_may_have_done_is_about_safety_and_news_are_not():
    assert is_about_safety("password_changed")
    assert is_about_safety("email_changed")
    assert is_about_safety("unheard_of")
    assert not is_about_safety("address_tried")
    assert not is_about_safety("kyc_approved")
