"""Refusals are told apart by their codes."""

import re

import server.wiring
from server.core.refusals import Refusal
from server.http.problems import Fault

assert server.wiring, "imported so that every part's refusals are known"


def list_refusals(kind=Refusal):
    for inner in kind.__subclasses__():
        if inner.__module__.startswith(("server.", "sockets.")):
            yield inner
            yield from list_refusals(inner)


REFUSALS = sorted(set(list_refusals()), key=lambda one: one.__name__)


def test_each_code_exists_once():
    assert len(REFUSALS) > 30
    codes = {}
    for refusal in REFUSALS:
        codes.setdefault(refusal.code, []).append(refusal.__name__)
    assert {code: names for code, names in codes.items() if len(names) > 1} == {}


def test_each_refusal_has_its_own_sentence_status_and_code():
    for refusal in REFUSALS:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", refusal.code), refusal
        assert refusal.title.endswith("."), refusal
        assert refusal.__doc__, refusal
        assert 400 <= refusal.status < 500 or refusal.status == 503 or refusal is Fault, refusal


def test_refusal_carries_detail_fields_and_parameters():
    refusal = Refusal("More.", errors={"a": ["b"]}, retry_after_s=3, limit=5)
    assert (refusal.detail, refusal.errors, refusal.retry_after_s, refusal.params) == (
        "More.",
        {"a": ["b"]},
        3,
        {"limit": 5},
    )
