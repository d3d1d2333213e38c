"""The recorded figures of `make bench` reach their bars, and the document says them."""

import json

from bench.bars import BARS, DOCUMENT, FIRST_LINE, LAST_LINE, RECORD, Bar, draw_bars, record

RECORDED = json.loads(RECORD.read_text())
BAR_OF = {bar.sentence: bar for bar in BARS}


def test_bar_compares_a_figure_with_its_base():
    half = Bar("half", "a", 0.5, "b")
    assert half.is_met({"a": 1, "b": 2})
    assert not half.is_met({"a": 0.9, "b": 2})
    quick = Bar("quick", "a", 50, at_most=True)
    assert quick.is_met({"a": 50})
    assert not quick.is_met({"a": 51})
    assert len({bar.sentence for bar in BARS}) == len(BARS)


def check_met(*sentences):
    measured = {each: BAR_OF[each].value(RECORDED["figures"]) for each in sentences}
    missed = {
        each: value
        for each, value in measured.items()
        if not BAR_OF[each].is_met(RECORDED["figures"])
    }
    assert missed == {}


def test_recorded_latency_reaches_its_bars():
    check_met(
        "p99 to the answer at half of peak, ms", "p99 to the socket event at half of peak, ms"
    )


def test_recorded_book_reaches_its_bars():
    check_met("command at 100,000 orders / at 1,000", "30 % unfit at 100,000 / command at 1,000")


def test_recorded_fanout_reaches_its_bars():
    check_met("fan-out / stock manager, 1,000 sockets", "fan-out / stock manager, 5,000 sockets")


def test_recorded_chat_reaches_its_bars():
    check_met("chat over 100 rooms, messages a second", "chat: p99 to both sockets, ms")


def test_recorded_pages_reach_their_bars():
    check_met(*(bar.sentence for bar in BARS if bar.sentence.startswith("page of ")))


def test_table_of_the_document_is_drawn_from_the_record():
    table = DOCUMENT.read_text().split(FIRST_LINE)[1].split(LAST_LINE)[0]
    assert table.strip().splitlines() == draw_bars(RECORDED["figures"])
    assert len(draw_bars(RECORDED["figures"])) == len(BARS) + 2


def test_record_says_on_what_it_was_measured():
    assert set(RECORDED["machine"]) == {"cores", "load", "machine", "python", "commit"}


def test_document_breaks_an_order_down_to_its_parts():
    section = DOCUMENT.read_text().split("## What an order costs over HTTP")[1].split("\n## ")[0]
    shares = [int(line.split("|")[1].split()[0]) for line in section.splitlines() if " % |" in line]
    assert len(shares) >= 5
    assert sum(shares) == 100


def test_recording_draws_the_table_anew(tmp_path, monkeypatch):
    document, kept = tmp_path / "performance.md", tmp_path / "performance.json"
    document.write_text(DOCUMENT.read_text())
    monkeypatch.setattr("bench.bars.DOCUMENT", document)
    monkeypatch.setattr("bench.bars.RECORD", kept)
    slower = RECORDED["figures"] | {"rebuild.100k.s": 2.5}

    record(slower, RECORDED["machine"])

    assert "| rebuild of 100,000 orders, s | 2.50 | at most 2 | missed |" in document.read_text()
    assert json.loads(kept.read_text())["figures"]["rebuild.100k.s"] == 2.5
    record({"rebuild.100k.s": 1.5})
    assert "| rebuild of 100,000 orders, s | 1.50 | at most 2 | met |" in document.read_text()
    assert json.loads(kept.read_text()) == {
        "machine": RECORDED["machine"],
        "figures": slower | {"rebuild.100k.s": 1.5},
    }
    before, after = (text.read_text().split(LAST_LINE)[1] for text in (DOCUMENT, document))
    assert before == after
