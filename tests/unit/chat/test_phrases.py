"""What messages are warned of: the rules against two corpora of labelled messages.

`corpus.tsv` is what the rules were written with. `held_out.tsv` was written apart from them: no
rule was made for one of its lines. Where a kind falls short there, the rules become better as such,
its lines move to the first corpus, and new ones are written for it.
"""

import re
from collections import Counter

import pytest

from server.chat.phrases import Banner, inspect_text
from tests.services import ROOT

CORPUS = ROOT / "tests" / "unit" / "chat" / "corpus.tsv"
HELD_OUT = CORPUS.with_name("held_out.tsv")
SHARE_MIN = 0.9
ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


def read_corpus(path):
    """Labels, language and text of each message; `-` is an ordinary one."""
    rows = []
    for line in path.read_text().splitlines():
        labels, language, text = line.split("\t")
        written = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        rows.append((frozenset(labels.split(",")) - {"-"}, language, written))
    return rows


def measure(rows):
    """Right, too many and missing, by banner."""
    right, wrong, missed = Counter(), Counter(), Counter()
    for labels, _, text in rows:
        found = set(inspect_text(text).banners)
        right.update(found & labels)
        wrong.update(found - labels)
        missed.update(labels - found)
    return right, wrong, missed


BOTH = pytest.mark.parametrize("path", [CORPUS, HELD_OUT], ids=["corpus", "held_out"])


@BOTH
def test_corpus_is_large_and_has_every_kind_in_many_languages(path):
    rows = read_corpus(path)
    assert len(rows) >= 200
    assert len({text for _, _, text in rows}) == len(rows)
    assert len({language for _, language, _ in rows}) >= 12
    counts = Counter(label for labels, _, _ in rows for label in labels)
    assert set(counts) == {banner.value for banner in Banner}
    assert min(counts.values()) >= 10
    assert sum(not labels for labels, _, _ in rows) >= 100


def test_held_out_messages_are_none_of_those_that_the_rules_were_written_with():
    seen = {text.casefold() for _, _, text in read_corpus(CORPUS)}
    assert [text for _, _, text in read_corpus(HELD_OUT) if text.casefold() in seen] == []


@BOTH
def test_precision_and_recall_reach_nine_tenths_for_each_banner_and_together(path, record_property):
    right, wrong, missed = measure(read_corpus(path))
    for name in ("together", *(banner.value for banner in Banner)):
        parts = [
            counted.total() if name == "together" else counted[name]
            for counted in (right, wrong, missed)
        ]
        precision, recall = parts[0] / (parts[0] + parts[1]), parts[0] / (parts[0] + parts[2])
        record_property(f"{name}_precision", round(precision, 3))
        record_property(f"{name}_recall", round(recall, 3))
        print(f"{name:16} precision {precision:.3f} recall {recall:.3f}")
        assert precision >= SHARE_MIN, name
        assert recall >= SHARE_MIN, name


@BOTH
def test_ordinary_messages_keep_every_word(path):
    ordinary = [text for labels, _, text in read_corpus(path) if not labels]
    masked = [text for text in ordinary if inspect_text(text).mask(text) != text]
    assert len(masked) <= len(ordinary) / 50, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("add me on telegram @fastusdt_vn now", "add me on ••• ••• now"),
        ("t e l e g r a m @dealer_one", "••• •••"),
        ("te\u200ble\u200bgram me", "••• me"),
        ("call me 0803 555 0142 please", "call me ••• please"),
        ("mail dealer99@gmail.com today", "mail ••• today"),
        ("see t.me/fastusdt for more", "see ••• for more"),
        ("my account is 0011004123456", "my account is 0011004123456"),
        ("z a l o 0987 654 321", "••• •••"),
        ("Zal0 nhé bạn", "••• nhé bạn"),
    ],
)
def test_ways_to_talk_elsewhere_are_masked_and_the_rest_stays(text, shown):
    assert inspect_text(text).mask(text) == shown


def test_any_text_is_inspected_quickly_and_masks_lie_within_it():
    awkward = (
        "", " ", "\u200b" * 2000, "a " * 1000, "a." * 1000, "0" * 2000, "0 " * 1000, "@" * 2000,
        "release " * 250, "x@" * 1000, "http://" * 280, "one " * 500, "\u0e33" * 2000,
        "\ufdfa" * 2000, "(at) " * 400, "[." * 1000, "don't check " * 160, "-" * 2000,
        "a-" * 1000, "i am the " * 220,
    )  # fmt: skip
    for text in awkward:
        found = inspect_text(text)
        places = [place for span in found.masks for place in span]
        assert places == sorted(places)
        assert all(0 <= place <= len(text) for place in places)
        found.mask(text)
