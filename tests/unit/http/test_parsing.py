"""JSON bodies are read strictly, and what is refused is refused quickly."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.refusals import BadRequest
from server.http.parsing import DEPTH_MAX, NODES_MAX, parse_json

CPU_MAX_S = 0.05
REFUSED = {
    "empty": b"",
    "cut": b'{"amount":',
    "no json": b"amount=1",
    "two values": b"{} {}",
    "comment": b'{"a":1}//',
    "trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "NaN": b'{"amount":NaN}',
    "Infinity": b'{"amount":Infinity}',
    "minus Infinity": b'{"amount":-Infinity}',
    "1e400": b'{"amount":1e400}',
    "5,000 digits": b'{"amount":' + b"9" * 5000 + b"}",
    "hexadecimal": b'{"amount":0x10}',
    "leading zero": b'{"amount":01}',
    "plus sign": b'{"amount":+1}',
    "Arabic digit": '{"amount":\u0663}'.encode(),
    "repeated key": b'{"amount":"1","amount":"2"}',
    "repeated key, one escaped": b'{"amount":"1","\\u0061mount":"2"}',
    "repeated key inside": b'{"a":[{"b":1,"b":2}]}',
    "repeated key behind a colon in a text": b'{"a":"::","b":1,"b":2}',
    "NUL in a value": b'{"note":"a\\u0000b"}',
    "NUL in a key": b'{"a\\u0000":1}',
    "NUL deep inside": b'{"a":[[{"b":["\\u0000"]}]]}',
    "raw NUL": b'{"note":"a\x00b"}',
    "raw control character": b'{"note":"a\x01b"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":"b"}'.encode("utf-16"),
    "Latin-1": '{"note":"\u00e9"}'.encode("latin-1"),
    "overlong UTF-8": b'{"note":"\xc0\xaf"}',
    "lone surrogate": b'{"note":"\\ud800"}',
    "lone low surrogate": b'{"note":"\\udc00"}',
    "encoded surrogate": b'{"note":"\xed\xa0\x80"}',
    "depth 10,000": b"[" * 10_000,
    "depth 10,000, closed": b"[" * 10_000 + b"]" * 10_000,
    "depth just above": b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
    "depth of objects": b'{"a":' * (DEPTH_MAX + 1) + b"1" + b"}" * (DEPTH_MAX + 1),
    "too many parts": b"[" + b"{}," * NODES_MAX + b"{}]",
}


def measure_cpu(raw):
    """Seconds of CPU, the least of three runs: the collector may fall into one."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        with suppress(BadRequest):
            parse_json(raw)
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.mark.parametrize("name", REFUSED)
def test_body_that_two_readers_could_read_differently_is_refused(name):
    with pytest.raises(BadRequest):
        parse_json(REFUSED[name])


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_costs_little(name):
    assert measure_cpu(REFUSED[name]) < CPU_MAX_S


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"' + b":" * 65_000 + b'"}',
        b"[" + b'{"a":":"},' * 4900 + b"1]",
        b'{"a":"' + b"\\u0001" * 10_000 + b'"}',
        b"[" + b"[]," * 4900 + b"1]",
    ],
)
def test_reading_the_worst_body_costs_little(raw):
    parse_json(raw)
    assert measure_cpu(raw) < CPU_MAX_S


def test_deepest_body_is_read():
    raw = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX
    assert parse_json(raw) == json.loads(raw)


JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_good_bodies_are_read_as_the_standard_reader_does(value, ascii_only):
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert parse_json(raw) == value


@given(st.dictionaries(JSON_TEXT, JSON_TEXT, min_size=1, max_size=5), st.data())
def test_any_repeated_key_is_refused(value, data):
    key = data.draw(st.sampled_from(sorted(value)))
    members = [f"{json.dumps(name)}:{json.dumps(text)}" for name, text in value.items()]
    members.append(f"{json.dumps(key)}:1")
    with pytest.raises(BadRequest):
        parse_json(("{" + ",".join(members) + "}").encode())


@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(raw):
    try:
        value = parse_json(raw)
    except BadRequest:
        return
    assert json.loads(raw) == value
