"""Every expected no of the service, wherever it is declared."""

import importlib
import pkgutil
import re

import server
from server.core.refusals import Conflict, Refusal

CODE = re.compile(r"[a-z][a-z0-9_]{2,39}")
STATUSES = {400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 428, 429, 500, 503}


def list_refusals():
    for found in pkgutil.walk_packages(server.__path__, "server."):
        if found.name != "server.__main__":
            importlib.import_module(found.name)

    def walk(kind):
        for child in kind.__subclasses__():
            yield child
            yield from walk(child)

    return sorted(
        {kind for kind in walk(Refusal) if kind.__module__.startswith("server.")},
        key=lambda kind: (kind.__module__, kind.__name__),
    )


def test_each_code_exists_once():
    codes = {}
    for kind in list_refusals():
        assert "code" in vars(kind), f"{kind.__module__}.{kind.__name__} has no code of its own"
        codes.setdefault(kind.code, []).append(kind)
    assert len(codes) > 50
    doubled = {code: kinds for code, kinds in codes.items() if len(kinds) > 1}
    assert not doubled


def test_each_refusal_has_a_code_a_status_and_a_sentence():
    for kind in list_refusals():
        assert CODE.fullmatch(kind.code), kind
        assert kind.status in STATUSES, kind
        assert kind.title.lstrip('"')[0].isupper(), kind
        assert kind.title.endswith("."), kind
        assert kind.__doc__, kind


def test_no_two_refusals_say_the_same_sentence():
    titles = {}
    for kind in list_refusals():
        titles.setdefault(kind.title, []).append(kind.__name__)
    assert {title: names for title, names in titles.items() if len(names) > 1} == {}


def test_refusal_carries_its_detail_its_parameters_and_its_fields():
    refusal = Conflict("It is paid.", errors={"amount": ["too small"]}, status_now="paid")

    assert (refusal.code, refusal.status) == ("conflict", 409)
    assert (refusal.detail, refusal.params) == ("It is paid.", {"status_now": "paid"})
    assert refusal.errors == {"amount": ["too small"]}
    assert str(Conflict()) == Conflict.title
